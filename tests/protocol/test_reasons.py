"""The whole reason of a decision: the rule with every fact, because people are shown nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import CadenceDecision, Decision
from challenge.protocol.entries import MorningInput, RunInput, SetsInput, StrengthInput
from challenge.protocol.parameters import CLINIC
from challenge.protocol.phases import MOVES
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.sentences import say
from challenge.protocol.sentences.facts import FactReader
from challenge.protocol.snapshot import CadenceOverride, ComplaintInput, PhaseInput
from challenge.protocol.vocabulary import BaselineSource, Effort, ExerciseId, Phase, Rule, Site
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import run_warnings
from tests.protocol.story import (
    START,
    at,
    intake,
    later,
    miles,
    monday,
    morning,
    on_target,
    play,
    run,
    snapshot,
    strength,
    week_of_runs,
)

DAY = timedelta(days=1)
RAISE = ExerciseId.HEAVY_CALF_RAISE
SORE = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3, pain_morning=2)
FIRST = decide(snapshot(1)).past()


def second(**values: Any) -> CadenceDecision:
    return decide(snapshot(2, past=(FIRST,), **values)).cadence


def test_the_facts_of_a_raise_and_its_sum() -> None:
    raised = second(runs=week_of_runs(1, 168))
    consistent = {"target_spm": 176, "from_spm": 168, "runs": 3, "on_target": 3}
    assert raised.reason == reason_for(Rule.CADENCE_WEEKLY, late=0, **consistent)
    assert raised.arithmetic == reason_for(Rule.CADENCE_RAISE, level_spm=168, target_spm=176)
    slower = decide(snapshot(2, past=(FIRST,), runs=week_of_runs(1, 168)), CLINIC.altered(raise_percent=4))
    assert slower.cadence.target_spm == 174


def test_the_facts_of_five_runs_on_both_sides_of_the_fifth() -> None:
    decisions = play(6, on_target(1))
    waiting, earned = decisions[1].cadence, decisions[5].cadence
    stays = {"target_spm": 168, "done": 1, "not_there_yet": False, "raised": False}
    assert waiting.reason == reason_for(Rule.CADENCE_FIVE_RUNS, **stays)
    goes_up = {"target_spm": 176, "from_spm": 168, "done": 5, "raised": True}
    assert earned.reason == reason_for(Rule.CADENCE_FIVE_RUNS, **goes_up)
    assert earned.arithmetic is not None
    assert earned.arithmetic.fact("level_spm") == 168


def test_the_facts_of_every_way_to_stay() -> None:
    at_cap = play(3, on_target(), intake=intake(baseline_spm=176))[2].cadence
    assert at_cap.reason == reason_for(Rule.CADENCE_CAP, target_spm=180, cap_spm=180)
    assert second().reason == reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=168)
    red = second(runs=(run(START, 168, pain=6),)).reason
    held = {"target_spm": 168, "stop_flag": False}
    assert red == reason_for(Rule.CADENCE_HOLD_PAIN, reds=1, worse_week=False, **held)
    mornings = (morning(START + DAY, 4), morning(START + 2 * DAY, 4))
    worse = second(mornings=mornings, intake=SORE).reason
    assert worse == reason_for(Rule.CADENCE_HOLD_PAIN, reds=0, worse_week=True, **held)
    stuck = play(4, lambda week, _: {"runs": week_of_runs(week, 160, 2)})[3].cadence
    assert stuck.reason == reason_for(Rule.CADENCE_STUCK, decisions=3, target_spm=168)


def test_the_level_looks_at_the_first_day_too_and_only_at_runs_long_enough() -> None:
    easy = tuple(run(START + day * DAY, 172, effort=Effort.EASY) for day in (0, 2, 4))
    assert second(runs=easy).target_spm == 180
    longer = CLINIC.altered(on_target_minutes=60)
    hour = tuple(replace(r, duration_s=4000, cadence_spm=168) for r in easy)
    mixed = (*hour, *(replace(r, key=f"{r.key}b", local_on=r.local_on + DAY) for r in easy))
    decided = decide(snapshot(2, past=(FIRST,), runs=mixed), longer).cadence
    assert decided.target_spm == 176


def test_a_hand_set_cadence_keeps_its_day_within_a_week() -> None:
    hand = (CadenceOverride(165, at(monday(2), 1)),)
    first = decide(snapshot(2, past=(FIRST,), hand_cadences=hand))
    moment = later(monday(2) + 2 * DAY, 2, hand_cadences=hand, log_as_of=at(monday(2)))
    again = decide(snapshot(**moment, past=(FIRST, first.past())))
    assert first.cadence.effective_on == again.cadence.effective_on == monday(2)


def test_a_late_entry_is_one_of_a_week_that_was_decided_and_logged_after_the_cut_off() -> None:
    on_monday = run(monday(1), 168, logged_at=at(monday(3)))
    assert decide(snapshot(4, runs=(on_monday,), past=(FIRST,))).cadence.runs == 0
    at_the_cut_off = run(START + DAY, 168, logged_at=at(monday(2)))
    counted = decide(snapshot(2, runs=(at_the_cut_off,), past=(FIRST,)))
    assert counted.cadence.runs == 1
    assert decide(snapshot(3, runs=(at_the_cut_off,), past=(FIRST, counted.past()))).cadence.runs == 0


def test_the_facts_of_a_start() -> None:
    sore = decide(snapshot(1, intake=SORE)).phase.reason
    assert sore == reason_for(Rule.PHASE_START, complaint=True, calm=False)
    free = decide(snapshot(1, intake=intake(pain_now=0))).phase.reason
    assert free == reason_for(Rule.PHASE_START, complaint=False, calm=True)
    assert MOVES[0].rules[0] is free.rule


def reasons_of(new: RunInput, log: tuple[RunInput, ...], **said: Any) -> list[Reason]:
    return [warning.reason for warning in run_warnings(new, log, (), intake(**said), START)]


def test_the_facts_of_load_warnings() -> None:
    log = (run(START, distance=10),)
    long = run(START + 3 * DAY, distance=12)
    beyond = {"distance_m": miles(12), "limit_m": miles(11), "longest_m": miles(10)}
    assert reasons_of(long, log) == [reason_for(Rule.LOAD_LONG_RUN, from_intake=False, **beyond)]
    assert reasons_of(long, (), longest_run_m=miles(10)) == [
        reason_for(Rule.LOAD_LONG_RUN, from_intake=True, **beyond)
    ]
    weeks = tuple(run(monday(week) + 2 * DAY, distance=10) for week in (1, 2, 3, 4))
    both = run(monday(5) + 2 * DAY, distance=11, hills=True, effort=Effort.TEMPO)
    assert reasons_of(both, weeks) == [
        reason_for(Rule.LOAD_STACKED, extra_m=0, first_hills=True, first_tempo=True)
    ]


def test_a_live_warning_follows_the_parameters_of_the_day() -> None:
    log = (run(START, distance=10),)
    new = run(START + 3 * DAY, distance=10.5)
    (found,) = run_warnings(new, log, (), intake(), START, CLINIC.altered(long_run_percent=100))
    assert found.reason.fact("limit_m") == miles(10) + 1
    said = intake(block_started_on=START - 14 * DAY)
    long = run(START + 3 * DAY, distance=12)
    assert not run_warnings(long, log, (), said, START)[0].serious
    assert run_warnings(long, log, (), said, START, CLINIC.altered(window_first_week=3))[0].serious


def test_a_stress_on_the_day_after_is_not_in_these_days() -> None:
    tempo = run(START + 8 * DAY, effort=Effort.TEMPO)
    tomorrow = run(START + 9 * DAY, hills=True)
    assert reasons_of(tempo, (tomorrow,)) == []


def grown(*work: SetsInput) -> bool:
    """Whether phase 3 finds load or repetitions up in these sessions, one a day from the phase's first day."""
    done = tuple(strength(START + at * DAY, RAISE, key=f"s{at}") for at in range(len(work)))
    sessions = tuple(replace(s, done=(w,)) for s, w in zip(done, work, strict=True))
    phases = (PhaseInput(Phase.STRENGTHEN, START),)
    missing = decide(snapshot(2, intake=SORE, strength=sessions, phases=phases)).phase.missing
    return "load or repetitions up" not in {m.what for m in missing}


