"""`pain.not_better`, and `pain.morning` by site."""

from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Decision
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput
from challenge.protocol.vocabulary import Rule, Site
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    START,
    daily,
    intake,
    monday,
    morning,
    on_target,
    play,
    run,
    snapshot,
    week_of_runs,
)

DAY = timedelta(days=1)


def why(decision: Decision) -> Any:
    return next(
        (q.reason.fact("why") for q in decision.questions if q.reason.rule is Rule.PAIN_NOT_BETTER), None
    )


def sessions(*weeks: tuple[int, ...]) -> dict[str, Any]:
    """Runs with this pain in week 1, 2, ..."""
    return {
        "runs": tuple(
            run(monday(week) + day * DAY, pain=pain, key=f"{week}-{day}")
            for week, pains in enumerate(weeks, 1)
            for day, pain in enumerate(pains)
        )
    }


def after(week: int, **log: Any) -> Any:
    return why(decide(snapshot(week, **log)))


@pytest.mark.parametrize(
    ("weeks", "found"),
    [
        (((4, 4, 0), (4, 4, 0), (4, 4, 0)), "amber"),
        (((4, 3), (4, 4), (4, 4)), None),
        (((4, 4), (), (4, 4)), None),
        (((3, 3), (3, 3), (3, 3)), None),
        (((0, 1), (2, 2), (2, 3)), "rising"),
        (((1, 1), (2, 2), (2, 2)), None),
        (((), (2, 2), (5, 5)), None),
        (((2, 2), (9, 9), (3, 3)), None),
    ],
)
def test_three_weeks_of_sessions(weeks: tuple[tuple[int, ...], ...], found: str | None) -> None:
    assert after(4, **sessions(*weeks)) == found
    assert why(decide(snapshot(4, engine_version="3", **sessions(*weeks)))) is None


def test_before_three_weeks_nothing_is_said() -> None:
    assert after(3, **sessions((6, 6), (6, 6))) is None


def test_mornings_and_daily_life_that_rise_count_like_sessions() -> None:
    mornings = tuple(morning(monday(week), pain, key=f"m{week}") for week, pain in ((1, 1), (3, 3)))
    assert after(4, mornings=mornings) == "rising"
    assert after(4, mornings=mornings[:1]) is None
    answers = tuple(daily(monday(week), pain) for week, pain in ((1, 1), (3, 3)))
    assert after(4, daily_life=answers) == "rising"


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(10, 21, "stiff"), (10, 20, None), (11, 21, None), (0, 21, "stiff"), (None, 21, None), (10, None, None)],
)
def test_stiffness_that_doubled_to_more_than_twenty_minutes(
    first: int | None, last: int | None, found: str | None
) -> None:
    mornings = tuple(
        morning(monday(week), 1, key=f"m{week}", stiffness_min=minutes)
        for week, minutes in ((1, first), (3, last))
    )
    assert after(4, mornings=mornings) == found


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(3, 3, "flat"), (4, 3, None), (2, 2, None), (2, 3, "flat"), (None, 3, None), (3, None, None)],
)
def test_no_improvement_after_four_weeks(first: int | None, last: int | None, found: str | None) -> None:
    pains = {1: first, 5: last}
    runs = tuple(
        run(monday(week), pain=pain, key=f"r{week}") for week, pain in pains.items() if pain is not None
    )
    assert after(6, runs=runs) == found
    assert after(5, **sessions((3,), (3,), (3,), (3,))) is None


def test_it_is_asked_once_in_four_weeks_with_one_honest_sentence() -> None:
    decisions = play(9, on_target(pain=5))
    assert [d.week_number for d in decisions if why(d)] == [4, 8]
    told = reason_for(Rule.PAIN_NOT_BETTER, why="amber")
    assert told in decisions[3].advice
    assert told not in decisions[4].advice
    assert [d.cadence.target_spm for d in decisions[:4]] == [168, 176, 180, 180]


ACHILLES = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_morning=4)


@pytest.mark.parametrize(
    ("site", "before", "now", "worse"),
    [
        (Site.ACHILLES, 4, 5, False),
        (Site.ACHILLES, 4, 6, True),
        (Site.KNEE, 1, 3, True),
        (Site.KNEE, 1, 2, False),
        (None, 1, 5, False),
        (None, 1, 6, True),
    ],
)
def test_a_morning_is_compared_with_the_usual_one_at_its_site(
    site: Site | None, before: int, now: int, worse: bool
) -> None:
    usual = tuple(morning(START + day * DAY, before, site=site) for day in range(5))
    new = tuple(morning(monday(2) + day * DAY, now, site=site) for day in (1, 2))
    log: dict[str, Any] = {
        "mornings": (*usual, *new),
        "intake": ACHILLES,
        "past": (decide(snapshot(1)).past(),),
    }
    held = decide(snapshot(3, runs=week_of_runs(2, 168), **log)).cadence
    assert (held.reason.rule is Rule.CADENCE_HOLD_PAIN) is worse


def test_a_site_without_mornings_of_its_own_is_compared_with_all() -> None:
    new = tuple(morning(START + day * DAY, 6, site=Site.KNEE) for day in (1, 2))
    log: dict[str, Any] = {
        "mornings": new,
        "intake": intake(pain_morning=4),
        "past": (decide(snapshot(1)).past(),),
    }
    assert decide(snapshot(2, **log)).cadence.reason.fact("worse_week") is True


def test_the_honest_sentence_names_the_numbers_of_the_cohort() -> None:
    longer = CLINIC.altered(not_better_weeks=4)
    decision = decide(snapshot(5, **sessions(*[(4, 4)] * 4)), longer)
    question = next(q.reason for q in decision.questions if q.reason.rule is Rule.PAIN_NOT_BETTER)
    assert question == reason_for(Rule.PAIN_NOT_BETTER, longer, why="amber")
    assert question.fact("not_better_weeks") == 4


def test_weeks_of_before_the_challenge_are_no_measure() -> None:
    """Four weeks of the challenge are over on its fifth Monday, whatever the log holds of before."""
    before = (run(monday(0) + DAY, pain=3, key="before"), run(monday(4), pain=3, key="last"))
    assert after(5, runs=before) is None
    # Three weeks likewise: on the third Monday the first of them lies before the start.
    early = tuple(run(monday(week), pain=5, key=f"{week}") for week in (0, 1, 2))
    assert after(3, runs=early) is None


def test_stiffness_that_exactly_doubled_counts() -> None:
    mornings = tuple(
        morning(monday(week), 1, key=f"m{week}", stiffness_min=minutes)
        for week, minutes in ((1, 11), (3, 22))
    )
    assert after(4, mornings=mornings) == "stiff"


def test_the_weeks_of_no_improvement_are_whole_ones() -> None:
    """A parameter of 30 days looks back four weeks, not four and two days."""
    runs = (run(monday(1) + 6 * DAY, pain=3, key="first"), run(monday(5) + DAY, pain=3, key="last"))
    assert why(decide(snapshot(6, runs=runs), CLINIC.altered(improve_days=30))) == "flat"
