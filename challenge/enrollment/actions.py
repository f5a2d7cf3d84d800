"""The seat's life: hold, confirm, withdraw. docs/seats.md tells the locking rules; keep the two together."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from challenge.accounts.models import User
from challenge.enrollment import emails
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
from challenge.enrollment.queries import (
    SeatEligibility,
    eligibility_of,
    has_begun,
    running_elsewhere,
    visitor_eligibility,
)
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind
from challenge.protocol.local_week import local_day

HOLD = timedelta(minutes=20)
FIRST_ZONE = ZoneInfo("Etc/GMT-14")  # where a day begins first


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


class HoldsRunning(Exception):
    """Enrollment cannot be closed by hand while a hold runs; `until` is when the last one ends."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class AddressInUse(SeatRefused):
    """Somebody else's seat was taken under this address; the clinic sorts it out."""


class AlreadyRunning(SeatRefused):
    """A runner of another cohort that is not over; `seat` is theirs there."""

    def __init__(self, seat: Seat) -> None:
        last = seat.over_on - timedelta(days=1)
        super().__init__(
            f"This person is a runner of {seat.cohort}, bib {seat.number}, until {last:%B} {last.day}. "
            "A runner is in one challenge at a time: end that seat first, or wait until it is over."
        )
        self.seat = seat


class StaffTakeNoSeat(SeatRefused):
    """Staff accounts walk through a preview instead."""


def hold_seat(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta = HOLD, reason: str = ""
) -> Seat:
    """Holds the lowest free seat for `user`, or returns the one they have.

    1. Refuse before locking, from one query: staff, closed, not yet open, nothing free now.
    2. In one transaction lock the cohort, then end the holds that ran out, then insert.

    Raises CohortClosed, CohortFull, NotYetOpen, StaffTakeNoSeat, AlreadyRunning; each refusal is one row of the ledger.
    """
    standing = eligibility_of(cohort=cohort, user=user, at=at)
    return _hold(standing, user=user, by=by, at=at, hold_for=hold_for, reason=reason)


def claim_seat(*, user: User, at: datetime) -> Seat | None:
    """`hold_seat` by the person, in the cohort that they are shown; None where none is announced.

    Cohort and standing come from one query: this is where a crowd arrives. Raises what `hold_seat` raises.
    """
    standing = visitor_eligibility(user=user, at=at)
    if standing is None:
        return None
    return _hold(standing, user=user, by=user, at=at, hold_for=HOLD, reason="")


def _hold(
    standing: SeatEligibility, *, user: User, by: User | None, at: datetime, hold_for: timedelta, reason: str
) -> Seat:
    cohort = standing.cohort
    if standing.seat is not None and standing.seat.state != SeatState.HELD:
        return standing.seat
    try:
        if standing.seat is not None and standing.holds_at(at):
            with transaction.atomic():
                _check_runs_nowhere_else(cohort, user=user, at=at)
            return standing.seat
        _check_can_claim(standing, user=user, at=at, by=by)
        with transaction.atomic():
            return _claim(cohort=cohort, user=user, by=by, at=at, hold_for=hold_for, reason=reason)
    except SeatRefused as refusal:
        record_refusal(cohort=cohort, user=user, by=by, refusal=refusal, at=at)
        raise


def _check_can_claim(standing: SeatEligibility, *, user: User, at: datetime, by: User | None) -> None:
    if user.is_staff:
        raise StaffTakeNoSeat("Staff accounts cannot take a seat.")
    _check_open(standing.cohort, at)
    if standing.seat is not None:
        return
    if at < standing.may_claim_from and not (by is not None and by.is_staff):
        raise NotYetOpen("Enrollment is not open yet.", standing.may_claim_from)
    if standing.taken >= standing.cohort.capacity:
        raise CohortFull("All seats are taken.", standing.next_free_at)


def _check_open(cohort: Cohort, at: datetime) -> None:
    if not cohort.is_joinable(at):
        raise CohortClosed("Enrollment has closed.")


