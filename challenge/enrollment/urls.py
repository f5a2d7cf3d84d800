"""URLs of the waiting lists, of objections (“this wasn’t me”), of emergency access, and of the front desk."""

from django.urls import path

from challenge.enrollment import staff_views, views

urlpatterns = [
    path("early-access/", views.early_access, name="early_access"),
    path("early-access/asked/", views.check_your_email, name="early_access_asked"),
    path("early-access/<str:token>/", views.place, name="early_access_place"),
    path("admin/emergency/", views.emergency, name="emergency"),
    path("accounts/not-me/<str:token>/", views.not_me, name="not_me"),
    path("address/<str:token>/", views.object_to_address, name="object_to_address"),
]

staff_urlpatterns = [
    path("", staff_views.cohorts, name="cohorts"),
    path("launch/", staff_views.launch, name="launch"),
    path("<slug:slug>/", staff_views.seats, name="seats"),
    path("<slug:slug>/person/", staff_views.person, name="person"),
    path("<slug:slug>/<int:pk>/", staff_views.seat, name="seat"),
    path("<slug:slug>/close/", staff_views.close, name="close"),
    path("<slug:slug>/invitations/", staff_views.invitations, name="invitations"),
    path("<slug:slug>/export/", staff_views.export, name="export"),
]
