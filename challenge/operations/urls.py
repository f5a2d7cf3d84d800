"""Addresses for machines, and the owners' pages of people and of how it goes."""

from django.urls import path

from challenge.operations import owner_views, views

urlpatterns = [
    path("health/live/", views.live, name="health_live"),
    path("admin/people/", owner_views.people, name="people"),
    path("admin/people/invite/", owner_views.invite, name="invite_colleague"),
    path("admin/people/<int:pk>/close/", owner_views.close, name="close_colleague"),
    path("admin/access/", owner_views.access, name="access_log"),
    path("admin/overview/", owner_views.overview, name="overview"),
    path("admin/overview/<slug:cohort>/", owner_views.cohort_in_numbers, name="cohort_numbers"),
    path("admin/check/", owner_views.check, name="installation_check"),
    path("health/ready/", views.ready, name="health_ready"),
    path("metrics/", views.metrics, name="metrics"),
]
