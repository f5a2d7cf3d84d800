"""What a decision about cadence starts from: the baseline, the target in force, and what the week's runs count for.

It checks a stated baseline against the first measured runs (`cadence.baseline`). The last functions are for cadence
that no rule decides: a clinician's own number, and what is in force while there is no decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from challenge.protocol.decision import CadenceDecision
from challenge.protocol.entries import median
from challenge.protocol.log_view import LogView
from challenge.protocol.measured_cadence import RunningDay, is_deliberate, new_running_days, running_days
from challenge.protocol.pain import PainSummary
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.snapshot import CadenceOverride
from challenge.protocol.vocabulary import BaselineSource, Rule, WeekState


@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline in force. `stated_spm` is the stated one, where the first measured runs have just replaced it."""

    spm: int | None
    source: BaselineSource | None
    checked: bool
    stated_spm: int | None = None


def find_baseline(history: LogView, days: Sequence[RunningDay], parameters: Parameters) -> Baseline:
    """Return the baseline, checked once against the first measured runs. `days` are all days since the start."""
    before = history.before.cadence if history.before else None
    # Once only: a baseline that moved every week would never let a raise be earned.
    if before is not None and before.baseline_spm is not None and before.baseline_checked:
        return Baseline(before.baseline_spm, before.baseline_source, True)
    usual = (day.for_baseline() if history.by_version_4 else day for day in days)
    known_spm = (spm for day in usual if (spm := day.measured_spm(parameters)) is not None)
    measured = [*islice(known_spm, max(parameters.baseline_runs, parameters.correction_runs))]
    known = _known(history, days, measured, parameters)
    if known.checked or known.spm is None or len(measured) < parameters.correction_runs:
        return known
    middle = median(measured[: parameters.correction_runs])
    if known.spm - middle > parameters.correction_below_spm:
        return Baseline(middle, BaselineSource.CORRECTED, True, stated_spm=known.spm)
    return Baseline(known.spm, known.source, True)


def _known(
    history: LogView, days: Sequence[RunningDay], measured: Sequence[int], parameters: Parameters
) -> Baseline:
    before = history.before.cadence if history.before else None
    if before is not None and before.baseline_spm is not None:
        return Baseline(before.baseline_spm, before.baseline_source, before.baseline_checked)
    stated = history.snapshot.intake.baseline_spm
    if stated is not None:
        return Baseline(stated, BaselineSource.INTAKE, False)
    # Two measured runs outweigh a single counted one, so this comes first. Fast runs help to make it two, but only
    # the easy ones make the number.
    enough = sum(day.measured_spm(parameters) is not None for day in days) >= parameters.baseline_runs
    if enough and measured:
        return Baseline(median(measured[: parameters.baseline_runs]), BaselineSource.MEASURED, True)
    # Counting is what the intake asks for: one counted run is as good as the intake's own answer.
    counted = (_deliberate(day).measured_spm(parameters) for day in days)
    spm = next((spm for spm in counted if spm is not None), None)
    return Baseline(spm, None if spm is None else BaselineSource.COUNTED, False)


def _deliberate(day: RunningDay) -> RunningDay:
    return RunningDay(day.on, tuple(run for run in day.runs if is_deliberate(run)))


@dataclass(frozen=True, slots=True)
class CadenceCase:
    """One runner's cadence before the decision: `present` is the target in force since `since`.

    `days` are all running days since the start, `counts` a decision that changes nothing.
    """

    history: LogView
    pain: PainSummary
    parameters: Parameters
    baseline: Baseline
    present: int | None
    since: date | None
    days: tuple[RunningDay, ...]
    counts: CadenceDecision


def cadence_case(history: LogView, pain: PainSummary, parameters: Parameters) -> CadenceCase:
    """Return what there is to decide about."""
    before = history.before.cadence if history.before else None
    present = before.in_force_spm if before else None
    since = before.effective_on if before else None
    starts_on = history.snapshot.starts_on
    runs = [run for run in history.runs if run.local_on >= starts_on]
    days = running_days(history, runs, parameters)
    baseline = find_baseline(history, days, parameters)
    week = _WeekCounts.of(history, new_running_days(history, parameters), present, parameters)
    counts = CadenceDecision(
        target_spm=present,
        in_force_spm=present,
        reason=reason_for(Rule.CADENCE_BASELINE, parameters),
        effective_on=since,
        baseline_spm=baseline.spm,
        baseline_source=baseline.source,
        baseline_checked=baseline.checked,
        judged_spm=present,
        runs=week.runs,
        measured_runs=week.measured,
        on_target_runs=week.on_target,
        on_target_since=0
        if since is None
        else sum(day.on_target(present, parameters) for day in days if day.on >= since),
        stuck_for=week.stuck_for(before, parameters),
        unmeasured_for=week.unmeasured_for(before, history),
        off_target_for=week.off_target_for(before, history),
    )
    return CadenceCase(history, pain, parameters, baseline, present, since, days, counts)


@dataclass(frozen=True, slots=True)
class _WeekCounts:
    """The running days that count for the first time; `present` is the target they were run at."""

    present: int | None
    runs: int
    measured: int
    on_target: int

    @classmethod
    def of(
        cls, history: LogView, days: Sequence[RunningDay], present: int | None, parameters: Parameters
    ) -> _WeekCounts:
        known = [day.measured_spm(parameters) for day in days]
        hits = sum(day.on_target(present, parameters) for day in days)
        return cls(present, len(days), sum(spm is not None for spm in known), hits)

    def stuck_for(self, before: CadenceDecision | None, parameters: Parameters) -> int:
        """Return how many weeks in a row had enough measured runs at this target and none on it."""
        # Stuck needs measured runs: a runner without a watch who uses the metronome is not stuck.
        enough = self.measured >= parameters.stuck_measured
        if self.present is None or not enough or self.on_target:
            return 0
        return (before.stuck_for if before and before.judged_spm == self.present else 0) + 1

    def unmeasured_for(self, before: CadenceDecision | None, history: LogView) -> int:
        """Return the weeks with runs since cadence was last seen; a week without runs changes nothing."""
        if not history.by_version_4 or self.measured or self.on_target:
            return 0
        return (before.unmeasured_for if before else 0) + (self.runs > 0)

    def off_target_for(self, before: CadenceDecision | None, history: LogView) -> int:
        """Return the weeks with measured runs at this target and none on it; other weeks change nothing."""
        if not history.by_version_4 or self.present is None or self.on_target:
            return 0
        same = before is not None and before.judged_spm == self.present
        return (before.off_target_for if before and same else 0) + (self.measured > 0)


def first_given(history: LogView, target: int) -> date:
    """Return the day this target was first given this week: a later revision does not restart the count."""
    # The count of `cadence.five_runs` begins on this day.
    for past in history.this_week:
        if past.cadence.in_force_spm == target and past.cadence.effective_on is not None:
            return past.cadence.effective_on
    return history.snapshot.today_on


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
