"""What the first join page says: one state out of eight, worked out from a cohort, a person and a moment."""

import math
from dataclasses import dataclass
from datetime import datetime

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, Seat, SeatState
from challenge.enrollment.queries import (
    CohortState,
    cohort_state,
    may_claim_from,
    running_elsewhere,
    seat_of,
)


@dataclass(frozen=True)
class JoinState:
    """`name` picks the words: none, confirmed, elsewhere, yours, ran_out, staff, closed, early, open, held, full.

    `elsewhere`: `seat` is their confirmed seat of another cohort that is not over.
    """

    name: str
    cohort: Cohort | None = None
    seats: CohortState | None = None
    seat: Seat | None = None
    opens_at: datetime | None = None
    free_in_minutes: int = 0


def join_state(*, cohort: Cohort | None, user: User | None, at: datetime) -> JoinState:
    """Which state this person (None for a visitor) finds at this moment."""
    if cohort is None:
        return JoinState("none")
    seats = cohort_state(cohort=cohort, at=at)
    if user is not None and user.is_staff:
        return JoinState("staff", cohort, seats)
    seat = seat_of(cohort=cohort, user=user) if user is not None else None
    if seat is not None and seat.state == SeatState.CONFIRMED:
        return JoinState("confirmed", cohort, seats, seat)
    if user is not None and (other := running_elsewhere(cohort=cohort, user=user, at=at)) is not None:
        return JoinState("elsewhere", cohort, seats, other)
    if not cohort.is_joinable(at):
        return JoinState("closed", cohort, seats)
    if seat is not None:
        return JoinState("yours" if seat.hold_ends_at > at else "ran_out", cohort, seats, seat)
    opens_at = may_claim_from(cohort=cohort, email=user.email) if user is not None else cohort.opens_at
    if at < opens_at:
        return JoinState("early", cohort, seats, opens_at=opens_at)
    if seats.free:
        return JoinState("open", cohort, seats)
    if seats.next_free_at is not None:
        return JoinState("held", cohort, seats, free_in_minutes=minutes_until(seats.next_free_at, at))
    return JoinState("full", cohort, seats)


def minutes_until(moment: datetime, at: datetime) -> int:
    """Whole minutes, rounded up, at least 1."""
    return max(1, math.ceil((moment - at).total_seconds() / 60))
