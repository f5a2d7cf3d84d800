"""The messages of signing in. Kind `security`: sent first, shown to nobody, wiped when handed over."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from challenge.mail import actions as mail
from challenge.mail.models import Kind

# allauth's message -> our template. What is not here says in one sentence what happened to the account.
TEMPLATES = {
    "login_code": "sign_in_code",
    "email_confirmation_signup": "email_code",
    "email_confirmation": "email_code",
    "password_reset_key": "password_code",
    "password_reset_code": "password_code",
    "account_already_exists": "already_registered",
    "unknown_account": "unknown_address",
}
HAPPENED = {
    "email_changed": "The email address of your account was changed.",
    "email_confirm": "An email address of your account was confirmed.",
    "email_deleted": "An email address was removed from your account.",
    "password_changed": "The password of your account was changed.",
    "password_reset": "The password of your account was set anew.",
    "password_set": "A password was set for your account.",
    "totp_activated": "An authenticator app was added to your account.",
    "totp_deactivated": "The authenticator app was removed from your account.",
    "recovery_codes_generated": "New recovery codes were made for your account.",
    "webauthn_added": "A passkey was added to your account.",
    "webauthn_removed": "A passkey was removed from your account.",
}


def account_message(*, to: str, name: str, context: dict[str, Any], at: datetime) -> None:
    """Writes allauth's message `name` to the outbox; a code that is late is worth nothing after 15 minutes."""
    mail.put_in_outbox(
        kind=Kind.SECURITY,
        template=TEMPLATES.get(name, "account_changed"),
        to=to,
        context={
            "code": context.get("code", ""),
            "happened": HAPPENED.get(name, "The way you sign in to your account was changed."),
            "signup_url": context.get("signup_url", ""),
            "reset_url": context.get("password_reset_url", ""),
        },
        dedupe_key=f"security:{secrets.token_hex(16)}",
        expires_at=at + timedelta(minutes=15) if context.get("code") else None,
        at=at,
    )


def tell_of_confirmed_address(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Tell the address in use that a further one was confirmed; the first of an account has none to tell."""
    primary = EmailAddress.objects.get_primary(email_address.user)
    if primary is not None and primary.pk != email_address.pk:
        get_adapter().send_notification_mail(
            "account/email/email_confirm", email_address.user, email=primary.email
        )
