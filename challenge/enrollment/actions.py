"""The seat's life: hold, confirm, withdraw. docs/seats.md tells the locking rules; keep the two together."""

from datetime import datetime, timedelta

from django.db import transaction

from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.models import (
    TAKEN,
    Cohort,
    EndReason,
    Enrollment,
    Happened,
    LedgerEntry,
    Seat,
    SeatState,
)
from challenge.enrollment.queries import may_claim_from, seat_of, seats_taken

HOLD = timedelta(minutes=20)


class SeatRefused(Exception):
    """A claim that cannot be met; the subclass says why, `str()` says it to the person."""


class CohortClosed(SeatRefused):
    """Enrollment has closed, for good."""


class CohortFull(SeatRefused):
    """All seats are taken or held now; `free_at` is when the first hold runs out, if one is only held."""

    def __init__(self, sentence: str, free_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.free_at = free_at


class HoldExpired(SeatRefused):
    """The hold ran out and somebody else took the seat."""


class NotYetOpen(SeatRefused):
    """Claims begin later; `opens_at` is when, for this person."""

    def __init__(self, sentence: str, opens_at: datetime) -> None:
        super().__init__(sentence)
        self.opens_at = opens_at


class StaffTakeNoSeat(SeatRefused):
    """Staff accounts walk through a preview instead."""


def hold_seat(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta = HOLD, reason: str = ""
) -> Seat:
    """Holds the lowest free seat for `user`, or returns the one they have.

    1. Refuse before locking: staff, closed, not yet open, nothing free now.
    2. In one transaction lock the cohort, then end the holds that ran out, then insert.

    Raises CohortClosed, CohortFull, NotYetOpen, StaffTakeNoSeat.
    """
    if (seat := seat_of(cohort=cohort, user=user)) is not None and seat.hold_ends_at > at:
        return seat
    try:
        _check_may_claim(cohort=cohort, user=user, at=at, by=by)
        with transaction.atomic():
            return _claim(cohort=cohort, user=user, by=by, at=at, hold_for=hold_for, reason=reason)
    except SeatRefused as refusal:
        note_refusal(cohort=cohort, user=user, by=by, refusal=refusal, at=at)
        raise


def _check_may_claim(*, cohort: Cohort, user: User, at: datetime, by: User | None) -> None:
    if user.is_staff:
        raise StaffTakeNoSeat("Staff accounts cannot take a seat.")
    if seat_of(cohort=cohort, user=user) is not None:
        return
    current = Cohort.objects.get(pk=cohort.pk)
    _check_open(current)
    opens_at = may_claim_from(cohort=current, email=user.email)
    if at < opens_at and not (by is not None and by.is_staff):
        raise NotYetOpen("Enrollment is not open yet.", opens_at)
    if seats_taken(cohort=current, at=at) >= current.capacity:
        raise _full(current, at)


def _check_open(cohort: Cohort) -> None:
    if cohort.closed_at is not None:
        raise CohortClosed("Enrollment has closed.")


def _full(cohort: Cohort, at: datetime) -> CohortFull:
    first = Seat.objects.filter(cohort=cohort, state=SeatState.HELD, hold_ends_at__gt=at).order_by(
        "hold_ends_at"
    )
    free_at = first.values_list("hold_ends_at", flat=True).first()
    return CohortFull("All seats are taken.", free_at)


def _claim(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta, reason: str
) -> Seat:
    locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    mine = Seat.objects.filter(TAKEN, cohort=locked, user=user).first()
    if mine is not None:
        return _prolonged(mine, at=at, hold_for=hold_for)
    _check_open(locked)
    _end_holds_that_ran_out(locked, at=at)
    taken = set(Seat.objects.filter(TAKEN, cohort=locked).values_list("number", flat=True))
    number = next((n for n in range(1, locked.capacity + 1) if n not in taken), None)
    if number is None:
        raise _full(locked, at)
    seat = Seat.objects.create(
        cohort=locked,
        capacity=locked.capacity,
        number=number,
        user=user,
        email=user.email,
        held_at=at,
        hold_ends_at=at + hold_for,
    )
    _note(cohort=locked, seat=seat, user=user, by=by, happened=Happened.HELD, at=at, reason=reason)
    return seat


def _prolonged(seat: Seat, *, at: datetime, hold_for: timedelta) -> Seat:
    """The seat they have; a hold of theirs that ran out and that nobody took runs anew."""
    if seat.state == SeatState.HELD and seat.hold_ends_at <= at:
        seat.hold_ends_at = at + hold_for
        seat.save(update_fields=["hold_ends_at"])
    return seat


def _end_holds_that_ran_out(cohort: Cohort, *, at: datetime) -> None:
    """The expired hold is judged here, inside the next claim, under the cohort's lock."""
    for seat in Seat.objects.filter(cohort=cohort, state=SeatState.HELD, hold_ends_at__lte=at):
        Seat.objects.filter(pk=seat.pk).update(
            state=SeatState.ENDED, ended_at=at, end_reason=EndReason.EXPIRED
        )
        _note(cohort=cohort, seat=seat, user=seat.user, by=None, happened=Happened.EXPIRED, at=at)


def confirm_seat(*, cohort: Cohort, user: User, by: User | None, at: datetime) -> Enrollment:
    """Turns the person's hold into an enrollment, with ledger and welcome email in one transaction.

    A hold that ran out still confirms while nobody took the seat. Confirming the last free seat closes enrollment (a
    trigger). Twice is once. Raises HoldExpired, CohortClosed.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        seat = Seat.objects.filter(TAKEN, cohort=locked, user=user).first()
        if seat is None:
            _check_open(locked)
            raise HoldExpired("Your hold ran out and the seat went to somebody else.")
        if seat.state == SeatState.CONFIRMED:
            return Enrollment.objects.get(seat=seat)
        _check_open(locked)
        seat.state, seat.confirmed_at = SeatState.CONFIRMED, at
        seat.save(update_fields=["state", "confirmed_at"])
        enrollment = Enrollment.objects.create(seat=seat, created_at=at)
        _note(cohort=locked, seat=seat, user=user, by=by, happened=Happened.CONFIRMED, at=at)
        emails.welcome(enrollment=enrollment, at=at)
        return enrollment


def withdraw(*, seat: Seat, reason: EndReason, by: User | None, at: datetime) -> Seat:
    """Ends a held or confirmed seat; after closing it stays empty. Ending an ended seat changes nothing."""
    with transaction.atomic():
        Cohort.objects.select_for_update(no_key=True).get(pk=seat.cohort_id)
        changed = Seat.objects.filter(TAKEN, pk=seat.pk).update(
            state=SeatState.ENDED, ended_at=at, end_reason=reason
        )
        seat.refresh_from_db()
        if changed:
            happened = Happened.WITHDREW if seat.confirmed_at else Happened.RELEASED
            _note(
                cohort=seat.cohort, seat=seat, user=seat.user, by=by, happened=happened, at=at, reason=reason
            )
    return seat


def close_cohort(*, cohort: Cohort, by: User | None, at: datetime) -> None:
    """Closes enrollment by hand, one way; closing a closed cohort changes nothing."""
    with transaction.atomic():
        changed = Cohort.objects.filter(pk=cohort.pk, closed_at__isnull=True).update(closed_at=at)
        if changed:
            _note(cohort=cohort, user=None, by=by, happened=Happened.CLOSED, at=at, reason="closed by staff")


def note_refusal(*, cohort: Cohort, user: User, by: User | None, refusal: SeatRefused, at: datetime) -> None:
    """Writes a refusal to the ledger; called outside the transaction that it undid."""
    _note(cohort=cohort, user=user, by=by, happened=Happened.REFUSED, at=at, reason=type(refusal).__name__)


def _note(
    *,
    cohort: Cohort,
    user: User | None,
    by: User | None,
    happened: Happened,
    at: datetime,
    seat: Seat | None = None,
    reason: str = "",
) -> None:
    LedgerEntry.objects.create(
        cohort=cohort, seat=seat, user=user, by=by, happened=happened, at=at, reason=reason
    )
