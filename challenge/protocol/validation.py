"""Check input values: impossible ones raise ProtocolError with field and range; missing ones are normal."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date, datetime
from enum import Enum

CADENCE_SPM = (60, 250)
HAND_CADENCE_SPM = (120, 180)
DISTANCE_M = (1, 300_000)
WEEKLY_DISTANCE_M = (0, 1_000_000)
DURATION_S = (1, 172_800)
PAIN = (0, 10)
LOAD_G = (0, 500_000)
STIFFNESS_MIN = (0, 600)


class ProtocolError(ValueError):
    """A value that the method cannot take. `field` names it, `sentence` gives what is allowed."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


def check_whole(field: str, value: int | None, span: tuple[int, int], *, optional: bool = False) -> None:
    """Require a whole number inside `span`, both ends included."""
    if value is None and optional:
        return
    low, high = span
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ProtocolError(field, f"must be a whole number from {low} to {high}, not {value!r}")


def check_day(field: str, value: date | None, *, optional: bool = False) -> None:
    """Require a local date, not a moment."""
    if value is None and optional:
        return
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ProtocolError(field, f"must be a date, not {value!r}")


def check_monday(field: str, value: date) -> None:
    """Require the first day of a week."""
    check_day(field, value)
    if value.weekday() != 0:
        raise ProtocolError(field, f"must be a Monday, not {value:%A %Y-%m-%d}")


def check_moment(field: str, value: datetime | None, *, optional: bool = False) -> None:
    """Require a moment with a time zone."""
    if value is None and optional:
        return
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ProtocolError(field, f"must be a moment with a time zone, not {value!r}")


def check_term(field: str, value: object, kind: type[Enum], *, optional: bool = False) -> None:
    """Require a member of this enum."""
    if value is None and optional:
        return
    if not isinstance(value, kind):
        allowed = ", ".join(str(member.value) for member in kind)
        raise ProtocolError(field, f"must be one of {allowed}, not {value!r}")


def check_one_of(field: str, value: object, allowed: Iterable[object]) -> None:
    """Require one of these values."""
    if value not in allowed:
        raise ProtocolError(field, f"must be one of {', '.join(map(str, allowed))}, not {value!r}")


def check_order(field: str, first: date, last: date | None) -> None:
    """Require a beginning that is not after its end; an open end (None) fits."""
    if last is not None and last < first:
        raise ProtocolError(field, f"must be {first} or later, not {last}")


def check_at_most(field: str, value: date, limit: date) -> None:
    """Require a date or moment that is not after `limit`."""
    if value > limit:
        raise ProtocolError(field, f"must be {limit.isoformat()} or earlier, not {value.isoformat()}")


def check_distinct(field: str, values: Iterable[Hashable]) -> None:
    """Require distinct values: an entry must never count twice."""
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise ProtocolError(field, f"must not hold {value!r} twice")
        seen.add(value)
