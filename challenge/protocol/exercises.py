"""Which exercises a week holds, in which form and dose, each with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from challenge.protocol.catalog import heavy, power, settle
from challenge.protocol.catalog.form import Dose, Exercise, ExerciseKind, Form
from challenge.protocol.decision import DoseInForce, Prescription
from challenge.protocol.entries import SetsInput, StrengthInput
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.rules import Fact, Rule
from challenge.protocol.snapshot import DoseOverride
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    Arch,
    ExerciseId,
    FormKind,
    Phase,
    Shoe,
    Site,
    WeekState,
)

CATALOGUE: dict[ExerciseId, Exercise] = {
    exercise.id: exercise
    for exercise in (
        settle.ISOMETRIC_CALF_HOLD,
        settle.ISOMETRIC_SOLEUS_HOLD,
        settle.SHORT_RANGE_CALF_RAISE,
        settle.ARCH_RAISE,
        heavy.HEAVY_CALF_RAISE,
        heavy.HEAVY_SEATED_CALF_RAISE,
        heavy.SPLIT_SQUAT_CALF_RAISE,
        heavy.TOES_IN_CALF_RAISE,
        power.POGO_HOPS,
        power.SINGLE_LEG_HOPS,
        power.SKIPPING,
        power.CADENCE_DRILL,
        power.MIDFOOT_STRIDES,
    )
}


@dataclass(frozen=True, slots=True)
class Place:
    """An exercise's place in a phase. `screened`: only where the screening shows a weak or tilted arch."""

    exercise: ExerciseId
    sessions_per_week: int
    form: FormKind = FormKind.STANDARD
    screened: bool = False


PLAN: dict[Phase, tuple[Place, ...]] = {
    Phase.SETTLE: (
        Place(ExerciseId.ISOMETRIC_CALF_HOLD, 5),
        Place(ExerciseId.ISOMETRIC_SOLEUS_HOLD, 5),
        Place(ExerciseId.SHORT_RANGE_CALF_RAISE, 3),
        Place(ExerciseId.ARCH_RAISE, 3, FormKind.EASIER, screened=True),
    ),
    Phase.STRENGTHEN: (
        Place(ExerciseId.HEAVY_CALF_RAISE, 3),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 3),
        Place(ExerciseId.SPLIT_SQUAT_CALF_RAISE, 3),
        Place(ExerciseId.TOES_IN_CALF_RAISE, 3),
        Place(ExerciseId.ARCH_RAISE, 3),
    ),
    Phase.POWER: (
        Place(ExerciseId.POGO_HOPS, 2),
        Place(ExerciseId.SINGLE_LEG_HOPS, 2),
        Place(ExerciseId.SKIPPING, 2),
        Place(ExerciseId.CADENCE_DRILL, 2),
        Place(ExerciseId.MIDFOOT_STRIDES, 2),
        Place(ExerciseId.HEAVY_CALF_RAISE, 2),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 2),
    ),
}


def has_kind(session: StrengthInput, kind: ExerciseKind) -> bool:
    """Whether a session holds an exercise of this kind."""
    return any(CATALOGUE[done.exercise].kind is kind for done in session.done)


def heavy_exercises() -> tuple[ExerciseId, ...]:
    return tuple(exercise.id for exercise in CATALOGUE.values() if exercise.kind is ExerciseKind.HEAVY)


def form_of(exercise: Exercise, kind: FormKind) -> Form:
    return {
        FormKind.STANDARD: exercise.standard,
        FormKind.EASIER: exercise.easier,
        FormKind.HARDER: exercise.harder,
    }[kind]


def prescribe(history: LogView, parameters: Parameters) -> tuple[Prescription, ...]:
    """The week's exercises. What loads a complained-of joint comes easier, or not at all, until approved."""
    given = []
    for place in PLAN[history.phase.phase]:
        if place.screened and not needs_arch_work(history):
            continue
        kind = allowed_form(place, history.complained, place.exercise in history.snapshot.approved)
        if kind is not None:
            given.append(_prescription(place, kind, history, parameters))
    return tuple(given)


def guarded_form(exercise: ExerciseId, form: FormKind) -> Form | None:
    """The easier form, where it spares a knee or hip that the full one loads; else None."""
    made = CATALOGUE[exercise]
    spares = form is FormKind.EASIER and GUARDED_JOINTS & {*made.standard.loads}
    return made.easier if spares else None


def guide_path(exercise: ExerciseId, form: FormKind = FormKind.STANDARD) -> str:
    """The guide's page of an exercise: beside a guarded form that form's own, never the full one's."""
    easier = "easier/" if guarded_form(exercise, form) is not None else ""
    return f"/guide/{exercise.value}/{easier}"


def allowed_form(place: Place, complained: frozenset[Site], approved: bool) -> FormKind | None:
    """The form that loads no complained-of knee or hip; the planned one once approved; None: left out."""
    exercise = CATALOGUE[place.exercise]
    guarded = GUARDED_JOINTS & complained
    for kind in (place.form, FormKind.EASIER):
        if approved or not guarded & {*form_of(exercise, kind).loads}:
            return kind
    return None


