"""Hold, confirm and withdraw seats. docs/seats.md explains the locking rules; change the two together."""

from datetime import datetime, timedelta

from django.db import transaction

from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.eligibility import SeatEligibility, eligibility_of, visitor_eligibility
from challenge.enrollment.ledger import record_event, record_refusal
from challenge.enrollment.models import (
    TAKEN,
    Cohort,
    EndReason,
    Enrollment,
    LedgerEntry,
    LedgerEvent,
    Seat,
    SeatState,
)
from challenge.enrollment.queries import running_elsewhere
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind

HOLD = timedelta(minutes=20)


class SeatRefused(Exception):
    """A claim that cannot be met. The subclass is the reason, `str()` the sentence for the person."""


class CohortClosed(SeatRefused):
    """Enrollment has closed, for good."""


class CohortFull(SeatRefused):
    """All seats are held or confirmed; `free_at` is when the first hold expires, None if all are confirmed."""

    def __init__(self, sentence: str, free_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.free_at = free_at


class HoldExpired(SeatRefused):
    """The hold expired and another person claimed the seat."""


class NotYetOpen(SeatRefused):
    """Claims begin at `opens_at` for this person."""

    def __init__(self, sentence: str, opens_at: datetime) -> None:
        super().__init__(sentence)
        self.opens_at = opens_at


class AddressInUse(SeatRefused):
    """Another person's seat has this address; the clinic sorts it out."""


class AddressWaits(SeatRefused):
    """A change of another runner's address to this one waits; the clinic sorts it out."""


class AlreadyRunning(SeatRefused):
    """The person is a runner in another cohort that is not over; `seat` is their seat there."""

    def __init__(self, seat: Seat) -> None:
        last = seat.over_on - timedelta(days=1)
        super().__init__(
            f"This person is a runner in {seat.cohort}, bib {seat.number}, until {last:%B} {last.day}. "
            "A runner is in one challenge at a time: end that seat first, or wait until it is over."
        )
        self.seat = seat


class StaffCannotClaim(SeatRefused):
    """Staff accounts cannot claim a seat; the join pages show them a preview."""


def hold_seat(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta = HOLD, reason: str = ""
) -> Seat:
    """Hold the lowest free seat for `user`, or return the one they have.

    1. Refuse before locking, from one query: staff, closed, not yet open, nothing free now.
    2. In one transaction lock the cohort, then end the expired holds, then insert.

    Each refusal is one row of the ledger. Raises CohortClosed, CohortFull, NotYetOpen, StaffCannotClaim, AddressInUse,
    AlreadyRunning.
    """
    eligibility = eligibility_of(cohort=cohort, user=user, at=at)
    return _hold(eligibility, user=user, by=by, at=at, hold_for=hold_for, reason=reason)


def claim_seat(*, user: User, at: datetime) -> Seat | None:
    """Hold a seat for the person in the cohort that they are shown; return None where no cohort is announced.

    Cohort and eligibility come from one query, because this is where a crowd arrives. Raises what `hold_seat` raises.
    """
    eligibility = visitor_eligibility(user=user, at=at)
    if eligibility is None:
        return None
    return _hold(eligibility, user=user, by=user, at=at, hold_for=HOLD, reason="")


def _hold(
    eligibility: SeatEligibility,
    *,
    user: User,
    by: User | None,
    at: datetime,
    hold_for: timedelta,
    reason: str,
) -> Seat:
    cohort = eligibility.cohort
    if eligibility.seat is not None and eligibility.seat.state != SeatState.HELD:
        return eligibility.seat
    try:
        if eligibility.seat is not None and eligibility.holds_at(at):
            # They may have become a runner in another cohort since the hold began.
            with transaction.atomic():
                _check_not_running_elsewhere(cohort, user=user, at=at)
            return eligibility.seat
        _check_can_claim(eligibility, user=user, at=at, by=by)
        with transaction.atomic():
            return _claim(cohort=cohort, user=user, by=by, at=at, hold_for=hold_for, reason=reason)
    except SeatRefused as refusal:
        record_refusal(cohort=cohort, user=user, by=by, refusal=refusal, at=at)
        raise


def _check_can_claim(eligibility: SeatEligibility, *, user: User, at: datetime, by: User | None) -> None:
    if user.is_staff:
        raise StaffCannotClaim("Staff accounts can’t claim a seat.")
    _check_open(eligibility.cohort, at)
    if eligibility.seat is not None:
        return
    # Staff may hold a seat for a caller before the public opening.
    if at < eligibility.may_claim_from and not (by is not None and by.is_staff):
        raise NotYetOpen("Enrollment isn’t open yet.", eligibility.may_claim_from)
    if eligibility.taken >= eligibility.cohort.capacity:
        raise CohortFull("All seats are taken.", eligibility.next_free_at)


def _check_open(cohort: Cohort, at: datetime) -> None:
    if not cohort.is_joinable(at):
        raise CohortClosed("Enrollment has closed.")


def _check_not_running_elsewhere(cohort: Cohort, *, user: User, at: datetime) -> None:
    """Lock the person, then raise AlreadyRunning if they are a runner in another cohort. Needs a transaction.

    Without the lock two concurrent confirmations of one person would deadlock in the exclusion constraint.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    seat = running_elsewhere(cohort=cohort, user=user, at=at)
    if seat is not None:
        raise AlreadyRunning(seat)


def _claim(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta, reason: str
) -> Seat:
    # READ COMMITTED: the statement after the lock sees what the lock's former owner committed.
    locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    seats = list(Seat.objects.filter(TAKEN, cohort=locked).order_by("number"))
    mine = next((seat for seat in seats if seat.user_id == user.pk), None)
    if mine is not None and (mine.state == SeatState.CONFIRMED or mine.hold_ends_at > at):
        return mine
    _check_open(locked, at)
    if mine is not None:
        _check_not_running_elsewhere(locked, user=user, at=at)
        return _renew_hold(mine, by=by, at=at, hold_for=hold_for)
    expired = [seat for seat in seats if seat.state == SeatState.HELD and seat.hold_ends_at <= at]
    expire_holds(expired, at=at)
    number = _free_number(locked, [seat for seat in seats if seat not in expired], email=user.email)
    _check_not_running_elsewhere(locked, user=user, at=at)
    seat = Seat.objects.create(
        cohort=locked,
        capacity=locked.capacity,
        number=number,
        user=user,
        email=user.email,
        held_at=at,
        # A hold never outlasts the first week, after which it could not be confirmed.
        hold_ends_at=min(at + hold_for, locked.joinable_until),
        over_on=locked.over_on,
    )
    record_event(cohort=locked, seat=seat, user=user, by=by, happened=LedgerEvent.HELD, at=at, reason=reason)
    return seat


def _free_number(cohort: Cohort, taken: list[Seat], *, email: str) -> int:
    """Return the lowest free number. Raises AddressInUse, CohortFull."""
    if any(seat.email == email for seat in taken):
        raise AddressInUse("This address already has a seat in this cohort.")
    numbers = {seat.number for seat in taken}
    number = next((n for n in range(1, cohort.capacity + 1) if n not in numbers), None)
    if number is None:
        holds_end_at = [seat.hold_ends_at for seat in taken if seat.state == SeatState.HELD]
        raise CohortFull("All seats are taken.", min(holds_end_at, default=None))
    return number


def _renew_hold(seat: Seat, *, by: User | None, at: datetime, hold_for: timedelta) -> Seat:
    """Restart an expired hold that no other person has claimed."""
    seat.hold_ends_at = min(at + hold_for, seat.cohort.joinable_until)
    seat.save(update_fields=["hold_ends_at"])
    record_event(
        cohort=seat.cohort,
        seat=seat,
        user=seat.user,
        by=by,
        happened=LedgerEvent.HELD,
        at=at,
        reason="renewed",
    )
    return seat


def expire_holds(seats: list[Seat], *, at: datetime) -> None:
    """End these expired holds. Needs the cohort's lock: a holder may confirm in the same moment."""
    if not seats:
        return
    ids = [seat.pk for seat in seats]
    Seat.objects.filter(pk__in=ids).update(state=SeatState.ENDED, ended_at=at, end_reason=EndReason.EXPIRED)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            cohort_id=seat.cohort_id, seat=seat, user_id=seat.user_id, happened=LedgerEvent.EXPIRED, at=at
        )
        for seat in seats
    )


