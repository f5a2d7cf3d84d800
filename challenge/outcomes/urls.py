"""The URLs of the runner's questionnaires."""

from django.urls import path

from challenge.outcomes import views

urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/<slug:code>/<int:week>/", views.questionnaire, name="questionnaire"),
    path("questions/<slug:code>/<int:week>/draft/", views.draft, name="questionnaire_draft"),
]
