"""Our own pages under `/accounts/`, and two that replace allauth's. Included before allauth's URLs."""

from django.urls import path

from challenge.accounts import staff_views, views

urlpatterns = [
    path("again/", views.sign_in_again, name="sign_in_again"),
    path("stay/", staff_views.stay_signed_in, name="stay_signed_in"),
    path("kept/<str:token>/", staff_views.kept_form, name="kept_form"),
    path("2fa/webauthn/login/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/", views.ConfirmPasskeyView.as_view(), name="mfa_reauthenticate_webauthn"
    ),
]
