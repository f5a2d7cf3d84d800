"""Decide the week's cadence target: set by a clinician, held, raised or unchanged, and why. All in steps a minute."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from challenge.protocol.absence import is_back
from challenge.protocol.cadence_case import (
    CadenceCase,
    by_override,
    cadence_case,
    first_given,
    override_ended_this_week,
    override_in_force,
    override_reason,
    suspended_cadence,
)
from challenge.protocol.decision import CadenceDecision
from challenge.protocol.entries import median
from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import LogView
from challenge.protocol.measured_cadence import RunningDay, averages_walking, raised_cadence
from challenge.protocol.pain import PainSummary
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.vocabulary import Effort, Rule


def decide(history: LogView, pain: PainSummary, parameters: Parameters) -> CadenceDecision:
    """Return the decision of the first rule that applies, in the order a clinician would ask."""
    # A stop flag comes before everything, also before a clinician's own number (`decision.by_hand`).
    if history.stop_flags:
        return suspended_cadence(history, reason_for(Rule.CADENCE_HOLD_PAIN, parameters, stop_flag=True))
    case = cadence_case(history, pain, parameters)
    hand = override_in_force(history)
    if hand is not None:
        return by_override(case, hand.cadence_spm, override_reason(hand))
    ended_spm = override_ended_this_week(history)
    if ended_spm is not None:
        ended = reason_for(Rule.DECISION_BY_HAND, target_spm=ended_spm, ended=True)
        return by_override(case, ended_spm, ended)
    return _by_rule(case)


def _by_rule(case: CadenceCase) -> CadenceDecision:
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


def _measure_first(case: CadenceCase) -> CadenceDecision:
    measured_runs = case.counts.measured_runs
    reason = reason_for(Rule.CADENCE_BASELINE, case.parameters, measured_runs=measured_runs)
    return replace(case.counts, reason=reason)


def _correct_baseline(case: CadenceCase, spm: int, stated: int) -> CadenceDecision:
    target = raised_cadence(spm, case.parameters)
    if case.present is not None:
        # The correction may only lower the target; a raise has to be earned.
        target = min(target, case.present)
    reason = reason_for(
        Rule.CADENCE_BASELINE, case.parameters, stated_spm=stated, baseline_spm=spm, target_spm=target
    )
    since = case.since if target == case.present else first_given(case.history, target)
    return replace(case.counts, target_spm=target, in_force_spm=target, reason=reason, effective_on=since)


def _first(case: CadenceCase, baseline_spm: int) -> CadenceDecision:
    target = raised_cadence(baseline_spm, case.parameters)
    reason = reason_for(
        Rule.CADENCE_RAISE, case.parameters, first=True, level_spm=baseline_spm, target_spm=target
    )
    return _to(case, target, reason, baseline_spm)


def _next(case: CadenceCase, present: int) -> CadenceDecision:
    """Decide for a runner with a target: the cap, then the reasons to hold, then the two ways to earn a raise."""
    p, counts = case.parameters, case.counts
    if present >= p.cap_spm:
        return replace(counts, reason=reason_for(Rule.CADENCE_CAP, p, target_spm=present))
    # No log is no reason for reproach (`cadence.hold.no_data`), but pain that was reported late still holds.
    if case.history.nothing_logged and not case.pain.holds_cadence:
        back: dict[str, Fact] = {"back": True} if is_back(case.history, p) else {}
        return replace(counts, reason=reason_for(Rule.CADENCE_HOLD_NO_DATA, target_spm=present, **back))
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


def _consistent(case: CadenceCase, present: int, target: int) -> Reason:
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


def _hold(case: CadenceCase, present: int) -> Reason:
    reds, weeks = len(case.pain.new_reds), len(case.pain.newly_worse)
    # Only where daily life alone holds: decisions of version 3 never carry the fact.
    daily: dict[str, Fact] = {"daily_life": True} if not reds and not weeks else {}
    return reason_for(
        Rule.CADENCE_HOLD_PAIN,
        case.parameters,
        target_spm=present,
        reds=reds,
        worse_week=weeks > 0,
        stop_flag=False,
        **daily,
    )


def _wait_for_runs(case: CadenceCase, present: int) -> Reason:
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


def _level(case: CadenceCase, present: int) -> int:
    """Return the present target, or the median of the last easy measured runs where higher (`cadence.raise`)."""
    p = case.parameters
    # Only the last runs, so that one fast month does not lift the level for good.
    measured = (_easy_part(day).measured_spm(p) for day in reversed(case.days))
    easy = [*islice((spm for spm in measured if spm is not None), p.level_runs)]
    return max(present, median(easy)) if len(easy) == p.level_runs else present


def _easy_part(day: RunningDay) -> RunningDay:
    return RunningDay(day.on, tuple(run for run in day.runs if run.effort is Effort.EASY))


def _to(case: CadenceCase, target: int, reason: Reason, level: int) -> CadenceDecision:
    """Return a raise with its arithmetic: the level raised and cut to a whole step; or the cap."""
    p = case.parameters
    # The cap cut the step: the arithmetic must not claim a raise by the full percentage.
    capped = target == p.cap_spm and level * (100 + p.raise_percent) // 100 != target
    rule = Rule.CADENCE_CAP if capped else Rule.CADENCE_RAISE
    arithmetic = reason_for(rule, p, level_spm=level, target_spm=target, **_beyond_one_step(case, target))
    return replace(
        case.counts,
        target_spm=target,
        in_force_spm=target,
        reason=reason,
        arithmetic=arithmetic,
        raised=True,
        effective_on=first_given(case.history, target),
    )


def _beyond_one_step(case: CadenceCase, target: int) -> dict[str, Fact]:
    """Return the target that this raise leaves by more than one step, because the runner runs faster already."""
    present = case.present
    # Version 3 did not say so.
    if present is None or not case.history.by_version_4 or target <= raised_cadence(present, case.parameters):
        return {}
    return {"from_spm": present}


def questions(history: LogView, cadence: CadenceDecision, parameters: Parameters) -> tuple[Question, ...]:
    """Return `cadence.stuck` or `cadence.unmeasured` every so many weeks, and `cadence.review` once per runner."""
    asked = []
    unmeasured = unmeasured_cadence(history, cadence, parameters)
    if cadence.stuck_for and cadence.stuck_for % parameters.stuck_decisions == 0:
        stuck = reason_for(Rule.CADENCE_STUCK, decisions=cadence.stuck_for, target_spm=cadence.judged_spm)
        asked.append(Question(history.key("cadence.stuck"), stuck))
    # A stuck runner is one question, not two.
    elif unmeasured is not None:
        asked.append(Question(history.key("cadence.unmeasured"), unmeasured))
    if _passes_review(cadence, parameters) and not history.asked("cadence.review"):
        form = reason_for(
            Rule.CADENCE_REVIEW,
            parameters,
            target_spm=cadence.target_spm,
            baseline_spm=cadence.baseline_spm,
        )
        asked.append(Question("cadence.review", form))
    return tuple(asked)


def unmeasured_cadence(history: LogView, cadence: CadenceDecision, parameters: Parameters) -> Reason | None:
    """Return `cadence.unmeasured` in the weeks that ask, else None. A runner at the cap is not asked."""
    if raising_has_ended(cadence, parameters) or not cadence.runs:
        return None
    for weeks, every, measured in (
        (cadence.unmeasured_for, parameters.unmeasured_weeks, False),
        (cadence.off_target_for, parameters.off_target_weeks, True),
    ):
        # A week that adds nothing to the count must not ask for it again.
        if weeks and weeks % every == 0 and bool(cadence.measured_runs) is measured:
            walked: dict[str, Fact] = (
                {"walked": True} if not measured and _walked(history, every, parameters) else {}
            )
            return reason_for(
                Rule.CADENCE_UNMEASURED,
                weeks=weeks,
                measured=measured,
                target_spm=cadence.judged_spm,
                **walked,
            )
    return None


def _walked(history: LogView, weeks: int, parameters: Parameters) -> bool:
    """Return whether a run of the last weeks has an average over walking breaks, which counts as no cadence."""
    since = history.snapshot.week_on - weeks * WEEK
    return any(since <= run.local_on and averages_walking(run, parameters) for run in history.runs)


def raising_has_ended(cadence: CadenceDecision, parameters: Parameters) -> bool:
    """Return whether the target is at the cap, or the runner started there (`cadence.cap`)."""
    spm = cadence.baseline_spm if cadence.in_force_spm is None else cadence.in_force_spm
    return spm is not None and spm >= parameters.cap_spm


def _passes_review(cadence: CadenceDecision, parameters: Parameters) -> bool:
    if not cadence.raised or cadence.target_spm is None or cadence.baseline_spm is None:
        return False
    # Whole numbers, not fractions: 10% above 160 must not depend on how a float rounds.
    return cadence.target_spm * 100 > cadence.baseline_spm * (100 + parameters.review_percent)
