"""Load: recovery, the window of the training block, the treadmill, and the one caution."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.load import (
    advice,
    block_week,
    recovery,
)
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.sentences.facts import distance
from challenge.protocol.vocabulary import Effort, ExerciseId, Rule, Surface
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import run_warnings, week_warnings
from tests.protocol.story import START, at, intake, miles, monday, run, snapshot, strength

DAY = timedelta(days=1)


def day(number: int) -> date:
    """Day 0 is the first Monday."""
    return START + number * DAY


def warned(
    new: RunInput, log: Sequence[RunInput] = (), lifts: Sequence[StrengthInput] = (), said: Any = None
) -> list[Rule]:
    return [w.reason.rule for w in run_warnings(new, log, lifts, said or intake(), START)]


@pytest.mark.parametrize(("days", "tired"), [(6, False), (7, True), (8, True)])
def test_seven_days_without_a_day_off_ask_for_recovery(days: int, tired: bool) -> None:
    runs = [run(day(number)) for number in range(days)]
    assert (Rule.LOAD_RECOVERY in warned(runs[-1], runs)) is tired
    if tired:
        (found,) = run_warnings(runs[-1], runs, (), intake(), START)
        assert (found.reason.fact("training_streak"), found.reason.fact("hard_streak")) == (days, 0)


def test_a_day_off_starts_the_count_again_and_heavy_or_jumping_days_are_training_days() -> None:
    runs = [run(day(number)) for number in (0, 1, 2, 4, 5, 6, 7)]
    assert warned(runs[-1], runs) == []
    for exercise in (ExerciseId.HEAVY_CALF_RAISE, ExerciseId.POGO_HOPS):
        assert warned(runs[-1], runs, [strength(day(3), exercise)]) == [Rule.LOAD_RECOVERY]
    assert warned(runs[-1], runs, [strength(day(3), ExerciseId.ISOMETRIC_CALF_HOLD)]) == []


@pytest.mark.parametrize(
    ("hard", "tired"),
    [
        ({"hills": True}, True),
        ({"effort": Effort.TEMPO}, True),
        ({"effort": Effort.RACE}, True),
        ({"effort": Effort.STEADY}, False),
        ({"distance": 6}, True),
        ({"distance": 5.9}, False),
    ],
)
def test_three_hard_days_running_ask_for_recovery(hard: dict[str, Any], tired: bool) -> None:
    easy = [run(day(number), distance=4) for number in (0, 2, 4)]
    said = intake(used_to_hills=True, used_to_tempo=True, longest_run_m=miles(9))
    lifts = [strength(day(7), ExerciseId.HEAVY_CALF_RAISE)]
    runs = [run(day(6), hills=True), run(day(8), **hard)]
    assert (Rule.LOAD_RECOVERY in warned(runs[-1], [*easy, *runs], lifts, said)) is tired
    assert Rule.LOAD_RECOVERY not in warned(runs[-1], [*easy, *runs], (), said)


def test_hard_days_older_than_thirty_days_are_forgotten() -> None:
    runs = [run(day(number), distance=4) for number in range(32)]
    (found,) = (
        w for w in run_warnings(runs[-1], runs, (), intake(), START) if w.reason.rule is Rule.LOAD_RECOVERY
    )
    assert found.reason.fact("training_streak") == 31


def test_a_heavy_session_can_be_the_third_hard_day() -> None:
    runs = (run(day(3), hills=True), run(day(4), hills=True))
    lift = strength(day(5), ExerciseId.HEAVY_CALF_RAISE)
    said = intake(block_started_on=START - 21 * DAY, used_to_hills=True)
    found = week_warnings(LogView(snapshot(2, runs=runs, strength=(lift,), intake=said)), CLINIC)
    assert [(w.reason.rule, w.serious, w.reason.fact("hard_streak")) for w in found] == [
        (Rule.LOAD_RECOVERY, True, 3)
    ]
    late_block = replace(said, block_started_on=START - 14 * DAY)
    edge = snapshot(2, runs=runs, strength=(lift,), intake=late_block)
    assert [w.serious for w in week_warnings(LogView(edge), CLINIC)] == [False]
    assert [w.serious for w in week_warnings(LogView(edge), CLINIC.altered(window_first_week=3))] == [True]
    calm = replace(snapshot(2, runs=runs[:1], strength=(lift,)), intake=said)
    assert week_warnings(LogView(calm), CLINIC) == ()


@pytest.mark.parametrize(("days", "week"), [(20, None), (21, 4), (27, 4), (28, 5), (55, 8), (56, None)])
def test_weeks_4_to_8_of_the_training_block_weigh_more(days: int, week: int | None) -> None:
    assert block_week(intake(block_started_on=START), day(days)) == week
    assert block_week(intake(), day(days)) is None
    said = intake(block_started_on=START)
    log = [run(day(days - 1), distance=5, key="old")]
    (found,) = run_warnings(run(day(days), distance=9), log, (), said, START)
    assert found.serious is (week is not None)


def test_the_window_is_stated_only_with_a_warning() -> None:
    said = intake(block_started_on=START - 21 * DAY, longest_run_m=miles(5))
    long, short = (run(day(3), distance=d) for d in (9, 5))
    first = decide(snapshot(2, runs=(long,), intake=said))
    assert [a.fact("week") for a in first.advice if a.rule is Rule.LOAD_WINDOW] == [4]
    assert first.caution is not None
    assert first.caution.serious
    assert Rule.LOAD_WINDOW not in {a.rule for a in decide(snapshot(2, runs=(short,), intake=said)).advice}
    jump = replace(said, usual_week_m=miles(2))
    assert Rule.LOAD_WINDOW not in {a.rule for a in decide(snapshot(2, runs=(short,), intake=jump)).advice}
    before = replace(said, block_started_on=START - 14 * DAY)
    third = snapshot(2, runs=(long,), intake=before)
    assert Rule.LOAD_WINDOW not in {a.rule for a in decide(third).advice}
    assert Rule.LOAD_WINDOW in {a.rule for a in decide(third, CLINIC.altered(window_first_week=3)).advice}


def test_the_treadmill_is_advice_and_never_a_warning() -> None:
    runs = (run(day(1), surface=Surface.TREADMILL), run(day(3), surface=Surface.ROAD))
    history = LogView(snapshot(2, runs=runs))
    (said,) = advice(history, (), CLINIC)
    assert (said.rule, said.fact("treadmill_runs"), said.fact("runs")) == (Rule.LOAD_TREADMILL, 1, 2)
    assert week_warnings(history, CLINIC) == ()


def test_information_alone_is_no_caution() -> None:
    said = intake(longest_run_m=miles(10), usual_week_m=miles(5))
    decided = decide(snapshot(2, runs=(run(day(1), distance=9),), intake=said))
    assert [w.information for w in decided.warnings] == [True]
    assert decided.caution is None


def test_the_one_caution_is_the_most_important_warning_and_the_latest_run_speaks() -> None:
    said = intake(longest_run_m=miles(3), usual_week_m=miles(5))
    runs = (run(day(1), distance=6, hills=True), run(day(4), distance=9, effort=Effort.TEMPO))
    decided = decide(snapshot(2, runs=runs, intake=said))
    assert [w.reason.rule for w in decided.warnings] == [
        Rule.LOAD_LONG_RUN,
        Rule.LOAD_STACKED,
        Rule.LOAD_WEEKLY_JUMP,
    ]
    assert decided.caution == decided.warnings[0]
    assert decided.caution.reason.fact("distance_m") == miles(9)
    assert decided.cadence.target_spm == 168


def test_runs_logged_late_warn_in_the_next_decision() -> None:
    first, second = decide(snapshot(1)), decide(snapshot(2))
    long = run(day(3), distance=9, logged_at=at(monday(2), 9))
    said = intake(longest_run_m=miles(3))
    decided = decide(snapshot(3, runs=(long,), intake=said, past=(first.past(), second.past())))
    assert [w.reason.rule for w in decided.warnings] == [Rule.LOAD_LONG_RUN]


@pytest.mark.parametrize(
    ("meters", "miles_said", "km_said"),
    [
        (16_093, "10.0 mi", "16.0 km"),
        (17_703, "11.0 mi", "17.7 km"),
        (0, "0.0 mi", "0.0 km"),
        (299_998, "186.4 mi", "299.9 km"),
        (160_772, "99.8 mi", "160.7 km"),
        (300_000, "186.4 mi", "300.0 km"),
        (17_864, "11.1 mi", "17.8 km"),
        (1_000, "0.6 mi", "1.0 km"),
        (999, "0.6 mi", "0.9 km"),
    ],
)
def test_distances_are_cut_to_a_tenth_and_never_rounded_up(
    meters: int, miles_said: str, km_said: str
) -> None:
    assert distance(meters) == miles_said
    assert distance(meters, kilometers=True) == km_said


@pytest.mark.parametrize(("shorts", "tired"), [((0, 5, 10), True), ((-1, 5, 10), False), ((5, 10), False)])
def test_what_is_long_is_measured_by_the_thirty_days_before_and_the_day_itself(
    shorts: tuple[int, ...], tired: bool
) -> None:
    """With three short runs in the span, 20 miles are half as long again as the usual 13; with two they are usual."""
    runs = [run(day(number), distance=6) for number in shorts]
    runs += [run(day(number), distance=20) for number in (28, 29, 30)]
    assert (recovery([day(30)], runs, [], CLINIC)[day(30)] is not None) is tired


def test_heavy_lifts_alone_ask_for_recovery_too() -> None:
    lifts = [strength(day(number), ExerciseId.HEAVY_CALF_RAISE) for number in range(3)]
    found = recovery([day(1), day(2)], [], lifts, CLINIC)
    assert found[day(1)] is None
    assert found[day(2)] == reason_for(Rule.LOAD_RECOVERY, training_streak=3, hard_streak=3)
    patient = CLINIC.altered(days_without_off=5)
    reason = recovery([day(2)], [], lifts, patient)[day(2)]
    assert reason is not None
    assert reason.fact("days_without_off") == 5
