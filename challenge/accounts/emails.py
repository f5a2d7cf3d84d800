"""The messages about signing in. Kind `security`: sent first, never shown to staff, wiped once sent."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest
from django.utils.formats import date_format

from challenge.accounts.models import AddressChange
from challenge.accounts.queries import active_owners, open_objection
from challenge.mail import actions as mail
from challenge.mail.models import MessageKind

# allauth's message -> our template. All others use `account_changed` with one sentence of HAPPENED.
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
    "password_reset": "The password of your account was reset.",
    "password_set": "A password was set for your account.",
    "totp_activated": "An authenticator app was added to your account.",
    "totp_deactivated": "The authenticator app was removed from your account.",
    "recovery_codes_generated": "New recovery codes were made for your account.",
    "webauthn_added": "A passkey was added to your account.",
    "webauthn_removed": "A passkey was removed from your account.",
}


def account_message(*, to: str, name: str, context: dict[str, Any], at: datetime) -> None:
    """Put allauth's message `name` into the outbox. One with a code expires in 15 minutes, as the code."""
    mail.put_in_outbox(
        kind=MessageKind.SECURITY,
        template=TEMPLATES.get(name, "account_changed"),
        to=to,
        context={
            "code": context.get("code", ""),
            "happened": HAPPENED.get(name, "The way you sign in to your account was changed."),
            "signup_url": context.get("signup_url", ""),
            "reset_url": context.get("password_reset_url", ""),
        },
        # Random: each request for a code is a message of its own, also two within a second.
        dedupe_key=f"security:{secrets.token_hex(16)}",
        expires_at=at + timedelta(minutes=15) if context.get("code") else None,
        at=at,
    )


def notify_of_confirmed_address(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Write to the primary address that another one was confirmed. The first address of an account needs no email."""
    primary = EmailAddress.objects.get_primary(email_address.user)
    if primary is not None and primary.pk != email_address.pk:
        get_adapter().send_notification_mail(
            "account/email/email_confirm", email_address.user, email=primary.email
        )


def address_changing(*, change: AddressChange, token: str, at: datetime) -> None:
    """Write to the old address about the change, with the link to object.

    No link goes to a mistyped address that never opened the account and has been replaced already.
    """
    may_object = change.has_waiting_time or change.old_is_proven
    context = {"link": f"{settings.SITE_URL}/address/{token}/" if may_object else ""}
    _put_change_in_outbox(change, "address_changing", to=change.old_email, context=context, at=at)


def address_given(*, change: AddressChange, at: datetime) -> None:
    """Write to the new address that it was given to an account, and when it starts to work."""
    context = {"link": f"{settings.SITE_URL}/accounts/login/"}
    _put_change_in_outbox(change, "address_given", to=change.new_email, context=context, at=at)


def _put_change_in_outbox(
    change: AddressChange, template: str, *, to: str, context: dict[str, Any], at: datetime
) -> None:
    opens_at = change.effective_at.astimezone(change.user.zone)
    when = date_format(opens_at, "l, F j, g:i A (T)") if change.has_waiting_time else ""
    mail.put_in_outbox(
        kind=MessageKind.SECURITY,
        template=template,
        to=to,
        about=change.user.about,
        context=context
        | {
            "when": when,
            "old_works": change.old_is_proven,
            "needs_clinician": open_objection(change.user) is not None,
        },
        dedupe_key=f"{template}:{change.pk}",
        at=at,
    )


def address_objected(*, change: AddressChange, at: datetime) -> None:
    """Write to every active owner, else to the clinic, that a runner objected. The link leads to the account."""
    # The trigger keeps the last owner, but a new clinic may have only a superuser so far.
    addresses = list(active_owners().values_list("email", flat=True)) or [settings.CLINIC_EMAIL]
    for number, address in enumerate(addresses):
        mail.put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="address_objected",
            to=address,
            about=change.user.about,
            context={
                "link": f"{settings.SITE_URL}/admin/challenge/user/{change.user_id}/change/",
                "took_effect": change.applied_at is not None,
                "asked_by": change.asked_by,
            },
            dedupe_key=f"address_objected:{change.pk}:{number}",
            at=at,
        )
