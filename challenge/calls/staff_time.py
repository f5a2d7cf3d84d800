"""A staff member's time for calls: who is free, the locks, and the columns of a booking that take the time.

Every action locks the staff member's availability row before it reads free time: alone, the exclusion
constraint deadlocks under load (measured); behind the lock it only has the last word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from challenge.accounts.models import User
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Availability, CallKind
from challenge.calls.slots import Diary, calls_near, diaries, diaries_of, is_free


class CallRefused(Exception):
    """The action is not possible; the subclass names the reason, `str()` is the sentence to show."""


class SlotTaken(CallRefused):
    """The time is not free, or no longer free."""


class CallEnded(CallRefused):
    """The call was canceled, has begun or is over."""


def free_staff(
    starts_at: datetime,
    *,
    staff_id: int | None,
    by: User | None,
    at: datetime,
    moved: Booking | None = None,
    kind: str = CallKind.DISCOVERY,
) -> list[int]:
    """Return the staff free at that time, those with the fewest calls that day first; not yet locked."""
    free = [
        diary
        for diary in diaries(
            since=starts_at,
            until=starts_at,
            staff_id=staff_id,
            without=moved,
            kind=moved.kind if moved is not None else kind,
        )
        if is_free(diary, starts_at=starts_at, at=at, by_staff=by is not None)
    ]
    return [diary.staff_id for diary in sorted(free, key=lambda d: (calls_near(d, starts_at), d.staff_id))]


def lock_staff(*staff_ids: int) -> None:
    """Lock the availability rows of these staff members, in the order of their ids to avoid deadlocks."""
    rows = (
        Availability.objects.select_for_update(no_key=True).filter(staff__in=staff_ids).order_by("staff_id")
    )
    # The list runs the query; NO KEY UPDATE does not block inserts that only reference the row.
    list(rows.values_list("pk"))


def lock_booking(booking_id: int, *staff_ids: int) -> Booking:
    """Lock the call's staff, then the call; start over if it went to a colleague in between."""
    while True:
        holder = Booking.objects.values_list("staff_id", flat=True).get(pk=booking_id)
        with transaction.atomic():
            lock_staff(holder, *staff_ids)
            booking = (
                Booking.objects.select_for_update(of=("self",), no_key=True)
                .select_related("staff__availability")
                .get(pk=booking_id)
            )
            if booking.staff_id == holder:
                return booking
            # Leaving the block by rollback releases the locks of the wrong staff member.
            transaction.set_rollback(True)


def diary_if_free(
    staff_id: int,
    starts_at: datetime,
    *,
    by: User | None,
    at: datetime,
    moved: Booking | None = None,
    kind: str = CallKind.DISCOVERY,
) -> Diary:
    """Return the diary of a staff member free at that time; call it under the lock.

    The rule is the one that drew the page (`slots.is_free`). Raise SlotTaken.
    """
    kind = moved.kind if moved is not None else kind
    for diary in diaries(since=starts_at, until=starts_at, staff_id=staff_id, without=moved, kind=kind):
        if is_free(diary, starts_at=starts_at, at=at, by_staff=by is not None):
            return diary
    raise SlotTaken("That time has just been taken.")


def diary_of_staff(staff_id: int, starts_at: datetime) -> Diary:
    """Return a staff member's diary whether they can be booked or not. Raise SlotTaken without one."""
    rows = Availability.objects.filter(staff=staff_id, staff__is_active=True).select_related("staff")
    for diary in diaries_of(rows, since=starts_at, until=starts_at):
        return diary
    raise SlotTaken("This clinician takes no calls. Choose another one.")


def check_no_meeting(diary: Diary, starts_at: datetime, ends_at: datetime) -> None:
    """Raise SlotTaken if a trusted calendar of the staff member's own has something at that time."""
    if any(since < ends_at and starts_at < until for since, until in diary.meetings):
        raise SlotTaken(f"{diary.staff_name}’s own calendar has something at that time.")


@contextmanager
def refuse_when_taken() -> Iterator[None]:
    """Turn a violation of the exclusion constraint into SlotTaken."""
    # The savepoint keeps the outer transaction usable after a violation.
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "call_staff_is_booked_once" in str(error):
            raise SlotTaken("That time has just been taken.") from error
        raise


def booking_times(diary: Diary, starts_at: datetime, *, buffers: bool = True) -> dict[str, object]:
    """Return the columns of a call's time; a call that is squeezed in keeps no buffers of its own."""
    starts_at = starts_at.astimezone(UTC)
    ends_at = starts_at + diary.length
    busy = diary.busy_time(starts_at) if buffers else (starts_at, ends_at)
    return {"starts_at": starts_at, "ends_at": ends_at, "busy": TimestamptzRange(*busy)}
