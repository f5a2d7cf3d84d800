"""Change when staff take calls. Booked calls that a change affects are listed for confirmation first."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.calls.actions import cancel
from challenge.calls.models import Booking
from challenge.calls.queries import booked_calls
from challenge.calls.schedule_models import Availability, CallKind, CheckInTerms, DeskFeed, Hours, Leave
from challenge.calls.slots import WallTimes, diaries_of, inside_hours
from challenge.calls.staff_time import lock_staff


class CallsInConflict(Exception):
    """The change affects booked calls that were not confirmed; `calls` lists all of them."""

    def __init__(self, calls: list[Booking]) -> None:
        super().__init__("Booked calls are in the way.")
        self.calls = calls


@dataclass(frozen=True)
class ConfirmedConflict:
    """The decision about affected calls: which were shown, and whether to cancel or keep them."""

    calls: frozenset[int] = frozenset()
    cancel: bool = False
    reason: str = ""


NOTHING_CONFIRMED = ConfirmedConflict()
Change = Callable[[Availability], None]


def _change(
    availability: Availability,
    apply: Change,
    *,
    agreed: ConfirmedConflict,
    by: User,
    at: datetime,
    inside: Callable[[Booking], bool] = lambda call: False,
) -> list[Booking]:
    """Apply a change under the staff member's lock, so that no booking slips in before the check.

    Affected are the calls that it puts outside the hours, and those for which `inside` is true, also if they were
    kept as exceptions before. Return them. Raise CallsInConflict, and change nothing, if one was not confirmed.
    """
    with transaction.atomic():
        lock_staff(availability.staff_id)
        current = Availability.objects.select_related("staff").get(pk=availability.pk)
        # Calls already outside the hours are confirmed exceptions: only newly affected ones are asked about.
        before = {call.pk for call in _outside(current, at=at)}
        apply(current)
        now_outside = {call.pk for call in _outside(current, at=at)} - before
        affected = [call for call in _ahead(current, at=at) if call.pk in now_outside or inside(call)]
        if not {call.pk for call in affected} <= agreed.calls:
            raise CallsInConflict(affected)
        if agreed.cancel:
            for call in affected:
                cancel(booking=call, by=by, at=at, reason=agreed.reason)
        return affected


def _ahead(availability: Availability, *, at: datetime) -> list[Booking]:
    """Return the booked calls that have not begun."""
    return list(booked_calls().filter(staff=availability.staff_id, starts_at__gt=at).order_by("starts_at"))


def _outside(availability: Availability, *, at: datetime) -> list[Booking]:
    """Return the future calls that leave, or the hours of their kind, do not allow."""
    outside = []
    calls = _ahead(availability, at=at)
    for kind in sorted({call.kind for call in calls}):
        same = [call for call in calls if call.kind == kind]
        # Read again: a change of the check-in terms may be remembered on the row.
        rows = Availability.objects.filter(pk=availability.pk).select_related("staff", "check_in")
        (diary,) = diaries_of(rows, since=same[0].starts_at, until=same[-1].ends_at, kind=kind)
        outside += [call for call in same if not inside_hours(diary, call.starts_at, call.ends_at)]
    return outside


def begin_taking_calls(*, staff: User, by: User, at: datetime) -> Availability:
    """Give a staff member an availability without hours; repeating it is harmless."""
    availability, _ = Availability.objects.get_or_create(staff=staff, defaults={"time_zone": staff.time_zone})
    return availability


def set_week(
    *,
    availability: Availability,
    weekly: Iterable[tuple[int, WallTimes]],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
    kind: str = "",
) -> list[Booking]:
    """Replace the weekly hours, or those of one kind of call, with (weekday, (start, end)) stretches.

    Raise CallsInConflict.
    """
    weekly = list(weekly)

    def apply(current: Availability) -> None:
        current.hours.filter(on__isnull=True, kind=kind).delete()
        Hours.objects.bulk_create(
            Hours(availability=current, weekday=day, starts=starts, ends=ends, kind=kind)
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
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
) -> list[Booking]:
    """Give one date its own hours; without times no calls are taken on it. Raise CallsInConflict."""
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
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
) -> list[Booking]:
    """Return one date to the weekly hours. Raise CallsInConflict."""

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
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
) -> list[Booking]:
    """Take no calls in [starts_at, ends_at). Raise CallsInConflict."""

    def apply(current: Availability) -> None:
        Leave.objects.create(
            availability=current, starts_at=starts_at, ends_at=ends_at, entered_at=at, entered_by=by
        )

    def inside(call: Booking) -> bool:
        return call.starts_at < ends_at and starts_at < call.ends_at

    return _change(availability, apply, agreed=agreed, by=by, at=at, inside=inside)


def end_leave(*, leave: Leave, by: User, at: datetime) -> None:
    """Delete a leave; its time can be booked right away."""
    with transaction.atomic():
        lock_staff(leave.availability.staff_id)
        Leave.objects.filter(pk=leave.pk).delete()


def set_terms(
    *,
    availability: Availability,
    terms: dict[str, Any],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
) -> list[Booking]:
    """Set length, buffers, notice and the like for future bookings.

    A different time zone moves the hours, and who cannot be booked any more may have calls ahead: both may raise
    CallsInConflict.
    """
    closes = availability.takes_calls and not terms.get("takes_calls", True)

    def apply(current: Availability) -> None:
        for name, value in terms.items():
            setattr(current, name, value)
        current.save(update_fields=list(terms))

    return _change(availability, apply, agreed=agreed, by=by, at=at, inside=lambda call: closes)


def set_check_in(
    *,
    availability: Availability,
    terms: dict[str, Any],
    by: User,
    at: datetime,
    agreed: ConfirmedConflict = NOTHING_CONFIRMED,
) -> list[Booking]:
    """Set the terms for check-ins. No longer offering them asks about those ahead. Raise CallsInConflict."""

    def apply(current: Availability) -> None:
        CheckInTerms.objects.update_or_create(availability=current, defaults=terms)

    def inside(call: Booking) -> bool:
        return call.kind == CallKind.CHECK_IN and not terms["is_offered"]

    return _change(availability, apply, agreed=agreed, by=by, at=at, inside=inside)


def renew_feed(*, availability: Availability, by: User, at: datetime) -> None:
    """Create a new private calendar address, and write to its owner `by`; the old one stops working."""
    with transaction.atomic():
        Availability.objects.filter(pk=availability.pk).update(feed_key=uuid.uuid4(), feed_made_at=at)
        record_identity(what="calendar_made", account=by, by=by, at=at)


def renew_desk_feed(*, by: User, at: datetime) -> None:
    """Create a new private address for all calls, and write to its owner; the old one stops working."""
    with transaction.atomic():
        made = {"feed_key": uuid.uuid4(), "made_at": at}
        DeskFeed.objects.update_or_create(staff=by, defaults=made)
        record_identity(what="calendar_made", account=by, by=by, at=at)


def revoke_feed(*, availability: Availability, by: User, at: datetime) -> None:
    """End the private calendar address."""
    Availability.objects.filter(pk=availability.pk).update(feed_key=None)


def whole_days(
    first: date, last: date, *, zone: Any, since: time | None, until: time | None
) -> tuple[datetime, datetime]:
    """Return start and end of a leave in a zone: whole days, unless it begins or ends at a time."""
    starts = datetime.combine(first, since or time.min, tzinfo=zone)
    ends = (
        datetime.combine(last, until, tzinfo=zone)
        if until
        else datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    )
    return starts, ends