def questions(history: LogView) -> tuple[Question, ...]:
    """`exercise.approval`: one question per joint, once, when a phase first loads it."""
    asked = []
    for site in sorted(GUARDED_JOINTS & history.complained):
        waiting = [
            place.exercise
            for place in PLAN[history.phase.phase]
            if site in form_of(CATALOGUE[place.exercise], place.form).loads
            and place.exercise not in history.snapshot.approved
        ]
        subject = f"exercise.approval:{site.value}"
        if waiting and not history.asked(subject):
            names = ", ".join(exercise.label for exercise in waiting)
            logged: dict[str, Fact] = {"logged": True} if site in history.guarded else {}
            why = reason_for(Rule.EXERCISE_APPROVAL, site=site.value, exercises=names, **logged)
            asked.append(Question(subject, why))
    return tuple(asked)


def needs_arch_work(history: LogView) -> bool:
    """Collapsing arches, or shoes that tilt inward."""
    intake = history.snapshot.intake
    return intake.arch is Arch.COLLAPSING or intake.shoe is Shoe.TILTS_INWARD


def _prescription(place: Place, kind: FormKind, history: LogView, parameters: Parameters) -> Prescription:
    exercise = CATALOGUE[place.exercise]
    tempo = exercise.tempo
    at = dose_step(exercise, history, parameters)
    dose = exercise.ladder[at.step]
    hand = _override_dose(place.exercise, history)
    reason = _why(place, kind, dose, hand)
    sets, reps, seconds, sessions = dose.sets, dose.reps, dose.seconds, place.sessions_per_week
    if hand is not None:
        sets = hand.sets
        if hand.reps or hand.seconds:
            reps, seconds = hand.reps, hand.seconds
        sessions = hand.sessions_per_week or sessions
    return Prescription(
        exercise=exercise.id,
        form=kind,
        name=form_of(exercise, kind).name,
        sets=sets,
        reps=reps,
        seconds=seconds,
        sessions_per_week=sessions,
        up_s=tempo.up_s,
        hold_s=(seconds or tempo.hold_s) if exercise.kind is ExerciseKind.ISOMETRIC else tempo.hold_s,
        down_s=tempo.down_s,
        step=at.step,
        since_on=at.since_on,
        reason=reason,
    )


def _why(place: Place, kind: FormKind, dose: Dose, hand: DoseOverride | None) -> Reason:
    if hand is not None:
        return reason_for(Rule.DECISION_BY_HAND, exercise=place.exercise.value)
    if kind is not place.form:
        return reason_for(Rule.EXERCISE_APPROVAL, exercises=place.exercise.label, easier=True)
    return reason_for(Rule.EXERCISE_DOSE, exercise=place.exercise.value, note=dose.note)


def dose_step(exercise: Exercise, history: LogView, parameters: Parameters) -> DoseInForce:
    """`exercise.dose`: one step up after 3 sessions done at the present dose without red pain."""
    before = _dose_before(exercise.id, history)
    if before is None:
        return DoseInForce(exercise.id, 0, _first_given(exercise.id, 0, history))
    last = len(exercise.ladder) - 1
    present = exercise.ladder[min(before.step, last)]
    days = {
        session.local_on
        for session in history.strength
        if session.local_on >= before.since_on
        and _calm(session, parameters)
        and _reached(session, exercise, present)
    }
    if len(days) < parameters.step_after_sessions or before.step >= last:
        return DoseInForce(exercise.id, min(before.step, last), before.since_on)
    return DoseInForce(exercise.id, before.step + 1, _first_given(exercise.id, before.step + 1, history))


def _first_given(exercise: ExerciseId, step: int, history: LogView) -> date:
    """The day this step was first given this week: a later revision does not restart it."""
    days = [
        d.since_on
        for past in history.this_week
        if _keeps_dose(past.phase, history.phase.phase)
        for d in past.doses
        if (d.exercise, d.step) == (exercise, step)
    ]
    return min(days, default=history.snapshot.today_on)


def _dose_before(exercise: ExerciseId, history: LogView) -> DoseInForce | None:
    """The dose last given in an earlier week that gave exercises at all, where the phases let it carry over."""
    given = [
        past
        for past in history.snapshot.past
        if past.week_on < history.snapshot.week_on and past.state is WeekState.ACTIVE and past.doses
    ]
    if not given or not _keeps_dose(given[-1].phase, history.phase.phase):
        return None
    return next((dose for dose in given[-1].doses if dose.exercise is exercise), None)


def _keeps_dose(was: Phase, now: Phase) -> bool:
    """Not over a step back, and not out of phase 1, whose forms are easier ones."""
    return now >= was and (was is not Phase.SETTLE or now is was)


def _calm(session: StrengthInput, parameters: Parameters) -> bool:
    return session.pain is None or session.pain < parameters.red_from


def _reached(session: StrengthInput, exercise: Exercise, dose: Dose) -> bool:
    return any(done.exercise is exercise.id and _at_dose(done, dose) for done in session.done)


def _at_dose(done: SetsInput, dose: Dose) -> bool:
    enough = done.reps or 0 if dose.reps is not None else done.seconds or 0
    return done.sets >= dose.sets and enough >= (dose.reps or dose.seconds or 0)


def _override_dose(exercise: ExerciseId, history: LogView) -> DoseOverride | None:
    """`decision.by_hand`: the last dose set and not ended, as of deciding."""
    now = history.snapshot.as_of
    held = [
        hand
        for hand in history.snapshot.hand_doses
        if hand.exercise is exercise and hand.set_at <= now and (hand.ended_at is None or hand.ended_at > now)
    ]
    return held[-1] if held else None
