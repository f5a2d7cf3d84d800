"""How long a runner has been away from running or strength work, and whether they are on their way back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Absence:
    """The days from the last entry before a break, on `left_on`, to the day that ends it or asks about it."""

    left_on: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.left_on).days

    def spans(self, span_days: int) -> int:
        """Return how many spans of so many days have begun."""
        return -(-self.days // span_days)


def absence(days: Sequence[date], start: date, day: date, least: int) -> Absence | None:
    """Return the break of at least `least` days that lasts on `day`, or ended from `start` up to before it, else None.

    `days` are those of the entries, in order.
    """
    away = days_since(days, day)
    if away is None:
        return None
    if away >= least:
        return Absence(days[bisect_left(days, day) - 1], day)
    left_on = gap_before(days, start, day, least)
    return None if left_on is None else Absence(left_on, days[bisect_right(days, left_on)])


def days_since(days: Sequence[date], day: date) -> int | None:
    """Return the days from the last of these before `day` to it, or None without one; `days` are in order."""
    earlier = bisect_left(days, day)
    return (day - days[earlier - 1]).days if earlier else None


def is_back(history: LogView, parameters: Parameters) -> bool:
    """Return whether the whole log has been silent as long as a break: a welcome, not a reproach, is due."""
    days = {e.local_on for e in history.runs} | {e.local_on for e in history.strength}
    days |= {e.local_on for e in history.mornings}
    silent = days_since(sorted(days), history.snapshot.week_on)
    # Version 3 welcomed no one back.
    return history.by_version_4 and silent is not None and silent >= parameters.run_return_days


def gap_before(days: Sequence[date], start: date, end: date, least: int) -> date | None:
    """Return the last day before the latest gap of at least `least` days that ended from `start` up to before `end`.

    `days` are in order.
    """
    for after, before in pairwise(reversed(days[: bisect_left(days, end)])):
        if after < start:
            return None
        if (after - before).days >= least:
            return before
    return None
