"""Allauth's forms in our own sentences; signing in with a password, for those who set one, and with a passkey."""

from collections.abc import Callable
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
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateFactorForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError

EMAIL = "Write your email address, like robin@example.org."
NOT_ACCEPTED = "That passkey was not accepted. Try once more, or take another way."
SENTENCES = {
    "email": {"required": EMAIL, "invalid": EMAIL},
    "login": {"required": EMAIL, "invalid": EMAIL},
    "password": {"required": "Write your password."},
    "credential": {"required": NOT_ACCEPTED, "invalid": NOT_ACCEPTED},
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
    """The code of the app, or a recovery code; `kinds` are the factors that the person has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))


class SureFactorForm(OurWords, ReauthenticateFactorForm):
    """The same, once more."""


class NewAppForm(OurWords, ActivateTOTPForm):
    """The first code of a new app."""


class PasswordLoginForm(OurWords, LoginForm):
    """Keeps the password, which allauth leaves out where signing up asks for none: codes have a form of their own."""

    def _setup_password_field(self) -> None:
        """The password stays."""


class FromABrowser(OurWords):
    """Refuses what no browser would send with a sentence, not an error: the libraries raise kinds of their own."""

    def clean(self) -> Any:
        return _or_a_sentence(super().clean)  # type: ignore[misc]


class FromAKey(FromABrowser):
    """The same for an answer that is checked with its field."""

    def clean_credential(self) -> Any:
        return _or_a_sentence(super().clean_credential)  # type: ignore[misc]


def _or_a_sentence(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error
    except Exception as error:
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error


class PasskeyLoginForm(FromAKey, LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class PasskeyFactorForm(FromAKey, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class SurePasskeyForm(FromAKey, ReauthenticateWebAuthnForm):
    """A passkey, once more."""


class NewPasskeyForm(FromABrowser, AddWebAuthnForm):
    """A new passkey. It opens the page by itself unless the person says otherwise: that is what it is offered for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label, alone.initial = "It opens my page by itself", True
        alone.help_text = (
            "With your fingerprint, face, screen lock or PIN. Without the tick it only confirms a sign-in by code or "
            "password, as a security key does."
        )
