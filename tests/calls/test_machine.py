"""A machine that books, moves, cancels, changes hours and leave at random: what must hold holds after every step."""

import itertools
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from challenge.calls.actions import book, cancel, move
from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule import CallsInConflict, ConfirmedConflict, enter_leave, set_week
from challenge.calls.slots import diaries, free_slots_by_staff
from challenge.calls.staff_time import SlotTaken
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_prospect

ZONES = ("America/Chicago", "Asia/Kathmandu")
START = datetime(2026, 3, 6, 0, 0, tzinfo=UTC)  # the weekend that follows is when Chicago's clocks go forward
AT = START - timedelta(days=1)
DAYS = 4
starts = st.integers(0, DAYS * 48 - 1).map(lambda n: START + timedelta(minutes=30 * n))
choices = st.integers(0, 10_000)


class Calls(RuleBasedStateMachine):
    """Two clinicians far apart. Refusals are allowed where no slot was free, and only there."""

    booked = Bundle("booked")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.rows = [
            make_availability(time_zone=zone, days=range(7), starts=time(9), ends=time(11), horizon_days=60)
            for zone in ZONES
        ]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def free(self, without: Booking | None = None) -> list[Any]:
        until = START + timedelta(days=DAYS)
        return free_slots_by_staff(
            diaries(since=START, until=until, without=without), since=START, until=until, at=AT
        )

    @rule(target=booked, pick=choices, anyone=st.booleans())
    def book_a_free_slot(self, pick: int, anyone: bool) -> Any:
        free = self.free()
        if not free:
            return None
        slot = free[pick % len(free)]
        staff_id = None if anyone else slot.staff_id
        return book(starts_at=slot.starts_at, staff_id=staff_id, prospect=make_prospect(), by=None, at=AT).pk

    @rule(start=starts)
    def book_any_time(self, start: datetime) -> None:
        is_free = any(slot.starts_at == start for slot in self.free())
        try:
            call = book(starts_at=start, staff_id=None, prospect=make_prospect(), by=None, at=AT)
        except SlotTaken:
            assert not is_free
        else:
            assert is_free
            cancel(booking=call, by=None, at=AT)

    @rule(call=booked, pick=choices)
    def move_it(self, call: Any, pick: int) -> None:
        found = Booking.objects.filter(pk=call, state=BookingState.BOOKED).first()
        if found is None:
            return
        free = self.free(without=found)
        if free:
            slot = free[pick % len(free)]
            moved = move(booking=found, starts_at=slot.starts_at, staff_id=slot.staff_id, by=None, at=AT)
            assert (moved.starts_at, moved.staff_id) == (slot.starts_at, slot.staff_id)

    @rule(call=consumes(booked))
    def cancel_it(self, call: Any) -> None:
        found = Booking.objects.filter(pk=call, state=BookingState.BOOKED).first()
        if found is None:
            return
        cancel(booking=found, by=None, at=AT)

    @rule(row=st.integers(0, 1), start=starts, hours=st.integers(1, 30), agree=st.booleans())
    def enter_leave(self, row: int, start: datetime, hours: int, agree: bool) -> None:
        self.change(enter_leave, row, agree, starts_at=start, ends_at=start + timedelta(hours=hours))

    @rule(row=st.integers(0, 1), first=st.integers(0, 22), length=st.integers(1, 10), agree=st.booleans())
    def set_hours(self, row: int, first: int, length: int, agree: bool) -> None:
        times = (time(first), time((first + length) % 24))
        self.change(set_week, row, agree, weekly=[(day, times) for day in range(7)])

    def change(self, action: Any, row: int, agree: bool, **what: Any) -> None:
        availability = self.rows[row]
        common = {"availability": availability, "by": availability.staff, "at": AT} | what
        try:
            action(**common)
        except CallsInConflict as hit:
            if agree:
                calls = frozenset(call.pk for call in hit.calls)
                action(**common, agreed=ConfirmedConflict(calls, cancel=True, reason="closed"))
                assert not Booking.objects.filter(pk__in=calls, state=BookingState.BOOKED).exists()

    @invariant()
    def booked_calls_never_overlap(self) -> None:
        for row in self.rows:
            calls = list(
                Booking.objects.filter(staff=row.staff_id, state=BookingState.BOOKED).order_by("starts_at")
            )
            for one, other in itertools.pairwise(calls):
                assert one.busy.upper <= other.busy.lower

    @invariant()
    def free_slots_and_booked_calls_never_overlap(self) -> None:
        free = self.free()
        for call in Booking.objects.filter(state=BookingState.BOOKED):
            for slot in free:
                if slot.staff_id == call.staff_id:
                    assert slot.ends_at <= call.busy.lower or call.busy.upper <= slot.starts_at


@pytest.mark.django_db
def test_the_machine() -> None:
    assert NOW < AT
    run_state_machine_as_test(
        Calls,
        settings=settings(
            max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
