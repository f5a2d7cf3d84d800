"""Propose phases. The engine only proposes, a clinician decides. A step forward never skips a phase."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.protocol.decision import Missing, PhaseDecision
from challenge.protocol.entries import SetsInput, StrengthInput
from challenge.protocol.exercises import has_kind, heavy_exercises
from challenge.protocol.local_week import WEEK, monday_of
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import PainSummary, Report
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.vocabulary import ExerciseKind, Phase, Rule, TestKind


@dataclass(frozen=True, slots=True)
class PhaseMove:
    """One arrow of the phase diagram."""

    origin: Phase
    to: Phase
    rules: tuple[Rule, ...]


MOVES = (
    PhaseMove(Phase.SETTLE, Phase.STRENGTHEN, (Rule.PHASE_START, Rule.PHASE_PROPOSE_2)),
    PhaseMove(Phase.STRENGTHEN, Phase.POWER, (Rule.PHASE_PROPOSE_3,)),
    PhaseMove(Phase.STRENGTHEN, Phase.SETTLE, (Rule.PHASE_PROPOSE_BACK,)),
    PhaseMove(Phase.POWER, Phase.STRENGTHEN, (Rule.PHASE_PROPOSE_BACK,)),
)


STOP_IS_OPEN = "a stop flag is open"


def decide(history: LogView, pain: PainSummary, parameters: Parameters) -> PhaseDecision:
    """Return a step back first, then a step forward, else the present phase with what is still missing."""
    present = history.phase.phase
    noted = _with_note(history, pain)
    back = _back(history, pain, parameters)
    # Back before forward: a runner in trouble must not be offered a harder phase.
    if back is not None and present is not Phase.SETTLE:
        return PhaseDecision(present, back, Phase(present - 1), noted=noted)
    # In week 1 there is no log to judge, only the intake.
    if present is Phase.SETTLE and history.snapshot.week_number == 1:
        return _start(history, parameters)
    if present is Phase.POWER:
        return PhaseDecision(
            present, reason_for(Rule.PHASE_STAY, phase=present.value, missing=0), noted=noted
        )
    missing = tuple(_missing(history, pain, parameters))
    if missing:
        stay = reason_for(Rule.PHASE_STAY, phase=present.value, missing=len(missing))
        return PhaseDecision(present, stay, missing=missing, noted=noted)
    rule = Rule.PHASE_PROPOSE_2 if present is Phase.SETTLE else Rule.PHASE_PROPOSE_3
    return PhaseDecision(
        present, reason_for(rule, parameters, days=_days(history)), Phase(present + 1), noted=noted
    )


def questions(history: LogView, pain: PainSummary, parameters: Parameters) -> tuple[Question, ...]:
    """Return a question where phase 1, which has no phase before it, would propose a step back."""
    back = _back(history, pain, parameters)
    if back is None or history.phase.phase is not Phase.SETTLE:
        return ()
    look = reason_for(back.rule, parameters, **dict(back.facts), phase=Phase.SETTLE.value)
    return (Question(history.key("phase.propose_back"), look),)


def _start(history: LogView, parameters: Parameters) -> PhaseDecision:
    intake = history.snapshot.intake
    free = not history.complained and not history.snapshot.flags
    # An unanswered pain question is not calm; an unanswered morning is.
    calm = intake.pain_now == 0 and intake.pain_morning in (0, None)
    reason = reason_for(Rule.PHASE_START, complaint=bool(history.complained), calm=free and calm)
    if free and calm:
        return PhaseDecision(Phase.SETTLE, reason, Phase.STRENGTHEN)
    wait = Missing("days in phase 1", 0, parameters.settle_days)
    return PhaseDecision(Phase.SETTLE, reason, missing=(wait,))


def _with_note(history: LogView, pain: PainSummary) -> tuple[Missing, ...]:
    """Return what a clinician should know although it does not block."""
    noted = []
    if history.nothing_logged:
        noted.append(Missing("nothing logged in the week just ended"))
    if pain.mornings_missing:
        noted.append(Missing("mornings after a session not recorded", pain.mornings_missing))
    return tuple(noted)


def _days(history: LogView) -> int:
    return max((history.snapshot.week_on - history.phase.since_on).days, 0)


def _missing(history: LogView, pain: PainSummary, parameters: Parameters) -> Iterable[Missing]:
    if history.stop_flags:
        yield Missing(STOP_IS_OPEN)
    if history.phase.phase is Phase.SETTLE:
        yield from _missing_for_2(history, pain, parameters)
    else:
        yield from _missing_for_3(history, parameters)


def _missing_for_2(history: LogView, pain: PainSummary, parameters: Parameters) -> Iterable[Missing]:
    days, since = _days(history), history.snapshot.week_on - timedelta(days=parameters.settle_days)
    calm = _calm_days(history, parameters)
    if days < parameters.settle_days:
        yield Missing("days in phase 1", days, parameters.settle_days)
    elif calm < parameters.settle_days:
        yield Missing("days since the stop flag was closed or the pause ended", calm, parameters.settle_days)
    yield from _missing_sessions(history, since, parameters)
    # The days before the week, whatever was logged when: late red reports count as well.
    reds = sum(red.local_on >= since for red in pain.reds)
    if reds:
        yield Missing("red reports in the last days", reds, 0)
    if any(week >= monday_of(since) for week in pain.worse_weeks):
        yield Missing("a worse week")


def _calm_days(history: LogView, parameters: Parameters) -> int:
    """Return the days in phase 1 since the last stop flag was closed or a long pause ended."""
    s = history.snapshot
    # Version 3 did not begin them again.
    if not history.by_version_4:
        return _days(history)
    since = [history.phase.since_on, *(day for day in s.stops_closed_on if day <= s.today_on)]
    since += [
        pause.back_on
        for pause in s.pauses
        if pause.back_on is not None
        and pause.back_on <= s.today_on
        and (pause.back_on - pause.from_on).days >= parameters.calm_after_days
    ]
    return max((s.week_on - max(since)).days, 0)


def _missing_sessions(history: LogView, since: date, parameters: Parameters) -> Iterable[Missing]:
    """Yield what calm days need besides calm: silence is not calm, and red daily life is none."""
    if not history.by_version_4:
        return
    done = len({s.local_on for s in history.strength if s.local_on >= since})
    if done < parameters.settle_sessions:
        yield Missing("strength sessions in the last days", done, parameters.settle_sessions)
    daily = sum(a.pain >= parameters.red_from for a in history.daily_life if a.local_on >= since)
    if daily:
        yield Missing("red days in daily life", daily, 0)


def _missing_for_3(history: LogView, parameters: Parameters) -> Iterable[Missing]:
    days, p = _days(history), parameters
    if days < p.strengthen_days:
        yield Missing("days in phase 2", days, p.strengthen_days)
    # Days, not sessions: two sessions on one day are one training day.
    heavy = _heavy_days(history, history.snapshot.week_on - timedelta(days=p.heavy_within_days))
    if heavy < p.heavy_sessions:
        yield Missing(f"heavy sessions in the last {p.heavy_within_days} days", heavy, p.heavy_sessions)
    if not _stronger(history):
        yield Missing("load or repetitions up")
    yield from _daily_life(history, p)
    for kind in TestKind:
        tests = [
            t for t in history.snapshot.tests if t.kind is kind and t.recorded_on >= history.phase.since_on
        ]
        if not tests:
            yield Missing(f"{kind.label.lower()} test, or why it was not done")


def _daily_life(history: LogView, parameters: Parameters) -> Iterable[Missing]:
    fresh = history.snapshot.week_on - timedelta(days=parameters.daily_pain_fresh_days)
    answers = [answer for answer in history.daily_life if answer.local_on >= fresh]
    if not answers:
        yield Missing("weekly answer about daily life")
    elif answers[-1].pain > parameters.daily_pain_at_most:
        yield Missing("daily-life pain at most", answers[-1].pain, parameters.daily_pain_at_most)


def _heavy_days(history: LogView, since: date) -> int:
    return len(
        {s.local_on for s in history.strength if s.local_on >= since and has_kind(s, ExerciseKind.HEAVY)}
    )


def _stronger(history: LogView) -> bool:
    """Return whether load or repetitions rose in any heavy exercise since its first session in this phase."""
    sessions = [s for s in history.strength if s.local_on >= history.phase.since_on]
    return any(_grew(sessions, exercise) for exercise in heavy_exercises())


def _grew(sessions: Iterable[StrengthInput], exercise: str) -> bool:
    work = [_work(done) for session in sessions for done in session.done if done.exercise == exercise]
    # More load, or more repetitions with the same load: either shows that the tendon takes more.
    return any(load > work[0][0] or (load == work[0][0] and reps > work[0][1]) for load, reps in work)


def _work(done: SetsInput) -> tuple[int, int]:
    return done.load_g or 0, done.sets * (done.reps or 0)


def _back(history: LogView, pain: PainSummary, parameters: Parameters) -> Reason | None:
    """Return the reason for a step back: red reports close together, or worse weeks in a row, new in this phase."""
    since = history.phase.since_on
    reds = [red for red in pain.reds if red.local_on >= since]
    # Run, session and morning keys may be equal, so the type belongs to the identity.
    new = {(type(red), red.key) for red in pain.new_reds}
    for red in reds:
        if (type(red), red.key) in new:
            near = _is_near(red, reds, parameters)
            if near >= parameters.back_reds:
                return reason_for(Rule.PHASE_PROPOSE_BACK, parameters, reds=near, worse_weeks=0)
    running = max((_running(week, history, pain) for week in pain.newly_worse), default=0)
    if running >= parameters.back_worse_weeks:
        return reason_for(Rule.PHASE_PROPOSE_BACK, parameters, reds=0, worse_weeks=running)
    return None


def _is_near(red: Report, reds: Iterable[Report], parameters: Parameters) -> int:
    """Return the number of red reports in the `back_days` that end, or begin, with this one: the larger."""
    span = parameters.back_days - 1
    apart = [(other.local_on - red.local_on).days for other in reds]
    return max(sum(0 <= days <= span for days in apart), sum(-span <= days <= 0 for days in apart))


def _running(week: date, history: LogView, pain: PainSummary) -> int:
    """Return the length of the row of worse weeks that holds this one, in the present phase."""
    in_phase = {w for w in pain.worse_weeks if w >= monday_of(history.phase.since_on)}
    if week not in in_phase:
        return 0
    first = last = week
    while first - WEEK in in_phase:
        first -= WEEK
    while last + WEEK in in_phase:
        last += WEEK
    return (last - first).days // 7 + 1
