"""What one run warns of at the moment it is logged, and what follows from it (`load.now`). In meters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput
from challenge.protocol.load import recovery, run_warnings
from challenge.protocol.long_run import LongRuns, limit_m, sore_days
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import LoadWarning, Reason, reason_for
from challenge.protocol.return_limit import length_warning, return_limit
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.usual_morning import usual_morning
from challenge.protocol.vocabulary import Rule


@dataclass(frozen=True, slots=True)
class LogNow:
    """A runner's log at this moment, and what it is measured by. It may hold the run that is asked about.

    `by_hand` are keys of long runs that a clinician lets count.
    """

    runs: tuple[RunInput, ...]
    intake: IntakeInput
    starts_on: date
    strength: tuple[StrengthInput, ...] = ()
    mornings: tuple[MorningInput, ...] = ()
    daily_life: tuple[DailyLifeInput, ...] = ()
    by_hand: frozenset[str] = frozenset()

    def without(self, run: RunInput) -> LogNow:
        """Return the log without this run, which must not be measured against itself or its own pain."""
        return replace(self, runs=tuple(other for other in self.runs if other.key != run.key))

    def long_runs(self, parameters: Parameters) -> LongRuns:
        """Return the runs as `load.long_run` sees them."""
        return LongRuns(
            self.runs,
            self.intake,
            self.starts_on,
            parameters,
            sore_sessions=sore_days((*self.runs, *self.strength, *self.daily_life), parameters),
            sore_mornings=sore_days(
                self.mornings, parameters, usual=usual_morning(self.mornings, self.intake, parameters)
            ),
            by_hand=self.by_hand,
        )


def load_now(run: RunInput, log: LogNow, parameters: Parameters = CLINIC) -> tuple[Reason, ...]:
    """Return what follows from a run that warns (`load.now`), then its warnings; nothing for any other run."""
    warnings = warnings_now(run, log, parameters)
    if not warnings:
        return ()
    rules = {warning.reason.rule for warning in warnings}
    facts: dict[str, Fact] = {"red": (run.pain or 0) >= parameters.red_from}
    if rules & {Rule.LOAD_LONG_RUN, Rule.LOAD_RETURN}:
        facts |= _how_far(run, log.without(run).long_runs(parameters))
    elif Rule.LOAD_STACKED in rules:
        facts["stacked"] = True
    return (reason_for(Rule.LOAD_NOW, **facts), *(warning.reason for warning in warnings))


def warnings_now(run: RunInput, log: LogNow, parameters: Parameters = CLINIC) -> tuple[LoadWarning, ...]:
    """Return the warnings of one run, the most important first."""
    others = log.without(run)
    longest = others.long_runs(parameters)
    runs = [*others.runs, run]
    tired = recovery([run.local_on], runs, log.strength, parameters)[run.local_on]
    long = length_warning(longest, run)
    return run_warnings(run, runs, (long, tired), log.intake, log.starts_on, parameters)


def _how_far(run: RunInput, log: LongRuns) -> dict[str, Fact]:
    """Return the distance, the limit it broke, and whether it was more than twice the longest run."""
    longest, back = (
        log.longest_before(run.local_on, as_of=run.local_on),
        return_limit(log, run.local_on),
    )
    limits = [] if longest is None else [(limit_m(longest.meters, log.parameters), longest.meters)]
    limits += [] if back is None else [(back.limit_m, back.longest_m)]
    limit, meters = min(limits)
    return {"distance_m": run.distance_m, "limit_m": limit, "far": run.distance_m > 2 * meters + 1}
