"""Allauth's forms with our own labels and sentences."""

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
from allauth.mfa.adapter import get_adapter
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

from challenge.accounts.one_time_codes import use_code

EMAIL = "Enter your email address, like robin@example.org."
NOT_ACCEPTED = "That passkey wasn’t accepted. Try again, or sign in another way."
SENTENCES = {
    "email": {"required": EMAIL, "invalid": EMAIL},
    "login": {"required": EMAIL, "invalid": EMAIL},
    "password": {"required": "Enter your password."},
    "credential": {"required": NOT_ACCEPTED, "invalid": NOT_ACCEPTED},
    "oldpassword": {"required": "Enter your current password."},
    "password1": {"required": "Enter the new password."},
    "password2": {"required": "Enter the new password again."},
    "code": {"required": "Enter the code as it appears in the email or the app."},
    "name": {"required": "Give it a name, like “Phone”."},
}
LABELS = {
    "oldpassword": "Your current password",
    "password1": "New password",
    "password2": "New password again",
    "name": "Name",
    "passwordless": "I can sign in with it alone",
}
HELP = {
    "password1": "At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
    "passwordless": (
        "With your fingerprint, face, screen lock or PIN. If you leave this unchecked, it only confirms a sign-in by "
        "code or password, the way a security key does."
    ),
}
NOT_THE_SAME = "The two don’t match. Type the new password again."


class PlainTextMixin:
    """Set our labels, help and error messages, and remove allauth's placeholders, which repeat the label."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # allauth builds some fields in `__init__`, so class attributes cannot carry our words.
            field.error_messages |= SENTENCES.get(name, {})
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class MatchingPasswordsMixin(PlainTextMixin):
    """Replace allauth's message about two different passwords, which has no code to recognize it by."""

    def add_error(self, field: str | None, error: Any) -> None:
        # Refusals of the password validators are ValidationErrors and keep their own sentences.
        differs = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, NOT_THE_SAME if differs else error)  # type: ignore[misc]


class EmailSignupForm(PlainTextMixin, SignupForm):
    """Sign up by email."""


class CodeRequestForm(PlainTextMixin, RequestLoginCodeForm):
    """Request a code to sign in with."""


class CodeForm(PlainTextMixin, ConfirmLoginCodeForm):
    """Sign in with the emailed code."""


class ConfirmAddressForm(PlainTextMixin, ConfirmEmailVerificationCodeForm):
    """Confirm an address with the emailed code."""


class NewPasswordCodeForm(PlainTextMixin, ConfirmPasswordResetCodeForm):
    """Confirm a password reset with the emailed code."""


class FirstPasswordForm(MatchingPasswordsMixin, SetPasswordForm):
    """Set the first password of an account."""


class ReplacePasswordForm(MatchingPasswordsMixin, ChangePasswordForm):
    """Change the password."""


class NewPasswordForm(MatchingPasswordsMixin, ResetPasswordKeyForm):
    """Set a new password after a reset."""


class ForgotPasswordForm(PlainTextMixin, ResetPasswordForm):
    """Request a code to reset the password."""


class AddAddressForm(PlainTextMixin, AddEmailForm):
    """Add an address to the account."""


class ConfirmPasswordForm(PlainTextMixin, ReauthenticateForm):
    """Confirm the session with the password."""


class CodeUsedOnceMixin:
    """Refuse a code of the app that was used before, as a wrong one."""

    def clean_code(self) -> str:
        code = str(super().clean_code())  # type: ignore[misc]
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if authenticator.type == Authenticator.Type.TOTP and not use_code(authenticator, code):
            self._emit_authentication_failed(authenticator)  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(CodeUsedOnceMixin, PlainTextMixin, AuthenticateForm):
    """Sign in with a code of the app or a recovery code; `kinds` are the factors that the person has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))


class ConfirmFactorForm(CodeUsedOnceMixin, PlainTextMixin, ReauthenticateFactorForm):
    """Confirm the session with a code of the app or a recovery code."""


class NewAppForm(PlainTextMixin, ActivateTOTPForm):
    """Activate an authenticator app with its first code."""


class PasskeyNameForm(PlainTextMixin, EditWebAuthnForm):
    """Rename a passkey."""


class PasswordLoginForm(PlainTextMixin, LoginForm):
    """Sign in with email and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Password managers fill what is called the username, which is the address here.
        self.fields["login"].widget.attrs["autocomplete"] = "username"

    def _setup_password_field(self) -> None:
        """Keep the field: allauth removes it because signing up asks for no password."""


class BrowserCredentialMixin(PlainTextMixin):
    """Answer a malformed credential with a sentence: the WebAuthn libraries raise exceptions of many kinds."""

    def clean(self) -> Any:
        return _check_credential(super().clean)  # type: ignore[misc]


class SecurityKeyMixin(BrowserCredentialMixin):
    """The same for forms that check the credential in the field's own `clean` method."""

    def clean_credential(self) -> Any:
        return _check_credential(super().clean_credential)  # type: ignore[misc]


def _check_credential(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error
    except Exception as error:  # fido2 and cbor raise ValueError, KeyError, TypeError and more
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error


class PasskeyLoginForm(SecurityKeyMixin, LoginWebAuthnForm):
    """Sign in with a passkey alone."""


class PasskeyFactorForm(SecurityKeyMixin, AuthenticateWebAuthnForm):
    """Use a passkey as the second factor."""


class ConfirmPasskeyForm(SecurityKeyMixin, ReauthenticateWebAuthnForm):
    """Confirm the session with a passkey."""


class NewPasskeyForm(BrowserCredentialMixin, AddWebAuthnForm):
    """Add a passkey, by default one that signs in without an emailed code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
