"""Allauth's forms in our own sentences; signing in with a password, for those who set one, and with a passkey."""

from collections.abc import Callable
from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    ReauthenticateForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateFactorForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
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
    "oldpassword": {"required": "Write the password you have now."},
    "password1": {"required": "Write the new password."},
    "password2": {"required": "Write the new password once more."},
    "code": {"required": "Write the code, as it stands in the email or the app."},
    "name": {"required": "Give it a name, like “Phone”."},
}
LABELS = {
    "oldpassword": "The password you have now",
    "password1": "New password",
    "password2": "The new password once more",
    "name": "Name",
    "passwordless": "It opens my page by itself",
}
HELP = {
    "password1": "At least 12 characters. A few words that do not belong together are easy to keep and hard to guess.",
    "passwordless": (
        "With your fingerprint, face, screen lock or PIN. Without the tick it only confirms a sign-in by code or "
        "password, as a security key does."
    ),
}
NOT_THE_SAME = "The two are not the same. Write the new password once more."


class PlainTextMixin:
    """Our labels, without a second one inside the field; what to write where nothing was written, beside it."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages |= SENTENCES.get(name, {})
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class MatchingPasswordsMixin(PlainTextMixin):
    """Says of two that differ what to do about it."""

    def add_error(self, field: str | None, error: Any) -> None:
        differs = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, NOT_THE_SAME if differs else error)  # type: ignore[misc]


class EmailSignupForm(PlainTextMixin, SignupForm):
    """An account by email."""


class CodeRequestForm(PlainTextMixin, RequestLoginCodeForm):
    """Asks for a code to sign in with."""


class CodeForm(PlainTextMixin, ConfirmLoginCodeForm):
    """The code from the email."""


class ConfirmAddressForm(PlainTextMixin, ConfirmEmailVerificationCodeForm):
    """The code that shows that an address is theirs."""


class NewPasswordCodeForm(PlainTextMixin, ConfirmPasswordResetCodeForm):
    """The code that lets them choose a new password."""


class FirstPasswordForm(MatchingPasswordsMixin, SetPasswordForm):
    """A password where there was none."""


class ReplacePasswordForm(MatchingPasswordsMixin, ChangePasswordForm):
    """Another password for the one there is."""


class NewPasswordForm(MatchingPasswordsMixin, ResetPasswordKeyForm):
    """A new password for a forgotten one."""


class ForgotPasswordForm(PlainTextMixin, ResetPasswordForm):
    """Asks for a code to set a new password with."""


class AddAddressForm(PlainTextMixin, AddEmailForm):
    """A further address of the account."""


class ConfirmPasswordForm(PlainTextMixin, ReauthenticateForm):
    """The password once more."""


class SecondFactorForm(PlainTextMixin, AuthenticateForm):
    """The code of the app, or a recovery code; `kinds` are the factors that the person has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))


class ConfirmFactorForm(PlainTextMixin, ReauthenticateFactorForm):
    """The same, once more."""


class NewAppForm(PlainTextMixin, ActivateTOTPForm):
    """The first code of a new app."""


class PasskeyNameForm(PlainTextMixin, EditWebAuthnForm):
    """Another name for a passkey."""


class PasswordLoginForm(PlainTextMixin, LoginForm):
    """Keeps the password, which allauth leaves out where signing up asks for none: codes have a form of their own."""

    def _setup_password_field(self) -> None:
        """The password stays."""


class BrowserCredentialMixin(PlainTextMixin):
    """Refuses what no browser would send with a sentence, not an error: the libraries raise kinds of their own."""

    def clean(self) -> Any:
        return _check_credential(super().clean)  # type: ignore[misc]


class SecurityKeyMixin(BrowserCredentialMixin):
    """The same for an answer that is checked with its field."""

    def clean_credential(self) -> Any:
        return _check_credential(super().clean_credential)  # type: ignore[misc]


def _check_credential(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error
    except Exception as error:
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error


class PasskeyLoginForm(SecurityKeyMixin, LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class PasskeyFactorForm(SecurityKeyMixin, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class ConfirmPasskeyForm(SecurityKeyMixin, ReauthenticateWebAuthnForm):
    """A passkey, once more."""


class NewPasskeyForm(BrowserCredentialMixin, AddWebAuthnForm):
    """A new passkey. It opens the page by itself unless the person says otherwise: that is what it is offered for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
