"""Book, move and cancel calls.

Every action locks the staff member's availability row before it reads free time: alone, the exclusion
constraint deadlocks under load (measured); behind the lock it only has the last word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from challenge.accounts.models import User
from challenge.calls import emails
from challenge.calls.models import Availability, Booking, BookingState, CallEvent, CallEventKind, CanceledBy
from challenge.calls.slots import Diary, diaries, is_free
from challenge.protocol.local_week import local_day


class CallRefused(Exception):
    """The action is not possible; the subclass names the reason, `str()` is the sentence to show."""


class SlotTaken(CallRefused):
    """The time is not free, or no longer free."""


class CallEnded(CallRefused):
    """The call was canceled, has begun or is over."""


@dataclass(frozen=True)
class Prospect:
    """The caller. `site` is a body site or empty; `time_zone` is the caller's own."""

    name: str
    email: str
    time_zone: str
    phone: str = ""
    site: str = ""
    heard: str = ""


def book(
    *,
    starts_at: datetime,
    staff_id: int | None,
    prospect: Prospect,
    by: User | None,
    at: datetime,
    form_key: UUID | None = None,
) -> Booking:
    """Book a call with one staff member, or with anyone available (`staff_id` None), and write the emails.

    Return the call that an earlier submission with the same `form_key` booked. Raise SlotTaken.
    """
    # The fast path of a double submission; the unique constraint below decides the race.
    if form_key is not None and (earlier := Booking.objects.filter(form_key=form_key).first()):
        return earlier
    # Free time was read without a lock: if another booking wins the first candidate, try the next.
    for candidate in _free_staff(starts_at, staff_id=staff_id, by=by, at=at):
        try:
            with transaction.atomic():
                return _book(candidate, starts_at, prospect=prospect, by=by, at=at, form_key=form_key)
        except SlotTaken:
            continue
        except IntegrityError as error:
            # A double submission: the other request holds the unique form key and has booked the call.
            if "form_key" not in str(error):
                raise
            return Booking.objects.get(form_key=form_key)
    raise SlotTaken("That time has just been taken.")


def _free_staff(
    starts_at: datetime,
    *,
    staff_id: int | None,
    by: User | None,
    at: datetime,
    moved: Booking | None = None,
) -> list[int]:
    """Return the staff free at that time, those with the fewest calls that day first; not yet locked."""
    free = [
        diary
        for diary in diaries(since=starts_at, until=starts_at, staff_id=staff_id, without=moved)
        if is_free(diary, starts_at=starts_at, at=at, by_staff=by is not None)
    ]
    return [diary.staff_id for diary in sorted(free, key=lambda d: (_calls_near(d, starts_at), d.staff_id))]


def _calls_near(diary: Diary, moment: datetime) -> int:
    """Return the number of calls on the staff member's local day of `moment`."""
    day = local_day(moment, diary.zone)
    return sum(local_day(start, diary.zone) == day for start, _ in diary.calls)


def _book(
    staff_id: int,
    starts_at: datetime,
    *,
    prospect: Prospect,
    by: User | None,
    at: datetime,
    form_key: UUID | None,
) -> Booking:
    # Lock, then read again: what the visitor saw may be minutes old.
    lock_staff(staff_id)
    diary = _diary_if_free(staff_id, starts_at, by=by, at=at)
    with _refuse_when_taken():
        booking = Booking.objects.create(
            staff_id=staff_id,
            **_booking_times(diary, starts_at),
            name=prospect.name,
            email=prospect.email.strip().lower(),
            phone=prospect.phone,
            site=prospect.site,
            heard=prospect.heard,
            time_zone=prospect.time_zone,
            booked_at=at,
            changed_at=at,
            form_key=form_key,
        )
    record_event(booking, CallEventKind.BOOKED, by=by, at=at)
    emails.call_booked(booking=booking, at=at)
    emails.call_for_staff(booking=booking, staff=booking.staff, happened="booked", at=at)
    return booking


def lock_staff(*staff_ids: int) -> None:
    """Lock the availability rows of these staff members, in the order of their ids to avoid deadlocks."""
    rows = (
        Availability.objects.select_for_update(no_key=True).filter(staff__in=staff_ids).order_by("staff_id")
    )
    # The list runs the query; NO KEY UPDATE does not block inserts that only reference the row.
    list(rows.values_list("pk"))


def _diary_if_free(
    staff_id: int, starts_at: datetime, *, by: User | None, at: datetime, moved: Booking | None = None
) -> Diary:
    """Return the diary of a staff member free at that time; call it under the lock.

    The rule is the one that drew the page (`slots.is_free`). Raise SlotTaken.
    """
    for diary in diaries(since=starts_at, until=starts_at, staff_id=staff_id, without=moved):
        if is_free(diary, starts_at=starts_at, at=at, by_staff=by is not None):
            return diary
    raise SlotTaken("That time has just been taken.")