def _check_runs_nowhere_else(cohort: Cohort, *, user: User, at: datetime) -> None:
    """Lock the person, then raise AlreadyRunning where they run elsewhere. Needs a transaction.

    Without the lock two confirmations of one person would deadlock in the exclusion constraint.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    seat = running_elsewhere(cohort=cohort, user=user, at=at)
    if seat is not None:
        raise AlreadyRunning(seat)


def _claim(
    *, cohort: Cohort, user: User, by: User | None, at: datetime, hold_for: timedelta, reason: str
) -> Seat:
    locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    seats = list(Seat.objects.filter(TAKEN, cohort=locked).order_by("number"))
    mine = next((seat for seat in seats if seat.user_id == user.pk), None)
    if mine is not None and (mine.state == SeatState.CONFIRMED or mine.hold_ends_at > at):
        return mine
    _check_open(locked, at)
    if mine is not None:
        _check_runs_nowhere_else(locked, user=user, at=at)
        return _renew_hold(mine, by=by, at=at, hold_for=hold_for)
    ran_out = [seat for seat in seats if seat.state == SeatState.HELD and seat.hold_ends_at <= at]
    _expire_holds(ran_out, at=at)
    taken = {seat.number for seat in seats if seat not in ran_out}
    if any(seat.email == user.email for seat in seats if seat not in ran_out):
        raise AddressInUse("A seat of this cohort stands under this address already.")
    number = next((n for n in range(1, locked.capacity + 1) if n not in taken), None)
    if number is None:
        held = [seat.hold_ends_at for seat in seats if seat.state == SeatState.HELD]
        raise CohortFull("All seats are taken.", min(held, default=None))
    _check_runs_nowhere_else(locked, user=user, at=at)
    seat = Seat.objects.create(
        cohort=locked,
        capacity=locked.capacity,
        number=number,
        user=user,
        email=user.email,
        held_at=at,
        hold_ends_at=min(at + hold_for, locked.joinable_until),
        over_on=locked.over_on,
    )
    record_event(cohort=locked, seat=seat, user=user, by=by, happened=LedgerEvent.HELD, at=at, reason=reason)
    return seat


def _renew_hold(seat: Seat, *, by: User | None, at: datetime, hold_for: timedelta) -> Seat:
    """A hold of theirs that ran out and that nobody took runs anew."""
    seat.hold_ends_at = min(at + hold_for, seat.cohort.joinable_until)
    seat.save(update_fields=["hold_ends_at"])
    record_event(
        cohort=seat.cohort, seat=seat, user=seat.user, by=by, happened=LedgerEvent.HELD, at=at, reason="anew"
    )
    return seat


def _expire_holds(seats: list[Seat], *, at: datetime) -> None:
    """Expired holds are judged here, inside the next claim, under the cohort's lock."""
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
    """Turns the person's hold into an enrollment, with ledger and welcome email in one transaction.

    A hold that ran out still confirms while nobody took the seat. Confirming the last free seat closes enrollment (a
    trigger). Twice is once. Raises HoldExpired, CohortClosed, AlreadyRunning.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        seat = Seat.objects.filter(TAKEN, cohort=locked, user=user).first()
        if seat is None:
            _check_open(locked, at)
            raise HoldExpired("Your hold ran out and the seat went to somebody else.")
        if seat.state == SeatState.CONFIRMED:
            return Enrollment.objects.get(seat=seat)
        _check_open(locked, at)
        _check_runs_nowhere_else(locked, user=user, at=at)
        seat.state, seat.confirmed_at = SeatState.CONFIRMED, at
        seat.save(update_fields=["state", "confirmed_at"])
        enrollment = Enrollment.objects.create(seat=seat, created_at=at)
        record_event(cohort=locked, seat=seat, user=user, by=by, happened=LedgerEvent.CONFIRMED, at=at)
        emails.welcome(enrollment=enrollment, at=at)
        return enrollment


def withdraw(*, seat: Seat, reason: EndReason, by: User | None, at: datetime, remark: str = "") -> Seat:
    """Ends a held or confirmed seat; after closing it stays empty. Ending an ended seat changes nothing.

    A runner is told by email, and what was to be sent to them and has not gone out is taken back.
    """
    with transaction.atomic():
        Cohort.objects.select_for_update(no_key=True).get(pk=seat.cohort_id)
        changed = Seat.objects.filter(TAKEN, pk=seat.pk).update(
            state=SeatState.ENDED, ended_at=at, end_reason=reason
        )
        seat.refresh_from_db()
        if not changed:
            return seat
        happened = LedgerEvent.WITHDREW if seat.confirmed_at else LedgerEvent.RELEASED
        said = f"{reason}: {remark}"[:200] if remark else reason
        record_event(
            cohort=seat.cohort, seat=seat, user=seat.user, by=by, happened=happened, at=at, reason=said
        )
        if seat.confirmed_at is not None:
            enrollment = Enrollment.objects.get(seat=seat)
            for kind in (MessageKind.WEEKLY, MessageKind.BEFORE_START, MessageKind.REMINDER):
                withdraw_unsent(about=enrollment.about, kind=kind, at=at)
            if seat.address:
                emails.seat_withdrawn(seat=seat, at=at)
    return seat


def close_cohort(*, cohort: Cohort, by: User | None, at: datetime) -> None:
    """Closes enrollment by hand, one way; closing a closed cohort changes nothing.

    A seat that was promised is not taken away: raises HoldsRunning while anybody's hold runs.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        if locked.closed_at is not None:
            return
        holds = list(Seat.objects.filter(cohort=locked, state=SeatState.HELD))
        running = [seat.hold_ends_at for seat in holds if seat.hold_ends_at > at]
        if running:
            raise HoldsRunning("Somebody holds a seat right now.", max(running))
        _expire_holds(holds, at=at)
        Cohort.objects.filter(pk=locked.pk).update(closed_at=at)
        record_event(
            cohort=locked, user=None, by=by, happened=LedgerEvent.CLOSED, at=at, reason="closed by staff"
        )


