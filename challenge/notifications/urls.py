"""The URLs of reminders and of the plan's calendar."""

from django.urls import path

from challenge.notifications import views

urlpatterns = [
    path("me/reminders/", views.reminders, name="reminders"),
    path("me/reminders/calendar/", views.change_feed, name="change_feed"),
    path("plan.ics", views.feed, name="plan_feed"),
]
