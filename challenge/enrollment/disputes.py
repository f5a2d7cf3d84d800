"""“This wasn’t me”: the link of a notice signs out every device, freezes the account, and shows the owners.

It also ends what outlives a session: the devices that take notifications, and every secret address of the person.

A frozen account is opened by no one until an owner has talked with its person. Nothing is taken back by itself: who
presses the link may be the thief, so a person decides. The link acts once, for 30 days, and only by a POST.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from challenge.accounts import emails
from challenge.accounts.actions import end_sessions
from challenge.accounts.identity import record_identity
from challenge.accounts.identity_kinds import IdentityKind
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.queries import open_report
from challenge.accounts.second_person import cancel_waiting, cancel_waiting_roles
from challenge.enrollment.address_changes import cancel_waiting_address
from challenge.mail.push_addresses import addresses_of

LINK_LIFETIME_S = 30 * 24 * 3600
_K = IdentityKind
WAYS_IN = (_K.ADDRESS, _K.PASSWORD, _K.FACTOR, _K.RECOVERY, _K.PASSKEY)


class NoticeLinkInvalid(Exception):
    """The link was altered, or its account was erased."""


class NoticeLinkExpired(Exception):
    """The link is older than 30 days."""


class CannotThaw(Exception):
    """The same person changed the account before it was reported."""


def event_of(token: str) -> IdentityEvent:
    """Return the event of an emailed link. Raises NoticeLinkInvalid, NoticeLinkExpired."""
    try:
        pk = signing.loads(token, salt=emails.NOT_ME_SALT, max_age=LINK_LIFETIME_S)
        event = IdentityEvent.objects.get(pk=pk)
    except signing.SignatureExpired as error:
        raise NoticeLinkExpired("This link is too old.") from error
    except (signing.BadSignature, IdentityEvent.DoesNotExist) as error:
        raise NoticeLinkInvalid("This link does not work.") from error
    return event


def account_of(event: IdentityEvent) -> User:
    """Return the account of an event. Raises NoticeLinkInvalid if it was erased: the row outlives it."""
    account = User.objects.filter(identity_events=event).first()
    if account is None:
        raise NoticeLinkInvalid("This account was erased.")
    return account


def report_not_me(*, event: IdentityEvent, at: datetime) -> None:
    """Freeze the account, sign out every device, remove the password, and write to the owners. Idempotent."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=account_of(event).pk)
        if was_reported(event) or was_cleared(event):
            return
        record_identity(what="not_me", account=user, by=None, at=at, about=event.pk)
        # A password that someone else may know; this also ends sessions that no list has.
        user.set_unusable_password()
        user.save(update_fields=["password"])
        end_sessions(user)
        addresses_of(user.about).delete()  # secret addresses end by `accounts.queries.reported_since`
        cancel_waiting(user, by=None, at=at)
        cancel_waiting_roles(user, by=None, at=at)
        # A change that staff asked for waits on the account too, and anyone who holds it may have asked the desk.
        cancel_waiting_address(user, reason="the account was reported: not me", at=at)
        emails.not_me_reported(event=event, account=user, at=at)


def was_reported(event: IdentityEvent) -> bool:
    """Return whether the link of this event was pressed before."""
    return IdentityEvent.objects.filter(what="not_me", about=event.pk).exists()


def was_cleared(event: IdentityEvent) -> bool:
    """Return whether an owner has talked with the person since this event: its link no longer shuts the account.

    Otherwise anyone who still reads an old mailbox could shut the account again with each notice that lies there.
    """
    return IdentityEvent.objects.filter(account=event.account_id, what="cleared", pk__gt=event.pk).exists()


def thaw(*, user: User, by: User, at: datetime) -> None:
    """Let a frozen account sign in again, after a talk with its person. Without a report change nothing.

    The caller checks that `by` is an owner. Raises CannotThaw.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if open_report(user) is None:
            return
        if _took_part(by, user):
            raise CannotThaw(
                "You changed this account in the 30 days before. Another owner talks with the person."
            )
        record_identity(what="cleared", account=user, by=by, at=at)


def changes_in_doubt(user: User) -> list[IdentityEvent]:
    """Return what changed a way to sign in, in the 30 days before the open report and since: none was taken back."""
    if open_report(user) is None:
        return []
    return list(_in_doubt(user).filter(kind__in=WAYS_IN).exclude(what="address_kept").order_by("pk"))


def _took_part(by: User, user: User) -> bool:
    """Return whether `by` changed this account, or asked to, in the days in which the reported link lived.

    Not only the reported event counts: what takes effect after 48 hours has no actor, what a second person confirms has
    that one, and who made a change could press the link of another notice.
    """
    return _in_doubt(user).filter(actor=by).exclude(what__in=["cleared", "address_kept"]).exists()


def _in_doubt(user: User) -> QuerySet[IdentityEvent]:
    """Return the events since 30 days before the first report that no talk has followed."""
    events = IdentityEvent.objects.filter(account=user)
    cleared = events.filter(what="cleared").order_by("pk").last()
    first = events.filter(what="not_me", pk__gt=cleared.pk if cleared else 0).order_by("pk")[0]
    return events.filter(at__gte=first.at - timedelta(seconds=LINK_LIFETIME_S))
