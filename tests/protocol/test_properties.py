"""What must hold for every runner, not just the ones we thought of."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision
from challenge.protocol.entries import MorningInput, RunInput, StrengthInput
from challenge.protocol.exercises import form_of
from challenge.protocol.log_view import LogView
from challenge.protocol.long_run import long_runs
from challenge.protocol.measured_cadence import raised_cadence
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import DoseOverride, IntakeInput, Snapshot
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    Effort,
    ExerciseId,
    ExerciseKind,
    Phase,
    Rule,
    Surface,
    WeekState,
)
from challenge.protocol.weekly import decide
from tests.protocol.invented import PAIN, WEEKS, stories
from tests.protocol.single_runs import longest_run, run_warnings
from tests.protocol.story import START, at, may_move, play, run, targets, week_of_runs
from tests.protocol.test_sentences import NEVER_IN_EMAIL

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def pairs(story: list[tuple[Snapshot, Decision]]) -> list[tuple[Decision, Decision]]:
    """Each decision with the last one of the week before it."""
    finals = {decision.week_number: decision for _, decision in story}
    return [(finals[d.week_number - 1], d) for _, d in story if d.week_number > 1]


def reasons(part: Any) -> Iterator[Reason]:
    """Every rule and its facts anywhere in a decision."""
    if isinstance(part, Reason):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from reasons(one)
    elif is_dataclass(part):
        for name in fields(part):
            yield from reasons(getattr(part, name.name))


def by_hand(decision: Decision) -> bool:
    return decision.cadence.reason.rule is Rule.DECISION_BY_HAND


@QUICK
@given(stories())
def test_no_target_is_ever_above_180(story: list[tuple[Snapshot, Decision]]) -> None:
    assert all((d.cadence.target_spm or 0) <= 180 for _, d in story)
    assert all((d.cadence.in_force_spm or 0) <= 180 for _, d in story)


@QUICK
@given(stories())
def test_a_target_sinks_only_by_baseline_or_by_hand(story: list[tuple[Snapshot, Decision]]) -> None:
    for before, now in pairs(story):
        old, new = before.cadence.in_force_spm, now.cadence.in_force_spm
        lowered = old is not None and (new is None or new < old)
        above_cap = now.cadence.reason.rule is Rule.CADENCE_CAP and (now.cadence.baseline_spm or 0) >= 180
        assert not lowered or by_hand(now) or above_cap or now.cadence.reason.rule is Rule.CADENCE_BASELINE


@QUICK
@given(stories())
def test_never_more_than_one_raise_in_a_local_week_and_never_more_than_five_percent(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for week in range(1, WEEKS + 2):
        raises = {d.cadence.target_spm for _, d in story if d.week_number == week and d.cadence.raised}
        assert len(raises) <= 1
    for _, decision in story:
        sum_of = decision.cadence.arithmetic
        if decision.cadence.raised:
            assert sum_of is not None
            level = sum_of.fact("level_spm")
            assert isinstance(level, int)
            assert (decision.cadence.target_spm or 0) <= max(level * 105 // 100, min(level, 180))
            assert (decision.cadence.target_spm or 0) <= raised_cadence(level)


@QUICK
@given(stories())
def test_with_a_stop_flag_nothing_is_raised_or_given(story: list[tuple[Snapshot, Decision]]) -> None:
    for s, decision in story:
        if s.flags:
            assert not decision.cadence.raised
            assert decision.cadence.target_spm is None
            assert decision.exercises == ()
            assert decision.longest_run is None
            assert decision.warnings == ()
            assert decision.phase.proposed is None or decision.phase.proposed < decision.phase.present


@settings(QUICK, max_examples=60)
@given(st.integers(60, 179), st.integers(3, 6), st.data())
def test_running_on_target_reaches_180_when_the_arithmetic_does(
    baseline: int, count: int, data: st.DataObject
) -> None:
    """No warning, treadmill, hill, amber or long run delays it."""
    intake = IntakeInput(answered_on=START, baseline_spm=baseline, block_started_on=START)

    def live(week: int, decision: Decision) -> dict[str, Any]:
        wild = {
            "distance": data.draw(st.integers(2, 30)),
            "surface": data.draw(st.sampled_from(Surface)),
            "hills": data.draw(st.booleans()),
            "pain": data.draw(st.integers(0, 5)),
            "effort": data.draw(st.sampled_from(Effort)),
        }
        return {"runs": week_of_runs(week, decision.cadence.target_spm, count, **wild)}

    expected = [raised_cadence(baseline)]
    while expected[-1] < 180:
        expected.append(raised_cadence(expected[-1]))
    decisions = play(len(expected) + 1, live, intake=intake, weeks=30)
    assert targets(decisions) == [*expected, 180]


@QUICK
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_the_log_does_not_matter(story: list[tuple[Snapshot, Decision]], chance: Any) -> None:
    for s, decision in story[-4:]:
        names = ("runs", "strength", "mornings", "daily_life", "approved", "past")
        mixed: dict[str, Any] = {name: tuple(chance.sample(e := getattr(s, name), len(e))) for name in names}
        again = replace(s, **mixed)
        assert decide(again) == decision


@QUICK
@given(stories())
def test_a_stored_decision_replays_to_itself(story: list[tuple[Snapshot, Decision]]) -> None:
    for s, decision in story[-3:]:
        stored = Snapshot.from_json(s.to_json())
        assert stored == s
        assert decide(stored).to_json() == decision.to_json()
        assert Decision.from_json(decision.to_json()) == decision


@QUICK
@given(stories())
def test_nothing_loads_a_joint_that_hurts_unapproved(story: list[tuple[Snapshot, Decision]]) -> None:
    """A joint that the intake names, and one that hurts in an entry known by then."""
    for s, decision in story:
        logged: tuple[RunInput | StrengthInput | MorningInput, ...] = (*s.runs, *s.strength, *s.mornings)
        known = [e for e in logged if e.local_on < s.week_on and e.logged_at <= s.log_as_of]
        sore = {entry.site for entry in known if (entry.pain or 0) >= 4}
        joints = GUARDED_JOINTS & ({c.site for c in s.intake.complaints if c.present} | sore)
        for p in decision.exercises:
            loads = form_of(CATALOG[p.exercise], p.form).loads
            assert p.exercise in s.approved or not joints & {*loads}


@QUICK
@given(stories())
def test_phases_move_by_at_most_one(story: list[tuple[Snapshot, Decision]]) -> None:
    for s, decision in story:
        present, proposed = decision.phase.present, decision.phase.proposed
        if proposed is not None:
            assert abs(proposed - present) == 1
            assert may_move(present, proposed, stop_flag_open=bool(s.flags))


@QUICK
@given(st.lists(st.tuples(st.sampled_from(Phase), st.booleans()), max_size=12))
def test_whatever_clinicians_try_a_phase_moves_by_at_most_one(tries: list[tuple[Phase, bool]]) -> None:
    phase = Phase.SETTLE
    for wanted, stopped in tries:
        if may_move(phase, wanted, stop_flag_open=stopped):
            assert wanted == phase - 1 or (wanted == phase + 1 and not stopped)
            phase = wanted


RANGES: dict[ExerciseKind, dict[str, tuple[int, int]]] = {
    ExerciseKind.ISOMETRIC: {
        "sets": (5, 5),
        "seconds": (45, 45),
        "hold_s": (45, 45),
        "sessions_per_week": (1, 7),
    },
    ExerciseKind.HEAVY: {
        "sets": (3, 3),
        "reps": (6, 8),
        "up_s": (3, 3),
        "down_s": (4, 9),
        "sessions_per_week": (2, 4),
    },
    ExerciseKind.POSTERIOR_TIBIAL: {
        "sets": (3, 4),
        "reps": (8, 10),
        "down_s": (4, 9),
        "sessions_per_week": (3, 4),
    },
}


@QUICK
@given(stories())
def test_doses_stay_inside_the_clinics_ranges_and_rise_one_step_a_week(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for _, decision in story:
        for p in decision.exercises:
            ladder = CATALOG[p.exercise].ladder
            assert (p.sets, p.reps, p.seconds) in {(d.sets, d.reps, d.seconds) for d in ladder}
            for name, (low, high) in RANGES.get(CATALOG[p.exercise].kind, {}).items():
                assert low <= getattr(p, name) <= high, (p.exercise, name)
    for before, now in pairs(story):
        steps = {p.exercise: p.step for p in before.exercises}
        assert all(p.step - steps.get(p.exercise, p.step) <= 1 for p in now.exercises)


@QUICK
@given(stories())
def test_a_run_within_the_longest_run_given_is_never_warned_about(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for s, decision in story:
        if decision.longest_run is None or decision.longest_run.limit_m is None:
            continue
        known = tuple(r for r in s.runs if r.local_on < s.week_on and r.logged_at <= s.log_as_of)
        for ahead in range(7):
            day = s.week_on + timedelta(days=ahead)
            kept = replace(run(day, key="kept"), distance_m=decision.longest_run.limit_m)
            warned = run_warnings(kept, known, (), s.intake, s.starts_on)
            assert Rule.LOAD_LONG_RUN not in {w.reason.rule for w in warned}


@QUICK
@given(stories(), st.integers(1, 30), st.integers(1, 7), PAIN)
def test_no_long_run_limit_rises_because_of_a_run_that_warned_in_the_week(
    story: list[tuple[Snapshot, Decision]], distance: int, days_ago: int, pain: int | None
) -> None:
    """The limit is at most the one that the run broke."""
    for s, _ in story:
        day = s.week_on - timedelta(days=days_ago)
        earlier = tuple(r for r in s.runs if r.local_on < day)
        new = run(day, distance=distance, key="new", pain=pain, logged_at=s.log_as_of)
        before = longest_run(LogView(replace(s, runs=earlier)), CLINIC).limit_m or 0
        history = LogView(replace(s, runs=(*earlier, new)))
        broke = long_runs(history, CLINIC).warning(new)
        if broke is not None:
            allowed = max(before, int(broke.fact("limit_m") or 0))
            assert (longest_run(history, CLINIC).limit_m or 0) <= allowed


@QUICK
@given(stories(), st.integers(6, 10))
def test_no_long_run_limit_rises_because_an_entry_is_redder(
    story: list[tuple[Snapshot, Decision]], pain: int
) -> None:
    for s, _ in story[::4]:
        limit = longest_run(LogView(s), CLINIC).limit_m or 0
        for name in ("runs", "strength", "daily_life"):
            for entry in getattr(s, name):
                if (entry.pain or 0) < pain:
                    others = tuple(e for e in getattr(s, name) if e is not entry)
                    changed: dict[str, Any] = {name: (*others, replace(entry, pain=pain))}
                    redder = replace(s, **changed)
                    assert (longest_run(LogView(redder), CLINIC).limit_m or 0) <= limit


@QUICK
@given(stories())
def test_emails_never_speak_of_pain_and_states_are_what_they_say(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for _, decision in story:
        for reason in reasons(decision):
            assert not NEVER_IN_EMAIL.search(reason.email), reason
        if decision.state in (WeekState.PAUSED, WeekState.WITHDRAWN):
            assert decision.cadence.target_spm is None


@QUICK
@given(st.integers(0, 40), st.integers(1, 6), st.integers(1, 30))
def test_a_dose_by_hand_is_what_the_clinician_wrote(day: int, sets: int, reps: int) -> None:
    moment = at(START)
    hand = DoseOverride(ExerciseId.ISOMETRIC_CALF_HOLD, sets, moment, reps=reps)
    s = Snapshot(
        START, START, WEEKS, moment, START, moment, IntakeInput(date(2026, 1, 1)), hand_doses=(hand,)
    )
    found = next(p for p in decide(s).exercises if p.exercise is ExerciseId.ISOMETRIC_CALF_HOLD)
    assert (found.sets, found.reps) == (sets, reps)
