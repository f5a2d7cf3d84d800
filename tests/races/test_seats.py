"""Twenty seats and a crowd: real connections, real web workers, real PostgreSQL."""

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.program import Program
from tests.races.conftest import Gather
from tests.races.crowd import Crowd, Runner, at_once

ROLL_BACK = {"X-Roll-Back": "1"}
NO_LOCK = {"X-No-Lock": "1"}
ALL_TWENTY = list(range(1, 21))
LONGEST_S = 60


def errors(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, Exception)]


def test_four_hundred_runners_take_exactly_twenty_seats(program: Program, gather: Gather) -> None:
    crowd = gather(program, "crowd", count=400)

    def go(runner: Runner) -> str:
        return runner.answer() if runner.claim() else "missed"

    results = at_once([partial(go, runner) for runner in crowd.runners])
    assert errors(results) == []
    assert results.count("/join/done/") == 20
    assert results.count("missed") == 380
    assert crowd.taken() == ALL_TWENTY
    assert {seat["state"] for seat in crowd.seats()} == {"confirmed"}
    assert crowd.ask("SELECT closed_at FROM challenge_cohort WHERE id = %s", crowd.cohort)[0]["closed_at"]
    assert crowd.happened() == {"held": 20, "confirmed": 20, "refused": 380}
    welcome = crowd.ask(
        "SELECT count(*) FROM challenge_outboxmessage WHERE kind = 'welcome' AND to_email LIKE 'crowd-%%'"
    )
    assert welcome[0]["count"] == 20


@pytest.mark.deep
def test_half_of_the_claims_rolled_back_leave_no_seat_empty(program: Program, gather: Gather) -> None:
    """In `make test` twenty are rolled back among twenty: see below."""
    crowd = gather(program, "rolled", count=400)
    results = at_once(
        partial(runner.claim, **ROLL_BACK if n % 2 else {}) for n, runner in enumerate(crowd.runners)
    )
    assert errors(results) == []
    assert results.count(True) == 20
    assert crowd.taken() == ALL_TWENTY


def test_twenty_claims_among_twenty_rolled_back_ones_are_all_met(program: Program, gather: Gather) -> None:
    """No claim hears "full" because of a seat that another claim was about to give back."""
    crowd = gather(program, "among", count=40)
    results = at_once(
        partial(runner.claim, **ROLL_BACK if n % 2 else {}) for n, runner in enumerate(crowd.runners)
    )
    assert errors(results) == []
    assert results[::2] == [True] * 20
    assert crowd.taken() == ALL_TWENTY


def hold_all(crowd: Crowd, holders: list[Runner], *, until: datetime) -> None:
    """Holds by the first twenty runners that run out at `until`."""
    assert all(at_once([runner.claim for runner in holders]))
    crowd.ask("UPDATE challenge_seat SET hold_ends_at = %s WHERE cohort_id = %s", until, crowd.cohort)


class Turn:
    """Seats that found an owner; who waits for one claims until there are so many, and once more after."""

    def __init__(self, seats: int) -> None:
        self.seats, self.lock, self.end = seats, threading.Lock(), time.monotonic() + LONGEST_S

    def found(self) -> None:
        with self.lock:
            self.seats -= 1

    def claim(self, runner: Runner) -> bool:
        while self.seats > 0 and time.monotonic() < self.end:
            if runner.claim():
                self.found()
                return True
        return runner.claim()

    def answer(self, runner: Runner) -> str:
        place = runner.answer()
        if place == "/join/done/":
            self.found()
        return place


def test_holds_that_run_out_while_others_claim_and_their_owners_confirm(
    program: Program, gather: Gather
) -> None:
    crowd = gather(program, "expiring", count=100)
    holders, others = crowd.runners[:20], crowd.runners[20:]
    hold_all(crowd, holders, until=datetime.now(UTC) + timedelta(seconds=1.5))
    first = {seat["id"] for seat in crowd.seats()}
    turn = Turn(20)
    results = at_once(
        [partial(turn.answer, runner) for runner in holders[:5]]
        + [partial(turn.claim, runner) for runner in others]
    )
    assert errors(results) == []
    assert crowd.taken() == ALL_TWENTY
    confirmed = [seat for seat in crowd.seats() if seat["state"] == "confirmed"]
    assert len(confirmed) == results[:5].count("/join/done/")
    assert results[5:].count(True) == 20 - len(confirmed)
    # Who was too late to confirm their first hold may have found another free seat.
    assert crowd.happened()["expired"] == 20 - len([seat for seat in confirmed if seat["id"] in first])


def test_seats_given_back_while_others_claim_go_on_once_each(program: Program, gather: Gather) -> None:
    crowd = gather(program, "leaving", count=100)
    leaving, others = crowd.runners[:20], crowd.runners[20:]
    hold_all(crowd, leaving, until=datetime.now(UTC) + timedelta(minutes=20))
    turn = Turn(20)

    def leave(runner: Runner) -> tuple[int, str]:
        return runner.post("/join/release/")

    results = at_once(
        [partial(leave, runner) for runner in leaving] + [partial(turn.claim, runner) for runner in others]
    )
    assert errors(results) == []
    assert results[20:].count(True) == 20
    assert crowd.taken() == ALL_TWENTY
    assert crowd.happened()["released"] == 20


def test_one_runner_on_twenty_connections_gets_one_seat(program: Program, gather: Gather) -> None:
    crowd = gather(program, "same", count=1)
    me = crowd.runners[0]
    twins = [Runner(me.host, me.user_id, me.session) for _ in range(20)]
    crowd.runners += twins
    results = at_once([twin.claim for twin in twins])
    assert results == [True] * 20
    assert crowd.taken() == [1]
    assert crowd.happened() == {"held": 1}
    done = at_once([twin.answer for twin in twins])
    assert done == ["/join/done/"] * 20
    assert crowd.happened() == {"held": 1, "confirmed": 1}


def test_without_any_guard_a_seat_has_several_holders(unguarded: Program, gather: Gather) -> None:
    """The negative control: this crowd does share seats where neither lock nor database keeps the promise.

    Not "more than twenty": claims that run in step, four at a time, share seats and still stop at twenty rows.
    """
    crowd = gather(unguarded, "unguarded", count=100)
    results = at_once(partial(runner.claim, **NO_LOCK) for runner in crowd.runners)
    assert errors(results) == []
    taken = crowd.taken()
    assert len(set(taken)) < len(taken)


def test_the_lock_alone_prevents_the_oversell(unguarded: Program, gather: Gather) -> None:
    crowd = gather(unguarded, "locked", count=100)
    results = at_once([runner.claim for runner in crowd.runners])
    assert errors(results) == []
    assert crowd.taken() == ALL_TWENTY


def test_the_database_alone_prevents_the_oversell(program: Program, gather: Gather) -> None:
    """Without the lock claims collide and fail, and still there is no twenty-first seat."""
    crowd = gather(program, "unlocked", count=100)
    at_once(partial(runner.claim, **NO_LOCK) for runner in crowd.runners)
    taken = crowd.taken()
    assert len(taken) == len(set(taken)) <= 20
