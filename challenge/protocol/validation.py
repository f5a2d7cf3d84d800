"""What may come in: impossible values are refused with field and range; missing ones are a normal case."""

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
    """A value the method cannot take. `field` names it, the sentence gives the range."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


def check_whole(field: str, value: int | None, span: tuple[int, int], *, optional: bool = False) -> None:
    """A whole number inside `span`, both ends included."""
    if value is None and optional:
        return
    low, high = span
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ProtocolError(field, f"must be a whole number from {low} to {high}, not {value!r}")


def check_day(field: str, value: date | None, *, optional: bool = False) -> None:
    """A local date, not a moment."""
    if value is None and optional:
        return
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ProtocolError(field, f"must be a date, not {value!r}")


def check_monday(field: str, value: date) -> None:
    """The first day of a week."""
    check_day(field, value)
    if value.weekday() != 0:
        raise ProtocolError(field, f"must be a Monday, not {value:%A %Y-%m-%d}")


def check_moment(field: str, value: datetime | None, *, optional: bool = False) -> None:
    """A moment with a zone."""
    if value is None and optional:
        return
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ProtocolError(field, f"must be a moment with a time zone, not {value!r}")


def check_term(field: str, value: object, kind: type[Enum], *, optional: bool = False) -> None:
    """A member of a list of terms."""
    if value is None and optional:
        return
    if not isinstance(value, kind):
        allowed = ", ".join(str(member.value) for member in kind)
        raise ProtocolError(field, f"must be one of {allowed}, not {value!r}")


def one_of(field: str, value: object, allowed: Iterable[object]) -> None:
    """One of these values."""
    if value not in allowed:
        raise ProtocolError(field, f"must be one of {', '.join(map(str, allowed))}, not {value!r}")


def check_order(field: str, first: date, last: date | None) -> None:
    """A beginning that is not after its end."""
    if last is not None and last < first:
        raise ProtocolError(field, f"must be {first} or later, not {last}")


def check_at_most(field: str, value: date, limit: date) -> None:
    """A date (or moment) that is not in the future."""
    if value > limit:
        raise ProtocolError(field, f"must be {limit.isoformat()} or earlier, not {value.isoformat()}")


def check_distinct(field: str, values: Iterable[Hashable]) -> None:
    """No value twice: an entry must never count twice."""
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise ProtocolError(field, f"must not hold {value!r} twice")
        seen.add(value)
