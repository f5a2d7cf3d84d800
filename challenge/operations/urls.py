from django.urls import path

from challenge.operations import views

urlpatterns = [
    path("health/live/", views.live, name="health_live"),
    path("health/ready/", views.ready, name="health_ready"),
    path("metrics/", views.metrics, name="metrics"),
]
