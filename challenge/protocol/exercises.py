"""Prescribe the week's exercises, each with form, dose and the rule behind it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant
from challenge.protocol.catalog.plan import CATALOG, PLAN, Place
from challenge.protocol.decision import DoseInForce, Prescription
from challenge.protocol.entries import SetsInput, StrengthInput
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import DoseOverride
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
    WeekState,
)


def has_kind(session: StrengthInput, kind: ExerciseKind) -> bool:
    """Return whether a session holds an exercise of this kind."""
    return any(CATALOG[done.exercise].kind is kind for done in session.done)


def heavy_exercises() -> tuple[ExerciseId, ...]:
    """Return the heavy exercises of the base: a stronger thigh doesn't show that the tendon carries more."""
    heavy = (e for e in CATALOG.values() if e.kind is ExerciseKind.HEAVY and e.track is None)
    return tuple(exercise.id for exercise in heavy)


def form_of(exercise: Exercise, kind: FormKind) -> ExerciseVariant:
    return exercise.form(kind)


def prescribe(history: LogView, parameters: Parameters) -> tuple[Prescription, ...]:
    """Return the week's exercises. Until approved, one that loads a complained-of joint is easier or left out."""
    given = []
    for place in PLAN[history.phase.phase]:
        # Arch work in phase 1 is only for runners whose intake shows the need.
        if place.screened and not needs_arch_work(history):
            continue
        kind = allowed_form(place, history.complained, place.exercise in history.snapshot.approved)
        if kind is not None:
            given.append(_prescription(place, kind, history, parameters))
    return tuple(given)


def guarded_form(exercise: ExerciseId, form: FormKind) -> ExerciseVariant | None:
    """Return the form where it has a page of its own, else None.

    That is the easier form where it spares a knee or hip that the full form loads, and the one with no heel below the
    floor.
    """
    entry = CATALOG[exercise]
    if form is FormKind.FLAT:
        return entry.flat
    spared = GUARDED_JOINTS & {*entry.standard.loads} - {*entry.easier.loads}
    return entry.easier if form is FormKind.EASIER and spared else None


def guide_path(exercise: ExerciseId, form: FormKind = FormKind.STANDARD) -> str:
    """Return the path of the guide's page: for a guarded form its own page, never that of the full form."""
    own = f"{form.value}/" if guarded_form(exercise, form) is not None else ""
    return f"/guide/{exercise.value}/{own}"


def allowed_form(place: Place, complained: frozenset[Site], approved: bool) -> FormKind | None:
    """Return the form that loads no complained-of knee or hip; once approved, the planned one. None: leave it out."""
    exercise = CATALOG[place.exercise]
    guarded = GUARDED_JOINTS & complained
    # The planned form may already be the easier one, then the second try changes nothing.
    for kind in (place.form, FormKind.EASIER):
        if approved or not guarded & {*form_of(exercise, kind).loads}:
            return kind
    return None


