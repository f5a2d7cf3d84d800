"""URLs of the waiting lists, of an objection to a change of address, of “this was not me”, and of emergency access."""

from django.urls import path

from challenge.enrollment import emergency_views, views

urlpatterns = [
    path("early-access/", views.early_access, name="early_access"),
    path("early-access/asked/", views.check_your_email, name="early_access_asked"),
    path("early-access/<str:token>/", views.place, name="early_access_place"),
    path("admin/emergency/", emergency_views.emergency, name="emergency"),
    path("accounts/not-me/<str:token>/", views.not_me, name="not_me"),
    path("address/<str:token>/", views.object_to_address, name="object_to_address"),
]
