"""Decide the week's cadence target: set by a clinician, held, raised or unchanged, and why. All in steps a minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from challenge.protocol.decision import CadenceDecision
from challenge.protocol.entries import RunInput
from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import LogView, median
from challenge.protocol.measured_cadence import (
    Baseline,
    find_baseline,
    is_measured,
    on_target,
    raised_cadence,
)
from challenge.protocol.pain import PainSummary
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.snapshot import CadenceOverride
from challenge.protocol.vocabulary import BaselineSource, Effort, Rule, WeekState


@dataclass(frozen=True, slots=True)
class _Case:
    """One runner's cadence before the decision: `present` is the target in force since `since`."""

    history: LogView
    pain: PainSummary
    parameters: Parameters
    baseline: Baseline
    present: int | None
    since: date | None
    counts: CadenceDecision


def decide(history: LogView, pain: PainSummary, parameters: Parameters) -> CadenceDecision:
    """Return the decision of the first rule that applies, in the order a clinician would ask."""
    # A stop flag comes before everything, also before a clinician's own number (`decision.by_hand`).
    if history.stop_flags:
        return suspended_cadence(history, reason_for(Rule.CADENCE_HOLD_PAIN, parameters, stop_flag=True))
    case = _case(history, pain, parameters)
    hand = override_in_force(history)
    if hand is not None:
        return _by_override(case, hand.cadence_spm, _override_reason(hand))
    ended_spm = _override_ended_this_week(history)
    if ended_spm is not None:
        ended = reason_for(Rule.DECISION_BY_HAND, target_spm=ended_spm, ended=True)
        return _by_override(case, ended_spm, ended)
    return _by_rule(case)


def suspended_cadence(history: LogView, reason: Reason) -> CadenceDecision:
    """Return a decision without a target; the value in force is kept for later weeks."""
    if history.latest is None:
        stated = history.snapshot.intake.baseline_spm
        source = None if stated is None else BaselineSource.INTAKE
        return CadenceDecision(None, None, reason, baseline_spm=stated, baseline_source=source)
    return replace(
        history.latest.cadence,
        target_spm=None,
        raised=False,
        reason=reason,
        arithmetic=None,
        runs=0,
        measured_runs=0,
        on_target_runs=0,
        on_target_since=0,
    )


def unchanged_cadence(history: LogView, reason: Reason) -> CadenceDecision:
    """Return the target in force as it is, or the one that a clinician has set since."""
    last = suspended_cadence(history, reason)
    hand = override_in_force(history)
    if hand is None or hand.cadence_spm == last.in_force_spm:
        return replace(last, target_spm=last.in_force_spm)
    today = history.snapshot.today_on
    return replace(last, target_spm=hand.cadence_spm, in_force_spm=hand.cadence_spm, effective_on=today)


def override_in_force(history: LogView) -> CadenceOverride | None:
    """Return the last value set and not ended at the moment of deciding (`decision.by_hand`)."""
    now = history.snapshot.as_of
    # The moment of deciding counts, not the cut-off of the log: a number set on Monday at noon is in force.
    in_force = [
        hand
        for hand in history.snapshot.hand_cadences
        if hand.set_at <= now and (hand.ended_at is None or hand.ended_at > now)
    ]
    return in_force[-1] if in_force else None


def questions(history: LogView, cadence: CadenceDecision, parameters: Parameters) -> tuple[Question, ...]:
    """Return `cadence.stuck` at every `stuck_decisions`-th such week, and `cadence.review` once per runner."""
    asked = []
    if cadence.stuck_for and cadence.stuck_for % parameters.stuck_decisions == 0:
        stuck = reason_for(Rule.CADENCE_STUCK, decisions=cadence.stuck_for, target_spm=cadence.judged_spm)
        asked.append(Question(history.key("cadence.stuck"), stuck))
    if _passes_review(cadence, parameters) and not history.asked("cadence.review"):
        form = reason_for(
            Rule.CADENCE_REVIEW,
            parameters,
            target_spm=cadence.target_spm,
            baseline_spm=cadence.baseline_spm,
        )
        asked.append(Question("cadence.review", form))
    return tuple(asked)


def _passes_review(cadence: CadenceDecision, parameters: Parameters) -> bool:
    if not cadence.raised or cadence.target_spm is None or cadence.baseline_spm is None:
        return False
    # Whole numbers, not fractions: 10% above 160 must not depend on how a float rounds.
    return cadence.target_spm * 100 > cadence.baseline_spm * (100 + parameters.review_percent)


