"""Hold, expire, confirm, withdraw, close in any order: what must hold is checked after every step."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from challenge.accounts.models import User
from challenge.enrollment.actions import (
    HOLD,
    CohortClosed,
    CohortFull,
    HoldExpired,
    confirm_seat,
    hold_seat,
    withdraw,
)
from challenge.enrollment.cohort_actions import HoldsRunning, close_cohort
from challenge.enrollment.models import TAKEN, Cohort, EndReason, LedgerEntry, Seat, SeatState
from challenge.enrollment.queries import seat_of
from tests.conftest import NOW
from tests.factories.cohorts import make_cohort
from tests.factories.people import make_runner_user

CAPACITY = 3
PEOPLE = 5
person = st.integers(min_value=0, max_value=PEOPLE - 1)


class Seats(RuleBasedStateMachine):
    """The program beside a model of a few lines: who holds until when, who is in, whether it is closed."""

    @initialize()
    def begin(self) -> None:
        self.cohort: Cohort = make_cohort(capacity=CAPACITY, starts_on="2026-01-19")
        self.people: list[User] = [make_runner_user() for _ in range(PEOPLE)]
        self.now: datetime = NOW
        self.holds: dict[int, datetime] = {}
        self.confirmed: set[int] = set()
        self.closed_at: datetime | None = None
        self.ended: dict[int, datetime] = {}

    def act(self, who: int) -> dict[str, Any]:
        return {"cohort": self.cohort, "user": self.people[who], "by": None, "at": self.now}

    @rule(who=person)
    def hold(self, who: int) -> None:
        live = {other for other, until in self.holds.items() if until > self.now}
        act = self.act(who)
        if who in self.confirmed or who in live:
            assert hold_seat(**act).user == self.people[who]
        elif self.closed_at:
            with pytest.raises(CohortClosed):
                hold_seat(**act)
        elif who in self.holds:
            hold_seat(**act)
            self.holds[who] = self.now + HOLD
        elif len(live) + len(self.confirmed) >= CAPACITY:
            with pytest.raises(CohortFull) as refused:
                hold_seat(**act)
            assert refused.value.free_at == min((self.holds[o] for o in live), default=None)
        else:
            hold_seat(**act)
            self.holds = {o: until for o, until in self.holds.items() if o in live}
            self.holds[who] = self.now + HOLD

    @rule(who=person)
    def confirm(self, who: int) -> None:
        act = self.act(who)
        if who in self.confirmed:
            assert confirm_seat(**act).seat.user == self.people[who]
        elif self.closed_at:
            with pytest.raises(CohortClosed):
                confirm_seat(**act)
        elif who not in self.holds:
            with pytest.raises(HoldExpired):
                confirm_seat(**act)
        else:
            confirm_seat(**act)
            del self.holds[who]
            self.confirmed.add(who)
            if len(self.confirmed) == CAPACITY:
                self.closed_at = self.now

    @rule(who=person)
    def leave(self, who: int) -> None:
        seat = seat_of(cohort=self.cohort, user=self.people[who])
        assert (seat is not None) == (who in self.holds or who in self.confirmed)
        if seat is not None:
            withdraw(seat=seat, reason=EndReason.WITHDREW, by=None, at=self.now)
            self.holds.pop(who, None)
            self.confirmed.discard(who)

    @rule(minutes=st.sampled_from([1, 7, 20, 45]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def close(self) -> None:
        if self.closed_at is None and any(until > self.now for until in self.holds.values()):
            with pytest.raises(HoldsRunning):
                close_cohort(cohort=self.cohort, by=None, at=self.now)
            return
        close_cohort(cohort=self.cohort, by=None, at=self.now)
        if self.closed_at is None:
            self.closed_at = self.now
            self.holds = {}

    @invariant()
    def the_database_agrees(self) -> None:
        taken = list(Seat.objects.filter(TAKEN, cohort=self.cohort).order_by("number"))
        assert len(taken) <= CAPACITY
        assert len({seat.number for seat in taken}) == len(taken)
        assert all(1 <= seat.number <= CAPACITY for seat in taken)
        index = {user.pk: n for n, user in enumerate(self.people)}
        states = {index[seat.user_id]: seat.state for seat in taken if seat.user_id}
        assert {who for who, state in states.items() if state == SeatState.CONFIRMED} == self.confirmed
        assert {who for who, state in states.items() if state == SeatState.HELD} == set(self.holds)
        self.cohort.refresh_from_db()
        assert self.cohort.closed_at == self.closed_at

    @invariant()
    def what_ended_stays_ended(self) -> None:
        ended = dict(Seat.objects.filter(cohort=self.cohort, state="ended").values_list("pk", "ended_at"))
        assert {pk: ended.get(pk) for pk in self.ended} == self.ended
        self.ended = {pk: at for pk, at in ended.items() if at}

    @invariant()
    def the_ledger_tells_the_same_story(self) -> None:
        told = Counter(
            LedgerEntry.objects.filter(cohort=self.cohort)
            .exclude(reason="renewed")
            .values_list("happened", flat=True)
        )
        taken = len(self.holds) + len(self.confirmed)
        assert told["held"] - told["expired"] - told["released"] - told["withdrew"] == taken
        assert told["confirmed"] - told["withdrew"] == len(self.confirmed)


@pytest.mark.django_db
def test_seats_in_any_order_of_events() -> None:
    run_state_machine_as_test(
        Seats,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
