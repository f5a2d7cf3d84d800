"""What a decision about cadence starts from: the target in force, the baseline, and what the week's runs count for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from challenge.protocol.baseline import Baseline, find_baseline
from challenge.protocol.decision import CadenceDecision
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import PainSummary
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import reason_for
from challenge.protocol.running_days import RunningDay, new_running_days, running_days
from challenge.protocol.vocabulary import Rule


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