@pytest.mark.parametrize(
    ("work", "up"),
    [
        (((8, 10), (8, 11)), True),
        (((8, 10), (9, 10)), True),
        (((8, 10), (8, 10)), False),
        (((8, 10), (9, 5)), False),
        (((8, 10), (6, 10), (8, 10)), False),
        (((8, 11), (8, 10), (8, 11)), False),
        (((8, None), (8, 1)), True),
        (((None, 10), (1, 10)), True),
    ],
)
def test_load_or_repetitions_up_means_above_the_first_session(
    work: tuple[tuple[Any, Any], ...], up: bool
) -> None:
    assert grown(*(SetsInput(RAISE, 3, reps, load_g=load) for reps, load in work)) is up


def test_only_heavy_exercises_show_progress() -> None:
    assert not grown(SetsInput(ExerciseId.ARCH_RAISE, 3, 8), SetsInput(ExerciseId.ARCH_RAISE, 3, 10))


@pytest.mark.parametrize(
    ("late", "known", "reds"), [(0, (3,), 2), (0, (6,), 2), (0, (7,), None), (2, (-4, 3), 2), (3, (3,), 2)]
)
def test_red_reports_are_counted_on_both_sides_of_a_late_one(
    late: int, known: tuple[int, ...], reds: int | None
) -> None:
    """Days from the Monday of week 2; the late one is logged after the decision of week 3."""
    told = tuple(run(monday(2) + day * DAY, pain=8, key=f"r{day}") for day in known if day < 7)
    after = tuple(run(monday(2) + day * DAY, pain=8, key=f"r{day}") for day in known if day >= 7)
    new = run(monday(2) + late * DAY, pain=8, key="late", logged_at=at(monday(3), 9))
    phases = (PhaseInput(Phase.STRENGTHEN, START),)
    past = tuple(decide(snapshot(week, phases=phases)).past() for week in (1, 2, 3))
    # Only the late report is new: the others were logged in time and lie before the week just ended.
    decided = decide(snapshot(4, runs=(*told, *after, new), phases=phases, past=past)).phase
    assert decided.reason.fact("reds") == reds


