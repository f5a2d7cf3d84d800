"""Load: what warns, how much, and what never holds anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.entries import Run, StrengthSession
from challenge.protocol.history import History
from challenge.protocol.load import (
    advice,
    block_week,
    limit_m,
    longest_run,
    run_warnings,
    usual_week_m,
    week_warnings,
)
from challenge.protocol.parameters import CLINIC
from challenge.protocol.rules import Rule
from challenge.protocol.sentences.told import distance
from challenge.protocol.terms import Effort, ExerciseId, Surface
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, miles, monday, run, snapshot, strength

DAY = timedelta(days=1)


def day(number: int) -> date:
    """Day 0 is the first Monday."""
    return START + number * DAY


def warned(
    new: Run, log: Sequence[Run] = (), lifts: Sequence[StrengthSession] = (), said: Any = None
) -> list[Rule]:
    return [w.reason.rule for w in run_warnings(new, log, lifts, said or intake(), START)]


@pytest.mark.parametrize(
    ("longest", "limit"), [(miles(10), miles(11)), (10_000, 11_001), (1, 2), (5_000, 5_501)]
)
def test_the_longest_run_that_stays_inside(longest: int, limit: int) -> None:
    assert limit_m(longest) == limit


@pytest.mark.parametrize("tenths", range(10, 400))
def test_a_tenth_more_in_miles_is_never_beyond_the_limit(tenths: int) -> None:
    longest = tenths / 10
    assert miles(longest * 1.1) <= limit_m(miles(longest)) <= miles(longest * 1.1) + 2


def test_the_stated_limit_itself_does_not_warn_and_a_metre_more_does() -> None:
    log = [run(day(0), distance=10)]
    inside = replace(run(day(3)), distance_m=limit_m(miles(10)))
    assert warned(inside, log) == []
    assert warned(replace(inside, distance_m=inside.distance_m + 1), log) == [Rule.LOAD_LONG_RUN]


@pytest.mark.parametrize(
    ("age", "rules"), [(30, []), (31, [Rule.LOAD_LONG_RUN]), (1, []), (0, [Rule.LOAD_LONG_RUN])]
)
def test_the_longest_run_is_looked_for_in_the_thirty_days_before(age: int, rules: list[Rule]) -> None:
    log = [run(day(40), distance=3), run(day(45 - age), distance=10, key="long")]
    assert warned(run(day(45), distance=10, key="new"), log) == rules


def test_the_intake_stands_in_until_the_log_covers_thirty_days() -> None:
    said = intake(longest_run_m=miles(10))
    log = [run(day(0), distance=3), run(day(28), distance=3)]
    assert warned(run(day(3), distance=11), log, said=said) == []
    assert warned(run(day(29), distance=11), log, said=said) == []
    assert warned(run(day(30), distance=11), log, said=said) == [Rule.LOAD_LONG_RUN]
    later = replace(said, answered_on=day(10))
    assert warned(run(day(39), distance=11), [*log, run(day(38), distance=3)], said=later) == []
    assert warned(run(day(40), distance=11), [], said=said) == []
    assert warned(run(day(3), distance=11)) == []
    assert warned(run(day(3), distance=11), said=intake(longest_run_m=0)) == []


def test_without_any_run_in_thirty_days_no_limit_is_guessed() -> None:
    s = snapshot(8, runs=(run(day(0), distance=10),))
    stated = decide(s).longest_run
    assert stated is not None
    assert (stated.limit_m, stated.longest_m) == (None, None)
    assert "start short" in stated.reason.runner


def test_the_week_may_be_smaller_than_the_longest_run() -> None:
    history = History(snapshot(2, runs=(run(day(0), distance=10),)))
    assert longest_run(history, CLINIC).limit_m == miles(11)
    assert longest_run(history, CLINIC, 9_000).limit_m == 9_000
    assert longest_run(history, CLINIC, 90_000).limit_m == miles(11)
    assert longest_run(history, CLINIC, 9_000).reason.fact("limit_m") == 9_000


def weeks(*totals: float) -> list[Run]:
    """One run a week, on its Wednesday, from week 1."""
    return [
        run(monday(at + 1) + 2 * DAY, distance=total, key=f"w{at}")
        for at, total in enumerate(totals)
        if total
    ]


def test_the_usual_week_is_the_median_of_the_last_four_with_the_intakes_before_the_log() -> None:
    said = intake(usual_week_m=20_000)
    log = weeks(10, 20, 12, 18)
    assert usual_week_m(log, monday(5), said, START, CLINIC) == (miles(12) + miles(18)) // 2
    assert usual_week_m(log, monday(3), said, START, CLINIC) == (20_000 + 20_000) // 2
    assert usual_week_m(log, monday(2), intake(), START, CLINIC) == miles(10)
    assert usual_week_m([], monday(1), intake(), START, CLINIC) is None
    assert usual_week_m([], monday(1), said, START, CLINIC) == 20_000
    assert usual_week_m(weeks(10, 0, 0, 0), monday(5), said, START, CLINIC) is None
    early = [run(START - 7 * DAY, distance=8, key="early"), *log]
    assert usual_week_m(early, monday(2), intake(), START, CLINIC) == (miles(8) + miles(10)) // 2


@pytest.mark.parametrize(
    ("new", "said", "stacked"),
    [
        ({"distance": 12, "hills": True}, {}, True),
        ({"distance": 11.9, "hills": True}, {}, False),
        ({"distance": 12}, {}, False),
        ({"distance": 12, "effort": Effort.TEMPO}, {}, True),
        ({"distance": 9, "effort": Effort.TEMPO, "hills": True}, {}, True),
        ({"distance": 9, "effort": Effort.RACE, "hills": True}, {}, False),
        ({"distance": 12, "hills": True}, {"used_to_hills": True}, False),
        ({"distance": 12, "effort": Effort.TEMPO}, {"used_to_tempo": True}, False),
    ],
)
def test_two_new_stresses_within_seven_days_are_stacked(
    new: dict[str, Any], said: dict[str, Any], stacked: bool
) -> None:
    log = weeks(10, 10, 10, 10)
    rules = warned(
        run(monday(5) + 2 * DAY, key="new", **new), log, said=intake(longest_run_m=miles(20), **said)
    )
    assert (Rule.LOAD_STACKED in rules) is stacked


@pytest.mark.parametrize(("apart", "stacked"), [(0, True), (6, True), (7, False)])
def test_the_stresses_lie_within_seven_days(apart: int, stacked: bool) -> None:
    hill = run(day(20), hills=True, key="hill")
    tempo = run(day(20 + apart), effort=Effort.TEMPO, key="tempo")
    assert (Rule.LOAD_STACKED in warned(tempo, [hill])) is stacked


def test_a_stress_is_new_only_the_first_time() -> None:
    log = [run(day(1), hills=True, distance=8), run(day(8), distance=8), run(day(20), hills=True)]
    assert Rule.LOAD_STACKED not in warned(run(day(21), effort=Effort.TEMPO), log)


def test_what_was_stacked_is_named() -> None:
    log = weeks(10, 10, 10, 10)
    new = run(monday(5) + 2 * DAY, distance=13, hills=True, key="new")
    (_, reason) = (w.reason for w in run_warnings(new, log, (), intake(), START))
    assert (reason.fact("extra_m"), reason.fact("first_hills"), reason.fact("first_tempo")) == (
        miles(13) - miles(10),
        True,
        False,
    )
    tempo = run(day(8), distance=3, effort=Effort.TEMPO, hills=True)
    assert run_warnings(tempo, [], (), intake(), START)[0].reason.fact("extra_m") == 0


@pytest.mark.parametrize(
    ("now", "before", "jump"), [(13, 10, False), (13.1, 10, True), (5, 0, False), (9, 10, False)]
)
def test_a_week_more_than_thirty_percent_up_is_information(now: float, before: float, jump: bool) -> None:
    runs = tuple(
        replace(r, distance_m=round(1000 * d)) for r, d in zip(weeks(1, 1), (before, now), strict=True) if d
    )
    found = [
        w
        for w in week_warnings(History(snapshot(3, runs=runs)), CLINIC)
        if w.reason.rule is Rule.LOAD_WEEKLY_JUMP
    ]
    assert bool(found) is jump
    if jump:
        assert found[0].information
        assert not found[0].serious
        assert (found[0].reason.fact("now_m"), found[0].reason.fact("before_m")) == (13_100, 10_000)


def test_the_first_week_is_compared_with_the_intakes_usual_one() -> None:
    runs = (run(day(2), distance=14),)
    for usual, rules in ((10, [Rule.LOAD_WEEKLY_JUMP]), (14, []), (None, [])):
        said = intake(usual_week_m=usual and miles(usual), longest_run_m=miles(14))
        found = week_warnings(History(snapshot(2, runs=runs, intake=said)), CLINIC)
        assert [w.reason.rule for w in found] == rules
    third = snapshot(
        3, runs=(run(day(9), distance=14),), intake=intake(usual_week_m=10_000, longest_run_m=miles(14))
    )
    assert week_warnings(History(third), CLINIC) == ()


@pytest.mark.parametrize(("days", "tired"), [(6, False), (7, True), (8, True)])
def test_seven_days_without_a_day_off_ask_for_recovery(days: int, tired: bool) -> None:
    runs = [run(day(number)) for number in range(days)]
    assert (Rule.LOAD_RECOVERY in warned(runs[-1], runs)) is tired
    if tired:
        (found,) = run_warnings(runs[-1], runs, (), intake(), START)
        assert (found.reason.fact("days_without_off"), found.reason.fact("hard_days")) == (days, 0)


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
    assert found.reason.fact("days_without_off") == 31


def test_a_heavy_session_can_be_the_third_hard_day() -> None:
    runs = (run(day(3), hills=True), run(day(4), hills=True))
    lift = strength(day(5), ExerciseId.HEAVY_CALF_RAISE)
    said = intake(block_started_on=START - 21 * DAY, used_to_hills=True)
    found = week_warnings(History(snapshot(2, runs=runs, strength=(lift,), intake=said)), CLINIC)
    assert [(w.reason.rule, w.serious, w.reason.fact("hard_days")) for w in found] == [
        (Rule.LOAD_RECOVERY, True, 3)
    ]
    calm = replace(snapshot(2, runs=runs[:1], strength=(lift,)), intake=said)
    assert week_warnings(History(calm), CLINIC) == ()


@pytest.mark.parametrize(("days", "week"), [(20, None), (21, 4), (27, 4), (28, 5), (55, 8), (56, None)])
def test_weeks_4_to_8_of_the_training_block_weigh_more(days: int, week: int | None) -> None:
    assert block_week(intake(block_started_on=START), day(days)) == week
    assert block_week(intake(), day(days)) is None
    said = intake(block_started_on=START)
    log = [run(day(days - 1), distance=5, key="old")]
    (found,) = run_warnings(run(day(days), distance=9), log, (), said, START)
    assert found.serious is (week is not None)


def test_the_window_is_said_beside_a_warning_only() -> None:
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
    assert Rule.LOAD_WINDOW not in {a.rule for a in decide(snapshot(2, runs=(long,), intake=before)).advice}


def test_the_treadmill_is_advice_and_never_a_warning() -> None:
    runs = (run(day(1), surface=Surface.TREADMILL), run(day(3), surface=Surface.ROAD))
    history = History(snapshot(2, runs=runs))
    (said,) = advice(history, (), CLINIC)
    assert (said.rule, said.fact("treadmill_runs"), said.fact("runs")) == (Rule.LOAD_TREADMILL, 1, 2)
    assert week_warnings(history, CLINIC) == ()


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


def test_runs_told_late_warn_in_the_next_decision() -> None:
    first, second = decide(snapshot(1)), decide(snapshot(2))
    long = run(day(3), distance=9, logged_at=at(monday(2), 9))
    said = intake(longest_run_m=miles(3))
    decided = decide(snapshot(3, runs=(long,), intake=said, past=(first.past(), second.past())))
    assert [w.reason.rule for w in decided.warnings] == [Rule.LOAD_LONG_RUN]


@pytest.mark.parametrize(
    ("metres", "miles_said", "km_said"),
    [
        (16_093, "10.0 mi", "16.0 km"),
        (17_703, "11.0 mi", "17.7 km"),
        (0, "0.0 mi", "0.0 km"),
        (17_864, "11.1 mi", "17.8 km"),
        (1_000, "0.6 mi", "1.0 km"),
        (999, "0.6 mi", "0.9 km"),
    ],
)
def test_distances_are_cut_to_a_tenth_and_never_rounded_up(
    metres: int, miles_said: str, km_said: str
) -> None:
    assert distance(metres) == miles_said
    assert distance(metres, kilometres=True) == km_said
