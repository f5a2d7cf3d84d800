"""Find the cadence baseline, and check a stated one against the first measured runs (`cadence.baseline`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import Parameters
from challenge.protocol.running_days import RunningDay, is_deliberate
from challenge.protocol.vocabulary import BaselineSource
from challenge.protocol.whole_numbers import median


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
