"""The URLs of the clinic's pages about questionnaires, under /admin/questionnaires/."""

from django.urls import path

from challenge.outcomes import staff_views

app_name = "outcomes"

urlpatterns = [
    path("", staff_views.questionnaires, name="questionnaires"),
    path("runners/<int:pk>/", staff_views.runner_answers, name="runner"),
    path("runners/<int:pk>/<slug:code>/", staff_views.from_paper, name="from_paper"),
]
