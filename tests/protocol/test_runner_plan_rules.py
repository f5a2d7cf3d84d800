"""`exercise.track` and `decision.by_hand`: tracks beside the base, changes by clinicians, and what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Decision, Prescription
from challenge.protocol.dose_text import session_minutes
from challenge.protocol.plan_refusals import PlanRefusal, dose_errors, dose_refusal, plan_change_refusal
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintRecord, DoseOverride, PhaseInput, PlanChange, Snapshot
from challenge.protocol.vocabulary import (
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FormKind,
    Phase,
    PlanChangeKind,
    Rule,
    Site,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, monday, run, snapshot, strength

DAY = timedelta(days=1)
E = ExerciseId
ADD, LEAVE_OUT, SWAP = PlanChangeKind


def phase(number: int) -> dict[str, Any]:
    return {"phases": (PhaseInput(Phase(number), START),)}


def complaint(site: Site, **values: Any) -> ComplaintRecord:
    return ComplaintRecord(
        site.value, site, values.pop("status", ComplaintStatus.PRESENT), START, START, **values
    )


def planned(number: int, *complaints: ComplaintRecord, **values: Any) -> Snapshot:
    return snapshot(1, complaints=complaints, **phase(number), **values)


def given(s: Snapshot) -> dict[ExerciseId, Prescription]:
    return {p.exercise: p for p in decide(s).exercises}


def asked(decision: Decision) -> list[str]:
    return [q.key for q in decision.questions if q.reason.rule is Rule.EXERCISE_TRACK]


KNEE, APPROVED = complaint(Site.KNEE), complaint(Site.KNEE, track_approved=True)


def test_before_approval_a_knee_gets_the_base_alone_in_forms_that_spare_it_and_one_question() -> None:
    decision = decide(planned(2, KNEE))
    assert {p.track for p in decision.exercises} == {None}
    assert {p.exercise: p.form for p in decision.exercises}[E.SPLIT_SQUAT_CALF_RAISE] is FormKind.EASIER
    assert asked(decision) == [f"exercise.track:knee@{START}"]
    question = next(q.reason for q in decision.questions if q.reason.rule is Rule.EXERCISE_TRACK)
    assert question.clinician.startswith(
        "There is a present knee complaint. Approve exercises for it (Slow split squat, Step down"
    )
    later = snapshot(2, complaints=(KNEE,), past=(decision.past(),), **phase(2))
    assert asked(decide(later)) == []
    reopened = replace(KNEE, opened_on=monday(2), since_on=monday(2))
    assert asked(decide(replace(later, complaints=(reopened,)))) == [f"exercise.track:knee@{monday(2)}"]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("site", [Site.KNEE, Site.HIP, Site.FOOT])
def test_an_approved_track_stands_beside_the_base_in_every_phase_under_45_minutes(
    number: int, site: Site
) -> None:
    decision = decide(planned(number, complaint(site, track_approved=True)))
    assert {p.track for p in decision.exercises} == {None, site}
    assert asked(decision) == []
    assert decision.session_minutes == session_minutes(decision.exercises)
    assert 0 < (decision.session_minutes or 0) <= 45


def test_the_track_loads_its_own_joint_on_purpose_and_spares_the_other() -> None:
    slow = given(planned(2, APPROVED))[E.SLOW_SPLIT_SQUAT]
    assert (slow.form, slow.track, slow.each_leg) == (FormKind.STANDARD, Site.KNEE, True)
    both = given(planned(2, APPROVED, complaint(Site.HIP)))
    assert E.SLOW_SPLIT_SQUAT not in both or both[E.SLOW_SPLIT_SQUAT].form is not FormKind.STANDARD


@pytest.mark.parametrize(
    "record",
    [
        complaint(Site.KNEE, track_approved=True, status=ComplaintStatus.PAST),
        complaint(Site.ACHILLES, track_approved=True),
    ],
)
def test_a_past_complaint_and_a_site_without_a_track_bring_nothing(record: ComplaintRecord) -> None:
    decision = decide(planned(2, record))
    assert {p.track for p in decision.exercises} == {None}
    assert asked(decision) == []


def test_a_settling_complaint_keeps_its_track_and_version_3_has_none() -> None:
    settling = replace(APPROVED, status=ComplaintStatus.SETTLING)
    assert E.SLOW_SPLIT_SQUAT in given(planned(2, settling))
    assert E.SLOW_SPLIT_SQUAT not in given(planned(2, APPROVED, engine_version="3"))
    old = decide(planned(2, KNEE, engine_version="3"))
    assert (old.session_minutes, old.cadence_done) == (None, False)
    assert not any(p.each_leg for p in old.exercises)


def test_the_week_a_track_begins_says_that_the_base_is_shorter() -> None:
    said = reason_for(Rule.EXERCISE_TRACK, site="knee", cut=True, minutes=45)
    first = decide(planned(2, APPROVED))
    assert said in first.advice
    second = decide(snapshot(2, complaints=(APPROVED,), past=(first.past(),), **phase(2)))
    assert said not in second.advice


def test_at_the_heel_bone_no_heel_goes_below_the_floor() -> None:
    low = complaint(Site.ACHILLES, kind=ComplaintKind.INSERTIONAL)
    flat = given(planned(2, low))[E.HEAVY_CALF_RAISE]
    assert (flat.form, flat.reason.rule) == (FormKind.FLAT, Rule.EXERCISE_DOSE)
    middle = given(planned(2, complaint(Site.ACHILLES, kind=ComplaintKind.MID_PORTION)))[E.HEAVY_CALF_RAISE]
    assert middle.form is FormKind.STANDARD
    assert given(planned(2, low))[E.ARCH_RAISE].form is FormKind.STANDARD


def test_jumps_of_a_runner_with_a_sore_joint_rise_later() -> None:
    done = tuple(strength(START + day * DAY, E.POGO_HOPS, 3, 10) for day in (0, 2, 4))
    values: dict[str, Any] = {**phase(3), "approved": (E.POGO_HOPS,)}
    first = decide(snapshot(1, **values))
    values["strength"] = done
    free = decide(snapshot(2, past=(first.past(),), **values))
    sore = decide(snapshot(2, past=(first.past(),), complaints=(KNEE,), **values))
    steps = [next(p.step for p in d.exercises if p.exercise is E.POGO_HOPS) for d in (free, sore)]
    assert steps == [1, 0]
    late = decide(snapshot(5, past=(first.past(),), complaints=(KNEE,), **values))
    assert next(p.step for p in late.exercises if p.exercise is E.POGO_HOPS) == 0


def change(
    kind: PlanChangeKind, exercise: ExerciseId, new: ExerciseId | None = None, **values: Any
) -> PlanChange:
    return PlanChange(kind, exercise, values.pop("set_at", at(START, 1)), replacement=new, **values)


def changed(number: int, *changes: PlanChange, **values: Any) -> dict[ExerciseId, Prescription]:
    return given(planned(number, plan_changes=changes, **values))


def test_a_clinician_adds_leaves_out_and_swaps() -> None:
    added = changed(2, change(ADD, E.LEG_PRESS))[E.LEG_PRESS]
    assert (added.added_by_hand, added.sessions_per_week) == (True, 3)
    assert added.reason == reason_for(Rule.DECISION_BY_HAND, exercise="leg_press", added=True)
    assert E.TOES_IN_CALF_RAISE not in changed(2, change(LEAVE_OUT, E.TOES_IN_CALF_RAISE))


def test_a_swap_takes_the_place_of_the_exercise_also_in_a_track() -> None:
    s = planned(2, APPROVED, plan_changes=(change(SWAP, E.SLOW_SPLIT_SQUAT, E.LEG_PRESS),))
    press = given(s)[E.LEG_PRESS]
    assert (press.track, press.added_by_hand, press.sessions_per_week) == (Site.KNEE, True, 3)
    assert E.SLOW_SPLIT_SQUAT not in given(s)


def test_a_change_holds_until_it_is_ended_and_while_it_fits() -> None:
    leg = change(ADD, E.LEG_PRESS)
    assert E.LEG_PRESS not in changed(2, replace(leg, ended_at=at(START, 2)))
    assert E.LEG_PRESS in changed(2, replace(leg, ended_at=at(START, 7)))
    assert E.LEG_PRESS not in changed(2, replace(leg, set_at=at(START, 7)))
    assert E.LEG_PRESS not in changed(1, leg)
    assert [*changed(2, change(ADD, E.ARCH_RAISE))].count(E.ARCH_RAISE) == 1
    assert not changed(2, change(ADD, E.ARCH_RAISE))[E.ARCH_RAISE].added_by_hand


def sentence(refusal: PlanRefusal | None) -> str | None:
    return refusal.sentence if refusal is not None else None


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (change(ADD, E.ARCH_RAISE), "Arch raise, front to back is in the plan already."),
        (change(ADD, E.WALL_SIT), "Wall sit belongs to phase 1; this runner is in phase 2."),
        (change(LEAVE_OUT, E.POGO_HOPS), "Pogo hops on two feet is not in the plan of this week."),
        (change(SWAP, E.POGO_HOPS, E.LEG_PRESS), "Pogo hops on two feet is not in the plan of this week."),
        (change(SWAP, E.ARCH_RAISE, E.HEAVY_CALF_RAISE), "Heavy slow calf raise is in the plan already."),
        (
            change(SWAP, E.ARCH_RAISE, E.SKIPPING),
            "Running skips belongs to phase 3; this runner is in phase 2.",
        ),
        (change(LEAVE_OUT, E.ARCH_RAISE), None),
        (change(SWAP, E.TOES_IN_CALF_RAISE, E.HIP_HIKE), None),
    ],
)
def test_a_change_that_cannot_take_effect_is_refused_in_a_sentence(
    made: PlanChange, says: str | None
) -> None:
    assert sentence(plan_change_refusal(made, planned(2))) == says


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (change(ADD, E.WALL_SIT), "exercise"),
        (change(LEAVE_OUT, E.POGO_HOPS), "exercise"),
        (change(SWAP, E.POGO_HOPS, E.LEG_PRESS), "exercise"),
        (change(SWAP, E.ARCH_RAISE, E.SKIPPING), "replacement"),
    ],
)
def test_a_refusal_names_the_field_that_it_is_about(made: PlanChange, field: str) -> None:
    refusal = plan_change_refusal(made, planned(2))
    assert refusal is not None
    assert refusal.field == field


def test_what_loads_a_sore_joint_makes_a_session_too_long_or_empties_the_plan_is_refused() -> None:
    sore = planned(2, KNEE)
    refused = (
        sentence(plan_change_refusal(change(SWAP, E.TOES_IN_CALF_RAISE, E.SLOW_SPLIT_SQUAT), sore)) or ""
    )
    assert refused.endswith("loads the knee, which hurts now. Approve the exercise first.") or refused == ""
    full = planned(2, plan_changes=(change(ADD, E.HIP_THRUST), change(ADD, E.STEP_DOWN)))
    long = sentence(plan_change_refusal(change(ADD, E.LEG_PRESS), full)) or ""
    assert long.endswith(" minutes; 45 is the most. Leave something out first.")
    everything = [change(LEAVE_OUT, e) for e in given(planned(2)) if e is not E.ARCH_RAISE]
    last = planned(2, plan_changes=tuple(everything))
    assert (
        sentence(plan_change_refusal(change(LEAVE_OUT, E.ARCH_RAISE), last))
        == "At least one exercise stays in the plan."
    )


def dose(exercise: ExerciseId, **values: Any) -> DoseOverride:
    return DoseOverride(exercise, values.pop("sets", 3), at(START, 1), **values)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (dose(E.POGO_HOPS), ("exercise", "Pogo hops on two feet is not in the plan of this week.")),
        (dose(E.HEAVY_CALF_RAISE, sets=4), ("sets", "Heavy slow calf raise: sets from 1 to 3.")),
        (dose(E.HEAVY_CALF_RAISE, reps=9), ("reps", "Heavy slow calf raise: repetitions from 1 to 8.")),
        (
            dose(E.HEAVY_CALF_RAISE, seconds=30),
            (
                "seconds",
                "Heavy slow calf raise is counted in repetitions, not held for seconds: leave this empty.",
            ),
        ),
        (
            dose(E.HEAVY_CALF_RAISE, load_g=100_001),
            ("load_g", "The load of Heavy slow calf raise goes up to 220.5 lb (100 kg)."),
        ),
        (
            dose(E.ARCH_RAISE, load_g=1),
            ("load_g", "Arch raise, front to back is done with body weight alone: leave the load empty."),
        ),
        (dose(E.HEAVY_CALF_RAISE, up_s=2), ("up_s", "Heavy slow calf raise: seconds up from 3 to 7.")),
        (dose(E.HEAVY_CALF_RAISE, hold_s=5), ("hold_s", "Heavy slow calf raise: seconds held from 0 to 4.")),
        (dose(E.HEAVY_CALF_RAISE, down_s=9), ("down_s", "Heavy slow calf raise: seconds down from 4 to 8.")),
        (dose(E.HEAVY_CALF_RAISE, reps=8, load_g=100_000, up_s=3, hold_s=4, down_s=8), None),
        (dose(E.HEAVY_CALF_RAISE, sets=1, reps=1, load_g=0, up_s=7, hold_s=0, down_s=4), None),
    ],
)
def test_a_dose_outside_the_catalogs_range_is_refused(
    made: DoseOverride, says: tuple[str, str] | None
) -> None:
    assert dose_refusal(made, planned(2)) == says


def test_a_hold_is_not_counted_in_repetitions_and_has_one_tempo() -> None:
    hold = E.ISOMETRIC_CALF_HOLD
    counted = "Standing calf hold is held for seconds, not counted in repetitions: leave this empty."
    assert dose_refusal(dose(hold, reps=8), planned(1)) == ("reps", counted)
    assert dose_refusal(dose(hold, seconds=45), planned(1)) is None
    assert dose_errors(hold, {"seconds": 46}) == {"seconds": "Standing calf hold: seconds from 1 to 45."}
    assert dose_errors(hold, {"hold_s": 9}) == {"hold_s": "Standing calf hold: 45 seconds held."}


def test_load_and_tempo_by_hand_are_what_the_clinician_wrote() -> None:
    hand = dose(E.HEAVY_CALF_RAISE, load_g=20_000, up_s=4, hold_s=1, down_s=6)
    found = given(planned(2, hand_doses=(hand,)))[E.HEAVY_CALF_RAISE]
    assert (found.load_g, found.up_s, found.hold_s, found.down_s) == (20_000, 4, 1, 6)
    plain = given(planned(2, hand_doses=(dose(E.HEAVY_CALF_RAISE),)))[E.HEAVY_CALF_RAISE]
    assert (plain.load_g, plain.up_s, plain.hold_s, plain.down_s) == (None, 3, 0, 4)


@pytest.mark.parametrize(
    ("baseline", "done"), [(186, True), (180, True), (172, True), (160, False), (None, False)]
)
def test_raising_has_ended_at_the_cap(baseline: int | None, done: bool) -> None:
    assert decide(snapshot(1, intake=intake(baseline_spm=baseline))).cadence_done is done


def test_a_track_of_a_red_week_is_still_there_and_the_pain_is_asked_about() -> None:
    red = run(START + DAY, pain=7, site=Site.KNEE)
    decision = decide(snapshot(2, complaints=(APPROVED,), runs=(red,), **phase(2)))
    assert E.SLOW_SPLIT_SQUAT in {p.exercise for p in decision.exercises}
    assert Rule.PAIN_SCALE in {q.reason.rule for q in decision.questions}
