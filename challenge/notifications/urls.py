"""The URLs of reminders, of the plan's calendar, and of the clinicians' settings."""

from django.urls import path

from challenge.notifications import views

urlpatterns = [
    path("me/reminders/", views.reminders, name="reminders"),
    path("me/reminders/device/", views.add_device, name="add_device"),
    path("me/reminders/device/<int:pk>/remove/", views.remove_device, name="remove_device"),
    path("me/reminders/home-screen/", views.know_home_screen, name="know_home_screen"),
    path("me/reminders/calendar/", views.change_feed, name="change_feed"),
    path("plan.ics", views.feed, name="plan_feed"),
    path("admin/notices/", views.notices, name="notices"),
]
