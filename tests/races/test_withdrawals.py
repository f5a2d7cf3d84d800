"""Confirmed runners withdraw while a crowd claims: before closing their seats go on, after closing they stay empty."""

from collections.abc import Callable
from functools import partial
from threading import Event, Lock
from typing import Any

import pytest

from tests.program import Program
from tests.races.conftest import Gather
from tests.races.crowd import Crowd, Runner, at_once

NO_LOCK = {"X-No-Lock": "1"}
ALL_TWENTY = list(range(1, 21))


class Leaving:
    """Confirmed runners who withdraw; `over` once the last of them has."""

    def __init__(self, count: int) -> None:
        self.left, self.lock, self.over = count, Lock(), Event()

    def withdraw(self, runner: Runner, **headers: str) -> tuple[int, str]:
        try:
            return runner.post("/me/withdraw/", {"sure": "on"}, **headers)
        finally:
            with self.lock:
                self.left -= 1
                if not self.left:
                    self.over.set()

    def claim(self, runner: Runner, **headers: str) -> bool:
        """Claims until there is a seat, or until one claim that began after the last withdrawal was refused."""
        while True:
            last = self.over.is_set()
            if runner.claim(**headers):
                return True
            if last:
                return False


def confirm(runners: list[Runner]) -> None:
    """Takes a seat for each, over the same pages as everyone."""

    def go(runner: Runner) -> str:
        return runner.answer() if runner.claim() else "missed"

    assert at_once([partial(go, runner) for runner in runners]) == ["/join/done/"] * len(runners)


def withdraw_among_claims(
    leaving: list[Runner], claiming: list[Runner], **headers: str
) -> tuple[list[Any], list[Any]]:
    """Both at once; the answers to those who leave and to those who claim."""
    party = Leaving(len(leaving))
    tasks: list[Callable[[], Any]] = [partial(party.claim, runner, **headers) for runner in claiming]
    tasks[5:5] = [partial(party.withdraw, runner, **headers) for runner in leaving]
    results = at_once(tasks)
    end = 5 + len(leaving)
    return results[5:end], results[:5] + results[end:]


def story(crowd: Crowd) -> list[str]:
    """What happened to the seats in the order of the lock: every entry but a refusal is written while it is held."""
    rows = crowd.ask(
        "SELECT happened FROM challenge_ledgerentry WHERE cohort_id = %s AND happened <> 'refused' ORDER BY id",
        crowd.cohort,
    )
    return [row["happened"] for row in rows]


def most_at_once(happened: list[str]) -> int:
    """The most seats that were held or confirmed at any moment of the story."""
    taken = most = 0
    for what in happened:
        taken += {"held": 1, "withdrew": -1, "released": -1, "expired": -1}.get(what, 0)
        most = max(most, taken)
    return most


def closed_at(crowd: Crowd) -> Any:
    return crowd.ask("SELECT closed_at FROM challenge_cohort WHERE id = %s", crowd.cohort)[0]["closed_at"]


def test_before_closing_a_confirmed_seat_that_is_given_up_goes_on_once(
    program: Program, gather: Gather
) -> None:
    crowd = gather(program, "givenup", count=75)
    confirmed, others = crowd.runners[:15], crowd.runners[15:]
    confirm(confirmed)
    left, claimed = withdraw_among_claims(confirmed[:10], others)
    assert left == [(302, "/me/")] * 10
    assert claimed.count(True) == 15
    assert claimed.count(False) == 45
    assert crowd.taken() == ALL_TWENTY
    assert most_at_once(story(crowd)) == 20
    assert closed_at(crowd) is None
    new = [runner for runner, got in zip(others, claimed, strict=True) if got]
    assert at_once([runner.answer for runner in new]) == ["/join/done/"] * 15
    assert crowd.taken() == ALL_TWENTY
    assert {seat["state"] for seat in crowd.seats()} == {"confirmed", "ended"}
    assert closed_at(crowd) is not None
    assert not any(
        confirmed[0].user_id == seat["user_id"] for seat in crowd.seats() if seat["state"] != "ended"
    )


def test_after_closing_a_seat_that_is_given_up_stays_empty(program: Program, gather: Gather) -> None:
    crowd = gather(program, "emptied", count=70)
    confirmed, others = crowd.runners[:20], crowd.runners[20:]
    confirm(confirmed)
    closed = closed_at(crowd)
    before = crowd.seats()
    left, claimed = withdraw_among_claims(confirmed[:10], others)
    assert left == [(302, "/me/")] * 10
    assert claimed == [False] * 50
    gone = {runner.user_id for runner in confirmed[:10]}
    assert crowd.taken() == sorted(seat["number"] for seat in before if seat["user_id"] not in gone)
    assert len(crowd.seats()) == 20
    assert closed_at(crowd) == closed
    assert story(crowd)[-10:] == ["withdrew"] * 10


@pytest.mark.deep
def test_the_last_confirmation_among_withdrawals_and_claims_closes_once_and_for_good(
    program: Program, gather: Gather
) -> None:
    """Nineteen confirmed and one held: in either order, no one joins after a twentieth confirmation."""
    crowd = gather(program, "brink", count=60)
    confirmed, last, others = crowd.runners[:19], crowd.runners[19], crowd.runners[20:]
    confirm(confirmed)
    assert last.claim()
    party = Leaving(4)
    tasks: list[Callable[[], Any]] = [partial(party.claim, runner) for runner in others]
    tasks[4:4] = [partial(party.withdraw, runner) for runner in confirmed[:4]]
    results = at_once([last.answer, *tasks])
    assert [result for result in results if isinstance(result, Exception)] == []
    assert results[0] == "/join/done/"
    happened = story(crowd)
    assert most_at_once(happened) == 20
    withdrawn = 0
    for position, what in enumerate(happened):
        withdrawn += what == "withdrew"
        if happened[: position + 1].count("confirmed") - withdrawn == 20:
            assert "held" not in happened[position:]
            assert closed_at(crowd) is not None
            break
    else:
        assert closed_at(crowd) is None
        assert crowd.taken() == ALL_TWENTY


def test_without_any_guard_the_race_of_withdrawals_gives_one_bib_twice(
    unguarded: Program, gather: Gather
) -> None:
    """The negative control: the crowd above does take seats twice where neither lock nor database forbids it."""
    crowd = gather(unguarded, "givenup-bare", count=75)
    confirmed, others = crowd.runners[:15], crowd.runners[15:]
    confirm(confirmed)
    left, _ = withdraw_among_claims(confirmed[:10], others, **NO_LOCK)
    assert left == [(302, "/me/")] * 10
    taken = crowd.taken()
    assert len(set(taken)) < len(taken)


@pytest.mark.deep
def test_without_the_trigger_that_closes_a_given_up_seat_is_taken_again(
    unguarded: Program, gather: Gather
) -> None:
    """The negative control of closing: the twenty seats fill up once more, so the test above would see it."""
    crowd = gather(unguarded, "emptied-bare", count=70)
    confirmed, others = crowd.runners[:20], crowd.runners[20:]
    confirm(confirmed)
    left, claimed = withdraw_among_claims(confirmed[:10], others)
    assert left == [(302, "/me/")] * 10
    assert claimed.count(True) == 10
    assert len(crowd.seats()) == 30
