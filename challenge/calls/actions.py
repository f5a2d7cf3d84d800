"""Book, move and cancel calls. Each action takes the staff member's time as `staff_time` describes."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.calls import emails
from challenge.calls.models import (
    Booking,
    BookingState,
    CallEvent,
    CallEventKind,
    CanceledBy,
    PhoneNews,
    UnconfirmedCall,
)
from challenge.calls.queries import holders_of, terms_of
from challenge.calls.schedule_models import CallKind, CallPlace
from challenge.calls.staff_time import (
    CallEnded,
    SlotTaken,
    booking_times,
    check_no_meeting,
    diary_if_free,
    diary_of_staff,
    free_staff,
    lock_booking,
    lock_staff,
    refuse_when_taken,
)

SAME_PRESS = timedelta(hours=1)
TO_CONFIRM = timedelta(hours=1)


@dataclass(frozen=True)
class Prospect:
    """The caller. `site` is a body site or empty; `time_zone` is the caller's own."""

    name: str
    email: str
    time_zone: str
    phone: str = ""
    site: str = ""
    heard: str = ""
    question: str = ""
    answer: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the columns of a booking that hold the caller's details."""
        return {
            "name": self.name,
            "email": self.email.strip().lower(),
            "time_zone": self.time_zone,
            "phone": self.phone,
            "site": self.site,
            "heard": self.heard,
            "question": self.question if self.answer else "",
            "answer": self.answer,
        }


@dataclass(frozen=True)
class _WantedCall:
    """One call as it was asked for; with a `reason` staff squeeze it in."""

    starts_at: datetime
    prospect: Prospect
    by: User | None
    at: datetime
    form_key: UUID | None
    kind: str = CallKind.DISCOVERY
    reason: str = ""
    unproven_from: str | None = None


def book(
    *,
    starts_at: datetime,
    staff_id: int | None,
    prospect: Prospect,
    by: User | None,
    at: datetime,
    form_key: UUID | None = None,
    kind: str = CallKind.DISCOVERY,
    unproven_from: str | None = None,
) -> Booking:
    """Book a call with one staff member, or with anyone available (`staff_id` None), and write the emails.

    `unproven_from` is the network of a visitor who has yet to confirm the call from their mailbox.

    Return the call that an earlier submission booked: one with the same `form_key`, or one of a second tab with the
    same time and details. Raise SlotTaken.
    """
    # The fast path of a double submission; the unique constraint below decides the race.
    if earlier := _same_press(starts_at, prospect=prospect, form_key=form_key, at=at):
        return earlier
    wanted = _WantedCall(
        starts_at, prospect, by=by, at=at, form_key=form_key, kind=kind, unproven_from=unproven_from
    )
    # Free time was read without a lock: if another booking wins the first candidate, try the next.
    for candidate in free_staff(starts_at, staff_id=staff_id, by=by, at=at, kind=kind):
        with suppress(SlotTaken):
            return _book_once(candidate, wanted)
    raise SlotTaken("That time has just been taken.")


def _same_press(
    starts_at: datetime, *, prospect: Prospect, form_key: UUID | None, at: datetime
) -> Booking | None:
    """Return the call that the same form, or the same details in a second tab, booked within the last hour."""
    if form_key is None:
        return None
    if earlier := Booking.objects.filter(form_key=form_key).first():
        return earlier
    if not prospect.email:
        return None
    # Every detail must agree: a stranger who types someone's address must not reach their call.
    return Booking.objects.filter(
        email=prospect.email.strip().lower(),
        starts_at=starts_at,
        state=BookingState.BOOKED,
        booked_at__gt=at - SAME_PRESS,
        name=prospect.name,
        phone=prospect.phone,
        site=prospect.site,
        time_zone=prospect.time_zone,
    ).first()


def squeeze_in(
    *,
    starts_at: datetime,
    staff_id: int,
    prospect: Prospect,
    reason: str,
    by: User,
    at: datetime,
    form_key: UUID | None = None,
) -> Booking:
    """Book a call outside hours, leave and the day's limit, with a reason. Never over another call or a meeting.

    Raise SlotTaken, also for a time that is over.
    """
    if earlier := _same_press(starts_at, prospect=prospect, form_key=form_key, at=at):
        return earlier
    if starts_at <= at:
        raise SlotTaken("That time has passed. Choose a later one.")
    wanted = _WantedCall(starts_at, prospect, by=by, at=at, form_key=form_key, reason=reason)
    return _book_once(staff_id, wanted)


def _book_once(staff_id: int, wanted: _WantedCall) -> Booking:
    """Book in a transaction of its own, or return what a double submission has booked. Raise SlotTaken."""
    try:
        with transaction.atomic():
            return _book(staff_id, wanted)
    except IntegrityError as error:
        # A double submission: the other request holds the unique form key and has booked the call.
        if "form_key" not in str(error):
            raise
        return Booking.objects.get(form_key=wanted.form_key)