@contextmanager
def _refuse_when_taken() -> Iterator[None]:
    """Turn a violation of the exclusion constraint into SlotTaken."""
    # The savepoint keeps the outer transaction usable after a violation.
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "call_staff_is_booked_once" in str(error):
            raise SlotTaken("That time has just been taken.") from error
        raise


def _booking_times(diary: Diary, starts_at: datetime) -> dict[str, object]:
    starts_at = starts_at.astimezone(UTC)
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + diary.length,
        "busy": TimestamptzRange(*diary.busy_time(starts_at)),
    }


def move(
    *,
    booking: Booking,
    starts_at: datetime,
    staff_id: int | None,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Booking:
    """Move a call to another time or colleague. Raise SlotTaken (the call keeps its time) or CallEnded.

    A single UPDATE takes the new time and releases the old one, so the caller always has one of them.
    """
    if (
        staff_id == booking.staff_id
        and starts_at == booking.starts_at
        and booking.state == BookingState.BOOKED
    ):
        return booking
    for candidate in _free_staff(starts_at, staff_id=staff_id, by=by, at=at, moved=booking):
        try:
            with transaction.atomic():
                return _move(booking.pk, candidate, starts_at, by=by, at=at, reason=reason)
        except SlotTaken:
            continue
    # No candidate: a call that was canceled in between gets that sentence, not "just been taken".
    _check_not_canceled(Booking.objects.get(pk=booking.pk), at=at, by=by)
    raise SlotTaken("That time has just been taken. Your call stays where it was.")


def _move(
    booking_id: int, staff_id: int, starts_at: datetime, *, by: User | None, at: datetime, reason: str
) -> Booking:
    before = lock_booking(booking_id, staff_id)
    _check_not_canceled(before, at=at, by=by)
    if (before.staff_id, before.starts_at) == (staff_id, starts_at):
        return before
    diary = _diary_if_free(staff_id, starts_at, by=by, at=at, moved=before)
    with _refuse_when_taken():
        Booking.objects.filter(pk=before.pk).update(
            staff_id=staff_id, **_booking_times(diary, starts_at), sequence=before.sequence + 1, changed_at=at
        )
    booking = Booking.objects.select_related("staff__availability").get(pk=before.pk)
    record_event(booking, CallEventKind.MOVED, by=by, at=at, reason=reason)
    # Reminders are keyed by the start: those of the old time must not go out.
    emails.withdraw_reminders(booking=booking, at=at)
    emails.call_moved(booking=booking, at=at)
    # Each clinician's calendar has its own copy of the event: one loses it, the other gains it.
    if before.staff_id == staff_id:
        emails.call_for_staff(booking=booking, staff=booking.staff, happened="moved", at=at)
    else:
        emails.call_for_staff(booking=booking, staff=before.staff, happened="handed_over", at=at)
        emails.call_for_staff(booking=booking, staff=booking.staff, happened="booked", at=at)
    return booking


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


def _check_not_canceled(booking: Booking, *, at: datetime, by: User | None) -> None:
    """Raise CallEnded unless the call is booked; a prospect cannot change one that has begun."""
    if booking.state == BookingState.CANCELED:
        raise CallEnded("This call was canceled.")
    if booking.state != BookingState.BOOKED or (by is None and booking.starts_at <= at):
        raise CallEnded("This call has begun or is over.")


def cancel(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """Cancel a booked call; `by` None is the prospect. Canceling twice is harmless. Raise CallEnded."""
    with transaction.atomic():
        current = lock_booking(booking.pk)
        if current.state == BookingState.CANCELED:
            return current
        _check_not_canceled(current, at=at, by=by)
        current.state, current.ended_at = BookingState.CANCELED, at
        current.canceled_by = CanceledBy.CLINIC if by is not None else CanceledBy.PROSPECT
        # Calendars ignore a cancellation whose sequence is not higher (RFC 5546).
        current.sequence += 1
        current.save(update_fields=["state", "ended_at", "canceled_by", "sequence"])
        record_event(current, CallEventKind.CANCELED, by=by, at=at, reason=reason)
        emails.withdraw_reminders(booking=current, at=at)
        emails.call_canceled(booking=current, reason=reason, at=at)
        emails.call_for_staff(booking=current, staff=current.staff, happened="canceled", at=at)
        return current


def record_event(
    booking: Booking, happened: CallEventKind, *, by: User | None, at: datetime, reason: str = ""
) -> None:
    """Append an event to the call's history."""
    CallEvent.objects.create(
        booking=booking,
        happened=happened,
        staff_id=booking.staff_id,
        starts_at=booking.starts_at,
        by=by,
        at=at,
        reason=reason,
    )
