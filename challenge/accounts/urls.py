"""What allauth does not have."""

from django.urls import path

from challenge.accounts import views

urlpatterns = [path("again/", views.sign_in_again, name="sign_in_again")]
