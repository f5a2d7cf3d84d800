"""The cadence rules, row by row. Each test reads like a line of the document."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import CadenceDecision, Decision
from challenge.protocol.entries import RunInput
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import CadenceOverride, FlagInput, PauseInput
from challenge.protocol.vocabulary import BaselineSource, Effort, FlagKind, PauseReason, Rule, WeekState
from challenge.protocol.weekly import decide
from tests.protocol import story
from tests.protocol.story import (
    at,
    intake,
    later,
    monday,
    morning,
    play,
    run,
    snapshot,
    targets,
    week_of_runs,
)


def on_168(runs: Sequence[RunInput] = (), week: int = 2, **values: Any) -> CadenceDecision:
    """The cadence decided in week 2 for a runner given 168 in week 1."""
    first = decide(snapshot(1))
    return decide(snapshot(week, runs=tuple(runs), past=(first.past(),), **values)).cadence


def test_a_consistent_week_is_three_runs_and_two_on_target() -> None:
    two_hit = [*week_of_runs(1, 165, 2), run(monday(1) + timedelta(days=4), 158)]
    one_hit = [*week_of_runs(1, 165, 1), run(monday(1) + timedelta(days=4), 158), run(monday(1), 158)]
    assert on_168(two_hit).target_spm == 176
    assert on_168(two_hit).reason.rule is Rule.CADENCE_WEEKLY
    assert on_168(two_hit[:2]).target_spm == 168
    waiting = on_168(one_hit)
    assert (waiting.target_spm, waiting.reason.fact("not_there_yet")) == (168, True)
    assert on_168(two_hit[:2]).reason.fact("not_there_yet") is False


def test_the_sum_behind_a_raise_is_kept() -> None:
    decided = on_168(week_of_runs(1, 168))
    assert decided.arithmetic is not None
    assert decided.arithmetic.rule is Rule.CADENCE_RAISE
    assert decided.arithmetic.fact("level_spm") == 168
    capped = play(3, story.on_target(), intake=intake(baseline_spm=170))[1].cadence.arithmetic
    assert capped is not None
    assert capped.rule is Rule.CADENCE_CAP


def test_the_median_of_the_last_three_easy_measured_runs_lifts_the_level() -> None:
    easy = [
        run(monday(1) + timedelta(days=d), c, effort=Effort.EASY)
        for d, c in ((1, 150), (2, 171), (3, 170), (4, 174))
    ]
    assert on_168(easy).target_spm == 179
    assert on_168([replace(r, effort=Effort.STEADY) for r in easy]).target_spm == 176
    assert on_168([replace(easy[1], effort=Effort.STEADY), *easy[2:]]).target_spm == 176
    high = [replace(r, cadence_spm=182) for r in easy]
    assert on_168(high).target_spm == 180


def test_a_level_below_the_target_changes_nothing() -> None:
    slow = [
        run(monday(1) + timedelta(days=d), c, effort=Effort.EASY) for d, c in ((1, 150), (2, 166), (3, 166))
    ]
    assert on_168(slow).target_spm == 176


def test_nothing_logged_holds_without_blame() -> None:
    held = on_168()
    assert (held.target_spm, held.reason.rule) == (168, Rule.CADENCE_HOLD_NO_DATA)
    assert on_168(mornings=(morning(monday(1), 0),)).reason.rule is Rule.CADENCE_FIVE_RUNS


def test_two_worse_mornings_hold_and_one_does_not() -> None:
    runs, calm = week_of_runs(1, 168), intake(pain_morning=2)
    mornings = tuple(morning(monday(1) + timedelta(days=day), 4) for day in (2, 4))
    assert on_168(runs, mornings=mornings, intake=calm).reason.rule is Rule.CADENCE_HOLD_PAIN
    assert on_168(runs, mornings=mornings[:1], intake=calm).target_spm == 176
    better = (mornings[0], replace(mornings[1], pain=3))
    assert on_168(runs, mornings=better, intake=calm).target_spm == 176


def test_a_red_morning_is_red() -> None:
    held = on_168(week_of_runs(1, 168), mornings=(morning(monday(1) + timedelta(days=1), 6),))
    assert held.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert held.reason.fact("reds") == 1
    assert held.reason.fact("worse_week") is False


def test_a_stop_flag_leaves_no_number_and_the_target_in_force_is_kept() -> None:
    held = on_168(week_of_runs(1, 168), flags=(FlagInput(FlagKind.STOP, monday(1)),))
    assert (held.target_spm, held.in_force_spm) == (None, 168)
    assert held.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert (held.runs, held.measured_runs, held.on_target_runs, held.on_target_since) == (0, 0, 0, 0)
    asked = on_168(week_of_runs(1, 168), flags=(FlagInput(FlagKind.ASK, monday(1)),))
    assert asked.target_spm == 176


def test_only_a_stop_flag_delays_the_first_target() -> None:
    stopped = decide(snapshot(1, flags=(FlagInput(FlagKind.STOP, monday(1)),)))
    assert (stopped.state, stopped.cadence.target_spm, stopped.cadence.baseline_spm) == (
        WeekState.ON_HOLD,
        None,
        160,
    )
    assert stopped.cadence.baseline_source is BaselineSource.INTAKE
    freed = decide(snapshot(2, past=(stopped.past(),)))
    assert freed.cadence.target_spm == 168
    red = decide(snapshot(1, intake=intake(pain_now=9)))
    assert red.cadence.target_spm == 168


def test_without_a_baseline_a_stop_flag_keeps_nothing() -> None:
    stopped = decide(
        snapshot(1, intake=intake(baseline_spm=None), flags=(FlagInput(FlagKind.STOP, monday(1)),))
    )
    assert (stopped.cadence.baseline_spm, stopped.cadence.baseline_source) == (None, None)


def test_weeks_on_hold_count_toward_five_runs() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        runs = week_of_runs(week, 168, 2)
        return {"runs": runs if week != 2 else (replace(runs[0], pain=7), runs[1])}

    decisions = play(5, live)
    assert targets(decisions) == [168, 168, 168, 176, 176]
    assert decisions[2].cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert decisions[3].cadence.reason.fact("done") == 6


def test_five_runs_are_counted_from_the_day_the_target_took_effect() -> None:
    early = run(monday(1), 168, key="early")
    first = decide(
        snapshot(1, as_of=at(monday(1) + timedelta(days=1)), today_on=monday(1) + timedelta(days=1))
    )
    assert first.cadence.effective_on == monday(1) + timedelta(days=1)
    later_runs = [run(monday(1) + timedelta(days=day), 168) for day in (1, 2)]
    decided = decide(snapshot(2, runs=(early, *later_runs), past=(first.past(),))).cadence
    assert decided.on_target_runs == 3
    assert decided.on_target_since == 2


def test_a_late_entry_counts_once_in_the_next_decision() -> None:
    first = decide(snapshot(1))
    runs = week_of_runs(1, 168, 2)
    second = decide(snapshot(2, runs=runs, past=(first.past(),)))
    assert second.cadence.runs == 2
    late = run(monday(1) + timedelta(days=5), 168, logged_at=at(monday(2), 9), key="late")
    past = (first.past(), second.past())
    third = decide(snapshot(3, runs=(*runs, late), past=past))
    assert third.cadence.runs == 1
    fourth = decide(snapshot(4, runs=(*runs, late), past=(*past, third.past())))
    assert fourth.cadence.runs == 0
    assert fourth.cadence.reason.rule is Rule.CADENCE_HOLD_NO_DATA


def test_late_runs_are_not_called_last_weeks() -> None:
    first = decide(snapshot(1))
    second = decide(snapshot(2, past=(first.past(),)))
    late = tuple(replace(r, logged_at=at(monday(2), 9)) for r in week_of_runs(1, 168, 2))
    runs = (*late, *week_of_runs(2, 168, 2))
    third = decide(snapshot(3, runs=runs, past=(first.past(), second.past()))).cadence
    assert third.target_spm == 176
    assert third.reason.fact("late") == 2
    assert third.reason.runner == ("4 runs, 2 of them logged late, 4 on target, so you go from 168 to 176.")
    on_time = decide(snapshot(2, runs=(run(monday(1), 168), *week_of_runs(1, 168, 2)), past=(first.past(),)))
    assert on_time.cadence.reason.fact("late") == 0


def test_a_late_red_report_holds_the_next_raise_once() -> None:
    first, second = decide(snapshot(1)), None
    second = decide(snapshot(2, past=(first.past(),)))
    late = run(monday(1) + timedelta(days=2), 150, pain=8, logged_at=at(monday(2), 9), key="late")
    log = (late, *week_of_runs(2, 168), *week_of_runs(3, 168))
    past = (first.past(), second.past())
    third = decide(snapshot(3, runs=log[:4], past=past))
    assert third.cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert decide(snapshot(4, runs=log, past=(*past, third.past()))).cadence.target_spm == 176


def test_runs_logged_during_a_pause_are_no_late_entries() -> None:
    first = decide(snapshot(1))
    away = PauseInput(monday(2), monday(4), PauseReason.TRAVEL)
    paused = decide(snapshot(2, past=(first.past(),), pauses=(away,)))
    runs = (*week_of_runs(1, 168, 2), *week_of_runs(2, 168, 2))
    back = decide(snapshot(4, runs=runs, past=(first.past(), paused.past()), pauses=(away,)))
    assert back.cadence.runs == 0
    assert back.cadence.on_target_since == 0 or back.cadence.reason.rule is Rule.CADENCE_HOLD_NO_DATA


def test_runs_before_the_start_never_count() -> None:
    old = [run(monday(1) - timedelta(days=day), 170, key=f"old-{day}") for day in range(1, 7)]
    decided = decide(snapshot(1, runs=tuple(old)))
    assert (decided.cadence.runs, decided.cadence.target_spm) == (0, 168)
    assert decided.cadence.on_target_since == 0


def test_a_run_after_the_cut_off_waits_for_the_next_decision() -> None:
    first = decide(snapshot(1))
    runs = week_of_runs(1, 168)
    after = tuple(replace(r, logged_at=at(monday(2), 7)) for r in runs)
    held = decide(snapshot(**later(monday(2), 2, runs=after, past=(first.past(),), log_as_of=at(monday(2)))))
    assert held.cadence.reason.rule is Rule.CADENCE_HOLD_NO_DATA


def test_a_run_before_six_on_monday_belongs_to_the_week_that_begins() -> None:
    early = run(monday(2), 168, logged_at=at(monday(2), 5))
    assert decide(snapshot(2, runs=(early,), past=(decide(snapshot(1)).past(),))).cadence.runs == 0


def test_stuck_needs_two_measured_runs_and_none_on_target_at_the_same_target() -> None:
    assert on_168(week_of_runs(1, 160, 2)).stuck_for == 1
    assert on_168(week_of_runs(1, 160, 1)).stuck_for == 0
    assert on_168([*week_of_runs(1, 160, 2), run(monday(1), 168)]).stuck_for == 0
    decisions = play(7, lambda week, _: {"runs": week_of_runs(week, 160, 2)})
    assert [d.cadence.stuck_for for d in decisions] == [0, 1, 2, 3, 4, 5, 6]
    asked = [[q.key for q in d.questions] for d in decisions]
    assert asked[3] == [f"cadence.stuck@{monday(4)}"]
    assert decisions[3].questions[0].reason == reason_for(Rule.CADENCE_STUCK, decisions=3, target_spm=168)
    assert asked[4] == asked[5] == []
    assert asked[6] == [f"cadence.stuck@{monday(7)}"]
    hand = (CadenceOverride(166, at(monday(4), 9)),)
    past = tuple(d.past() for d in decisions[:4])
    runs = tuple(r for week in range(1, 6) for r in week_of_runs(week, 160, 2))
    fifth = decide(
        snapshot(5, runs=tuple(r for r in runs if r.local_on < monday(5)), past=past, hand_cadences=hand)
    )
    sixth = decide(snapshot(6, runs=runs, past=(*past, fifth.past()), hand_cadences=hand))
    assert (fifth.cadence.stuck_for, sixth.cadence.stuck_for) == (4, 1)


def test_a_stuck_runner_on_hold_still_gets_the_tip() -> None:
    decisions = play(
        4, lambda week, _: {"runs": [replace(r, pain=7 * (week == 3)) for r in week_of_runs(week, 160, 2)]}
    )
    last = decisions[3]
    assert last.cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert Rule.CADENCE_STUCK in {advice.rule for advice in last.advice}
    assert Rule.CADENCE_STUCK not in {advice.rule for advice in decisions[2].advice}


def test_the_form_is_looked_at_once_when_a_target_passes_ten_percent() -> None:
    decisions = play(5, story.on_target(), intake=intake(baseline_spm=150))
    asked = [Rule.CADENCE_REVIEW in {q.reason.rule for q in d.questions} for d in decisions]
    assert targets(decisions) == [157, 164, 172, 180, 180]
    assert asked == [False, False, True, False, False]
    exactly = play(3, story.on_target(), intake=intake(baseline_spm=160))
    assert [Rule.CADENCE_REVIEW in {q.reason.rule for q in d.questions} for d in exactly] == [
        False,
        False,
        True,
    ]


def test_the_question_about_form_names_baseline_and_target() -> None:
    """177 is more than 10% above 160, and no more than 11."""
    easy = [run(monday(1) + timedelta(days=day), 169, effort=Effort.EASY) for day in (1, 3, 5)]
    past = (decide(snapshot(1)).past(),)
    (asked,) = decide(snapshot(2, runs=tuple(easy), past=past)).questions
    assert asked.reason == reason_for(Rule.CADENCE_REVIEW, target_spm=177, baseline_spm=160)


def test_a_target_set_by_hand_asks_no_clinician_to_look_at_the_form() -> None:
    hand = (CadenceOverride(180, at(monday(1), 1)),)
    assert decide(snapshot(1, hand_cadences=hand)).questions == ()


def test_what_is_measured_follows_the_parameters_of_the_decision() -> None:
    hour = CLINIC.altered(on_target_minutes=60)
    counts = decide(snapshot(2, runs=week_of_runs(1, 168), past=(decide(snapshot(1)).past(),)), hour).cadence
    assert (counts.runs, counts.measured_runs, counts.on_target_runs) == (3, 0, 0)
    assert counts.on_target_since == 0


@pytest.mark.parametrize(
    ("baseline", "target", "said"),
    [
        (161, 169, "169: your starting cadence of 161, raised once by 5%."),
        (172, 180, "180: your starting cadence of 172, raised once by 5%."),
        (173, 180, "173, raised once to 180, which is as high as we go."),
        (174, 180, "174, raised once to 180, which is as high as we go."),
    ],
)
def test_a_first_target_is_cut_or_capped_and_explains_which(baseline: int, target: int, said: str) -> None:
    first = decide(snapshot(1, intake=intake(baseline_spm=baseline))).cadence
    assert first.target_spm == target
    assert first.reason.runner.endswith(said)


def test_at_180_no_count_is_shown_and_the_target_stays() -> None:
    decisions = play(5, story.on_target(1), intake=intake(baseline_spm=176))
    assert targets(decisions) == [180] * 5
    assert all(d.cadence.reason.rule is Rule.CADENCE_CAP for d in decisions[1:])
    assert " of 5" not in decisions[2].cadence.reason.runner


def test_the_version_of_engine_and_parameters_is_recorded() -> None:
    decided = decide(snapshot(1), CLINIC.altered(raise_percent=4))
    assert decided.cadence.target_spm == 166
    assert decided.parameters_version == "2026-1+raise_percent=4"
    assert decided.engine_version == "4"
