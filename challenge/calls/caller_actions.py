"""Look after a caller: hand the call over, correct their details, send the link again, tick off what was phoned.

A caller confirms a new call from the mailbox within an hour, or its time is free again: without this one network
could fill the clinic's week with invented callers. What it costs: a caller who reads the email after an hour finds
the time free or taken, and books again. Calls that the clinic enters, and those of a runner who is signed in, need no
confirmation; whatever the clinic does with a call confirms it.
"""

from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from challenge.accounts.models import User
from challenge.calls import emails
from challenge.calls.actions import check_not_canceled, phone_news_after, record_event, video_link_of
from challenge.calls.models import (
    Booking,
    BookingState,
    CallEventKind,
    CanceledBy,
    CheckInOffer,
    PhoneNews,
    UnconfirmedCall,
)
from challenge.calls.queries import check_in_staff, cohort_staff_of, upcoming_calls
from challenge.calls.schedule_models import CallKind
from challenge.calls.staff_time import (
    CallRefused,
    check_no_meeting,
    diary_of_staff,
    lock_booking,
    refuse_when_taken,
)
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import local_day


class DetailsChanged(CallRefused):
    """Someone else corrected the caller's details after this page showed them."""


class NotOffered(CallRefused):
    """This clinician takes no check-ins of this cohort."""


def hand_over(*, booking: Booking, staff_id: int, reason: str, by: User, at: datetime) -> Booking:
    """Give a call to a colleague at the same time; the caller reads who, why, and that the time stays.

    Their hours and the day's limit are not asked: two people agreed on it. Raise SlotTaken (the colleague has another
    call or a meeting, or takes none), NotOffered (a check-in of another cohort's runner) or CallEnded.
    """
    with transaction.atomic():
        before = lock_booking(booking.pk, staff_id)
        check_not_canceled(before, at=at, by=by)
        if before.staff_id == staff_id:
            return before
        # They would read the runner's answer.
        if before.kind == CallKind.CHECK_IN and staff_id not in cohort_staff_of(before.email):
            raise NotOffered("This colleague isn’t a clinician of the runner’s cohort.")
        diary = diary_of_staff(staff_id, before.starts_at)
        check_no_meeting(diary, before.starts_at, before.ends_at)
        with refuse_when_taken():
            Booking.objects.filter(pk=before.pk).update(
                staff_id=staff_id,
                # The colleague's buffers are not asked for: the time is agreed on already.
                busy=TimestamptzRange(before.starts_at, before.ends_at),
                sequence=before.sequence + 1,
                changed_at=at,
                phone_news=phone_news_after(before, PhoneNews.HANDED_OVER, by=by),
                video_link=video_link_of(staff_id, before.kind),
            )
        current = Booking.objects.select_related("staff__availability").get(pk=before.pk)
        record_event(current, CallEventKind.HANDED, by=by, at=at, reason=reason)
        emails.call_handed_over(booking=current, reason=reason, at=at)
        emails.call_for_staff(booking=current, staff=before.staff, happened="handed_over", at=at)
        emails.call_for_staff(booking=current, staff=current.staff, happened="booked", at=at)
        return current


@dataclass(frozen=True)
class CallerDetails:
    """What the clinic may correct about a caller."""

    name: str
    email: str
    phone: str
    time_zone: str


def details_of(booking: Booking) -> CallerDetails:
    """Return the stored details."""
    return CallerDetails(booking.name, booking.email, booking.phone, booking.time_zone)


def version_of(details: CallerDetails) -> str:
    """Return a fingerprint of the details; a page carries that of those it shows."""
    return sha256("\n".join(astuple(details)).encode()).hexdigest()


def correct_details(
    *, booking: Booking, details: CallerDetails, by: User, at: datetime, seen: str = ""
) -> Booking:
    """Correct who calls and how to reach them. A new address gets the confirmation; reminders follow it.

    `seen` is the version that the page showed, or empty. Raise CallEnded for a canceled call or one that is over, and
    DetailsChanged if others are stored now.
    """
    details = replace(details, email=details.email.strip().lower())
    with transaction.atomic():
        current = lock_booking(booking.pk)
        check_not_canceled(current, at=at, by=by)
        if details_of(current) == details:
            # The second press of the same form.
            return current
        if seen and seen != version_of(details_of(current)):
            raise DetailsChanged("A colleague changed these details in the meantime.")
        address, zone = current.email, current.time_zone
        current.name, current.phone, current.time_zone = details.name, details.phone, details.time_zone
        current.email = details.email
        if current.email:
            current.phone_news = ""
        is_new = current.email != address or current.time_zone != zone
        # The sequence makes it another confirmation, and another version of the event.
        current.sequence += is_new
        current.save(update_fields=["name", "phone", "time_zone", "email", "phone_news", "sequence"])
        record_event(current, CallEventKind.CORRECTED, by=by, at=at)
        if is_new:
            emails.call_booked(booking=current, at=at)
        return current


