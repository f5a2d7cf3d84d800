"""The checked examples of the method, one test each, in the document's order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from challenge.protocol.decision import Decision
from challenge.protocol.load import LogNow, load_now
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import (
    ComplaintInput,
    CorrectionInput,
    HeelStrikeInput,
    PauseInput,
    PhaseInput,
)
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FootStrike,
    FormKind,
    HeelStrikeStep,
    PauseReason,
    Phase,
    Rule,
    Side,
    Site,
    Surface,
)
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import run_warnings
from tests.protocol.story import (
    START,
    at,
    daily,
    intake,
    miles,
    monday,
    morning,
    on_target,
    play,
    rule_of,
    run,
    snapshot,
    strength,
    targets,
    week_of_runs,
)

DAY = timedelta(days=1)


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
    assert held.reason.email == "Your cadence stays where it is this week; your page says why."


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


def test_stated_longest_5_and_a_run_of_15_miles_with_pain_7_stays_at_5_5_for_two_weeks() -> None:
    far = run(monday(1) + 5 * DAY, distance=15, pain=7)
    five = intake(longest_run_m=miles(5))
    easy = run(monday(2) + DAY, distance=4)
    for week in (2, 3):
        stated = decide(snapshot(week, runs=(far, easy) if week == 3 else (far,), intake=five)).longest_run
        assert stated is not None
        assert "up to 5.5 mi" in stated.reason.email
    first = load_now(far, LogNow((far,), five, START))[0]
    assert "and it hurt. Rest" in first.runner
    assert "call us" in first.runner


def test_longest_8_then_13_9_on_saturday_says_8_8_on_monday_and_15_2_a_quiet_week_later() -> None:
    runs = (run(monday(1), distance=8), run(monday(1) + 5 * DAY, distance=13.9, pain=0))
    for week, said in ((2, "up to 8.8 mi"), (3, "up to 15.2 mi")):
        stated = decide(snapshot(week, runs=runs)).longest_run
        assert stated is not None
        assert said in stated.reason.email


def test_three_files_on_one_day_a_week_are_one_run_each_week() -> None:
    def live(week: int, decision: Decision) -> dict[str, Any]:
        day, spm = monday(week) + DAY, decision.cadence.target_spm
        return {"runs": tuple(run(day, spm, key=f"{week}-{part}", duration_s=900) for part in range(3))}

    decisions = play(6, live)
    assert [d.cadence.on_target_since for d in decisions[1:]] == [1, 2, 3, 4, 5]
    assert "1 of 5" in decisions[1].cadence.reason.runner
    assert decisions[5].cadence.raised


def test_sundays_run_corrected_on_tuesday_from_2_to_8_holds_the_next_monday_once() -> None:
    sunday, first = monday(1) + 6 * DAY, decide(snapshot(1))
    ran = (*week_of_runs(1, 168, 3), run(sunday, 168, pain=2))
    second = decide(snapshot(2, runs=ran, past=(first.past(),)))
    worse = (*week_of_runs(1, 168, 3), run(sunday, 168, pain=8))
    corrected = (CorrectionInput(f"run-{sunday}", at(monday(2) + DAY), 2),)
    past, log = (first.past(), second.past()), (*worse, *week_of_runs(2, 176))
    third = decide(snapshot(3, runs=log, past=past, corrections=corrected))
    assert (third.cadence.target_spm, third.cadence.reason.rule) == (176, Rule.CADENCE_HOLD_PAIN)
    log = (*log, *week_of_runs(3, 176))
    fourth = decide(snapshot(4, runs=log, past=(*past, third.past()), corrections=corrected))
    assert fourth.cadence.target_spm == 180


def test_a_left_knee_under_heel_strike_is_spared_asked_about_and_the_spell_asked_back() -> None:
    runs = tuple(run(monday(3) + day * DAY, pain=5, site=Site.KNEE, side=Side.LEFT) for day in (1, 3))
    sore = intake(complaints=(ComplaintInput(Site.ACHILLES),), strike=FootStrike.FOREFOOT)
    phases, spells = (PhaseInput(Phase.STRENGTHEN, START),), (HeelStrikeInput(monday(2)),)
    decision = decide(snapshot(4, runs=runs, intake=sore, phases=phases, strike_spells=spells))
    assert decision.strike.step is HeelStrikeStep.NEVER
    forms = {p.exercise: p.form for p in decision.exercises}
    assert forms[ExerciseId.SPLIT_SQUAT_CALF_RAISE] is FormKind.EASIER
    assert f"complaint.open:knee@{monday(4)}" in {q.key for q in decision.questions}


def test_four_weeks_ill_come_back_at_step_1_with_a_welcome_a_question_and_half_the_long_run() -> None:
    raise_, phases = ExerciseId.HEAVY_CALF_RAISE, (PhaseInput(Phase.STRENGTHEN, START),)
    first = decide(snapshot(3, phases=phases)).past()
    left = replace(first, doses=tuple(replace(dose, step=2) for dose in first.doses))
    log: dict[str, Any] = {
        "runs": (run(monday(3) + DAY, distance=10),),
        "strength": (strength(monday(3) + 2 * DAY, raise_),),
    }
    pauses = (PauseInput(monday(4), monday(8), PauseReason.ILLNESS),)
    back = decide(snapshot(8, phases=phases, past=(left,), pauses=pauses, **log))
    assert next(p.step for p in back.exercises if p.exercise is raise_) == 0
    assert back.longest_run is not None
    assert back.longest_run.limit_m == miles(5)
    assert "Welcome back" in back.cadence.reason.runner
    assert Rule.EXERCISE_RETURN in {q.reason.rule for q in back.questions}


def test_pain_5_on_every_run_for_three_weeks_is_raised_as_usual_and_asked_about_once() -> None:
    decisions = play(5, on_target(pain=5))
    assert targets(decisions) == [168, 176, 180, 180, 180]
    asked = [d.week_number for d in decisions for q in d.questions if q.reason.rule is Rule.PAIN_NOT_BETTER]
    assert asked == [4]


def test_daily_life_pain_8_is_no_raise_no_proposal_and_a_question() -> None:
    sore = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3)
    held = tuple(strength(START + day * DAY, ExerciseId.ARCH_RAISE) for day in (1, 3, 5))
    past = (decide(snapshot(1, intake=sore)).past(),)
    log = {"runs": week_of_runs(1, 168), "strength": held, "daily_life": (daily(START + 6 * DAY, 8),)}
    decision = decide(snapshot(2, intake=sore, past=past, **log))
    assert (decision.cadence.target_spm, decision.phase.proposed) == (168, None)
    assert Rule.PAIN_SCALE in {q.reason.rule for q in decision.questions}


def test_calf_swelling_closed_on_day_9_proposes_phase_2_no_earlier_than_day_16_and_after_3_sessions() -> None:
    sore = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3)
    days = [START + 13 * DAY, START + 16 * DAY, START + 18 * DAY, START + 20 * DAY]
    proposed = {}
    for week in (3, 4):
        done = tuple(strength(day, ExerciseId.ARCH_RAISE) for day in days if day < monday(week))
        closed = {"stops_closed_on": (START + 8 * DAY,), "strength": done}
        proposed[week] = decide(snapshot(week, intake=sore, **closed)).phase.proposed
    assert proposed == {3: None, 4: Phase.STRENGTHEN}
    two = tuple(strength(day, ExerciseId.ARCH_RAISE) for day in days[:3])
    assert decide(snapshot(4, intake=sore, strength=two)).phase.proposed is None


def test_stated_150_and_three_watch_averages_of_138_with_walking_stay_150() -> None:
    walked = week_of_runs(1, 138, 3, walk_breaks=True)
    decisions = play(2, lambda week, _: {"runs": walked}, intake=intake(baseline_spm=150))
    assert (decisions[1].cadence.baseline_spm, decisions[1].cadence.measured_runs) == (150, 0)


def test_first_measured_runs_tempo_176_race_178_and_easy_160_make_160() -> None:
    efforts = ((176, Effort.TEMPO), (178, Effort.RACE), (160, Effort.EASY))
    runs = tuple(run(START + 2 * at * DAY, spm, effort=effort) for at, (spm, effort) in enumerate(efforts))
    assert decide(snapshot(2, runs=runs, intake=intake(baseline_spm=None))).cadence.baseline_spm == 160


def test_a_raise_of_4_percent_goes_from_160_to_166_and_every_sentence_says_4() -> None:
    first = decide(snapshot(1), CLINIC.altered(raise_percent=4)).cadence
    assert first.target_spm == 166
    for reason in (first.reason, first.arithmetic):
        assert reason is not None
        assert "5%" not in f"{reason.runner} {reason.clinician} {reason.email}"
    assert "4%" in first.reason.runner
