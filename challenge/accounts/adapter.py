"""Where allauth meets the program: its emails become outbox rows, sign-in codes included."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts import emails

CONFIRM_WITH = {
    "reauthenticate": "With your password",
    "mfa_reauthenticate": "With a code",
    "mfa_reauthenticate:webauthn": "With your passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sends nothing itself: every message is a row in the outbox, kind `security`, first in line."""

    error_messages: ClassVar[dict[str, str]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "That address and password do not go together. A code by email works as well.",
        "incorrect_code": "That is not the code. Look at the newest email from us, and type it once more.",
        "incorrect_password": "That is not the password. Try once more.",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, then try once more.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        name = template_prefix.rsplit("/", 1)[-1]
        emails.account_message(to=email, name=name, context=context, at=timezone.now())

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """In our words; who has no authenticator app is asked for their passkey before a code."""
        found = super().get_reauthentication_methods(user)
        methods = {one["id"]: one | {"description": CONFIRM_WITH[one["id"]]} for one in found}
        passkey = methods.pop("mfa_reauthenticate:webauthn", None)
        others = list(methods.values())
        if passkey is None:
            return others
        has_app = get_mfa_adapter().is_mfa_enabled(user, types=[Authenticator.Type.TOTP])
        return [*others, passkey] if has_app else [passkey, *others]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and request.user.is_staff:
            return "/admin/"
        return str(super().get_login_redirect_url(request))
