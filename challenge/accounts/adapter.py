"""The program's adapters for allauth: emails become outbox rows, sentences become ours."""

from typing import Any, ClassVar, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from challenge.accounts import emails
from challenge.accounts.identity import record_identity, refused
from challenge.accounts.models import User
from challenge.accounts.queries import is_frozen, is_locked_out, is_owner
from challenge.accounts.rate_limits import is_one_mail_too_many, may_mail, too_many
from challenge.db.sealed import open_sealed, seal

REAUTHENTICATION_LABELS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use your app or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}
WAIT = "Too many tries. Wait a few minutes, then try once more."


class AccountAdapter(DefaultAccountAdapter):
    """Put every message into the outbox instead of sending it; kind `security` is sent first."""

    error_messages: ClassVar[dict[str, str]] = DefaultAccountAdapter.error_messages | {
        "cannot_remove_primary_email": "You’re using that address. Choose another one first, then remove it.",
        "duplicate_email": "That address is yours already.",
        "email_password_mismatch": "That address and password don’t match. A code by email works too.",
        "enter_current_password": "That isn’t your current password. Please try again.",
        "incorrect_code": "That’s not the code. Check our newest email and enter the code again.",
        "incorrect_password": "That isn’t the password. Please try again.",
        "max_email_addresses": "An account can have up to %d addresses. Remove one first.",
        "rate_limited": WAIT,
        "same_as_current": "That is the address you gave before. Enter another one.",
        "too_many_login_attempts": WAIT,
        "unverified_primary_email": "Confirm the address first, with the code we send to it.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        name, at = template_prefix.rsplit("/", 1)[-1], timezone.now()
        if not may_mail(self.request, email, at=at):
            raise ImmediateHttpResponse(too_many(self.request))
        if is_one_mail_too_many(email):
            return
        emails.account_message(to=email, name=name, context=context, at=at)
        if context.get("code") and (account := self._account_of_code(email)) is not None:
            record_identity(what="code_sent", account=account, by=None, at=at)

    def _account_of_code(self, email: str) -> User | None:
        """Return whose code it is; an address that is just being added belongs to the signed-in person."""
        account = User.objects.filter(emailaddress__email=email.lower()).first()
        if account is None and self.request.user.is_authenticated:
            return cast(User, self.request.user)
        return account

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return allauth's methods under our labels. Without an authenticator app the passkey comes first."""
        methods = {
            method["id"]: method | {"description": REAUTHENTICATION_LABELS[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        }
        passkey = methods.pop("mfa_reauthenticate:webauthn", None)
        others = list(methods.values())
        if passkey is None:
            return others
        has_app = get_mfa_adapter().is_mfa_enabled(user, types=[Authenticator.Type.TOTP])
        return [*others, passkey] if has_app else [passkey, *others]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Refuse every way to sign in while no address opens the account, or its person reported a theft."""
        refusal: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return refusal or self._refusal(request, user)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Ask again: a sign-in may have waited for its second step since `pre_login`."""
        if (refusal := self._refusal(request, user)) is not None:
            raise ImmediateHttpResponse(refusal)
        super().login(request, user)

    def _refusal(self, request: HttpRequest, user: User) -> HttpResponse | None:
        page = "account/address_waiting.html" if is_locked_out(user) else ""
        page = page or ("account/frozen.html" if is_frozen(user) else "")
        if not page:
            return None
        refused(user)
        logout(request)  # forgets the half-finished login that allauth keeps in the session
        return render(request, page, status=403)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Record that someone tried to open a closed account."""
        refused(user)
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and request.user.is_staff:
            owns = is_owner(request.user) and not request.user.is_superuser
            return "/admin/overview/" if owns else "/admin/"
        return str(super().get_login_redirect_url(request))


class FactorAdapter(DefaultMFAAdapter):
    """Passkeys, authenticator apps and recovery codes, in our own sentences."""

    error_messages: ClassVar[dict[str, str]] = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Turn the authenticator app and the passkeys off before you add an address.",
        "cannot_delete_authenticator": "You need to keep this one: your account needs a second factor.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first.",
        "incorrect_code": "That’s not the code. The app shows a new one every 30 seconds; enter the newest.",
        "unverified_email": "Confirm your email address first.",
    }

    def encrypt(self, text: str) -> str:
        """Return a seed as it is stored: a stolen database gives no codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the seed. Raises WrongDataKey, which answers 503: no code must count as right or wrong then."""
        return open_sealed(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's
        """Return the name suggested for a new passkey or app."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Sessions that their person ends from another device."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        """End them and record one event."""
        super().end_sessions(sessions)
        if sessions:
            user = cast(User, sessions[0].user)
            record_identity(what="session_ended", account=user, by=user, at=timezone.now())
