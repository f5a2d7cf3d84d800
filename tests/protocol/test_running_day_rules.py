"""Cadence by running days: what makes a baseline, what is measured, and what happens when nothing is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import CadenceDecision, Decision
from challenge.protocol.entries import RunInput
from challenge.protocol.measured_cadence import RunningDay
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import BaselineSource, CadenceSource, Effort, Rule
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    START,
    at,
    daily,
    intake,
    monday,
    on_target,
    play,
    run,
    snapshot,
    week_of_runs,
)

DAY = timedelta(days=1)
FIRST = decide(snapshot(1)).past()
NONE_STATED = intake(baseline_spm=None)


def second(*runs: RunInput, **values: Any) -> CadenceDecision:
    return decide(snapshot(2, past=(FIRST,), runs=runs, **values)).cadence


def parts(*of: tuple[int | None, int], day: int = 1) -> tuple[RunInput, ...]:
    """Files of one day: cadence and minutes each."""
    return tuple(
        run(START + day * DAY, spm, key=f"{day}-{number}", duration_s=minutes * 60)
        for number, (spm, minutes) in enumerate(of)
    )


@pytest.mark.parametrize(
    ("files", "measured", "hit"),
    [
        (((168, 9),), None, False),
        (((168, 5), (168, 5)), 168, True),
        (((150, 10), (168, 30), (150, 10)), 168, True),
        (((150, 31), (168, 30)), 150, False),
        (((150, 30), (168, 30)), 159, True),
        (((None, 30), (168, 10)), 168, True),
        (((None, 30), (164, 10)), 164, False),
        (((None, 30),), None, False),
    ],
)
def test_all_that_was_run_on_a_day_is_one_run(
    files: tuple[tuple[int | None, int], ...], measured: int | None, hit: bool
) -> None:
    day = RunningDay(START, parts(*files))
    assert (day.measured_spm(CLINIC), day.on_target(168, CLINIC)) == (measured, hit)
    assert not day.on_target(None, CLINIC)


def test_three_files_on_each_of_two_days_are_two_runs() -> None:
    counts = second(*parts((168, 10), (168, 30), (168, 10)), *parts((168, 10), (168, 30), day=3))
    assert (counts.runs, counts.measured_runs, counts.on_target_runs) == (2, 2, 2)
    assert counts.reason.rule is Rule.CADENCE_FIVE_RUNS


def test_a_late_file_of_a_day_that_counted_is_no_second_run() -> None:
    early, late = parts((168, 30), (168, 10))
    late = replace(late, logged_at=at(monday(2), 9))
    past = (FIRST, decide(snapshot(2, runs=(early,), past=(FIRST,))).past())
    assert decide(snapshot(3, runs=(early, late), past=past)).cadence.runs == 0
    alone = replace(late, local_on=START + 2 * DAY)
    assert decide(snapshot(3, runs=(early, alone), past=past)).cadence.runs == 1


def test_three_files_a_week_on_one_day_earn_a_raise_after_five_weeks() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        day, spm = monday(week) + DAY, decision.cadence.target_spm
        return {"runs": tuple(run(day, spm, key=f"{week}-{n}", duration_s=900) for n in range(3))}

    decisions = play(7, live)
    assert [d.cadence.on_target_since for d in decisions[1:6]] == [1, 2, 3, 4, 5]
    assert [d.cadence.target_spm for d in decisions] == [168, 168, 168, 168, 168, 176, 176]


@pytest.mark.parametrize("version", ["3", "4"])
def test_version_3_counts_files_as_before(version: str) -> None:
    runs = parts((168, 30), (168, 30), (168, 30))
    counted = second(*runs, engine_version=version)
    assert counted.runs == (3 if version == "3" else 1)
    assert counted.raised is (version == "3")
    steady = tuple(replace(r, effort=Effort.STEADY) for r in week_of_runs(1, 150))
    assert second(*steady, engine_version=version).baseline_spm == (150 if version == "3" else 160)
    walked = tuple(replace(r, walk_breaks=True) for r in week_of_runs(1, 150))
    assert second(*walked, engine_version=version).baseline_spm == (150 if version == "3" else 160)


def test_tempo_176_and_race_178_make_no_baseline_but_easy_160_does() -> None:
    runs = [
        run(START + day * DAY, spm, effort=effort)
        for day, spm, effort in ((0, 176, Effort.TEMPO), (2, 178, Effort.RACE), (4, 160, Effort.EASY))
    ]
    fast = decide(snapshot(2, intake=NONE_STATED, runs=tuple(runs[:2]))).cadence
    assert (fast.baseline_spm, fast.baseline_source) == (None, None)
    found = decide(snapshot(2, intake=NONE_STATED, runs=tuple(runs))).cadence
    assert (found.baseline_spm, found.baseline_source) == (160, BaselineSource.MEASURED)


@pytest.mark.parametrize("source", [CadenceSource.COUNTED, CadenceSource.TAPPED])
def test_a_run_counted_on_purpose_makes_a_baseline_at_any_effort(source: CadenceSource) -> None:
    counted = run(START, 165, effort=Effort.STEADY, cadence_source=source)
    found = decide(snapshot(2, intake=NONE_STATED, runs=(counted,))).cadence
    assert (found.baseline_spm, found.baseline_source) == (165, BaselineSource.COUNTED)


Walked = Callable[[RunInput], RunInput]


@pytest.mark.parametrize(
    ("how", "believed"),
    [
        (lambda r: replace(r, walk_breaks=True), False),
        (lambda r: replace(r, duration_s=2000, running_s=1799), False),
        (lambda r: replace(r, duration_s=2000, running_s=1800), True),
        (lambda r: replace(r, walk_breaks=True, cadence_source=CadenceSource.FILE), True),
        (lambda r: replace(r, walk_breaks=True, cadence_source=CadenceSource.COUNTED), True),
    ],
)
def test_a_typed_average_over_walking_is_not_measured(how: Walked, believed: bool) -> None:
    runs = tuple(how(r) for r in week_of_runs(1, 138))
    counts = decide(snapshot(2, past=(FIRST,), intake=intake(baseline_spm=150), runs=runs)).cadence
    assert counts.measured_runs == (3 if believed else 0)
    assert counts.baseline_spm == (138 if believed else 160)


def weeks(count: int, cadence: int | None, **values: Any) -> list[Decision]:
    return play(count, lambda week, _: {"runs": week_of_runs(week, cadence, 1, **values)})


def asked(decisions: list[Decision], rule: Rule = Rule.CADENCE_UNMEASURED) -> list[int]:
    return [d.week_number for d in decisions if rule in {q.reason.rule for q in d.questions}]


def test_three_weeks_with_runs_and_no_cadence_are_a_question_and_a_tip() -> None:
    decisions = weeks(8, None)
    assert asked(decisions) == [4, 7]
    facts = {"weeks": 3, "measured": False, "target_spm": 168}
    assert reason_for(Rule.CADENCE_UNMEASURED, **facts) in decisions[3].advice
    assert Rule.CADENCE_UNMEASURED not in {reason.rule for reason in decisions[4].advice}


def test_averages_over_walking_breaks_are_named_as_the_reason() -> None:
    walked = weeks(8, 138, walk_breaks=True)
    assert asked(walked) == [4, 7]
    for decision in (walked[3], walked[6]):
        reason = next(one for one in decision.advice if one.rule is Rule.CADENCE_UNMEASURED)
        assert reason.fact("walked") is True
    # A walk of before the weeks that are asked about explains nothing.
    long_ago = play(
        8,
        lambda week, _: {
            "runs": week_of_runs(week, *((138, 3) if week == 1 else (None, 3)), walk_breaks=week == 1)
        },
    )
    reasons = [r for d in long_ago for r in d.advice if r.rule is Rule.CADENCE_UNMEASURED]
    assert [reason.fact("walked") for reason in reasons] == [True, None]


def test_a_week_without_runs_is_no_week_without_a_cadence() -> None:
    def live(week: int, _: Decision) -> dict[str, Any]:
        return {"runs": week_of_runs(week, None, 1) if week != 3 else ()}

    decisions = play(6, live)
    assert [d.cadence.unmeasured_for for d in decisions] == [0, 1, 2, 2, 3, 4]
    assert asked(decisions) == [5]


def test_the_metronome_is_a_measure_and_a_measured_run_begins_the_count_again() -> None:
    assert asked(weeks(5, None, cadence_source=CadenceSource.METRONOME)) == []
    assert weeks(4, 150)[3].cadence.unmeasured_for == 0


def test_six_weeks_of_measured_runs_off_target_are_a_question_unless_the_runner_is_stuck() -> None:
    decisions = weeks(8, 160)
    assert asked(decisions) == [7]
    assert asked(decisions, Rule.CADENCE_STUCK) == []
    facts = {"weeks": 6, "measured": True, "target_spm": 168}
    assert reason_for(Rule.CADENCE_UNMEASURED, **facts) in decisions[6].advice
    stuck = play(8, lambda week, _: {"runs": week_of_runs(week, 160, 2)})
    assert (asked(stuck), asked(stuck, Rule.CADENCE_STUCK)) == ([], [4, 7])


def test_the_count_of_weeks_off_target_ends_with_a_hit_and_with_another_target() -> None:
    def live(week: int, _: Decision) -> dict[str, Any]:
        return {"runs": week_of_runs(week, 168 if week == 3 else 160, 1)}

    assert [d.cadence.off_target_for for d in play(6, live)] == [0, 1, 2, 0, 1, 2]
    before = decide(snapshot(2, past=(FIRST,), runs=week_of_runs(1, 160, 1)))
    lowered = replace(before.cadence, judged_spm=170)
    past = (FIRST, replace(before.past(), cadence=lowered))
    runs = (*week_of_runs(1, 160, 1), *week_of_runs(2, 160, 1))
    assert decide(snapshot(3, past=past, runs=runs)).cadence.off_target_for == 1


def test_a_runner_at_the_cap_is_not_asked_for_a_cadence() -> None:
    assert (
        asked(play(5, lambda week, _: {"runs": week_of_runs(week, None)}, intake=intake(baseline_spm=186)))
        == []
    )


def test_a_target_more_than_one_step_up_says_so() -> None:
    lifted = second(*week_of_runs(1, 170, effort=Effort.EASY)).arithmetic
    assert lifted == reason_for(Rule.CADENCE_RAISE, level_spm=170, target_spm=178, from_spm=168)
    assert "because" not in lifted.runner
    assert lifted.runner.startswith("You already run at 170, so we build on that instead of 168.")
    one_step = second(*week_of_runs(1, 168)).arithmetic
    assert one_step is not None
    assert one_step.fact("from_spm") is None
    assert "not more" not in one_step.runner
    old = second(*week_of_runs(1, 170, effort=Effort.EASY), engine_version="3").arithmetic
    assert old is not None
    assert old.fact("from_spm") is None


@pytest.mark.parametrize(("pain", "target"), [(5, 176), (6, 168), (8, 168)])
def test_red_pain_in_daily_life_holds(pain: int, target: int) -> None:
    held = second(*week_of_runs(1, 168), daily_life=(daily(START + 6 * DAY, pain),))
    assert held.target_spm == target
    if target == 168:
        assert held.reason.fact("daily_life") is True
        assert "a red day in daily life" in held.reason.runner
    old = second(*week_of_runs(1, 168), daily_life=(daily(START + 6 * DAY, pain),), engine_version="3")
    assert old.target_spm == 176


def test_a_runner_who_was_away_is_welcomed_and_not_told_that_nothing_was_logged() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        return on_target()(week, decision) if week == 1 else {}

    decisions = play(4, live)
    assert decisions[2].cadence.reason.fact("back") is None
    assert decisions[3].cadence.reason == reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=176, back=True)
    assert decisions[3].cadence.reason.email == "Welcome back. Your cadence stays at 176."
