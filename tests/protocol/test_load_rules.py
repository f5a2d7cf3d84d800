"""Load: what warns, how much, and what never holds anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import LongestRun
from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.load import usual_week_m
from challenge.protocol.log_view import LogView
from challenge.protocol.long_run import limit_m
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import Effort, Rule
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import longest_run, run_warnings, week_warnings
from tests.protocol.story import NO_BREAK, START, intake, miles, monday, run, snapshot

DAY = timedelta(days=1)


def day(number: int) -> date:
    """Day 0 is the first Monday."""
    return START + number * DAY


def warned(
    new: RunInput, log: Sequence[RunInput] = (), lifts: Sequence[StrengthInput] = (), said: Any = None
) -> list[Rule]:
    return [w.reason.rule for w in run_warnings(new, log, lifts, said or intake(), START, NO_BREAK)]


@pytest.mark.parametrize(
    ("longest", "limit"), [(miles(10), miles(11)), (10_000, 11_001), (1, 2), (5_000, 5_501)]
)
def test_the_longest_run_that_stays_inside(longest: int, limit: int) -> None:
    assert limit_m(longest) == limit
    assert limit_m(99, CLINIC.altered(long_run_percent=101)) == 100


@pytest.mark.parametrize("tenths", range(10, 400))
def test_a_tenth_more_in_miles_is_never_beyond_the_limit(tenths: int) -> None:
    longest = tenths / 10
    assert miles(longest * 1.1) <= limit_m(miles(longest)) <= miles(longest * 1.1) + 2


def test_the_stated_limit_itself_does_not_warn_and_a_meter_more_does() -> None:
    log = [run(day(0), distance=10)]
    inside = replace(run(day(3)), distance_m=limit_m(miles(10)))
    assert warned(inside, log) == []
    assert warned(replace(inside, distance_m=inside.distance_m + 1), log) == [Rule.LOAD_LONG_RUN]


@pytest.mark.parametrize(
    ("age", "rules"), [(30, []), (31, [Rule.LOAD_LONG_RUN]), (1, []), (0, [Rule.LOAD_LONG_RUN])]
)
def test_the_longest_run_is_looked_for_in_the_thirty_days_before(age: int, rules: list[Rule]) -> None:
    log = [run(day(44), distance=3), run(day(45 - age), distance=10, key="long")]
    assert warned(run(day(45), distance=10, key="new"), log) == rules


def test_the_intake_counts_until_the_log_covers_thirty_days() -> None:
    said = intake(longest_run_m=miles(10))
    log = [run(day(0), distance=3), run(day(28), distance=3)]
    assert warned(run(day(3), distance=11), log, said=said) == []
    assert warned(run(day(29), distance=11), log, said=said) == []
    assert warned(run(day(30), distance=11), log, said=said) == [Rule.LOAD_LONG_RUN]
    later = replace(said, answered_on=day(10))
    assert warned(run(day(39), distance=11), [*log, run(day(38), distance=3)], said=later) == []
    assert warned(run(day(40), distance=11), [], said=said) == []
    same_day = [run(day(40), distance=3, key="same-day")]
    assert warned(run(day(40), distance=12), same_day, said=said) == [Rule.LOAD_LONG_RUN]
    assert warned(run(day(3), distance=11)) == []
    assert warned(run(day(3), distance=11), said=intake(longest_run_m=0)) == []


def test_without_any_run_in_thirty_days_no_limit_is_guessed() -> None:
    s = snapshot(8, runs=(run(day(0), distance=10),))
    stated = decide(s, NO_BREAK).longest_run
    assert stated is not None
    assert (stated.limit_m, stated.longest_m) == (None, None)
    assert "start short" in stated.reason.runner
    assert stated.reason == reason_for(Rule.LOAD_LONG_RUN, limit_m=None, longest_m=None)


def stated_in(week: int, *log: RunInput, **said: Any) -> LongestRun:
    return longest_run(LogView(snapshot(week, runs=log, intake=intake(**said))), NO_BREAK)


def test_a_run_of_thirty_one_days_before_monday_gives_no_limit_and_one_of_thirty_does() -> None:
    old = monday(6) - 31 * DAY
    assert stated_in(6, run(old, distance=9)) == LongestRun(
        None, None, reason_for(Rule.LOAD_LONG_RUN, limit_m=None, longest_m=None)
    )
    assert stated_in(6, run(old + DAY, distance=9)).limit_m == limit_m(miles(9))


def test_the_longest_run_given_on_monday_still_stays_inside_on_sunday() -> None:
    """Ten miles on day 10 are 25 days old on Monday, day 35, and no longer count on Sunday, day 41."""
    log = (run(day(10), distance=10), run(day(30), distance=6))
    stated = stated_in(6, *log)
    assert stated.limit_m == limit_m(miles(6))
    assert "about a tenth more than 6.0 mi, your longest of the 30 days before Sunday" in stated.reason.runner
    on_sunday = replace(run(day(41)), distance_m=limit_m(miles(6)))
    assert warned(on_sunday, log) == []
    assert warned(run(day(41), distance=10), log) == [Rule.LOAD_LONG_RUN]
    assert stated_in(6, run(day(11), distance=10), log[1]).limit_m == miles(11)


def test_where_nothing_counts_by_sunday_the_last_day_that_knows_a_run_speaks() -> None:
    log = (run(day(4), distance=10), run(day(7), distance=3), run(day(8), distance=2))
    stated = stated_in(6, *log)
    assert stated.limit_m == limit_m(miles(2))
    assert stated.reason.fact("before_day") == "Thursday"
    assert "the 30 days before Thursday" in stated.reason.clinician
    only_monday = stated_in(6, run(day(5), distance=10))
    assert (only_monday.limit_m, only_monday.reason.fact("before_day")) == (miles(11), None)


def test_the_intakes_answer_is_called_what_it_is() -> None:
    """Silent for weeks, the runner is measured by the intake, not by "the last 30 days"."""
    for week in (1, 9):
        stated = stated_in(week, longest_run_m=miles(10))
        assert (stated.limit_m, stated.longest_m) == (miles(11), miles(10))
        assert "the longest you told us about" in stated.reason.runner
    logged = stated_in(2, run(day(3), distance=10), longest_run_m=miles(10))
    assert "your longest of the last 30 days" in logged.reason.runner
    assert stated_in(1, longest_run_m=0).limit_m is None


def test_the_intakes_answer_ends_with_the_week_it_would_end_in() -> None:
    """Thirty days after the start are a Wednesday: on that Monday the number is already the log's."""
    log = tuple(run(monday(week) + DAY, distance=4) for week in (1, 2, 3, 4))
    assert stated_in(4, *log[:3], longest_run_m=miles(10)).limit_m == miles(11)
    assert stated_in(5, *log, longest_run_m=miles(10)).limit_m == limit_m(miles(4))


