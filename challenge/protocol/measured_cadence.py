"""Measure the cadence of one run, and of what was run on one local day.

Here are the arithmetic of a raise, what is on target, and doubtful typed values. The runs of one local day count as
one run, in however many files it was recorded (`cadence.weekly`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, groupby
from operator import attrgetter

from challenge.protocol import validation
from challenge.protocol.entries import RunInput
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.vocabulary import CadenceSource, Effort


def raised_cadence(level_spm: int, parameters: Parameters = CLINIC) -> int:
    """Return the level raised once, cut to a whole step, never above the cap (`cadence.raise`, `cadence.cap`).

    160 -> 168, 170 -> 178, 176 -> 180. A level at or above the cap is unchanged: 186 -> 186.
    """
    validation.check_whole("level_spm", level_spm, validation.CADENCE_SPM)
    if level_spm >= parameters.cap_spm:
        return level_spm
    return min(level_spm * (100 + parameters.raise_percent) // 100, parameters.cap_spm)


def on_target(run: RunInput, target_spm: int | None, parameters: Parameters = CLINIC) -> bool:
    """Return whether the run was on target (`cadence.on_target`): fast enough, within the margin, for long enough.

    A run with the metronome on for most of it needs no number.
    """
    # Short runs are no evidence either way, with or without the metronome.
    long_enough = running_seconds(run) >= parameters.on_target_minutes * 60
    return target_spm is not None and long_enough and reaches(run, target_spm, parameters)


def reaches(run: RunInput, target_spm: int, parameters: Parameters) -> bool:
    """Return whether the run's cadence reaches the target within the margin, however short it was."""
    if run.cadence_spm is None:
        return run.cadence_source is CadenceSource.METRONOME
    return run.cadence_spm >= target_spm - parameters.on_target_margin_spm


def running_seconds(run: RunInput) -> int:
    # Typed runs have no running time; their whole duration is taken as it.
    return run.duration_s if run.running_s is None else run.running_s


@dataclass(frozen=True, slots=True)
class CadenceDoubt:
    """A typed cadence that probably counts one foot. `suggested_spm` is None where doubling makes no sense."""

    typed_spm: int
    suggested_spm: int | None
    question: str


def cadence_doubt(typed_spm: int, parameters: Parameters = CLINIC) -> CadenceDoubt | None:
    """Return the question for a doubtful typed value ("82? Did you mean 164?"), or None (`cadence.on_target`)."""
    if typed_spm >= parameters.doubtful_below_spm:
        return None
    twice = typed_spm * 2
    # Watches that count one foot show half; doubling must give a cadence that a runner can have.
    if parameters.doubtful_below_spm <= twice <= _LIKELY_SPM:
        return CadenceDoubt(typed_spm, twice, f"{typed_spm}? Did you mean {twice}?")
    return CadenceDoubt(
        typed_spm, None, f"{typed_spm}? That is slow for running. Count both feet for a minute."
    )


_LIKELY_SPM = 220


@dataclass(frozen=True, slots=True)
class RunningDay:
    """The runs of one local day. Cadence is weighted by running time; runs without one say nothing."""

    on: date
    runs: tuple[RunInput, ...]

    def measured_spm(self, parameters: Parameters) -> int | None:
        """Return the median cadence of the day's running time, or None where too little of it was measured."""
        weights = sorted((run.cadence_spm, running_seconds(run)) for run in self.runs if run.cadence_spm)
        total = sum(seconds for _, seconds in weights)
        if not weights or total < parameters.on_target_minutes * 60:
            return None
        return weights[0][0] if len(weights) == 1 else _weighted_median(weights, total)

    def on_target(self, target_spm: int | None, parameters: Parameters) -> bool:
        """Return whether at least half of the measured running time reaches the target (`cadence.on_target`)."""
        hits = total = 0
        for run in self.runs:
            hit = target_spm is not None and reaches(run, target_spm, parameters)
            hits += running_seconds(run) * hit
            total += running_seconds(run) * (hit or run.cadence_spm is not None)
        return hits > 0 and total >= parameters.on_target_minutes * 60 and hits * 2 >= total

    def for_baseline(self) -> RunningDay:
        """Return the day's easy, counted and tapped runs alone: only these make or correct a baseline."""
        return RunningDay(self.on, tuple(run for run in self.runs if makes_baseline(run)))


def makes_baseline(run: RunInput) -> bool:
    """Return whether the runner's usual cadence shows in this run: easy, or counted or tapped on purpose."""
    return run.effort is Effort.EASY or is_deliberate(run)


def is_deliberate(run: RunInput) -> bool:
    return run.cadence_source in (CadenceSource.COUNTED, CadenceSource.TAPPED)


def running_days(
    history: LogView, runs: Sequence[RunInput], parameters: Parameters
) -> tuple[RunningDay, ...]:
    """Return the days on which these runs were run, oldest first, as the runs are."""
    # Every file was a run of its own before version 4, and a typed average was always believed.
    if not history.by_version_4:
        return tuple(RunningDay(run.local_on, (run,)) for run in runs)
    believed = (_unmeasured(run) if averages_walking(run, parameters) else run for run in runs)
    by_day = groupby(believed, key=attrgetter("local_on"))
    return tuple(RunningDay(on, tuple(group)) for on, group in by_day)


def new_running_days(history: LogView, parameters: Parameters) -> tuple[RunningDay, ...]:
    """Return the days that count in this decision for the first time."""
    days = running_days(history, history.new_runs, parameters)
    if not history.by_version_4:
        return days
    new = {run.key for run in history.new_runs}
    # A cool-down that is uploaded late belongs to a day that has counted already.
    counted = {run.local_on for run in history.runs if run.key not in new}
    return tuple(day for day in days if day.on not in counted)


def _unmeasured(run: RunInput) -> RunInput:
    """Return the run without its cadence: a typed average over walking as well is none (`cadence.baseline`)."""
    return replace(run, cadence_spm=None, cadence_source=None)


def averages_walking(run: RunInput, parameters: Parameters) -> bool:
    """Return whether the run's cadence is a watch's typed average that takes in walking breaks."""
    if run.cadence_source is not CadenceSource.WATCH:
        return False
    return run.walk_breaks or has_walking(run.duration_s, running_seconds(run), parameters)


def has_walking(duration_s: int, running_s: int, parameters: Parameters) -> bool:
    """Return whether so much of the time was walked that an average over all of it measures no running."""
    return (duration_s - running_s) * 100 > duration_s * parameters.walking_percent


def _weighted_median(weights: Sequence[tuple[int, int]], total: int) -> int:
    ends = accumulate(seconds for _, seconds in weights)
    reached = [(spm, end * 2) for (spm, _), end in zip(weights, ends, strict=True)]
    lower = next(spm for spm, end in reached if end >= total)
    upper = next(spm for spm, end in reached if end > total)
    return (lower + upper) // 2
