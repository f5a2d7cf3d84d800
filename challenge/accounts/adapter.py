"""Where allauth meets the program: its emails become outbox rows, sign-in codes included."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts import emails


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

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and request.user.is_staff:
            return "/admin/"
        return str(super().get_login_redirect_url(request))
