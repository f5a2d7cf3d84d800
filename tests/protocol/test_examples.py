"""The checked examples of the method, one test each, in the document's order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from challenge.protocol.decision import Decision
from challenge.protocol.snapshot import ComplaintInput, PhaseInput
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FootStrike,
    FormKind,
    HeelStrikeStep,
    Phase,
    Rule,
    Site,
    Surface,
)
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import run_warnings
from tests.protocol.story import (
    START,
    intake,
    miles,
    monday,
    morning,
    on_target,
    play,
    rule_of,
    run,
    snapshot,
    targets,
    week_of_runs,
)


def test_baseline_160_consistent_and_calm_goes_168_176_180_and_stays() -> None:
    decisions = play(6, on_target())
    assert targets(decisions) == [168, 176, 180, 180, 180, 180]
    assert decisions[0].cadence.reason.rule is Rule.CADENCE_RAISE
    assert decisions[1].cadence.reason.rule is Rule.CADENCE_WEEKLY
    assert decisions[3].cadence.reason.rule is Rule.CADENCE_CAP


def test_baseline_150_with_a_growing_long_run_is_raised_through_every_warning() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        short = week_of_runs(week, decision.cadence.target_spm, 3, distance=3)
        long = run(monday(week) + timedelta(days=6), decision.cadence.target_spm, distance=5 + 2 * (week - 1))
        return {"runs": (*short, long)}

    decisions = play(5, live, intake=intake(baseline_spm=150, longest_run_m=miles(5)))
    assert targets(decisions) == [157, 164, 172, 180, 180]
    warned = [w.reason.rule for d in decisions for w in d.warnings]
    assert warned.count(Rule.LOAD_LONG_RUN) >= 3


def test_baseline_170_goes_178_then_180() -> None:
    assert targets(play(3, on_target(), intake=intake(baseline_spm=170))) == [178, 180, 180]


def test_baseline_180_or_186_has_no_target_and_a_reason() -> None:
    for baseline in (180, 186):
        decisions = play(3, on_target(), intake=intake(baseline_spm=baseline))
        assert targets(decisions) == [None, None, None]
        assert {d.cadence.reason.rule for d in decisions} == {Rule.CADENCE_CAP}


def test_stated_180_but_measured_157_158_160_becomes_158_with_target_165() -> None:
    runs = tuple(run(monday(1) + timedelta(days=day), spm) for day, spm in ((1, 157), (3, 160), (5, 158)))
    decisions = play(2, lambda week, _: {"runs": runs}, intake=intake(baseline_spm=180))
    assert targets(decisions) == [None, 165]
    assert decisions[1].cadence.baseline_spm == 158
    assert decisions[1].cadence.reason.rule is Rule.CADENCE_BASELINE


def test_no_baseline_gets_no_number_until_a_counted_run_gives_165_then_173_and_raises_follow() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        if week == 1:
            counted = run(monday(1) + timedelta(days=2), 165, cadence_source=CadenceSource.COUNTED)
            return {"runs": (counted,)}
        return {"runs": week_of_runs(week, None, cadence_source=CadenceSource.METRONOME)}

    decisions = play(4, live, intake=intake(baseline_spm=None))
    assert targets(decisions) == [None, 173, 180, 180]
    assert decisions[0].cadence.reason.rule is Rule.CADENCE_BASELINE


def test_one_run_a_week_is_raised_on_the_monday_after_the_fifth() -> None:
    decisions = play(7, on_target(1))
    assert targets(decisions) == [168, 168, 168, 168, 168, 176, 176]
    assert [d.cadence.on_target_since for d in decisions[1:6]] == [1, 2, 3, 4, 5]
    assert "1 of 5" in decisions[1].cadence.reason.runner
    assert decisions[5].cadence.reason.rule is Rule.CADENCE_FIVE_RUNS


def test_four_runs_at_160_against_168_reads_not_there_yet_and_the_third_such_week_is_stuck() -> None:
    decisions = play(4, lambda week, _: {"runs": week_of_runs(week, 160, 4)})
    assert targets(decisions) == [168, 168, 168, 168]
    assert "Not there yet" in decisions[1].cadence.reason.runner
    assert "Not there yet" in decisions[2].cadence.reason.runner
    assert decisions[3].cadence.reason.rule is Rule.CADENCE_STUCK
    assert [q.reason.rule for q in decisions[3].questions] == [Rule.CADENCE_STUCK]


def test_one_red_report_in_a_consistent_week_holds_and_the_email_never_mentions_pain() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        first, *rest = week_of_runs(week, 168)
        return {"runs": (replace(first, pain=6, site=Site.ACHILLES), *rest)}

    held = play(2, live)[1].cadence
    assert (held.target_spm, held.reason.rule) == (168, Rule.CADENCE_HOLD_PAIN)
    assert held.reason.email == "We hold your cadence this week; the reason is on your page."


def test_amber_twice_and_one_worse_morning_do_not_hold() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        first, second, third = week_of_runs(week, 168)
        runs = (replace(first, pain=4), replace(second, pain=5), third)
        return {"runs": runs, "mornings": (morning(monday(week) + timedelta(days=2), 3),)}

    assert targets(play(2, live, intake=intake(pain_morning=1))) == [168, 176]


def test_a_treadmill_winter_is_raised_every_week_with_advice_and_no_warning() -> None:
    decisions = play(3, on_target(surface=Surface.TREADMILL), intake=intake(usual_week_m=miles(12)))
    assert targets(decisions) == [168, 176, 180]
    for decision in decisions[1:]:
        assert Rule.LOAD_TREADMILL in {advice.rule for advice in decision.advice}
        assert decision.warnings == ()


def test_achilles_and_a_present_knee_in_phase_1_is_never_offered_heel_strike() -> None:
    complaints = (ComplaintInput(Site.ACHILLES), ComplaintInput(Site.KNEE))
    knee = intake(complaints=complaints, strike=FootStrike.FOREFOOT)
    decision = decide(snapshot(intake=knee))
    assert decision.strike.step is HeelStrikeStep.NEVER
    assert rule_of(decision.strike.reason) is Rule.STRIKE_NEVER
    in_phase_2 = snapshot(intake=knee, phases=(PhaseInput(Phase.STRENGTHEN, START),))
    forms = {p.exercise: p.form for p in decide(in_phase_2).exercises}
    assert forms[ExerciseId.SPLIT_SQUAT_CALF_RAISE] is FormKind.EASIER
    approved = replace(in_phase_2, approved=(ExerciseId.SPLIT_SQUAT_CALF_RAISE,))
    forms = {p.exercise: p.form for p in decide(approved).exercises}
    assert forms[ExerciseId.SPLIT_SQUAT_CALF_RAISE] is FormKind.STANDARD


def test_a_longest_run_of_10_miles_allows_11_and_11_1_warns() -> None:
    ten = run(START, distance=10)
    decision = decide(snapshot(2, runs=(ten,)))
    assert decision.longest_run is not None
    assert decision.longest_run.limit_m == miles(11)
    assert "up to 11.0 mi" in decision.longest_run.reason.email
    day = START + timedelta(days=7)
    for distance, rules in ((11, []), (11.1, [Rule.LOAD_LONG_RUN])):
        longer = run(day, distance=distance, effort=Effort.EASY)
        warned = run_warnings(longer, (ten,), (), intake(), START)
        assert [w.reason.rule for w in warned] == rules
