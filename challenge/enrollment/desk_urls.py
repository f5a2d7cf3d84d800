"""Addresses of the desk, under /admin/seats/."""

from django.urls import path

from challenge.enrollment import desk_views as desk

app_name = "seats_admin"
urlpatterns = [
    path("", desk.cohorts, name="cohorts"),
    path("<slug:slug>/", desk.seats, name="seats"),
    path("<slug:slug>/person/", desk.person, name="person"),
    path("<slug:slug>/<int:pk>/", desk.seat, name="seat"),
    path("<slug:slug>/close/", desk.close, name="close"),
    path("<slug:slug>/invitations/", desk.invitations, name="invitations"),
    path("<slug:slug>/export/", desk.export, name="export"),
]
