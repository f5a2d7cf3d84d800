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


class OurWords:
    """Our labels, without a second one inside the field; what to write where nothing was written, beside it."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages |= SENTENCES.get(name, {})
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class SamePasswords(OurWords):
    """Says of two that differ what to do about it."""

    def add_error(self, field: str | None, error: Any) -> None:
        differs = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, NOT_THE_SAME if differs else error)  # type: ignore[misc]


class EmailSignupForm(OurWords, SignupForm):
    """An account by email."""


class CodeRequestForm(OurWords, RequestLoginCodeForm):
    """Asks for a code to sign in with."""


class CodeForm(OurWords, ConfirmLoginCodeForm):
    """The code from the email."""


class ConfirmAddressForm(OurWords, ConfirmEmailVerificationCodeForm):
    """The code that shows that an address is theirs."""


class NewPasswordCodeForm(OurWords, ConfirmPasswordResetCodeForm):
    """The code that lets them choose a new password."""


class FirstPasswordForm(SamePasswords, SetPasswordForm):
    """A password where there was none."""


class OtherPasswordForm(SamePasswords, ChangePasswordForm):
    """Another password for the one there is."""


class NewPasswordForm(SamePasswords, ResetPasswordKeyForm):
    """A new password for a forgotten one."""


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


class PasskeyNameForm(OurWords, EditWebAuthnForm):
    """Another name for a passkey."""


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
        self.fields["passwordless"].initial = True
