"""What must hold for every runner, not just the ones we thought of."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenge.protocol.cadence import raised
from challenge.protocol.decision import Decision
from challenge.protocol.entries import Morning, Run, StrengthSession
from challenge.protocol.exercises import CATALOGUE, form_of
from challenge.protocol.rules import Rule
from challenge.protocol.snapshot import (
    Complaint,
    Flag,
    HandCadence,
    HandDose,
    Intake,
    Pause,
    PhaseSpell,
    Snapshot,
)
from challenge.protocol.terms import (
    GUARDED_JOINTS,
    CadenceSource,
    Effort,
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    Site,
    State,
    Strike,
    Surface,
    Symptom,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, monday, morning, play, run, strength, targets, week_of_runs

WEEKS = 6
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
DAYS = st.integers(0, WEEKS * 7 - 1).map(lambda number: START + timedelta(days=number))
PAIN = st.none() | st.integers(0, 10)
SITES = st.none() | st.sampled_from(Site)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    day = draw(DAYS)
    cadence = draw(st.none() | st.integers(140, 200))
    return run(
        day,
        cadence,
        key=f"run-{draw(st.integers(0, 10**9))}",
        distance=draw(st.integers(1, 20)),
        effort=draw(st.sampled_from(Effort)),
        hills=draw(st.booleans()),
        surface=draw(st.sampled_from(Surface)),
        pain=draw(PAIN),
        site=draw(SITES),
        symptoms=draw(st.sampled_from([(), (Symptom.NIGHT_PAIN,)])),
        logged_at=at(day + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 8]))), 20),
        cadence_source=CadenceSource.METRONOME if cadence is None else CadenceSource.FILE,
    )


@st.composite
def lifts(draw: st.DrawFn) -> StrengthSession:
    exercise, sets, reps = (
        draw(st.sampled_from(ExerciseId)),
        draw(st.integers(1, 5)),
        draw(st.integers(1, 20)),
    )
    key = f"lift-{draw(st.integers(0, 10**9))}"
    return strength(draw(DAYS), exercise, sets, reps, seconds=45, key=key, pain=draw(PAIN))


@st.composite
def mornings(draw: st.DrawFn) -> Morning:
    return morning(draw(DAYS), draw(PAIN), key=f"morning-{draw(st.integers(0, 10**9))}", site=draw(SITES))


def many(entries: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    return st.lists(entries, max_size=most, unique_by=lambda entry: entry.key).map(tuple)


INTAKES = st.builds(
    Intake,
    answered_on=st.just(START - timedelta(days=3)),
    baseline_spm=st.none() | st.integers(140, 190),
    longest_run_m=st.none() | st.integers(0, 40_000),
    usual_week_m=st.none() | st.integers(0, 100_000),
    block_started_on=st.none() | DAYS,
    complaints=st.lists(st.builds(Complaint, st.sampled_from(Site), present=st.booleans()), max_size=3).map(
        tuple
    ),
    pain_now=PAIN,
    pain_morning=PAIN,
    strike=st.none() | st.sampled_from(Strike),
)
FLAGS = st.dictionaries(
    st.integers(1, WEEKS), st.just((Flag(FlagKind.STOP, START, Symptom.LIMP),)), max_size=2
)
HANDS = st.dictionaries(st.integers(1, WEEKS), st.integers(120, 180), max_size=1)
PHASES = st.dictionaries(st.integers(1, WEEKS), st.sampled_from(Phase), max_size=3)
PAUSES = st.sampled_from([(), (Pause(monday(3), monday(4), PauseReason.TRAVEL),)])


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Snapshot, Decision]]:
    """Six weeks of one runner: any log, flags, phases, hand-set values, one revision in mid-week."""
    log = {
        "runs": draw(many(runs(), 25)),
        "strength": draw(many(lifts(), 12)),
        "mornings": draw(many(mornings(), 12)),
    }
    fixed: dict[str, Any] = {
        "starts_on": START,
        "weeks": WEEKS,
        "intake": draw(INTAKES),
        "pauses": draw(PAUSES),
    }
    fixed["phases"] = tuple(PhaseSpell(phase, monday(week)) for week, phase in sorted(draw(PHASES).items()))
    flags, hands = draw(FLAGS), draw(HANDS)
    told: list[tuple[Snapshot, Decision]] = []
    for week in range(1, WEEKS + 2):
        for revision, day in ((1, monday(week)), (2, monday(week) + timedelta(days=2))):
            moment = at(day)
            known: dict[str, Any] = {
                name: tuple(e for e in entries if e.logged_at <= moment) for name, entries in log.items()
            }
            hand = tuple(HandCadence(spm, at(monday(w)), at(monday(w + 1), 9)) for w, spm in hands.items())
            past = tuple(decision.past() for _, decision in told)
            s = Snapshot(
                week_on=monday(week), as_of=moment, today_on=day, log_as_of=at(monday(week)), revision=revision,
                flags=flags.get(week, ()) if revision == 1 else (), hand_cadences=hand, past=past, **known, **fixed,
            )  # fmt: skip
            told.append((s, decide(s)))
    return told


def pairs(story: list[tuple[Snapshot, Decision]]) -> list[tuple[Decision, Decision]]:
    """Each decision with the last one of the week before it."""
    finals = {decision.week_number: decision for _, decision in story}
    return [(finals[d.week_number - 1], d) for _, d in story if d.week_number > 1]


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
            assert (decision.cadence.target_spm or 0) <= raised(level)


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


@settings(QUICK, max_examples=80)
@given(st.integers(100, 179), st.integers(3, 6), st.data())
def test_who_keeps_running_on_target_reaches_180_when_the_arithmetic_says(
    baseline: int, count: int, data: st.DataObject
) -> None:
    """No warning, treadmill, hill, amber or long run delays it."""
    intake = Intake(answered_on=START, baseline_spm=baseline, block_started_on=START)

    def live(week: int, decision: Decision) -> dict[str, Any]:
        wild = {
            "distance": data.draw(st.integers(2, 30)),
            "surface": data.draw(st.sampled_from(Surface)),
            "hills": data.draw(st.booleans()),
            "pain": data.draw(st.integers(0, 5)),
            "effort": data.draw(st.sampled_from(Effort)),
        }
        return {"runs": week_of_runs(week, decision.cadence.target_spm, count, **wild)}

    expected = [raised(baseline)]
    while len(expected) < 13:
        expected.append(raised(expected[-1]))
    decisions = play(13, live, intake=intake, weeks=20)
    assert targets(decisions) == expected
    assert expected[-1] == 180


@QUICK
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_the_log_does_not_matter(story: list[tuple[Snapshot, Decision]], chance: Any) -> None:
    for s, decision in story[-4:]:
        names = ("runs", "strength", "mornings", "past")
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
def test_nothing_loads_a_complained_of_joint_unapproved(story: list[tuple[Snapshot, Decision]]) -> None:
    for s, decision in story:
        joints = GUARDED_JOINTS & s.intake.present_sites()
        for p in decision.exercises:
            assert not joints & {*form_of(CATALOGUE[p.exercise], p.form).loads}


@QUICK
@given(stories())
def test_phases_move_by_at_most_one(story: list[tuple[Snapshot, Decision]]) -> None:
    for _, decision in story:
        if decision.phase.proposed is not None:
            assert abs(decision.phase.proposed - decision.phase.present) == 1


@QUICK
@given(stories())
def test_doses_stay_inside_the_ladder_and_rise_one_step_a_week(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for _, decision in story:
        for p in decision.exercises:
            ladder = CATALOGUE[p.exercise].ladder
            assert (p.sets, p.reps, p.seconds) in {(d.sets, d.reps, d.seconds) for d in ladder}
            assert 2 <= p.sessions_per_week <= 5
    for before, now in pairs(story):
        steps = {p.exercise: p.step for p in before.exercises}
        assert all(p.step - steps.get(p.exercise, p.step) <= 1 for p in now.exercises)


@QUICK
@given(stories())
def test_emails_never_speak_of_pain_and_states_are_what_they_say(
    story: list[tuple[Snapshot, Decision]],
) -> None:
    for _, decision in story:
        assert "pain" not in decision.cadence.reason.email.lower()
        if decision.state in (State.PAUSED, State.WITHDRAWN):
            assert decision.cadence.target_spm is None


@QUICK
@given(st.integers(0, 40), st.integers(1, 6), st.integers(1, 30))
def test_a_dose_by_hand_is_what_the_clinician_wrote(day: int, sets: int, reps: int) -> None:
    moment = at(START)
    hand = HandDose(ExerciseId.ISOMETRIC_CALF_HOLD, sets, moment, reps=reps)
    s = Snapshot(START, START, WEEKS, moment, START, moment, Intake(date(2026, 1, 1)), hand_doses=(hand,))
    found = next(p for p in decide(s).exercises if p.exercise is ExerciseId.ISOMETRIC_CALF_HOLD)
    assert (found.sets, found.reps) == (sets, reps)
