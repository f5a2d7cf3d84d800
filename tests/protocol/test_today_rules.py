"""`load.now` and `pain.today`: what a run and a red report ask for on the screen that saves them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.load import LogNow, load_now
from challenge.protocol.long_run import limit_m
from challenge.protocol.pain import pain_today
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import Effort, ExerciseId, Rule
from tests.protocol.story import START, intake, miles, morning, run, strength

DAY = timedelta(days=1)
FIVE = intake(longest_run_m=miles(5), used_to_tempo=False)


def now(*runs: Any, said: Any = FIVE, **log: Any) -> list[Any]:
    return list(load_now(runs[-1], LogNow(runs, said, START, **log)))


def test_a_run_inside_every_limit_asks_for_nothing() -> None:
    assert now(run(START, distance=5.5)) == []


def test_a_run_beyond_the_limit_says_what_follows_and_why() -> None:
    first, why = now(run(START, distance=6))
    facts: dict[str, Any] = {"distance_m": miles(6), "limit_m": limit_m(miles(5)), "far": False, "red": False}
    assert first == reason_for(Rule.LOAD_NOW, **facts)
    assert (
        first.runner
        == "You ran 6.0 mi, beyond your limit of 5.5 mi. Take tomorrow off, and no hills this week."
    )
    assert why.rule is Rule.LOAD_LONG_RUN


@pytest.mark.parametrize(("distance", "far"), [(10, False), (10.1, True)])
def test_more_than_twice_the_longest_run_is_far_beyond(distance: float, far: bool) -> None:
    assert now(run(START, distance=distance))[0].fact("far") is far


def test_a_far_and_red_run_asks_to_rest_and_to_call_and_its_email_would_not_speak_of_it() -> None:
    first = now(run(START, distance=15, pain=7))[0]
    assert "and it hurt. Rest, no hills this week, and call us" in first.runner
    assert (
        first.email
        == "You ran 15.0 mi, far beyond your limit of 5.5 mi. Rest, no hills this week, and please call us; "
        "your page says more."
    )
    assert now(run(START, distance=15, pain=5))[0].fact("red") is False


def test_the_run_itself_is_not_its_own_yardstick_nor_is_its_pain() -> None:
    before, again = run(START, distance=5), run(START + DAY, distance=5.5, pain=9)
    assert now(before, again) == []


def test_new_things_and_a_missing_rest_day_are_named_for_what_they_are() -> None:
    both = now(run(START, distance=5, hills=True, effort=Effort.TEMPO))
    assert both[0] == reason_for(Rule.LOAD_NOW, stacked=True, red=False)
    week = [run(START + day * DAY, distance=2) for day in range(7)]
    tired = now(*week)
    assert (tired[0], tired[1].rule) == (reason_for(Rule.LOAD_NOW, red=False), Rule.LOAD_RECOVERY)
    heavy = (strength(START + 6 * DAY, ExerciseId.HEAVY_CALF_RAISE),)
    assert now(*week[:6], run(START + 7 * DAY, distance=2), strength=heavy)[1].rule is Rule.LOAD_RECOVERY


def test_a_run_after_a_break_is_measured_by_the_week_it_lies_in() -> None:
    old, new = run(START, distance=10), run(START + 21 * DAY, distance=6)
    first, why = now(old, new, said=intake())
    assert (first.fact("limit_m"), why.rule) == (miles(5), Rule.LOAD_RETURN)
    assert (
        why.runner
        == "6.0 mi was a lot after time off; 5.0 mi would have been within your limit. Keep the next ones shorter."
    )


def test_a_break_longer_than_the_log_looks_back_has_a_limit_too() -> None:
    old, new = run(START, distance=10), run(START + 63 * DAY, distance=6)
    assert now(old, new, said=intake())[0].fact("limit_m") == miles(5)


def test_a_long_run_that_a_clinician_lets_count_is_the_new_measure() -> None:
    spike, after = run(START, distance=15, key="spike"), run(START + DAY, distance=12)
    assert now(spike, after) != []
    assert now(spike, after, by_hand=frozenset({"spike"})) == []


def test_a_red_report_is_answered_with_today_and_any_other_with_nothing() -> None:
    assert pain_today(5) is None
    assert pain_today(6) == reason_for(Rule.PAIN_TODAY, pain=6)
    assert pain_today(6, CLINIC.altered(red_from=7)) is None


def test_a_red_report_of_an_earlier_day_asks_for_no_second_day_of_rest_and_counts_down_to_the_call() -> None:
    said = [reason.runner for ago in range(4) if (reason := pain_today(7, days_ago=ago)) is not None]
    assert ["Rest from running tomorrow." in text for text in said] == [True, False, False, False]
    assert "If it’s still 4 or more in two days" in said[0]
    assert "If it’s still 4 or more tomorrow" in said[1]
    assert all("If it’s still 4 or more, call us today." in text for text in said[2:])
    assert all(
        "Leave out jumps, hills and heavy lifts until your pain is below 4 again." in text for text in said
    )


def test_what_a_run_warns_of_goes_by_the_numbers_of_its_cohort() -> None:
    wide = CLINIC.altered(long_run_percent=130)
    log = LogNow((run(START, distance=6),), FIVE, START)
    assert load_now(log.runs[0], log, wide) == ()
    farther = LogNow((run(START, distance=7),), FIVE, START)
    assert load_now(farther.runs[0], farther, wide)[0].fact("limit_m") == limit_m(miles(5), wide)


@pytest.mark.parametrize(("pain", "red"), [(None, False), (0, False), (5, False), (6, True), (7, True)])
def test_a_run_is_red_from_the_parameter_on(pain: int | None, red: bool) -> None:
    first = now(run(START, distance=6, pain=pain))[0]
    assert first.fact("red") is red


@pytest.mark.parametrize(("beyond_m", "far"), [(0, False), (1, False), (2, True)])
def test_far_beyond_forgives_half_a_meter_on_both_distances(beyond_m: int, far: bool) -> None:
    ran = replace(run(START), distance_m=2 * miles(5) + beyond_m, duration_s=9000)
    assert now(ran)[0].fact("far") is far


def test_a_run_that_is_in_the_log_already_is_no_first_hill_twice() -> None:
    # Corrected on the page: the log holds the run as it was, with the hills that are in question.
    before = run(START, distance=5)
    was = run(START + DAY, distance=5, key="corrected", hills=True, effort=Effort.TEMPO)
    becomes = replace(was, hills=False, effort=Effort.EASY)
    assert load_now(becomes, LogNow((before, was), FIVE, START)) == ()


def test_a_worse_morning_after_a_run_beyond_keeps_it_from_raising_the_limit() -> None:
    far = run(START, distance=7)
    later = run(START + 10 * DAY, distance=7)
    calm = [morning(START + day * DAY, 2) for day in range(1, 8)]
    assert now(far, later, mornings=tuple(calm)) == []
    usual = replace(FIVE, pain_morning=2)
    for worse, warned in ((4, True), (3, False)):
        log = (*calm[1:], morning(START + DAY, worse))
        assert bool(now(far, later, said=usual, mornings=log)) is warned
    # Measured by the cohort's own number of what is worse.
    lenient = CLINIC.altered(worse_by=3)
    whole = LogNow((far, later), usual, START, mornings=(*calm[1:], morning(START + DAY, 4)))
    assert load_now(later, whole, lenient) == ()
