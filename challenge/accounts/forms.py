"""Signing in with a password, for those who set one, and with a passkey."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import LoginWebAuthnForm


class PasswordLoginForm(LoginForm):
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