def begin_cohorts(*, at: datetime, cohort: Cohort | None = None) -> int:
    """Write `begun_at` where the first Monday has come, in every cohort or in this one; return how many.

    From then on the dates stay. No trigger reads the clock, so this runs before each pass of the weekly decision and
    before each change of a cohort in the admin.
    """
    soon = Cohort.objects.filter(begun_at=None, starts_on__lte=local_day(at, FIRST_ZONE))
    if cohort is not None:
        soon = soon.filter(pk=cohort.pk)
    begun = [one.pk for one in soon if has_begun(cohort=one, at=at)]
    return Cohort.objects.filter(pk__in=begun, begun_at=None).update(begun_at=at) if begun else 0


# Written out, like the question before it: in a rush almost every claim ends with this row.
REFUSED = """
INSERT INTO challenge_ledgerentry (cohort_id, user_id, by_id, happened, reason, at) VALUES (%s, %s, %s, %s, %s, %s)
"""


def record_refusal(
    *,
    cohort: Cohort,
    user: User | None,
    by: User | None,
    refusal: SeatRefused,
    at: datetime,
    reason: str = "",
) -> None:
    """Writes a refusal to the ledger; called outside the transaction that it undid."""
    whom, who = (person.pk if person is not None else None for person in (user, by))
    said = f"{type(refusal).__name__}: {reason}"[:200] if reason else type(refusal).__name__
    with connection.cursor() as cursor:
        cursor.execute(REFUSED, [cohort.pk, whom, who, LedgerEvent.REFUSED, said, at])


def record_event(
    *,
    cohort: Cohort,
    user: User | None,
    by: User | None,
    happened: LedgerEvent,
    at: datetime,
    seat: Seat | None = None,
    reason: str = "",
) -> None:
    """One row of the ledger."""
    LedgerEntry.objects.create(
        cohort=cohort, seat=seat, user=user, by=by, happened=happened, at=at, reason=reason
    )
