"""The URL of the feedback page."""

from django.urls import path

from challenge.feedback import views

urlpatterns = [path("feedback/", views.feedback, name="feedback")]
