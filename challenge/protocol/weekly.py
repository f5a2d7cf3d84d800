"""Decide one local week of one runner: every rule's answer in one frozen object."""

from __future__ import annotations

from dataclasses import replace

from challenge.protocol import cadence as cadence_rules
from challenge.protocol import exercises, heel_strike, load, pain, pain_course, phases
from challenge.protocol.cadence_case import suspended_cadence, unchanged_cadence
from challenge.protocol.decision import (
    CadenceDecision,
    Decision,
    Finish,
    LongestRun,
    PastDecision,
    PhaseDecision,
    Prescription,
)
from challenge.protocol.dose_text import session_minutes
from challenge.protocol.entries import StrengthInput
from challenge.protocol.log_view import LogView
from challenge.protocol.long_run import long_runs
from challenge.protocol.longest_run import longest_run
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import Phase, Rule, WeekState

__all__ = ["Decision", "Parameters", "PastDecision", "Snapshot", "decide", "state_of"]


def state_of(snapshot: Snapshot) -> WeekState:
    """Return what kind of week this is, at the moment of deciding."""
    # The order matters: a withdrawn runner is never paused, a paused one is never on hold.
    if snapshot.withdrawn_on is not None and snapshot.withdrawn_on <= snapshot.today_on:
        return WeekState.WITHDRAWN
    if any(pause.covers(snapshot.today_on) for pause in snapshot.pauses):
        return WeekState.PAUSED
    if snapshot.week_number > snapshot.weeks:
        return WeekState.FINISHED
    return WeekState.ON_HOLD if LogView(snapshot).stop_flags else WeekState.ACTIVE


def decide(snapshot: Snapshot, parameters: Parameters = CLINIC) -> Decision:
    """Return the decision for `snapshot.week_on` at `snapshot.revision`. Equal input gives an equal decision."""
    history = LogView(snapshot, parameters)
    state = state_of(snapshot)
    if state in (WeekState.PAUSED, WeekState.WITHDRAWN):
        return _decide_nothing(history, state, parameters)
    summary = pain.pain_summary(history, parameters)
    phase = phases.decide(history, summary, parameters)
    # After the last week, also under a stop flag: the finish page then leaves out every target.
    if state is WeekState.FINISHED:
        return _finish(history, phase, parameters)
    cadence = cadence_rules.decide(history, summary, parameters)
    if state is WeekState.ON_HOLD:
        return _on_hold(history, phase, cadence, summary, parameters)
    return _active(history, phase, cadence, summary, parameters)


def _active(
    history: LogView,
    phase: PhaseDecision,
    cadence: CadenceDecision,
    summary: pain.PainSummary,
    parameters: Parameters,
) -> Decision:
    given = exercises.prescribe(history, parameters)
    asked = _always_asked(history, cadence, summary, parameters)
    # First, because its weekly limit bounds the longest run.
    step = heel_strike.decide(history, parameters)
    log = long_runs(history, parameters)
    longest = longest_run(log, history.snapshot.week_on, step.weekly_limit_m)
    warnings = load.week_warnings(history, log, parameters)
    if history.by_version_4:
        warnings = load.with_new_limit(warnings, longest.limit_m, parameters)
    return replace(
        _empty_decision(history, parameters, WeekState.ACTIVE, phase, cadence),
        exercises=given,
        session_minutes=session_minutes(given) if history.by_version_4 else None,
        cadence_done=history.by_version_4 and cadence_rules.raising_has_ended(cadence, parameters),
        longest_run=longest,
        # Information is not a caution: the email may carry one warning only, the most important.
        caution=next((warning for warning in warnings if not warning.information), None),
        warnings=warnings,
        strike=step,
        advice=(
            *_technique(history, cadence, phase, parameters),
            *load.advice(history, warnings, parameters),
            *pain_course.advice(asked),
            *exercises.advice(history, given, parameters),
        ),
        questions=(
            *asked,
            *exercises.questions(history, given, parameters),
            *heel_strike.questions(history, step, parameters),
        ),
    )


def _on_hold(
    history: LogView,
    phase: PhaseDecision,
    cadence: CadenceDecision,
    summary: pain.PainSummary,
    parameters: Parameters,
) -> Decision:
    """Decide under an open stop flag: no cadence, no distance, no loading exercise. Questions go on."""
    return replace(
        _empty_decision(history, parameters, WeekState.ON_HOLD, phase, cadence),
        holds=_holds(history),
        questions=(
            *pain_course.questions(history, parameters),
            *phases.questions(history, summary, parameters),
        ),
    )