def _case(history: LogView, pain: PainSummary, parameters: Parameters) -> _Case:
    before = history.before.cadence if history.before else None
    present = before.in_force_spm if before else None
    since = before.effective_on if before else None
    baseline = find_baseline(history, parameters)
    runs = history.new_runs
    measured_runs = sum(is_measured(run, parameters) for run in runs)
    on_target_runs = sum(on_target(run, present, parameters) for run in runs)
    # Stuck needs measured runs: a runner without a watch who uses the metronome is not stuck.
    stuck = present is not None and measured_runs >= parameters.stuck_measured and on_target_runs == 0
    same_target = before is not None and before.judged_spm == present
    counts = CadenceDecision(
        target_spm=present,
        in_force_spm=present,
        reason=reason_for(Rule.CADENCE_BASELINE, parameters),
        effective_on=since,
        baseline_spm=baseline.spm,
        baseline_source=baseline.source,
        baseline_checked=baseline.checked,
        judged_spm=present,
        runs=len(runs),
        measured_runs=measured_runs,
        on_target_runs=on_target_runs,
        on_target_since=_on_target_since(history.runs, present, since, parameters),
        stuck_for=(before.stuck_for if before and same_target else 0) + 1 if stuck else 0,
    )
    return _Case(history, pain, parameters, baseline, present, since, counts)


def _on_target_since(
    runs: tuple[RunInput, ...], present: int | None, since: date | None, parameters: Parameters
) -> int:
    if since is None:
        return 0
    return sum(run.local_on >= since and on_target(run, present, parameters) for run in runs)


def _override_reason(hand: CadenceOverride) -> Reason:
    # Only a value for one week carries the fact, so that decisions stored before there were such values replay equal.
    if hand.one_week:
        return reason_for(Rule.DECISION_BY_HAND, target_spm=hand.cadence_spm, ended=False, one_week=True)
    return reason_for(Rule.DECISION_BY_HAND, target_spm=hand.cadence_spm, ended=False)


def _by_override(case: _Case, spm: int, reason: Reason) -> CadenceDecision:
    # The same number set again does not restart the count of `cadence.five_runs`.
    since = case.since if spm == case.present else _first_given(case, spm)
    counts = case.counts
    if case.baseline.stated_spm is not None:
        # The one automatic correction of a baseline would set the target again: it waits until the rules decide.
        typed = case.history.snapshot.intake.baseline_spm is not None
        counts = replace(
            counts,
            baseline_spm=case.baseline.stated_spm,
            baseline_source=BaselineSource.INTAKE if typed else BaselineSource.COUNTED,
            baseline_checked=False,
        )
    return replace(counts, target_spm=spm, in_force_spm=spm, reason=reason, effective_on=since)


def _override_ended_this_week(history: LogView) -> int | None:
    # A value that a clinician ends during the week stays until Monday: a target never changes back in mid-week.
    given = [
        past.cadence for past in history.this_week if past.state not in (WeekState.ON_HOLD, WeekState.PAUSED)
    ]
    if not given or given[-1].reason.rule is not Rule.DECISION_BY_HAND:
        return None
    return given[-1].in_force_spm


def _by_rule(case: _Case) -> CadenceDecision:
    spm, present, p = case.baseline.spm, case.present, case.parameters
    # A runner without a baseline may still have a target, where a clinician had set one.
    if spm is None:
        return _measure_first(case) if present is None else _next(case, present)
    if spm >= p.cap_spm:
        cap = reason_for(Rule.CADENCE_CAP, p, baseline_spm=spm)
        return replace(case.counts, target_spm=None, in_force_spm=None, effective_on=None, reason=cap)
    if case.baseline.stated_spm is not None:
        return _correct_baseline(case, spm, case.baseline.stated_spm)
    return _first(case, spm) if present is None else _next(case, present)


def _measure_first(case: _Case) -> CadenceDecision:
    measured_runs = case.counts.measured_runs
    reason = reason_for(Rule.CADENCE_BASELINE, case.parameters, measured_runs=measured_runs)
    return replace(case.counts, reason=reason)


def _correct_baseline(case: _Case, spm: int, stated: int) -> CadenceDecision:
    target = raised_cadence(spm, case.parameters)
    if case.present is not None:
        # The correction may only lower the target; a raise has to be earned.
        target = min(target, case.present)
    reason = reason_for(
        Rule.CADENCE_BASELINE, case.parameters, stated_spm=stated, baseline_spm=spm, target_spm=target
    )
    since = case.since if target == case.present else _first_given(case, target)
    return replace(case.counts, target_spm=target, in_force_spm=target, reason=reason, effective_on=since)


def _first(case: _Case, baseline_spm: int) -> CadenceDecision:
    target = raised_cadence(baseline_spm, case.parameters)
    reason = reason_for(
        Rule.CADENCE_RAISE, case.parameters, first=True, level_spm=baseline_spm, target_spm=target
    )
    return _to(case, target, reason, baseline_spm)


