"""The addresses of the outbox."""

from django.urls import path

from challenge.mail import views

urlpatterns = [
    path("email/unsubscribe/<str:token>/", views.unsubscribe, name="email_unsubscribe"),
]