def test_the_week_may_be_smaller_than_the_longest_run() -> None:
    history = LogView(snapshot(2, runs=(run(day(0), distance=10),)))
    assert longest_run(history, CLINIC).limit_m == miles(11)
    assert longest_run(history, CLINIC, 9_000).limit_m == 9_000
    assert longest_run(history, CLINIC, 90_000).limit_m == miles(11)
    cut = reason_for(Rule.LOAD_LONG_RUN, limit_m=9_000, longest_m=miles(10), cut=True)
    assert longest_run(history, CLINIC, 9_000) == LongestRun(9_000, miles(10), cut)
    assert longest_run(history, CLINIC.altered(long_run_percent=100)).limit_m == miles(10) + 1
    assert "a tenth" not in longest_run(history, CLINIC, 9_000).reason.runner
    assert "a tenth" in longest_run(history, CLINIC, miles(11)).reason.runner


def weeks(*totals: float) -> list[RunInput]:
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


def test_two_miles_more_in_rounded_meters_are_two_miles_more() -> None:
    log = weeks(16, 16, 16, 16)
    new = run(monday(5) + 2 * DAY, distance=18, hills=True, key="new")
    assert new.distance_m - log[0].distance_m == 3218
    found = run_warnings(new, log, (), intake(longest_run_m=miles(20)), START)
    (reason,) = (w.reason for w in found if w.reason.rule is Rule.LOAD_STACKED)
    assert "2.0 mi more" in reason.runner


@pytest.mark.parametrize(("short_m", "stacked"), [(0, True), (1, True), (2, False)])
def test_two_miles_more_are_two_miles_more_to_the_meter(short_m: int, stacked: bool) -> None:
    """Half a meter is forgiven on either side of the sum, and no second meter."""
    usual = [replace(r, distance_m=16_000) for r in weeks(1, 1, 1, 1)]
    new = run(monday(5) + 2 * DAY, key="new", hills=True)
    new = replace(new, distance_m=16_000 + CLINIC.stacked_extra_m - short_m)
    assert (Rule.LOAD_STACKED in warned(new, usual)) is stacked


def test_what_was_stacked_is_named() -> None:
    log = weeks(10, 10, 10, 10)
    new = run(monday(5) + 2 * DAY, distance=13, hills=True, key="new")
    wide = CLINIC.altered(stacked_days=8)
    (_, by_eight) = (w.reason for w in run_warnings(new, log, (), intake(), START, wide))
    assert by_eight.fact("stacked_days") == 8
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
        for w in week_warnings(LogView(snapshot(3, runs=runs)), CLINIC)
        if w.reason.rule is Rule.LOAD_WEEKLY_JUMP
    ]
    assert bool(found) is jump
    longer = [replace(r, distance_m=10_000) for r in weeks(1, 1, 1)]
    longer[2] = replace(longer[2], distance_m=13_100)
    third = week_warnings(LogView(snapshot(4, runs=tuple(longer))), CLINIC)
    assert Rule.LOAD_WEEKLY_JUMP in {w.reason.rule for w in third}
    if jump:
        assert found[0].information
        assert not found[0].serious
        assert (found[0].reason.fact("now_m"), found[0].reason.fact("before_m")) == (13_100, 10_000)


def test_the_first_week_is_compared_with_the_intakes_usual_one() -> None:
    runs = (run(day(2), distance=14),)
    for usual, rules in ((10, [Rule.LOAD_WEEKLY_JUMP]), (14, []), (None, [])):
        said = intake(usual_week_m=usual and miles(usual), longest_run_m=miles(14))
        found = week_warnings(LogView(snapshot(2, runs=runs, intake=said)), CLINIC)
        assert [w.reason.rule for w in found] == rules
    third = snapshot(
        3, runs=(run(day(9), distance=14),), intake=intake(usual_week_m=10_000, longest_run_m=miles(14))
    )
    assert week_warnings(LogView(third), CLINIC) == ()
