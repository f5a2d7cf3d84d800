"""Our own pages under `/accounts/`, and those that replace allauth's. Included before allauth's URLs."""

from django.urls import path

from challenge.accounts import views

urlpatterns = [
    path("again/", views.sign_in_again, name="sign_in_again"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("stay/", views.stay_signed_in, name="stay_signed_in"),
    path("kept/<str:token>/", views.kept_form, name="kept_form"),
    path("signup/", views.NewAccountView.as_view(), name="account_signup"),
    path("login/code/", views.CodeRequestView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.SignInCodeView.as_view(), name="account_confirm_login_code"),
    path(
        "password/reset/confirm/", views.ResetCodeView.as_view(), name="account_confirm_password_reset_code"
    ),
    path("confirm-email/", views.EmailCodeView.as_view(), name="account_email_verification_sent"),
    path("2fa/webauthn/login/", views.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path(
        "2fa/webauthn/reauthenticate/", views.ConfirmPasskeyView.as_view(), name="mfa_reauthenticate_webauthn"
    ),
]
