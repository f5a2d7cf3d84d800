"""Addresses of the staff's pages, under /admin/calls/."""

from django.urls import path

from challenge.calls import desk

app_name = "calls_admin"
urlpatterns = [
    path("", desk.week, name="week"),
    path("book/", desk.book, name="book"),
    path("<int:pk>/", desk.call, name="call"),
    path("<int:pk>/move/", desk.move, name="move"),
    path("<int:pk>/cancel/", desk.cancel, name="cancel"),
    path("<int:pk>/outcome/", desk.outcome, name="outcome"),
    path("<int:pk>/notes/", desk.notes, name="notes"),
]