def _book(staff_id: int, wanted: _WantedCall) -> Booking:
    """Book under the lock, with the history and the emails."""
    # Lock, then read again: what the visitor saw may be minutes old.
    lock_staff(staff_id)
    times = _times(staff_id, wanted)
    with refuse_when_taken():
        booking = Booking.objects.create(
            staff_id=staff_id,
            **times,
            **wanted.prospect.columns(),
            kind=wanted.kind,
            video_link=video_link_of(staff_id, wanted.kind),
            booked_at=wanted.at,
            changed_at=wanted.at,
            form_key=wanted.form_key,
        )
    happened = CallEventKind.SQUEEZED if wanted.reason else CallEventKind.BOOKED
    record_event(booking, happened, by=wanted.by, at=wanted.at, reason=wanted.reason)
    if wanted.unproven_from is not None:
        until = wanted.at + TO_CONFIRM
        UnconfirmedCall.objects.create(booking=booking, network=wanted.unproven_from, until=until)
    emails.call_booked(booking=booking, at=wanted.at)
    emails.call_for_staff(booking=booking, staff=booking.staff, happened="booked", at=wanted.at)
    return booking


def _times(staff_id: int, wanted: _WantedCall) -> dict[str, Any]:
    """Return the times of the booking; with a reason it ignores hours and leave. Raise SlotTaken."""
    starts_at = wanted.starts_at
    if not wanted.reason:
        diary = diary_if_free(staff_id, starts_at, by=wanted.by, at=wanted.at, kind=wanted.kind)
        return booking_times(diary, starts_at)
    diary = diary_of_staff(staff_id, starts_at)
    check_no_meeting(diary, starts_at, starts_at + diary.length)
    return booking_times(diary, starts_at, buffers=False)


def video_link_of(staff_id: int, kind: str) -> str:
    """Return where this kind of call meets on video, or an empty string for a call on the phone."""
    terms = terms_of(staff_id, kind)
    return terms.video_link if terms is not None and terms.place == CallPlace.VIDEO else ""


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
    holders = holders_of(booking)
    for candidate in free_staff(starts_at, staff_id=staff_id, by=by, at=at, moved=booking):
        if holders is not None and candidate not in holders:
            continue
        try:
            with transaction.atomic():
                return _move(booking.pk, candidate, starts_at, by=by, at=at, reason=reason)
        except SlotTaken:
            continue
    # No candidate: a call that was canceled in between gets that sentence, not "just been taken".
    check_not_canceled(Booking.objects.get(pk=booking.pk), at=at, by=by)
    raise SlotTaken("That time has just been taken. Your call stays where it was.")


def _move(
    booking_id: int, staff_id: int, starts_at: datetime, *, by: User | None, at: datetime, reason: str
) -> Booking:
    before = lock_booking(booking_id, staff_id)
    check_not_canceled(before, at=at, by=by)
    if (before.staff_id, before.starts_at) == (staff_id, starts_at):
        return before
    diary = diary_if_free(staff_id, starts_at, by=by, at=at, moved=before)
    with refuse_when_taken():
        Booking.objects.filter(pk=before.pk).update(
            staff_id=staff_id,
            **booking_times(diary, starts_at),
            sequence=before.sequence + 1,
            changed_at=at,
            phone_news=phone_news_after(before, PhoneNews.MOVED, by=by),
            video_link=video_link_of(staff_id, before.kind),
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


def phone_news_after(booking: Booking, news: PhoneNews, *, by: User | None) -> str:
    """Return what someone must phone the caller about: only where the clinic acted and no email can tell them."""
    return news if by is not None and not booking.email else booking.phone_news


def check_not_canceled(booking: Booking, *, at: datetime, by: User | None) -> None:
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
        check_not_canceled(current, at=at, by=by)
        current.state, current.ended_at = BookingState.CANCELED, at
        current.canceled_by = CanceledBy.CLINIC if by is not None else CanceledBy.PROSPECT
        # Calendars ignore a cancellation whose sequence is not higher (RFC 5546).
        current.sequence += 1
        current.phone_news = phone_news_after(current, PhoneNews.CANCELED, by=by)
        current.save(update_fields=["state", "ended_at", "canceled_by", "sequence", "phone_news"])
        record_event(current, CallEventKind.CANCELED, by=by, at=at, reason=reason)
        emails.withdraw_reminders(booking=current, at=at)
        emails.call_canceled(booking=current, reason=reason, at=at)
        emails.call_for_staff(booking=current, staff=current.staff, happened="canceled", at=at)
        return current


def record_event(
    booking: Booking, happened: CallEventKind, *, by: User | None, at: datetime, reason: str = ""
) -> None:
    """Append an event to the call's history. What the clinic does with a call confirms it."""
    if by is not None:
        UnconfirmedCall.objects.filter(booking=booking).delete()
    CallEvent.objects.create(
        booking=booking,
        happened=happened,
        staff_id=booking.staff_id,
        starts_at=booking.starts_at,
        by=by,
        at=at,
        reason=reason,
    )
