"""Changing when somebody takes calls. What a change would hit is listed and asked about first, never run over."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.calls.actions import cancel, lock_staff
from challenge.calls.models import Availability, Booking, Hours, Leave
from challenge.calls.queries import booked_calls, diaries_of
from challenge.calls.slots import WallTimes, inside_hours


class CallsInConflict(Exception):
    """The change hits booked calls that were not agreed on; `calls` are all that it hits."""

    def __init__(self, calls: list[Booking]) -> None:
        super().__init__("Booked calls lie in the way.")
        self.calls = calls


@dataclass(frozen=True)
class ConfirmedConflict:
    """What was answered about the calls in the way: which ones were shown, and whether they are cancelled or kept."""

    calls: frozenset[int] = frozenset()
    cancel: bool = False
    reason: str = ""


NOTHING_AGREED = ConfirmedConflict()
Change = Callable[[Availability], None]


def _change(
    availability: Availability, apply: Change, *, agreed: ConfirmedConflict, by: User, at: datetime
) -> list[Booking]:
    """Applies a change under the staff member's lock, so that no booking slips in between looking and changing.

    Returns the calls it hit. Raises CallsHit, and changes nothing, where one of them was not shown and agreed on.
    """
    with transaction.atomic():
        lock_staff(availability.staff_id)
        current = Availability.objects.select_related("staff").get(pk=availability.pk)
        before = {call.pk for call in _outside(current, at=at)}
        apply(current)
        hit = [call for call in _outside(current, at=at) if call.pk not in before]
        if not {call.pk for call in hit} <= agreed.calls:
            raise CallsInConflict(hit)
        if agreed.cancel:
            for call in hit:
                cancel(booking=call, by=by, at=at, reason=agreed.reason)
        return hit


def _outside(availability: Availability, *, at: datetime) -> list[Booking]:
    """Calls to come that hours or leave do not allow."""
    calls = list(booked_calls().filter(staff=availability.staff_id, starts_at__gt=at).order_by("starts_at"))
    if not calls:
        return []
    (diary,) = diaries_of([availability], since=calls[0].starts_at, until=calls[-1].ends_at)
    return [call for call in calls if not inside_hours(diary, call.starts_at, call.ends_at)]


def begin_taking_calls(*, staff: User, by: User, at: datetime) -> Availability:
    """Gives a staff member availability, without hours yet; twice is once."""
    availability, _ = Availability.objects.get_or_create(staff=staff, defaults={"time_zone": staff.time_zone})
    return availability


def set_week(
    *,
    availability: Availability,
    weekly: Iterable[tuple[int, WallTimes]],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_AGREED,
) -> list[Booking]:
    """Replaces the weekly hours by (weekday, (start, end)) stretches. Raises CallsHit."""
    weekly = list(weekly)

    def apply(current: Availability) -> None:
        current.hours.filter(on__isnull=True).delete()
        Hours.objects.bulk_create(
            Hours(availability=current, weekday=day, starts=starts, ends=ends)
            for day, (starts, ends) in weekly
        )

    return _change(availability, apply, agreed=agreed, by=by, at=at)


def set_date(
    *,
    availability: Availability,
    on: date,
    times: Iterable[WallTimes],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_AGREED,
) -> list[Booking]:
    """Gives one date hours of its own; with none, no calls are taken on it. Raises CallsHit."""
    own = [Hours(on=on, starts=starts, ends=ends) for starts, ends in times] or [Hours(on=on)]

    def apply(current: Availability) -> None:
        current.hours.filter(on=on).delete()
        current.hours.set(own, bulk=False)

    return _change(availability, apply, agreed=agreed, by=by, at=at)


def clear_date(
    *,
    availability: Availability,
    on: date,
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_AGREED,
) -> list[Booking]:
    """The weekly hours hold on that date again. Raises CallsHit."""

    def apply(current: Availability) -> None:
        current.hours.filter(on=on).delete()

    return _change(availability, apply, agreed=agreed, by=by, at=at)


def enter_leave(
    *,
    availability: Availability,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_AGREED,
) -> list[Booking]:
    """Takes no calls in [starts_at, ends_at). Raises CallsHit."""

    def apply(current: Availability) -> None:
        Leave.objects.create(
            availability=current, starts_at=starts_at, ends_at=ends_at, entered_at=at, entered_by=by
        )

    return _change(availability, apply, agreed=agreed, by=by, at=at)


def end_leave(*, leave: Leave, by: User, at: datetime) -> None:
    """Takes a leave out again; its time can be booked at once."""
    with transaction.atomic():
        lock_staff(leave.availability.staff_id)
        Leave.objects.filter(pk=leave.pk).delete()


def set_terms(
    *,
    availability: Availability,
    terms: dict[str, Any],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_AGREED,
) -> list[Booking]:
    """Length, buffers, notice and the like, for calls booked from now on. Another zone moves hours: raises CallsHit."""

    def apply(current: Availability) -> None:
        for name, value in terms.items():
            setattr(current, name, value)
        current.save(update_fields=list(terms))

    return _change(availability, apply, agreed=agreed, by=by, at=at)


def renew_feed(*, availability: Availability, by: User, at: datetime) -> None:
    """Makes a new calendar address; the old one is worth nothing from now on."""
    Availability.objects.filter(pk=availability.pk).update(feed_key=uuid.uuid4())


def revoke_feed(*, availability: Availability, by: User, at: datetime) -> None:
    Availability.objects.filter(pk=availability.pk).update(feed_key=None)


def whole_days(
    first: date, last: date, *, zone: Any, since: time | None, until: time | None
) -> tuple[datetime, datetime]:
    """Leave from a day to a day in a zone: whole days, unless it begins or ends at a time."""
    starts = datetime.combine(first, since or time.min, tzinfo=zone)
    ends = (
        datetime.combine(last, until, tzinfo=zone)
        if until
        else datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    )
    return starts, ends
