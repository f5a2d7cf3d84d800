"""The URLs of the runner's questionnaires, and of the clinic's pages about them under /admin/questionnaires/."""

from django.urls import path

from challenge.outcomes import staff_views, views

urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/<slug:code>/<int:week>/", views.questionnaire, name="questionnaire"),
    path("questions/<slug:code>/<int:week>/draft/", views.draft, name="questionnaire_draft"),
]

staff_urlpatterns = [
    path("", staff_views.questionnaires, name="questionnaires"),
    path("runners/<int:pk>/", staff_views.runner_answers, name="runner"),
    path("runners/<int:pk>/<slug:code>/", staff_views.from_paper, name="from_paper"),
]
