"""What waits at the desk next to the calls of the day, and the one search box of the desk.

Each list is one query, however many calls there are; the indexes of `Booking` hold the few rows that wait. In the
search a name, a phone in any form or an email leads to calls, seats and list entries.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Reverse

from challenge.accounts.fields import search_digits
from challenge.accounts.models import User
from challenge.calls.models import Booking, BookingState
from challenge.calls.queries import calls_of, can_manage_calls
from challenge.calls.schedule_models import BusyTime, Leave
from challenge.enrollment.models import Cohort, EarlyAccess, Seat
from challenge.mail.models import AddressState, MessageState, OutboxMessage

SHOWN = 20  # rows of one list; the rest is counted


@dataclass(frozen=True)
class CallList:
    """One list of waiting calls. `key` is its name in the page; `more` is true if there are further ones."""

    key: str
    title: str
    calls: list[Booking]
    more: bool


def waiting_calls(user: User, *, at: datetime, today: date) -> list[CallList]:
    """Return the lists of waiting calls that this person may see, without empty ones."""
    found = []
    for key, (title, rule) in CALL_LISTS.items():
        calls = list(rule(calls_of(user), at, today)[: SHOWN + 1])
        if calls:
            found.append(CallList(key, title, calls[:SHOWN], len(calls) > SHOWN))
    return found


def _without_outcome(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    return calls.filter(state=BookingState.BOOKED, ends_at__lte=at).order_by("ends_at")


def _to_follow_up(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    return calls.filter(follow_up_on__lte=today).order_by("follow_up_on", "pk")


def _to_be_phoned(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    return calls.exclude(phone_news="").order_by("starts_at")


def _ahead(calls: QuerySet[Booking], at: datetime) -> QuerySet[Booking]:
    # By the end, so that the index of booked calls serves; a running call counts as ahead.
    return calls.filter(state=BookingState.BOOKED, ends_at__gt=at).order_by("starts_at")


def _of_somebody_away(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    leave = Leave.objects.filter(
        availability__staff=OuterRef("staff"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    gone = Q(staff__is_active=False) | Q(staff__availability__takes_calls=False)
    return _ahead(calls, at).filter(gone | Exists(leave))


def meeting_over_call() -> Exists:
    """Return whether a call, the outer row, overlaps a time of the clinician's own calendars."""
    return Exists(
        BusyTime.objects.filter(
            calendar__availability__staff=OuterRef("staff"),
            calendar__is_trusted=True,
            starts_at__lt=OuterRef("ends_at"),
            ends_at__gt=OuterRef("starts_at"),
        )
    )


def _clashing(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    return _ahead(calls, at).filter(meeting_over_call())


def _unconfirmed(calls: QuerySet[Booking], at: datetime, today: date) -> QuerySet[Booking]:
    """Return the calls ahead whose caller never got the confirmation: the address refuses it, or sending failed."""
    about = Concat(Value("call:"), Cast(OuterRef("pk"), CharField()))
    failed = OutboxMessage.objects.filter(about=about, to_email=OuterRef("email"), state=MessageState.FAILED)
    refused = AddressState.objects.filter(email=OuterRef("email"), refused_at__isnull=False)
    return _ahead(calls, at).exclude(email="").filter(Exists(failed) | Exists(refused))


Rule = Callable[[QuerySet[Booking], datetime, date], QuerySet[Booking]]
CALL_LISTS: dict[str, tuple[str, Rule]] = {
    "outcome": ("How did it go?", _without_outcome),
    "phone": ("To call by phone: no email address", _to_be_phoned),
    "away": ("With a colleague who is away or has left", _of_somebody_away),
    "clash": ("At the same time as a meeting in the clinician’s own calendar", _clashing),
    "unconfirmed": ("The confirmation didn’t arrive", _unconfirmed),
    "follow-up": ("To follow up", _to_follow_up),
}


@dataclass(frozen=True)
class ListNews:
    """What a waiting list waits for: people of one cohort's early access, or of the public launch."""

    title: str
    slug: str
    uninvited: int
    unconfirmed: int


def waiting_people(*, at: datetime) -> list[ListNews]:
    """Return the lists on which people wait: not yet invited, asked but never confirmed, promised the launch."""
    confirmed = Count("pk", filter=Q(confirmed_at__isnull=False, invited_at__isnull=True))
    rows = (
        EarlyAccess.objects.filter(invited_at__isnull=True)
        .filter(Q(which=EarlyAccess.List.LAUNCH) | Q(cohort__in=_with_early_access(at=at)))
        .values(name=F("cohort__name"), slug=F("cohort__slug"))
        .annotate(uninvited=confirmed, unconfirmed=Count("pk", filter=Q(confirmed_at__isnull=True)))
        .order_by("cohort__opens_at")
    )
    return [
        ListNews(row["name"] or "The public launch", row["slug"] or "", row["uninvited"], row["unconfirmed"])
        for row in rows
    ]


def _with_early_access(*, at: datetime) -> QuerySet[Cohort]:
    """Return the cohorts to which an invitation still leads."""
    return Cohort.objects.filter(closed_at__isnull=True, early_access_at__isnull=False, opens_at__gt=at)


FULL_NUMBER = 10  # digits; shorter ones are looked for at the end of a number


@dataclass(frozen=True)
class DeskFinds:
    """What was found, the latest change first; seats and list entries only for those who manage calls."""

    calls: list[Booking]
    seats: list[Seat]
    entries: list[EarlyAccess]

    @property
    def count(self) -> int:
        """Return how many rows are shown."""
        return len(self.calls) + len(self.seats) + len(self.entries)


def search_desk(user: User, words: str) -> DeskFinds:
    """Return calls, seats and list entries for what was typed; nothing for text that can match nothing."""
    # By the last change, which has no index: an ordering by an index of its own makes PostgreSQL walk every call.
    calls = list(_matching(calls_of(user), words).order_by("-changed_at", "-pk")[:SHOWN])
    if not can_manage_calls(user):
        return DeskFinds(calls, [], [])
    people = _matching(User.objects.filter(is_staff=False), words).values("pk")
    seats = Seat.objects.filter(user__in=people).select_related("user", "cohort").order_by("-held_at")
    entries: list[EarlyAccess] = []
    if "@" in words:
        listed = EarlyAccess.objects.filter(email__startswith=words.strip().lower())
        entries = list(listed.select_related("cohort").order_by("-asked_at")[:SHOWN])
    return DeskFinds(calls, list(seats[:SHOWN]), entries)


def _matching(rows: QuerySet[Any], words: str) -> Any:
    """Return the rows whose email begins with the words, whose phone holds them, or whose name has each of them."""
    words = words.strip()
    if "@" in words:
        return rows.filter(email__startswith=words.lower())
    if digits := search_digits(words):
        return _by_digits(rows, digits)
    # Only letters and digits reach the query language of the text search.
    parts = re.findall(r"[^\W_]+", words)
    if not parts:
        return rows.none()
    query = SearchQuery(" & ".join(f"{part}:*" for part in parts[:6]), search_type="raw", config="simple")
    return rows.annotate(words=SearchVector("name", config="simple")).filter(words=query)


def _by_digits(rows: QuerySet[Any], digits: str) -> Any:
    """Return the rows whose number begins with a whole number, or ends with a part of one."""
    if len(digits) > FULL_NUMBER:
        return rows.filter(phone__startswith=f"+{digits}")
    return rows.annotate(backwards=Reverse("phone")).filter(backwards__startswith=digits[::-1])
