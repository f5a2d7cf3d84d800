"""URLs of the front desk, under /admin/seats/."""

from django.urls import path

from challenge.enrollment import staff_views

app_name = "seats_admin"
urlpatterns = [
    path("", staff_views.cohorts, name="cohorts"),
    path("launch/", staff_views.launch, name="launch"),
    path("<slug:slug>/", staff_views.seats, name="seats"),
    path("<slug:slug>/person/", staff_views.person, name="person"),
    path("<slug:slug>/<int:pk>/", staff_views.seat, name="seat"),
    path("<slug:slug>/close/", staff_views.close, name="close"),
    path("<slug:slug>/invitations/", staff_views.invitations, name="invitations"),
    path("<slug:slug>/export/", staff_views.export, name="export"),
]