def _decide_nothing(history: LogView, state: WeekState, parameters: Parameters) -> Decision:
    """Decide for a paused or withdrawn runner: no targets; what was in force is kept for the return."""
    reason = reason_for(Rule.DECISION_WEEK, state=state.value)
    present = PhaseDecision(history.phase.phase, reason)
    return replace(
        _empty_decision(history, parameters, state, present, suspended_cadence(history, reason)),
        holds=_holds(history),
    )


def _finish(history: LogView, phase: PhaseDecision, parameters: Parameters) -> Decision:
    """Decide the week after the last: from start to now, and how to keep going on your own (`challenge.finish`)."""
    reason = reason_for(Rule.CHALLENGE_FINISH, phase=phase.present.value, weeks=history.snapshot.weeks)
    holds = _holds(history)
    cadence = suspended_cadence(history, reason)
    given: tuple[Prescription, ...] = ()
    longest: LongestRun | None = None
    # Never a number under an open stop flag, not even on the last page.
    if not holds:
        cadence = unchanged_cadence(history, reason)
        given = exercises.prescribe(history, parameters)
        longest = longest_run(long_runs(history, parameters), history.snapshot.week_on)
    return replace(
        _empty_decision(history, parameters, WeekState.FINISHED, phase, cadence),
        exercises=given,
        longest_run=longest,
        holds=holds,
        questions=pain_course.questions(history, parameters),
        finish=_from_start(history, phase.present, cadence, reason),
    )


def _from_start(history: LogView, phase: Phase, cadence: CadenceDecision, reason: Reason) -> Finish:
    starts_on = history.snapshot.starts_on
    runs = [run for run in history.runs if run.local_on >= starts_on]
    sessions: list[StrengthInput] = [s for s in history.strength if s.local_on >= starts_on]
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


def _holds(history: LogView) -> tuple[Reason, ...]:
    return tuple(
        reason_for(Rule.PAIN_STOP, symptom=flag.symptom and flag.symptom.value, opened_on=str(flag.opened_on))
        for flag in history.stop_flags
    )


def _always_asked(
    history: LogView, cadence: CadenceDecision, summary: pain.PainSummary, parameters: Parameters
) -> tuple[Question, ...]:
    return (
        *pain_course.questions(history, parameters),
        *phases.questions(history, summary, parameters),
        *cadence_rules.questions(history, cadence, parameters),
    )


def _technique(
    history: LogView, cadence: CadenceDecision, phase: PhaseDecision, parameters: Parameters
) -> tuple[Reason, ...]:
    """Return advice: `decision.now`, the arithmetic of a raise, the phase's content, the tip for a stuck runner."""
    advised = []
    if history.snapshot.revision > 1:
        advised.append(reason_for(Rule.DECISION_NOW, revision=history.snapshot.revision))
    if cadence.arithmetic is not None:
        advised.append(cadence.arithmetic)
    advised.append(reason_for(Rule.EXERCISE_CONTENT, phase=phase.present.value))
    unmeasured = cadence_rules.unmeasured_cadence(history, cadence, parameters)
    if unmeasured is not None:
        advised.append(unmeasured)
    # Otherwise the reason of the cadence gives the tip already.
    if cadence.stuck_for >= parameters.stuck_decisions and cadence.reason.rule is not Rule.CADENCE_STUCK:
        advised.append(
            reason_for(Rule.CADENCE_STUCK, decisions=cadence.stuck_for, target_spm=cadence.judged_spm)
        )
    return tuple(advised)


def _empty_decision(
    history: LogView, parameters: Parameters, state: WeekState, phase: PhaseDecision, cadence: CadenceDecision
) -> Decision:
    snapshot = history.snapshot
    return Decision(
        week_on=snapshot.week_on,
        week_number=snapshot.week_number,
        revision=snapshot.revision,
        state=state,
        as_of=snapshot.as_of,
        log_as_of=snapshot.log_as_of,
        engine_version=snapshot.engine_version,
        parameters_version=parameters.version,
        phase=phase,
        cadence=cadence,
    )
