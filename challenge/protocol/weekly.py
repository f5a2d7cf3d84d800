"""The weekly decision: every rule's answer for one runner and one local week, in one frozen object."""

from __future__ import annotations

from dataclasses import replace

from challenge.protocol import exercises, load, long_run, pain, phases, steps, strike
from challenge.protocol.decision import (
    CadenceDecision,
    Decision,
    Finish,
    LongestRun,
    PastDecision,
    PhaseDecision,
    Prescription,
)
from challenge.protocol.entries import StrengthSession
from challenge.protocol.history import History
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Question, Reason, because
from challenge.protocol.rules import Rule
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.terms import Phase, State

__all__ = ["Decision", "Parameters", "PastDecision", "Snapshot", "decide", "is_due", "state_of"]


def state_of(snapshot: Snapshot) -> State:
    """What kind of week this is, as of deciding."""
    if snapshot.withdrawn_on is not None and snapshot.withdrawn_on <= snapshot.today_on:
        return State.WITHDRAWN
    if any(pause.covers(snapshot.today_on) for pause in snapshot.pauses):
        return State.PAUSED
    if snapshot.week_number > snapshot.weeks:
        return State.FINISHED
    return State.ON_HOLD if History(snapshot).stop_flags else State.ACTIVE


def is_due(snapshot: Snapshot) -> bool:
    """`decision.week`: a paused or withdrawn runner gets no weekly decision, and a week is decided once."""
    decided = any(past.week_on == snapshot.week_on for past in snapshot.past)
    return not decided and state_of(snapshot) not in (State.PAUSED, State.WITHDRAWN)


def decide(snapshot: Snapshot, parameters: Parameters = CLINIC) -> Decision:
    """The decision for `snapshot.week_on`, at `snapshot.revision`. Same input, same decision, for ever."""
    history = History(snapshot, parameters)
    state = state_of(snapshot)
    if state in (State.PAUSED, State.WITHDRAWN):
        return _nothing(history, state, parameters)
    picture = pain.picture(history, parameters)
    phase = phases.decide(history, picture, parameters)
    if state is State.FINISHED:
        return _finish(history, phase, parameters)
    cadence = steps.decide(history, picture, parameters)
    if state is State.ON_HOLD:
        return _on_hold(history, phase, cadence, picture, parameters)
    return _active(history, phase, cadence, picture, parameters)


def _active(
    history: History,
    phase: PhaseDecision,
    cadence: CadenceDecision,
    picture: pain.PainPicture,
    parameters: Parameters,
) -> Decision:
    step = strike.decide(history, parameters)
    warnings = load.week_warnings(history, parameters)
    return replace(
        _bare(history, parameters, State.ACTIVE, phase, cadence),
        exercises=exercises.prescribe(history, parameters),
        longest_run=long_run.longest_run(history, parameters, step.weekly_limit_m),
        caution=next((warning for warning in warnings if not warning.information), None),
        warnings=warnings,
        strike=step,
        advice=(
            *_technique(history, cadence, phase, parameters),
            *load.advice(history, warnings, parameters),
        ),
        questions=(
            *_always_asked(history, cadence, picture, parameters),
            *exercises.questions(history),
            *strike.questions(history, step, parameters),
        ),
    )


def _on_hold(
    history: History,
    phase: PhaseDecision,
    cadence: CadenceDecision,
    picture: pain.PainPicture,
    parameters: Parameters,
) -> Decision:
    """An open stop flag: no cadence, no distance, no loading exercise. What clinicians are asked goes on."""
    return replace(
        _bare(history, parameters, State.ON_HOLD, phase, cadence),
        holds=_holds(history),
        questions=(*pain.questions(history, parameters), *phases.questions(history, picture, parameters)),
    )


def _nothing(history: History, state: State, parameters: Parameters) -> Decision:
    """Paused or withdrawn: nothing is given; what was in force is kept for the way back."""
    reason = because(Rule.DECISION_WEEK, state=state.value)
    present = PhaseDecision(history.phase.phase, reason)
    return replace(
        _bare(history, parameters, state, present, steps.carried(history, reason)), holds=_holds(history)
    )


def _finish(history: History, phase: PhaseDecision, parameters: Parameters) -> Decision:
    """`challenge.finish`: from start to now, and how to go on alone."""
    reason = because(Rule.CHALLENGE_FINISH, phase=phase.present.value, weeks=history.snapshot.weeks)
    holds = _holds(history)
    cadence = steps.carried(history, reason)
    given: tuple[Prescription, ...] = ()
    longest: LongestRun | None = None
    if not holds:
        cadence = steps.kept(history, reason)
        given = exercises.prescribe(history, parameters)
        longest = long_run.longest_run(history, parameters)
    return replace(
        _bare(history, parameters, State.FINISHED, phase, cadence),
        exercises=given,
        longest_run=longest,
        holds=holds,
        questions=pain.questions(history, parameters),
        finish=_from_start(history, phase.present, cadence, reason),
    )


def _from_start(history: History, phase: Phase, cadence: CadenceDecision, reason: Reason) -> Finish:
    starts_on = history.snapshot.starts_on
    runs = [run for run in history.runs if run.local_on >= starts_on]
    sessions: list[StrengthSession] = [s for s in history.strength if s.local_on >= starts_on]
    daily = [answer.pain for answer in history.daily_life]
    return Finish(
        phase=phase,
        baseline_spm=cadence.baseline_spm,
        target_spm=cadence.target_spm,
        runs=len(runs),
        distance_m=sum(run.distance_m for run in runs),
        strength_sessions=len(sessions),
        first_daily_pain=daily[0] if daily else None,
        last_daily_pain=daily[-1] if daily else None,
        reason=reason,
    )


def _holds(history: History) -> tuple[Reason, ...]:
    return tuple(
        because(Rule.PAIN_STOP, symptom=flag.symptom and flag.symptom.value, opened_on=str(flag.opened_on))
        for flag in history.stop_flags
    )


def _always_asked(
    history: History, cadence: CadenceDecision, picture: pain.PainPicture, parameters: Parameters
) -> tuple[Question, ...]:
    return (
        *pain.questions(history, parameters),
        *phases.questions(history, picture, parameters),
        *steps.questions(history, cadence, parameters),
    )


def _technique(
    history: History, cadence: CadenceDecision, phase: PhaseDecision, parameters: Parameters
) -> tuple[Reason, ...]:
    """What the week teaches: `decision.now`, the sum behind a raise, the phase's content, the tip for who is stuck."""
    said = []
    if history.snapshot.revision > 1:
        said.append(because(Rule.DECISION_NOW, revision=history.snapshot.revision))
    if cadence.arithmetic is not None:
        said.append(cadence.arithmetic)
    said.append(because(Rule.EXERCISE_CONTENT, phase=phase.present.value))
    if cadence.stuck_for >= parameters.stuck_decisions and cadence.reason.rule is not Rule.CADENCE_STUCK:
        said.append(because(Rule.CADENCE_STUCK, decisions=cadence.stuck_for, target_spm=cadence.judged_spm))
    return tuple(said)


def _bare(
    history: History, parameters: Parameters, state: State, phase: PhaseDecision, cadence: CadenceDecision
) -> Decision:
    s = history.snapshot
    return Decision(
        week_on=s.week_on,
        week_number=s.week_number,
        revision=s.revision,
        state=state,
        as_of=s.as_of,
        log_as_of=s.log_as_of,
        engine_version=s.engine_version,
        parameters_version=parameters.version,
        phase=phase,
        cadence=cadence,
    )
