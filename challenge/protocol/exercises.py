"""Prescribe the week's exercises, each with form, dose and the rule behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from challenge.protocol.catalog.form import Exercise, ExerciseVariant, Tempo
from challenge.protocol.catalog.plan import CATALOG, TRACK_PLAN
from challenge.protocol.decision import DoseInForce, Prescription
from challenge.protocol.doses import break_in_strength, dose_step, override_dose, steps_down
from challenge.protocol.entries import StrengthInput
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.runner_plan import (
    PlannedExercise,
    allowed_form,
    approved_tracks,
    guards_of,
    open_complaints,
    planned_exercises,
)
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import DoseOverride
from challenge.protocol.vocabulary import GUARDED_JOINTS, ExerciseId, ExerciseKind, FormKind, Rule


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
    planned, guards = planned_exercises(history), guards_of(history)
    forms = ((one, allowed_form(one.place, guards)) for one in planned)
    return tuple(_prescription(one, kind, history, parameters) for one, kind in forms if kind is not None)


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


def questions(
    history: LogView, given: Sequence[Prescription], parameters: Parameters
) -> tuple[Question, ...]:
    """Return what waits for a clinician: exercises that load a sore joint, tracks, and a long break."""
    return (
        *_approvals(history),
        *_tracks_to_approve(history),
        *_return_question(history, given, parameters),
    )


def advice(history: LogView, given: Sequence[Prescription], parameters: Parameters) -> tuple[Reason, ...]:
    """Return the welcome after a break, and what a new track changes, in the week that it begins."""
    advised = []
    away = break_in_strength(history, parameters)
    if away is not None:
        lower = _most_steps_down(history, given, parameters)
        # Who is back since last week was welcomed by the pages, unless the doses come down only now.
        if lower or away.until == history.snapshot.week_on:
            advised.append(reason_for(Rule.EXERCISE_RETURN, days=away.days, steps=lower))
    had = {dose.exercise for dose in history.before.doses} if history.before else set()
    tracks = {p.track for p in given if p.track is not None}
    begun = {p.track for p in given if p.track is not None and p.exercise in had}
    for site in sorted(tracks - begun):
        minutes = parameters.longest_session_minutes
        advised.append(reason_for(Rule.EXERCISE_TRACK, site=site.value, cut=True, minutes=minutes))
    return tuple(advised)


def _approvals(history: LogView) -> Iterator[Question]:
    """Yield one question per joint, once in each phase that loads it (`exercise.approval`)."""
    planned, guards = planned_exercises(history), guards_of(history)
    for site in sorted(GUARDED_JOINTS & history.complained):
        waiting = [
            one.exercise
            for one in planned
            if site in CATALOG[one.exercise].form(one.place.form).loads
            and site in guards.spared_by(one.exercise)
            and one.exercise not in guards.approved
        ]
        subject = f"exercise.approval:{site.value}"
        # Version 3 asked once, although the next phase loads the joint with other exercises.
        if history.by_version_4:
            subject += f":{history.phase.since_on}"
        if waiting and not history.asked_since(subject, history.complained_since(site)):
            names = ", ".join(exercise.label for exercise in waiting)
            logged: dict[str, Fact] = {"logged": True} if site in history.guarded else {}
            # With the week, a complaint that comes back later is a question of its own.
            key = history.key(subject) if history.by_version_4 else subject
            yield Question(
                key, reason_for(Rule.EXERCISE_APPROVAL, site=site.value, exercises=names, **logged)
            )


def _tracks_to_approve(history: LogView) -> Iterator[Question]:
    """Yield one question per complaint with a track, once (`exercise.track`)."""
    waiting = {c.site: c for c in open_complaints(history) if c.site in TRACK_PLAN and not c.track_approved}
    for site, complaint in sorted(waiting.items()):
        subject = f"exercise.track:{site.value}"
        if site in approved_tracks(history) or history.asked_since(subject, complaint.opened_on):
            continue
        names = ", ".join(place.exercise.label for place in TRACK_PLAN[site][history.phase.phase])
        yield Question(
            history.key(subject), reason_for(Rule.EXERCISE_TRACK, site=site.value, exercises=names)
        )


def _most_steps_down(history: LogView, given: Sequence[Prescription], parameters: Parameters) -> int:
    steps = (steps_down(CATALOG[p.exercise], p.step, history, parameters) for p in given)
    return max(steps, default=0)


def _return_question(
    history: LogView, given: Sequence[Prescription], parameters: Parameters
) -> Iterator[Question]:
    away = break_in_strength(history, parameters)
    asked = history.asked("exercise.return", parameters.ask_again_days)
    if away is not None and away.days >= parameters.return_ask_days and not asked:
        lower = _most_steps_down(history, given, parameters)
        why = reason_for(Rule.EXERCISE_RETURN, days=away.days, steps=lower, asked=True)
        yield Question(history.key("exercise.return"), why)


def _prescription(
    planned: PlannedExercise, kind: FormKind, history: LogView, parameters: Parameters
) -> Prescription:
    exercise, form = CATALOG[planned.exercise], CATALOG[planned.exercise].form(kind)
    at = dose_step(exercise, history, parameters)
    dose, hand = exercise.ladder[at.step], override_dose(exercise.id, history)
    sets, reps, seconds = dose.sets, dose.reps, dose.seconds
    if hand is not None:
        sets = hand.sets
        # A clinician may set the sets alone; repetitions and seconds never mix with those of the ladder.
        if hand.reps or hand.seconds:
            reps, seconds = hand.reps, hand.seconds
    tempo = _tempo(exercise, hand)
    return Prescription(
        exercise=exercise.id,
        form=kind,
        name=form.name,
        sets=sets,
        reps=reps,
        seconds=seconds,
        sessions_per_week=(hand.sessions_per_week if hand else None) or planned.place.sessions_per_week,
        up_s=tempo.up_s,
        hold_s=(seconds or tempo.hold_s) if exercise.kind is ExerciseKind.ISOMETRIC else tempo.hold_s,
        down_s=tempo.down_s,
        step=at.step,
        since_on=at.since_on,
        reason=_why(planned, kind, at, hand, history, parameters),
        # Decisions of version 3 were stored without it.
        each_leg=history.by_version_4 and form.one_sided,
        track=planned.track,
        load_g=hand.load_g if hand is not None else None,
        added_by_hand=planned.by_hand,
    )


def _tempo(exercise: Exercise, hand: DoseOverride | None) -> Tempo:
    """Return the tempo of the catalog, with the parts that a clinician set."""
    tempo = exercise.tempo
    if hand is None:
        return tempo
    return Tempo(
        tempo.up_s if hand.up_s is None else hand.up_s,
        tempo.hold_s if hand.hold_s is None else hand.hold_s,
        tempo.down_s if hand.down_s is None else hand.down_s,
    )


def _why(
    planned: PlannedExercise,
    kind: FormKind,
    at: DoseInForce,
    hand: DoseOverride | None,
    history: LogView,
    parameters: Parameters,
) -> Reason:
    exercise = planned.exercise
    if hand is not None:
        return reason_for(Rule.DECISION_BY_HAND, exercise=exercise.value)
    if planned.by_hand:
        return reason_for(Rule.DECISION_BY_HAND, exercise=exercise.value, added=True)
    if kind not in (planned.place.form, FormKind.FLAT):
        return reason_for(Rule.EXERCISE_APPROVAL, exercises=exercise.label, easier=True)
    away = break_in_strength(history, parameters)
    lower = steps_down(CATALOG[exercise], at.step, history, parameters)
    if away is not None and lower:
        return reason_for(Rule.EXERCISE_RETURN, days=away.days, steps=lower)
    note = CATALOG[exercise].ladder[at.step].note
    return reason_for(Rule.EXERCISE_DOSE, parameters, exercise=exercise.value, note=note)