def test_missing_answers_are_fine_and_wrong_ones_are_refused_in_every_entry() -> None:
    assert run(START, effort=None).effort is None
    assert SetsInput(RAISE, 3, None, 45).reps is None
    entry: dict[str, Any] = {"key": "k", "local_on": START, "logged_at": at(START)}
    for values, field in (({"site": "elbow"}, "site"), ({"side": "up"}, "side")):
        lifted: dict[str, Any] = {**entry, "done": (), **values}
        woke: dict[str, Any] = {**entry, **values}
        with pytest.raises(ValueError, match=rf"^strength_session\.{field}: "):
            StrengthInput(**lifted)
        with pytest.raises(ValueError, match=rf"^morning\.{field}: "):
            MorningInput(**woke)


def test_a_sentence_is_in_miles_and_a_word_is_no_number() -> None:
    facts = reason_for(Rule.LOAD_LONG_RUN, limit_m=17703, longest_m=16093).facts
    assert "11.0 mi" in say(Rule.LOAD_LONG_RUN, facts).email
    assert FactReader((("word", "x"),), False).number("word") == 0


@pytest.mark.parametrize(
    ("baseline", "rule", "target"),
    [
        (160, Rule.CADENCE_RAISE, 168),
        (171, Rule.CADENCE_RAISE, 179),
        (172, Rule.CADENCE_RAISE, 180),
        (173, Rule.CADENCE_CAP, 180),
    ],
)
def test_the_facts_of_the_first_target_and_of_the_cap(baseline: int, rule: Rule, target: int) -> None:
    first = decide(snapshot(1, intake=intake(baseline_spm=baseline))).cadence
    assert first.reason == reason_for(Rule.CADENCE_RAISE, first=True, level_spm=baseline, target_spm=target)
    assert first.arithmetic == reason_for(rule, level_spm=baseline, target_spm=target)


def test_where_a_baseline_comes_from_is_kept_from_week_to_week() -> None:
    decisions = play(4, on_target())
    assert {d.cadence.baseline_source for d in decisions} == {BaselineSource.INTAKE}
    assert [d.cadence.baseline_checked for d in decisions] == [False, True, True, True]
    longer = CLINIC.altered(on_target_minutes=60)
    short = decide(snapshot(2, runs=week_of_runs(1, 150), past=(FIRST,)), longer)
    assert short.cadence.baseline_checked is False


def test_a_later_revision_states_its_number_and_a_stuck_runner_gets_the_tip_with_its_facts() -> None:
    past = (FIRST, decide(snapshot(2, past=(FIRST,))).past())
    moment = later(monday(2) + DAY, 2, past=past, log_as_of=at(monday(2)))
    assert reason_for(Rule.DECISION_NOW, revision=2) in decide(snapshot(**moment)).advice

    def live(week: int, decision: Decision) -> dict[str, Any]:
        return {"runs": [replace(r, pain=7 * (week == 3)) for r in week_of_runs(week, 160, 2)]}

    assert reason_for(Rule.CADENCE_STUCK, decisions=3, target_spm=168) in play(4, live)[3].advice


def test_an_approval_names_the_joint_and_all_its_exercises() -> None:
    knee = intake(complaints=(ComplaintInput(Site.KNEE),))
    asked = decide(snapshot(1, intake=knee, phases=(PhaseInput(Phase.POWER, START),))).questions
    names = "Pogo hops on two feet, Hops on one leg, Running skips"
    assert reason_for(Rule.EXERCISE_APPROVAL, site="knee", exercises=names) in [q.reason for q in asked]


def test_recovery_looks_back_thirty_days_and_at_the_day_itself() -> None:
    days = [START + number * DAY for number in range(31)]
    for exercise in (RAISE, ExerciseId.POGO_HOPS):
        (found,) = run_warnings(
            run(days[30]), [run(day) for day in days[1:]], [strength(days[0], exercise)], SORE, START
        )
        assert found.reason.fact("training_streak") == 31
        jumped = snapshot(
            2, runs=tuple(run(day) for day in days[:6]), strength=(strength(days[6], exercise),)
        )
        assert [w.reason.fact("training_streak") for w in decide(jumped).warnings] == [7]


def test_a_long_run_is_exactly_half_as_long_again() -> None:
    easy = [replace(run(START + day * DAY), distance_m=4000, key=f"e{day}") for day in (0, 2, 4)]
    for meters, tired in ((6000, True), (5999, False)):
        hard = [replace(run(START + day * DAY, hills=day < 8), distance_m=meters) for day in (6, 7, 8)]
        said = intake(used_to_hills=True, longest_run_m=9000)
        more = [replace(run(START + 5 * DAY), distance_m=4000, key=f"m{n}") for n in range(4)]
        found = run_warnings(hard[2], [*easy, *more, *hard], (), said, START)
        assert (Rule.LOAD_RECOVERY in [w.reason.rule for w in found]) is tired
