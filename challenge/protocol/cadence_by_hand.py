"""Cadence that no rule decides: a clinician's own number, and what is in force while there is no decision."""

from __future__ import annotations

from dataclasses import replace

from challenge.protocol.cadence_case import CadenceCase, first_given
from challenge.protocol.decision import CadenceDecision
from challenge.protocol.log_view import LogView
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.snapshot import CadenceOverride
from challenge.protocol.vocabulary import BaselineSource, Rule, WeekState


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


def override_reason(hand: CadenceOverride) -> Reason:
    """Return the reason of a value that a clinician set."""
    # Only a value for one week carries the fact, so that decisions stored before there were such values replay equal.
    if hand.one_week:
        return reason_for(Rule.DECISION_BY_HAND, target_spm=hand.cadence_spm, ended=False, one_week=True)
    return reason_for(Rule.DECISION_BY_HAND, target_spm=hand.cadence_spm, ended=False)


def by_override(case: CadenceCase, spm: int, reason: Reason) -> CadenceDecision:
    """Return the clinician's number as the target in force."""
    # The same number set again does not restart the count of `cadence.five_runs`.
    since = case.since if spm == case.present else first_given(case.history, spm)
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


def override_ended_this_week(history: LogView) -> int | None:
    """Return the clinician's number that ended after this week was decided, or None."""
    # A value that a clinician ends during the week stays until Monday: a target never changes back in mid-week.
    given = [
        past.cadence for past in history.this_week if past.state not in (WeekState.ON_HOLD, WeekState.PAUSED)
    ]
    if not given or given[-1].reason.rule is not Rule.DECISION_BY_HAND:
        return None
    return given[-1].in_force_spm
