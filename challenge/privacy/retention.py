"""Retention rules: what is cleared after how many days. docs/operations.md shows the same table.

Health data stays as long as the account: the runner deletes it. These rules clear the rest.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from challenge.accounts.models import AccessEntry, IdentityEvent, User
from challenge.calls.models import Booking
from challenge.enrollment.models import EarlyAccess, Seat, SeatState
from challenge.intake.models import Draft
from challenge.mail.models import NO_LONGER, MessageState, OutboxMessage
from challenge.outcomes.models import AnswerDraft
from challenge.workouts.models import ImportJob

HISTORIES_KEPT_DAYS = 2190  # six years; the digests over them end then too


@dataclass(frozen=True)
class RetentionRule:
    """A rule: `clear` removes what is older than the moment it is given and returns how many rows."""

    name: str
    days: int
    clear: Callable[[datetime], int]


def apply_retention(*, at: datetime) -> dict[str, int]:
    """Apply every rule in a transaction of its own; return how many rows each one cleared."""
    cleared = {}
    for rule in RULES:
        with transaction.atomic():
            cleared[rule.name] = rule.clear(at - timedelta(days=rule.days))
    return cleared


def _texts_of_mail(before: datetime) -> int:
    """Clear the words of old emails; the rows stay, so that no email is sent twice."""
    over = OutboxMessage.objects.filter(
        state__in=[MessageState.SENT, MessageState.FAILED, MessageState.WITHDRAWN], created_at__lt=before
    )
    return over.exclude(text=NO_LONGER).update(text=NO_LONGER, html="", attachments=[], headers={})


def _drafts(before: datetime) -> int:
    return Draft.objects.filter(saved_at__lt=before).delete()[0]


def _unsent_answers(before: datetime) -> int:
    return AnswerDraft.objects.filter(at__lt=before).delete()[0]


def _names_of_lapsed_holds(before: datetime) -> int:
    lapsed = Seat.objects.filter(state=SeatState.ENDED, confirmed_at__isnull=True, ended_at__lt=before)
    return lapsed.exclude(email="").update(email="", user=None)


def _unconfirmed_list_entries(before: datetime) -> int:
    return EarlyAccess.objects.filter(confirmed_at__isnull=True, asked_at__lt=before).delete()[0]


def _files(before: datetime) -> int:
    mailed = ImportJob.ImportSource.MAIL
    return ImportJob.objects.filter(uploaded_at__lt=before).exclude(source=mailed).delete()[0]


def _mailed_files(before: datetime) -> int:
    """Delete mailed files: whoever mails one may look at it days later."""
    mailed = ImportJob.ImportSource.MAIL
    return ImportJob.objects.filter(uploaded_at__lt=before, source=mailed).delete()[0]


def _calls(before: datetime) -> int:
    over = Booking.objects.filter(ends_at__lt=before)
    # Two updates, each by its own index: callers with an address, and those who left a number only.
    blank = dict.fromkeys(("name", "email", "phone", "site", "heard", "notes", "question", "answer"), "")
    without_address = over.filter(email="").exclude(name="").update(**blank, phone_news="", form_key=None)
    return without_address + over.exclude(email="").update(**blank, phone_news="", form_key=None)


def _unused_accounts(before: datetime) -> int:
    """Delete accounts that never confirmed their address."""
    unused = User.objects.filter(
        is_staff=False, last_login__isnull=True, joined_at__lt=before, seats__isnull=True
    ).exclude(emailaddress__verified=True)
    with _histories_open():  # the access log has a row for each account that the owner's list showed
        return unused.delete()[0]


def _accesses(before: datetime) -> int:
    with _histories_open():
        return AccessEntry.objects.filter(at__lt=before).delete()[0]


def _devices_of_sign_ins(before: datetime) -> int:
    with _histories_open():
        return IdentityEvent.objects.filter(at__lt=before).exclude(device="").update(network="", device="")


def _identity_events(before: datetime) -> int:
    with _histories_open():
        return IdentityEvent.objects.filter(at__lt=before).delete()[0]


@contextmanager
def _histories_open() -> Iterator[None]:
    """Allow the deletion of append-only rows inside; ends with the transaction at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL challenge.erasing = 'on'")
        yield
        cursor.execute("SET LOCAL challenge.erasing = 'off'")


def _sessions(before: datetime) -> int:
    UserSession.objects.filter(last_seen_at__lt=before - timedelta(days=14)).delete()
    return Session.objects.filter(expire_date__lt=before).delete()[0]


RULES = (
    RetentionRule("sessions that ran out", 0, _sessions),
    RetentionRule("uploaded activity files", 2, _files),
    RetentionRule("mailed activity files", 14, _mailed_files),
    RetentionRule("accounts that never confirmed their address", 30, _unused_accounts),
    RetentionRule("list entries that were never confirmed", 30, _unconfirmed_list_entries),
    RetentionRule("drafts of the intake", 90, _drafts),
    RetentionRule("answers to questionnaires that were not sent", 90, _unsent_answers),
    RetentionRule("names on holds that were never confirmed", 90, _names_of_lapsed_holds),
    RetentionRule("devices and networks of sign-ins", 365, _devices_of_sign_ins),
    RetentionRule("who asked for a discovery call, and its notes", 730, _calls),
    RetentionRule("the words of emails", 730, _texts_of_mail),
    RetentionRule("who looked at whose data", HISTORIES_KEPT_DAYS, _accesses),
    RetentionRule("who signed in, and what changed about it", HISTORIES_KEPT_DAYS, _identity_events),
)
