"""Exercises: what each phase holds, in which form, at which dose."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.catalog.plan import CATALOG, PLAN, Place
from challenge.protocol.decision import DoseInForce, Prescription
from challenge.protocol.doses import dose_step
from challenge.protocol.exercises import form_of, heavy_exercises
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.runner_plan import Guards, allowed_form
from challenge.protocol.snapshot import ComplaintInput, DoseOverride, PhaseInput, Snapshot
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    Arch,
    ExerciseId,
    ExerciseKind,
    FormKind,
    Phase,
    Rule,
    Shoe,
    Site,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, monday, snapshot

DAY = timedelta(days=1)
RAISE = ExerciseId.HEAVY_CALF_RAISE


def in_phase(number: int, since: date = START) -> dict[str, Any]:
    return {"phases": (PhaseInput(Phase(number), since),)}


def given(s: Snapshot) -> dict[ExerciseId, Prescription]:
    return {p.exercise: p for p in decide(s).exercises}


def test_the_catalog_names_every_exercise_and_every_phase_holds_its_own() -> None:
    assert set(CATALOG) <= set(ExerciseId)
    planned = {(place.exercise, phase) for phase, places in PLAN.items() for place in places}
    base = {(e.id, phase) for e in CATALOG.values() if e.track is None for phase in e.phases}
    assert planned == base
    assert heavy_exercises() == (ExerciseId.HEAVY_CALF_RAISE, ExerciseId.HEAVY_SEATED_CALF_RAISE)


@pytest.mark.parametrize("exercise", CATALOG.values(), ids=lambda e: e.id)
def test_every_exercise_is_complete(exercise: Any) -> None:
    assert exercise.name == exercise.id.label
    assert exercise.purpose
    assert exercise.feel
    assert exercise.never
    assert exercise.source
    assert len(exercise.steps) >= 3
    assert all(
        form.name and form.how and form.loads
        for form in (exercise.standard, exercise.easier, exercise.harder)
    )
    # A track loads its joint on purpose; the base has a form that spares knee and hip.
    if exercise.track is None:
        assert not GUARDED_JOINTS & {*exercise.easier.loads}
    assert all((dose.reps is None) is not (dose.seconds is None) for dose in exercise.ladder)


@pytest.mark.parametrize(
    ("exercise", "doses", "span"),
    [
        (ExerciseId.ISOMETRIC_CALF_HOLD, [(5, 45)], "5 sets of 45 s"),
        (ExerciseId.ISOMETRIC_SOLEUS_HOLD, [(5, 45)], "5 sets of 45 s"),
        (ExerciseId.SHORT_RANGE_CALF_RAISE, [(3, 8), (3, 10), (3, 12)], "3 sets of 8–12"),
        (ExerciseId.HEAVY_CALF_RAISE, [(3, 8), (3, 7), (3, 6)], "3 sets of 6–8"),
        (ExerciseId.HEAVY_SEATED_CALF_RAISE, [(3, 8), (3, 7), (3, 6)], "3 sets of 6–8"),
        (ExerciseId.ARCH_RAISE, [(3, 8), (3, 9), (3, 10), (4, 9), (4, 10)], "3–4 sets of 8–10"),
        (ExerciseId.SPLIT_SQUAT_CALF_RAISE, [(3, 8), (3, 9), (3, 10), (4, 9), (4, 10)], "3–4 sets of 8–10"),
        (ExerciseId.TOES_IN_CALF_RAISE, [(3, 8), (3, 9), (3, 10), (4, 9), (4, 10)], "3–4 sets of 8–10"),
        (ExerciseId.POGO_HOPS, [(3, 10), (3, 15), (4, 15), (4, 20)], "3–4 sets of 10–20"),
        (ExerciseId.SINGLE_LEG_HOPS, [(2, 8), (3, 8), (3, 10), (3, 12)], "2–3 sets of 8–12"),
        (ExerciseId.SKIPPING, [(2, 10), (3, 10), (3, 12), (4, 12)], "2–4 sets of 10–12"),
        (ExerciseId.CADENCE_DRILL, [(4, 60), (5, 60), (6, 60)], "4–6 sets of 60 s"),
        (ExerciseId.MIDFOOT_STRIDES, [(4, 20), (5, 20), (6, 20)], "4–6 sets of 20 s"),
    ],
)
def test_the_doses_are_the_clinics(exercise: ExerciseId, doses: list[tuple[int, int]], span: str) -> None:
    ladder = CATALOG[exercise].ladder
    assert [(dose.sets, dose.reps or dose.seconds) for dose in ladder] == doses
    assert CATALOG[exercise].dose_range == span


def test_heavy_and_tibialis_work_goes_three_seconds_up_and_at_least_four_down() -> None:
    slow = [e for e in CATALOG.values() if e.kind in (ExerciseKind.HEAVY, ExerciseKind.POSTERIOR_TIBIAL)]
    assert {(e.tempo.up_s, e.tempo.down_s) for e in slow} == {(3, 4)}
    shown = given(snapshot(**in_phase(2)))[RAISE]
    assert (shown.up_s, shown.hold_s, shown.down_s, shown.reps, shown.seconds) == (3, 0, 4, 8, None)
    assert shown.name == "One leg, holding a weight"
    hold = given(snapshot())[ExerciseId.ISOMETRIC_CALF_HOLD]
    assert (hold.sets, hold.reps, hold.seconds, hold.hold_s, hold.sessions_per_week) == (5, None, 45, 45, 5)


@pytest.mark.parametrize(
    ("phase", "sessions"),
    [
        (1, {"isometric_calf_hold": 5, "isometric_soleus_hold": 5, "short_range_calf_raise": 3}),
        (
            2,
            {
                "heavy_calf_raise": 3,
                "heavy_seated_calf_raise": 3,
                "split_squat_calf_raise": 3,
                "toes_in_calf_raise": 3,
                "arch_raise": 3,
            },
        ),
        (
            3,
            {
                "pogo_hops": 2,
                "single_leg_hops": 2,
                "skipping": 2,
                "cadence_drill": 2,
                "midfoot_strides": 2,
                "heavy_calf_raise": 2,
                "heavy_seated_calf_raise": 2,
            },
        ),
    ],
)
def test_each_phase_holds_its_exercises(phase: int, sessions: dict[str, int]) -> None:
    week = given(snapshot(**in_phase(phase)))
    assert {exercise.value: p.sessions_per_week for exercise, p in week.items()} == sessions
    assert {p.form for p in week.values()} == {FormKind.STANDARD}


@pytest.mark.parametrize(
    ("values", "held"),
    [
        ({"arch": Arch.COLLAPSING}, True),
        ({"shoe": Shoe.TILTS_INWARD}, True),
        ({"arch": Arch.STEADY, "shoe": Shoe.TILTS_OUTWARD}, False),
        ({"arch": Arch.UNSURE}, False),
        ({}, False),
    ],
)
def test_in_phase_1_the_arch_raise_is_for_who_needs_it_and_in_shortened_range(
    values: Any, held: bool
) -> None:
    week = given(snapshot(intake=intake(**values)))
    assert (ExerciseId.ARCH_RAISE in week) is held
    if held:
        assert week[ExerciseId.ARCH_RAISE].form is FormKind.EASIER
        assert week[ExerciseId.ARCH_RAISE].reason.rule is Rule.EXERCISE_DOSE


@pytest.mark.parametrize("joint", sorted(GUARDED_JOINTS))
@pytest.mark.parametrize("phase", Phase)
def test_nothing_loads_a_complained_of_joint_until_approved(joint: Site, phase: Phase) -> None:
    said = intake(complaints=(ComplaintInput(joint),))
    s = snapshot(intake=said, **in_phase(phase))
    for exercise, p in given(s).items():
        assert joint not in form_of(CATALOG[exercise], p.form).loads
    loading = [p.exercise for p in PLAN[phase] if joint in form_of(CATALOG[p.exercise], p.form).loads]
    easier = [p for p in given(s).values() if p.reason.rule is Rule.EXERCISE_APPROVAL]
    assert sorted(p.exercise for p in easier) == sorted(loading)
    assert all(p.form is FormKind.EASIER for p in easier)
    freed = given(replace(s, approved=tuple(loading)))
    assert all(freed[exercise].form is FormKind.STANDARD for exercise in loading)
    past = intake(complaints=(ComplaintInput(joint, present=False),))
    assert {p.form for p in given(replace(s, intake=past)).values()} == {FormKind.STANDARD}


def test_the_reason_of_a_dose_names_its_exercise_and_why_it_is_so() -> None:
    knee = intake(complaints=(ComplaintInput(Site.KNEE),))
    by_hand = DoseOverride(ExerciseId.ARCH_RAISE, 2, at(START), reps=5)
    week = given(snapshot(intake=knee, hand_doses=(by_hand,), **in_phase(2)))
    assert week[ExerciseId.ARCH_RAISE].reason == reason_for(Rule.DECISION_BY_HAND, exercise="arch_raise")
    assert week[ExerciseId.SPLIT_SQUAT_CALF_RAISE].reason == reason_for(
        Rule.EXERCISE_APPROVAL, exercises="Split squat calf raise", easier=True
    )
    assert week[ExerciseId.HEAVY_CALF_RAISE].reason == reason_for(
        Rule.EXERCISE_DOSE, exercise="heavy_calf_raise", note="a load you could lift ten times"
    )
    arch = CATALOG[ExerciseId.ARCH_RAISE]
    first = dose_step(arch, LogView(snapshot()), CLINIC)
    assert first == DoseInForce(ExerciseId.ARCH_RAISE, 0, START)


def test_an_exercise_without_a_harmless_form_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hops = CATALOG[ExerciseId.POGO_HOPS]
    monkeypatch.setitem(CATALOG, hops.id, replace(hops, easier=hops.harder))
    knee = snapshot(intake=intake(complaints=(ComplaintInput(Site.KNEE),)), **in_phase(3))
    assert hops.id not in given(knee)
    assert hops.id in given(replace(knee, approved=(hops.id,)))


def test_the_easier_form_is_tried_before_an_exercise_is_left_out() -> None:
    place = Place(ExerciseId.ISOMETRIC_SOLEUS_HOLD, 5, FormKind.HARDER)
    assert allowed_form(place, Guards(joints=frozenset({Site.KNEE}))) is FormKind.EASIER
    assert allowed_form(place, Guards()) is FormKind.HARDER
    both = Place(ExerciseId.SPLIT_SQUAT_CALF_RAISE, 3)
    assert allowed_form(both, Guards()) is FormKind.STANDARD


def test_the_clinician_is_asked_once_per_joint_and_phase() -> None:
    knee = intake(complaints=(ComplaintInput(Site.KNEE), ComplaintInput(Site.HIP), ComplaintInput(Site.FOOT)))
    first = decide(snapshot(1, intake=knee, **in_phase(2)))
    asked = [q for q in first.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    assert [q.key for q in asked] == [
        f"exercise.approval:{joint}:{START}@{START}" for joint in ("hip", "knee")
    ]
    assert asked[0].reason.fact("exercises") == "Split squat calf raise"
    again = decide(snapshot(2, intake=knee, past=(first.past(),), **in_phase(2)))
    assert not [q for q in again.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    approved = snapshot(1, intake=knee, approved=(ExerciseId.SPLIT_SQUAT_CALF_RAISE,), **in_phase(2))
    assert not [q for q in decide(approved).questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    settled = decide(snapshot(1, intake=knee))
    assert not [q for q in settled.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    phases = (PhaseInput(Phase.STRENGTHEN, START), PhaseInput(Phase.POWER, monday(3)))
    jumps = decide(snapshot(3, intake=knee, past=(first.past(), again.past()), phases=phases))
    names = [q.reason.fact("exercises") for q in jumps.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    assert names == [
        "Hops on one leg, Running skips",
        "Pogo hops on two feet, Hops on one leg, Running skips",
    ]
    by_version_3 = decide(snapshot(1, intake=knee, engine_version="3", **in_phase(2)))
    keys = [q.key for q in by_version_3.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    assert keys == ["exercise.approval:hip", "exercise.approval:knee"]
