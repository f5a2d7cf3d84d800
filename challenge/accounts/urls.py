"""What allauth does not have, and in front of it what it has otherwise."""

from django.urls import path

from challenge.accounts import views

urlpatterns = [
    path("again/", views.sign_in_again, name="sign_in_again"),
    path("2fa/webauthn/login/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", views.SurePasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
]
