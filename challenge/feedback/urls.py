"""Where runners say what they think."""

from django.urls import path

from challenge.feedback import views

urlpatterns = [path("feedback/", views.feedback, name="feedback")]