def resend_link(*, booking: Booking, by: User | None, at: datetime) -> bool:
    """Mail the caller their link again; return whether there is an address and the call is still ahead."""
    with transaction.atomic():
        current = lock_booking(booking.pk)
        if not current.email or current.state != BookingState.BOOKED or current.ends_at <= at:
            return False
        emails.call_link_again(booking=current, at=at)
        record_event(current, CallEventKind.RESENT, by=by, at=at)
        return True


def resend_links_of(*, email: str, at: datetime) -> int:
    """Mail the links of all calls ahead to the address that booked them; return how many."""
    ahead = list(upcoming_calls(emails=[email.strip().lower()], at=at))
    return sum(resend_link(booking=call, by=None, at=at) for call in ahead)


def tick_phoned(*, booking: Booking, by: User, at: datetime) -> None:
    """Record that someone phoned the caller; a second tick changes nothing."""
    with transaction.atomic():
        ticked = Booking.objects.filter(pk=booking.pk).exclude(phone_news="").update(phone_news="")
        if ticked:
            record_event(booking, CallEventKind.PHONED, by=by, at=at)


def finish_follow_up(*, booking: Booking, by: User, at: datetime) -> None:
    """Record the follow-up as done; a second press changes nothing."""
    with transaction.atomic():
        due = Booking.objects.filter(pk=booking.pk, follow_up_on__isnull=False)
        if due.update(follow_up_on=None):
            record_event(booking, CallEventKind.FOLLOWED, by=by, at=at)


def offer_check_in(*, enrollment: Enrollment, by: User, at: datetime) -> CheckInOffer:
    """Offer a runner a check-in with `by`; once a day, however often it is pressed. Raise NotOffered."""
    if by.pk not in check_in_staff(enrollment.cohort.pk):
        raise NotOffered("You’re not taking check-ins right now. Turn them on under Hours and time off.")
    with transaction.atomic():
        made, created = CheckInOffer.objects.get_or_create(
            enrollment=enrollment, staff=by, on=local_day(at, by.zone), defaults={"at": at}
        )
        if created:
            emails.check_in_offered(offer=made, at=at)
        return made


A_NETWORK = 5  # times that one network may hold without a confirmation


def network_holds_too_many(network: str, *, at: datetime) -> bool:
    """Return whether this network holds as many unconfirmed times as it may."""
    held = UnconfirmedCall.objects.filter(network=network, until__gt=at, booking__state=BookingState.BOOKED)
    return held.count() >= A_NETWORK


def confirm_call(*, booking: Booking, by: User | None, at: datetime) -> bool:
    """Keep the call, and write to its clinician; return whether it is still booked. Twice is harmless."""
    with transaction.atomic():
        current = lock_booking(booking.pk)
        if current.state != BookingState.BOOKED:
            return False
        if UnconfirmedCall.objects.filter(booking=current).delete()[0]:
            record_event(current, CallEventKind.CONFIRMED, by=by, at=at)
            emails.call_for_staff(booking=current, staff=current.staff, happened="booked", at=at)
        return True


def let_go_unconfirmed(*, at: datetime) -> int:
    """Give back the times that no one confirmed; return how many. No email is sent: the first one announced it."""
    late = UnconfirmedCall.objects.filter(until__lte=at - timedelta(minutes=1)).values_list(
        "booking", flat=True
    )
    return sum(_let_go(pk, at=at) for pk in list(late))


def _let_go(booking_id: int, *, at: datetime) -> bool:
    with transaction.atomic():
        current = lock_booking(booking_id)
        if not UnconfirmedCall.objects.filter(booking=current).delete()[0]:
            return False  # confirmed a moment ago
        if current.state != BookingState.BOOKED:
            return False
        current.state, current.ended_at, current.canceled_by = BookingState.CANCELED, at, CanceledBy.PROSPECT
        current.sequence += 1
        current.save(update_fields=["state", "ended_at", "canceled_by", "sequence"])
        record_event(current, CallEventKind.LET_GO, by=None, at=at)
        emails.withdraw_reminders(booking=current, at=at)
        return True
