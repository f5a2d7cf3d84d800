"""The one search box of the desk: a name, a phone in any form or an email leads to calls, seats and list entries."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import QuerySet
from django.db.models.functions import Reverse

from challenge.accounts.models import User
from challenge.accounts.phones import search_digits
from challenge.calls.models import Booking
from challenge.calls.policies import can_manage_calls
from challenge.calls.queries import calls_of
from challenge.enrollment.models import EarlyAccess, Seat

SHOWN = 20
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