def questions(history: LogView) -> tuple[Question, ...]:
    """Return one question per joint, once, when a phase first loads it (`exercise.approval`)."""
    asked = []
    for site in sorted(GUARDED_JOINTS & history.complained):
        waiting = [
            place.exercise
            for place in PLAN[history.phase.phase]
            if site in form_of(CATALOG[place.exercise], place.form).loads
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
    """Return whether the intake reports collapsing arches or shoes that tilt inward."""
    intake = history.snapshot.intake
    return intake.arch is Arch.COLLAPSING or intake.shoe is Shoe.TILTS_INWARD


def _prescription(place: Place, kind: FormKind, history: LogView, parameters: Parameters) -> Prescription:
    exercise = CATALOG[place.exercise]
    tempo = exercise.tempo
    at = dose_step(exercise, history, parameters)
    dose = exercise.ladder[at.step]
    hand = _override_dose(place.exercise, history)
    reason = _why(place, kind, dose, hand, parameters)
    sets, reps, seconds, sessions = dose.sets, dose.reps, dose.seconds, place.sessions_per_week
    if hand is not None:
        sets = hand.sets
        # A clinician may set the sets alone; repetitions and seconds never mix with those of the ladder.
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


def _why(
    place: Place, kind: FormKind, dose: Dose, hand: DoseOverride | None, parameters: Parameters
) -> Reason:
    if hand is not None:
        return reason_for(Rule.DECISION_BY_HAND, exercise=place.exercise.value)
    if kind is not place.form:
        return reason_for(Rule.EXERCISE_APPROVAL, exercises=place.exercise.label, easier=True)
    return reason_for(Rule.EXERCISE_DOSE, parameters, exercise=place.exercise.value, note=dose.note)


def dose_step(exercise: Exercise, history: LogView, parameters: Parameters) -> DoseInForce:
    """Return the dose: one step up after enough days at the present dose without red pain (`exercise.dose`)."""
    before = _dose_before(exercise.id, history)
    if before is None:
        return DoseInForce(exercise.id, 0, _first_given(exercise.id, 0, history))
    last = len(exercise.ladder) - 1
    present = exercise.ladder[min(before.step, last)]
    days = days_at_dose(exercise, present, history.strength, since_on=before.since_on, parameters=parameters)
    # The ladder may have become shorter since the stored step, hence the minimum.
    if len(days) < parameters.step_after_sessions or before.step >= last:
        return DoseInForce(exercise.id, min(before.step, last), before.since_on)
    return DoseInForce(exercise.id, before.step + 1, _first_given(exercise.id, before.step + 1, history))


def days_at_dose(
    exercise: Exercise,
    dose: Dose,
    sessions: Iterable[StrengthInput],
    *,
    since_on: date,
    parameters: Parameters,
) -> frozenset[date]:
    """Return the days since `since_on` on which the dose was reached without red pain (`exercise.dose`)."""
    # Days, not sessions: the tendon adapts by the day (`exercise.dose`).
    return frozenset(
        session.local_on
        for session in sessions
        if session.local_on >= since_on and _calm(session, parameters) and _reached(session, exercise, dose)
    )


def _first_given(exercise: ExerciseId, step: int, history: LogView) -> date:
    """Return the day this step was first given this week: a later revision does not restart the count."""
    days = [
        d.since_on
        for past in history.this_week
        if _keeps_dose(past.phase, history.phase.phase)
        for d in past.doses
        if (d.exercise, d.step) == (exercise, step)
    ]
    return min(days, default=history.snapshot.today_on)


def _dose_before(exercise: ExerciseId, history: LogView) -> DoseInForce | None:
    """Return the dose of the last earlier week that gave exercises, where the phases let it carry over."""
    given = [
        past
        for past in history.snapshot.past
        if past.week_on < history.snapshot.week_on and past.state is WeekState.ACTIVE and past.doses
    ]
    if not given or not _keeps_dose(given[-1].phase, history.phase.phase):
        return None
    return next((dose for dose in given[-1].doses if dose.exercise is exercise), None)


def _keeps_dose(was: Phase, now: Phase) -> bool:
    # A step back starts the ladders again, and so does leaving phase 1, whose forms are easier.
    return now >= was and (was is not Phase.SETTLE or now is was)


def _calm(session: StrengthInput, parameters: Parameters) -> bool:
    # A session without an answer about pain counts as calm: silence must not stop the ladder.
    return session.pain is None or session.pain < parameters.red_from


def _reached(session: StrengthInput, exercise: Exercise, dose: Dose) -> bool:
    return any(done.exercise is exercise.id and _at_dose(done, dose) for done in session.done)


def _at_dose(done: SetsInput, dose: Dose) -> bool:
    enough = done.reps or 0 if dose.reps is not None else done.seconds or 0
    return done.sets >= dose.sets and enough >= (dose.reps or dose.seconds or 0)


def _override_dose(exercise: ExerciseId, history: LogView) -> DoseOverride | None:
    """Return the last dose set and not ended at the moment of deciding (`decision.by_hand`)."""
    now = history.snapshot.as_of
    in_force = [
        hand
        for hand in history.snapshot.hand_doses
        if hand.exercise is exercise and hand.set_at <= now and (hand.ended_at is None or hand.ended_at > now)
    ]
    return in_force[-1] if in_force else None
