"""The clinicians' settings, under /admin/."""

from django.urls import path

from challenge.notifications import staff_views

urlpatterns = [path("admin/notices/", staff_views.notices, name="notices")]
