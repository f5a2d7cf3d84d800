"""URLs of the privacy notice, of the export and of deleting one's account."""

from django.urls import path

from challenge.privacy import views

urlpatterns = [
    path("privacy/", views.notice, name="privacy_notice"),
    path("me/export/", views.export, name="me_export"),
    path("me/delete/", views.delete, name="me_delete"),
]