def confirm_seat(*, cohort: Cohort, user: User, by: User | None, at: datetime) -> Enrollment:
    """Turn the person's hold into an enrollment, with ledger and welcome email in one transaction.

    An expired hold still confirms until another person claims the seat. Confirming the last free seat closes enrollment
    (a trigger). Idempotent. Raises HoldExpired, CohortClosed, AlreadyRunning.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        seat = Seat.objects.filter(TAKEN, cohort=locked, user=user).first()
        if seat is None:
            _check_open(locked, at)
            raise HoldExpired("Your hold ran out and the seat went to someone else.")
        if seat.state == SeatState.CONFIRMED:
            return Enrollment.objects.get(seat=seat)
        _check_open(locked, at)
        _check_not_running_elsewhere(locked, user=user, at=at)
        seat.state, seat.confirmed_at = SeatState.CONFIRMED, at
        seat.save(update_fields=["state", "confirmed_at"])
        enrollment = Enrollment.objects.create(seat=seat, created_at=at)
        record_event(cohort=locked, seat=seat, user=user, by=by, happened=LedgerEvent.CONFIRMED, at=at)
        emails.welcome(enrollment=enrollment, at=at)
        return enrollment


def withdraw(*, seat: Seat, reason: EndReason, by: User | None, at: datetime, remark: str = "") -> Seat:
    """End a held or confirmed seat, which stays empty if the cohort is closed. Ending an ended seat changes nothing.

    A runner gets an email, and unsent weekly emails and reminders are withdrawn.
    """
    with transaction.atomic():
        # The cohort first, then its seats: the one locking order (docs/seats.md).
        Cohort.objects.select_for_update(no_key=True).get(pk=seat.cohort_id)
        changed = Seat.objects.filter(TAKEN, pk=seat.pk).update(
            state=SeatState.ENDED, ended_at=at, end_reason=reason
        )
        seat.refresh_from_db()
        if not changed:
            return seat
        happened = LedgerEvent.WITHDREW if seat.confirmed_at else LedgerEvent.RELEASED
        text = f"{reason}: {remark}"[:200] if remark else reason
        record_event(
            cohort=seat.cohort, seat=seat, user=seat.user, by=by, happened=happened, at=at, reason=text
        )
        if seat.confirmed_at is not None:
            enrollment = Enrollment.objects.get(seat=seat)
            for kind in (MessageKind.WEEKLY, MessageKind.BEFORE_START, MessageKind.REMINDER):
                withdraw_unsent(about=enrollment.about, kind=kind, at=at)
            if seat.address:  # empty once the person was erased
                emails.seat_withdrawn(seat=seat, at=at)
    return seat
