"""Decide how much of an exercise: its step on the ladder (`exercise.dose`, `exercise.return`), or a dose by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from challenge.protocol.absence import Absence, absence
from challenge.protocol.catalog.form import Dose, Exercise
from challenge.protocol.decision import DoseInForce, PastDecision
from challenge.protocol.entries import SetsInput, StrengthInput
from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import DoseOverride
from challenge.protocol.vocabulary import GUARDED_JOINTS, ExerciseId, ExerciseKind, Phase, WeekState


def dose_step(exercise: Exercise, history: LogView, parameters: Parameters) -> DoseInForce:
    """Return the dose: one step up after enough days at the present dose without red pain (`exercise.dose`)."""
    before = _dose_before(exercise.id, history)
    if before is None:
        return DoseInForce(exercise.id, 0, _first_given(exercise.id, 0, history))
    last = len(exercise.ladder) - 1
    away = break_in_strength(history, parameters)
    if away is not None and (lower := _after_break(exercise, before, away, history, parameters)) is not None:
        return lower
    if _jumps_wait(exercise, history, parameters):
        return before
    # The ladder may have become shorter since the stored step, hence the minimum.
    if before.step >= last:
        return DoseInForce(exercise.id, last, before.since_on)
    present = exercise.ladder[before.step]
    days = days_at_dose(exercise, present, history.strength, since_on=before.since_on, parameters=parameters)
    if len(days) < parameters.step_after_sessions:
        return DoseInForce(exercise.id, before.step, before.since_on)
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


def _jumps_wait(exercise: Exercise, history: LogView, parameters: Parameters) -> bool:
    """Return whether jumps stay at their dose, because phase 3 loads a joint that was sore later than a tendon."""
    if exercise.kind is not ExerciseKind.PLYOMETRIC or not history.by_version_4:
        return False
    joints = GUARDED_JOINTS & history.complained & {*exercise.standard.loads}
    days = (history.snapshot.week_on - history.phase.since_on).days
    return bool(joints) and days < parameters.joint_power_days


def override_dose(exercise: ExerciseId, history: LogView) -> DoseOverride | None:
    """Return the last dose set and not ended at the moment of deciding (`decision.by_hand`)."""
    now = history.snapshot.as_of
    in_force = [
        hand
        for hand in history.snapshot.hand_doses
        if hand.exercise is exercise and hand.set_at <= now and (hand.ended_at is None or hand.ended_at > now)
    ]
    return in_force[-1] if in_force else None


def break_in_strength(history: LogView, parameters: Parameters) -> Absence | None:
    """Return the days without strength work where they make a break that counts now (`exercise.return`), else None.

    The break lasts, or it ended in the week before, after the Monday that could have counted all of it.
    """
    # Version 3 had no way back: the ladder waited where it was left.
    if not history.by_version_4:
        return None
    week_on = history.snapshot.week_on
    return absence(history.strength_days, week_on - WEEK, week_on, parameters.return_days)


def steps_down(exercise: Exercise, step: int, history: LogView, parameters: Parameters) -> int:
    """Return how many steps below the dose before the break this one is; 0 without a break."""
    away, before = break_in_strength(history, parameters), _dose_before(exercise.id, history)
    if away is None or before is None or _after_break(exercise, before, away, history, parameters) is None:
        return 0
    left_at = _left_at(exercise, away, history, parameters)
    return 0 if left_at is None else max(left_at - step, 0)


def steps_since(monday: date, away: Absence, parameters: Parameters) -> int:
    """Return how many steps a break takes the doses of a week lower, beyond what the decision of its Monday counted."""
    then = Absence(away.left_on, monday)
    counted = then.spans(parameters.return_days) if then.days >= parameters.return_days else 0
    return away.spans(parameters.return_days) - counted


def _after_break(
    exercise: Exercise, before: DoseInForce, away: Absence, history: LogView, parameters: Parameters
) -> DoseInForce | None:
    """Return one step down for every span begun, counted from the dose that the runner left at.

    None where the break is over and the week's doses had come down for all of it: the ladder goes on from there.
    """
    left_at, last = _left_at(exercise, away, history, parameters), len(exercise.ladder) - 1
    spans = away.spans(parameters.return_days)
    step = max(min(before.step if left_at is None else left_at, last) - spans, 0)
    over = away.until < history.snapshot.week_on
    if over and step >= before.step:
        return None
    if step == before.step:
        return before
    return DoseInForce(exercise.id, step, away.until if over else _first_given(exercise.id, step, history))


def _left_at(exercise: Exercise, away: Absence, history: LogView, parameters: Parameters) -> int | None:
    """Return the step of the last week given before the break was one: later weeks are on the way down already."""
    given = (past for past in _given(history) if (past.week_on - away.left_on).days < parameters.return_days)
    dose = _dose_of(exercise.id, next(given, None), history)
    return None if dose is None else dose.step


def _given(history: LogView) -> Iterator[PastDecision]:
    """Yield the decisions of earlier weeks that gave exercises, the last one first."""
    week_on = history.snapshot.week_on
    for past in reversed(history.snapshot.past):
        if past.week_on < week_on and past.state is WeekState.ACTIVE and past.doses:
            yield past


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
    return _dose_of(exercise, next(_given(history), None), history)


def _dose_of(exercise: ExerciseId, given: PastDecision | None, history: LogView) -> DoseInForce | None:
    if given is None or not _keeps_dose(given.phase, history.phase.phase):
        return None
    return next((dose for dose in given.doses if dose.exercise is exercise), None)


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
