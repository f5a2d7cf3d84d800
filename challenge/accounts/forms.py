"""Allauth's forms in our own sentences; signing in with a password, for those who set one, and with a passkey."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ConfirmLoginCodeForm,
    LoginForm,
    ReauthenticateForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    SignupForm,
)
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateFactorForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm

EMAIL = "Write your email address, like robin@example.org."
SENTENCES = {
    "email": {"required": EMAIL, "invalid": EMAIL},
    "login": {"required": EMAIL, "invalid": EMAIL},
    "password": {"required": "Write your password."},
    "code": {"required": "Write the code, as it stands in the email or the app."},
}


class OurWords:
    """Says what to write where nothing was written, beside the field."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, sentences in SENTENCES.items():
            if name in self.fields:
                self.fields[name].error_messages |= sentences


class EmailSignupForm(OurWords, SignupForm):
    """An account by email."""


class CodeRequestForm(OurWords, RequestLoginCodeForm):
    """Asks for a code to sign in with."""


class CodeForm(OurWords, ConfirmLoginCodeForm):
    """The code from the email."""


class ForgottenForm(OurWords, ResetPasswordForm):
    """Asks for a code to set a new password with."""


class AnotherEmailForm(OurWords, AddEmailForm):
    """A further address of the account."""


class SureForm(OurWords, ReauthenticateForm):
    """The password once more."""


class SecondFactorForm(OurWords, AuthenticateForm):
    """The code of the app, or a recovery code."""


class SureFactorForm(OurWords, ReauthenticateFactorForm):
    """The same, once more."""


class NewAppForm(OurWords, ActivateTOTPForm):
    """The first code of a new app."""


class PasswordLoginForm(OurWords, LoginForm):
    """Keeps the password, which allauth leaves out where signing up asks for none: codes have a form of their own."""

    def _setup_password_field(self) -> None:
        """The password stays."""


class PasskeyLoginForm(LoginWebAuthnForm):
    """Refuses what no browser would send with a sentence instead of an error."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise get_adapter().validation_error("incorrect_code") from error
