"""Retention rules: what is cleared after how many days. docs/operations.md shows the same table.

Health data stays as long as the account: the runner deletes it. These rules clear the rest. The append-only histories
are opened for erasing here alone; every opening is a row of its own, which nothing opens again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import QuerySet

from challenge.accounts.models import AccessEntry, IdentityEvent, User
from challenge.calls.models import Booking
from challenge.enrollment.models import EarlyAccess, Seat, SeatState
from challenge.intake.models import Draft
from challenge.mail.models import NO_LONGER, MessageState, OutboxMessage
from challenge.messages.models import Conversation, MessagePicture
from challenge.outcomes.models import AnswerDraft
from challenge.workouts.import_models import ImportJob


@contextmanager
def histories_open(*, why: str, at: datetime) -> Iterator[None]:
    """Allow changes of append-only rows inside; `why` stays for good and names no person.

    The functions of `challenge/sql/history_openings.sql` belong to the owner of the tables: the program's own role
    cannot open a history without leaving the row.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT challenge_open_histories(%s, %s)", [why, at])
        yield
        cursor.execute("SELECT challenge_close_histories()")


HISTORIES_KEPT_DAYS = 2190  # six years; the digests over them end then too


@dataclass(frozen=True)
class RetentionRule:
    """A rule: `clear` removes what is older than the moment it is given and returns how many rows.

    Where append-only histories must be opened for it, `history` finds the rows and `clear` gets these.
    """

    name: str
    days: int
    clear: Callable[[Any], int]
    history: Callable[[datetime], QuerySet[Any]] | None = None

    @property
    def words(self) -> str:
        """Return the time as a person says it: "90 days", "2 years"."""
        years, days = divmod(self.days, 365)
        if days or not years:
            return f"{self.days} days"
        return "a year" if years == 1 else f"{years} years"

    def apply(self, *, at: datetime) -> int:
        """Clear what is too old at this moment. Without such rows no history is opened."""
        before = at - timedelta(days=self.days)
        if self.history is None:
            return self.clear(before)
        rows = self.history(before)
        if not rows.exists():
            return 0
        with histories_open(why=f"retention: {self.name}", at=at):
            return self.clear(rows)


def apply_retention(*, at: datetime) -> dict[str, int]:
    """Apply every rule in a transaction of its own; return how many rows each one cleared."""
    cleared = {}
    for rule in RULES:
        with transaction.atomic():
            cleared[rule.name] = rule.apply(at=at)
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


def _unsent_messages(before: datetime) -> int:
    return Conversation.objects.filter(draft_at__lt=before).exclude(draft="").update(draft="", draft_at=None)


def _pictures_in_messages(before: datetime) -> QuerySet[MessagePicture]:
    """Return the pictures of cohorts that ended before then; the messages' words stay, as the log does."""
    return MessagePicture.objects.filter(message__enrollment__seat__over_on__lt=before.date())


def _names_of_lapsed_holds(before: datetime) -> int:
    lapsed = Seat.objects.filter(state=SeatState.ENDED, confirmed_at__isnull=True, ended_at__lt=before)
    return lapsed.exclude(email="").update(email="", user=None)


def _unconfirmed_list_entries(before: datetime) -> int:
    return EarlyAccess.objects.filter(confirmed_at__isnull=True, asked_at__lt=before).delete()[0]


def _files(before: datetime) -> int:
    mailed = ImportJob.ImportSource.MAIL
    return ImportJob.objects.filter(uploaded_at__lt=before).exclude(source=mailed).delete()[0]


def _mailed_files(before: datetime) -> int:
    """Delete mailed files: anyone who mails one may look at it days later."""
    mailed = ImportJob.ImportSource.MAIL
    return ImportJob.objects.filter(uploaded_at__lt=before, source=mailed).delete()[0]


def _calls(before: datetime) -> int:
    over = Booking.objects.filter(ends_at__lt=before)
    # Two updates, each by its own index: callers with an address, and those with a number only.
    blank = dict.fromkeys(("name", "email", "phone", "site", "heard", "notes", "question", "answer"), "")
    without_address = over.filter(email="").exclude(name="").update(**blank, phone_news="", form_key=None)
    return without_address + over.exclude(email="").update(**blank, phone_news="", form_key=None)


def _unused_accounts(before: datetime) -> QuerySet[User]:
    """Return the accounts that never confirmed their address. The access log may have rows about them."""
    return User.objects.filter(
        is_staff=False, last_login__isnull=True, joined_at__lt=before, seats__isnull=True
    ).exclude(emailaddress__verified=True)


def _accesses(before: datetime) -> QuerySet[AccessEntry]:
    return AccessEntry.objects.filter(at__lt=before)


def _devices_of_sign_ins(before: datetime) -> QuerySet[IdentityEvent]:
    return IdentityEvent.objects.filter(at__lt=before).exclude(device="")


def _identity_events(before: datetime) -> QuerySet[IdentityEvent]:
    return IdentityEvent.objects.filter(at__lt=before)


def _delete(rows: QuerySet[Any]) -> int:
    return rows.delete()[0]


def _blank_devices(rows: QuerySet[IdentityEvent]) -> int:
    return rows.update(network="", device="")


def _sessions(before: datetime) -> int:
    UserSession.objects.filter(last_seen_at__lt=before - timedelta(days=14)).delete()
    return Session.objects.filter(expire_date__lt=before).delete()[0]


RULES = (
    RetentionRule("sessions that ran out", 0, _sessions),
    RetentionRule("uploaded activity files", 2, _files),
    RetentionRule("mailed activity files", 14, _mailed_files),
    RetentionRule("accounts that never confirmed their address", 30, _delete, _unused_accounts),
    RetentionRule("list entries that were never confirmed", 30, _unconfirmed_list_entries),
    RetentionRule("drafts of the intake", 90, _drafts),
    RetentionRule("answers to questionnaires that were not sent", 90, _unsent_answers),
    RetentionRule("messages that were not sent", 90, _unsent_messages),
    RetentionRule("names on holds that were never confirmed", 90, _names_of_lapsed_holds),
    RetentionRule("devices and networks of sign-ins", 365, _blank_devices, _devices_of_sign_ins),
    RetentionRule("pictures in messages, from the end of the cohort", 365, _delete, _pictures_in_messages),
    RetentionRule("who asked for a discovery call, and its notes", 730, _calls),
    RetentionRule("the words of emails", 730, _texts_of_mail),
    RetentionRule("who looked at whose data", HISTORIES_KEPT_DAYS, _delete, _accesses),
    RetentionRule("who signed in, and what changed about it", HISTORIES_KEPT_DAYS, _delete, _identity_events),
)