def _next(case: _Case, present: int) -> CadenceDecision:
    """Decide for a runner with a target: the cap, then the reasons to hold, then the two ways to earn a raise."""
    p, counts = case.parameters, case.counts
    if present >= p.cap_spm:
        return replace(counts, reason=reason_for(Rule.CADENCE_CAP, p, target_spm=present))
    # No log is no reason for reproach (`cadence.hold.no_data`), but pain that was reported late still holds.
    if case.history.nothing_logged and not case.pain.holds_cadence:
        return replace(counts, reason=reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=present))
    if case.pain.holds_cadence:
        return replace(counts, reason=_hold(case, present))
    level = _level(case, present)
    # Easy runs above the cap lift the level above it, but never the target.
    target = raised_cadence(level, p) if level < p.cap_spm else p.cap_spm
    if counts.runs >= p.consistent_runs and counts.on_target_runs >= p.consistent_on_target:
        return _to(case, target, _consistent(case, present, target), level)
    if counts.on_target_since >= p.five_runs:
        earned = reason_for(
            Rule.CADENCE_FIVE_RUNS,
            p,
            target_spm=target,
            from_spm=present,
            done=counts.on_target_since,
            raised=True,
        )
        return _to(case, target, earned, level)
    return replace(counts, reason=_wait_for_runs(case, present))


def _consistent(case: _Case, present: int, target: int) -> Reason:
    last_monday = case.history.snapshot.week_on - WEEK
    return reason_for(
        Rule.CADENCE_WEEKLY,
        target_spm=target,
        from_spm=present,
        runs=case.counts.runs,
        # Late entries count once, in this decision; the sentence names them, or its count would look wrong.
        late=sum(run.local_on < last_monday for run in case.history.new_runs),
        on_target=case.counts.on_target_runs,
    )


def _hold(case: _Case, present: int) -> Reason:
    reds, weeks = len(case.pain.new_reds), len(case.pain.newly_worse)
    return reason_for(
        Rule.CADENCE_HOLD_PAIN,
        case.parameters,
        target_spm=present,
        reds=reds,
        worse_week=weeks > 0,
        stop_flag=False,
    )


def _wait_for_runs(case: _Case, present: int) -> Reason:
    p, counts = case.parameters, case.counts
    if counts.stuck_for >= p.stuck_decisions:
        return reason_for(Rule.CADENCE_STUCK, decisions=counts.stuck_for, target_spm=present)
    # Enough runs, too few on target: "not there yet" is kinder and truer than "1 of 5".
    not_there = counts.runs >= p.consistent_runs and counts.on_target_runs < p.consistent_on_target
    return reason_for(
        Rule.CADENCE_FIVE_RUNS,
        p,
        target_spm=present,
        done=counts.on_target_since,
        not_there_yet=not_there,
        raised=False,
    )


def _level(case: _Case, present: int) -> int:
    """Return the present target, or the median of the last easy measured runs where higher (`cadence.raise`)."""
    p, starts_on = case.parameters, case.history.snapshot.starts_on
    easy = [
        run.cadence_spm
        for run in case.history.runs
        if run.cadence_spm is not None
        and run.effort is Effort.EASY
        and run.local_on >= starts_on
        and is_measured(run, p)
        # Only the last runs, so that one fast month does not lift the level for good.
    ][-p.level_runs :]
    return max(present, median(easy)) if len(easy) == p.level_runs else present


def _to(case: _Case, target: int, reason: Reason, level: int) -> CadenceDecision:
    """Return a raise with its arithmetic: 168 x 1.05 = 176.4, cut to 176; or the cap."""
    p = case.parameters
    # The cap cut the step: the arithmetic must not claim a raise by the full percentage.
    capped = target == p.cap_spm and level * (100 + p.raise_percent) // 100 != target
    rule = Rule.CADENCE_CAP if capped else Rule.CADENCE_RAISE
    arithmetic = reason_for(rule, p, level_spm=level, target_spm=target)
    return replace(
        case.counts,
        target_spm=target,
        in_force_spm=target,
        reason=reason,
        arithmetic=arithmetic,
        raised=True,
        effective_on=_first_given(case, target),
    )


def _first_given(case: _Case, target: int) -> date:
    """Return the day this target was first given this week: a later revision does not restart the count."""
    # The count of `cadence.five_runs` begins on this day.
    for past in case.history.this_week:
        if past.cadence.in_force_spm == target and past.cadence.effective_on is not None:
            return past.cadence.effective_on
    return case.history.snapshot.today_on
