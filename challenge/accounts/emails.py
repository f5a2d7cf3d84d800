"""The messages about signing in. Kind `security`: sent first, never shown to staff, wiped once sent."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.utils.formats import date_format

from challenge.accounts.models import AddressChange, IdentityEvent, User
from challenge.accounts.queries import is_frozen, open_objection, owner_addresses
from challenge.accounts.waiting_models import RoleGrant
from challenge.mail import actions as mail
from challenge.mail.models import MessageKind

NOT_ME_SALT = "accounts.not-me"
# allauth's message -> our template. Its notices of changes are off: `identity_changed` writes those.
TEMPLATES = {
    "login_code": "sign_in_code",
    "email_confirmation_signup": "email_code",
    "email_confirmation": "email_code",
    "password_reset_key": "password_code",
    "password_reset_code": "password_code",
    "account_already_exists": "already_registered",
    "unknown_account": "unknown_address",
}


def account_message(*, to: str, name: str, context: dict[str, Any], at: datetime) -> None:
    """Put allauth's message `name` into the outbox. One with a code expires in 15 minutes, as the code."""
    mail.put_in_outbox(
        kind=MessageKind.SECURITY,
        template=TEMPLATES[name],
        to=to,
        context={
            "code": context.get("code", ""),
            "signup_url": context.get("signup_url", ""),
            "reset_url": context.get("password_reset_url", ""),
        },
        # Random: each request for a code is a message of its own, also two within a second.
        dedupe_key=f"security:{secrets.token_hex(16)}",
        expires_at=at + timedelta(minutes=15) if context.get("code") else None,
        at=at,
    )


def identity_changed(*, event: IdentityEvent, account: User, to: str, at: datetime) -> None:
    """Write to one address of the account what happened, when, and on which device."""
    mail.put_in_outbox(
        kind=MessageKind.SECURITY,
        template="account_changed",
        to=to,
        about=account.about,
        context={
            "link": f"{settings.SITE_URL}/accounts/not-me/{not_me_token(event)}/",
            "happened": event.sentence,
            "when": date_format(event.at.astimezone(account.zone), "l, F j, g:i A (T)"),
            "device": event.device,
            "by_clinic": event.actor_id != event.account_id,
        },
        dedupe_key=f"identity:{event.pk}:{hashlib.sha256(to.encode()).hexdigest()[:16]}",
        at=at,
    )


def not_me_token(event: IdentityEvent) -> str:
    return signing.dumps(event.pk, salt=NOT_ME_SALT)


def not_me_reported(*, event: IdentityEvent, account: User, at: datetime) -> None:
    """Write to every active owner that a person did not do what happened. The link leads to the account."""
    zone = ZoneInfo(settings.CLINIC_TIME_ZONE)
    for number, address in enumerate(owner_addresses()):
        mail.put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="not_me_reported",
            to=address,
            about=account.about,
            context={
                "link": f"{settings.SITE_URL}/admin/challenge/user/{account.pk}/change/",
                "happened": event.sentence,
                "when": date_format(event.at.astimezone(zone), "l, F j, g:i A (T)"),
                "by": event.actor if event.actor_id not in {None, account.pk} else None,
                "frozen": is_frozen(account),
            },
            dedupe_key=f"not_me:{event.pk}:{number}",
            at=at,
        )


def role_asked(*, grant: RoleGrant, at: datetime) -> None:
    """Write to every active owner which role waits for whom, and who asked. The link leads to the account."""
    zone = ZoneInfo(settings.CLINIC_TIME_ZONE)
    for number, address in enumerate(owner_addresses()):
        mail.put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="role_asked",
            to=address,
            about=grant.user.about,
            context={
                "link": f"{settings.SITE_URL}/admin/challenge/user/{grant.user_id}/change/",
                "role": grant.role,
                "who": str(grant.user),
                "by": str(grant.asked_by),
                "when": date_format(grant.effective_at.astimezone(zone), "l, F j, g:i A (T)"),
            },
            dedupe_key=f"role_asked:{grant.pk}:{number}",
            at=at,
        )


def role_given(*, event: IdentityEvent, account: User, by: User, at: datetime) -> None:
    """Write to the other active owners that a colleague got a role immediately. The link leads to the account."""
    zone = ZoneInfo(settings.CLINIC_TIME_ZONE)
    for number, address in enumerate(
        one for one in owner_addresses() if one not in {by.email, account.email}
    ):
        mail.put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="role_given",
            to=address,
            about=account.about,
            context={
                "link": f"{settings.SITE_URL}/admin/challenge/user/{account.pk}/change/",
                "roles": event.means,
                "who": str(account),
                "by": str(by),
                "when": date_format(event.at.astimezone(zone), "l, F j, g:i A (T)"),
            },
            dedupe_key=f"role_given:{event.pk}:{number}",
            at=at,
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
    for number, address in enumerate(owner_addresses()):
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


def colleague_invited(*, user: User, roles: Sequence[str], by: User, at: datetime) -> None:
    """Write to a new colleague how to sign in. The link signs no one in: it asks for an emailed code."""
    mail.put_in_outbox(
        kind=MessageKind.STAFF_ALERT,
        template="colleague_invited",
        to=user.email,
        about=user.about,
        context={
            "name": user.get_short_name(),
            "by": str(by),
            "roles": " and ".join(roles),
            "link": f"{settings.SITE_URL}/accounts/login/code/",
        },
        dedupe_key=f"colleague_invited:{user.pk}",
        at=at,
    )
