"""`cadence.baseline`: where the first number comes from, and the only automatic lowering."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.cadence import measured
from challenge.protocol.entries import Run
from challenge.protocol.history import History, median
from challenge.protocol.parameters import Parameters
from challenge.protocol.terms import BaselineSource, CadenceSource


@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline in force. `stated_spm` is set where the first measured runs have just replaced it."""

    spm: int | None
    source: BaselineSource | None
    checked: bool
    stated_spm: int | None = None


def find(history: History, parameters: Parameters) -> Baseline:
    """The baseline, checked once against the first 3 measured runs."""
    runs = first_measured(history, parameters)
    known = _known(history, runs, parameters)
    if known.checked or known.spm is None or len(runs) < parameters.correction_runs:
        return known
    middle = _middle(runs[: parameters.correction_runs])
    if known.spm - middle > parameters.correction_below_spm:
        return Baseline(middle, BaselineSource.CORRECTED, True, stated_spm=known.spm)
    return Baseline(known.spm, known.source, True)


def first_measured(history: History, parameters: Parameters) -> list[Run]:
    """Measured runs since the start, oldest first."""
    starts_on = history.snapshot.starts_on
    return [run for run in history.runs if run.local_on >= starts_on and measured(run, parameters)]


def _known(history: History, runs: list[Run], parameters: Parameters) -> Baseline:
    before = history.before.cadence if history.before else None
    if before is not None and before.baseline_spm is not None:
        return Baseline(before.baseline_spm, before.baseline_source, before.baseline_checked)
    stated = history.snapshot.intake.baseline_spm
    if stated is not None:
        return Baseline(stated, BaselineSource.INTAKE, False)
    if len(runs) >= parameters.baseline_runs:
        return Baseline(_middle(runs[: parameters.baseline_runs]), BaselineSource.MEASURED, True)
    deliberate = [run for run in runs if run.cadence_source in (CadenceSource.COUNTED, CadenceSource.TAPPED)]
    if deliberate:
        # Counting is what the intake asks for: one counted run is as good as the intake's own answer.
        return Baseline(deliberate[0].cadence_spm, BaselineSource.COUNTED, False)
    return Baseline(None, None, False)


def _middle(runs: list[Run]) -> int:
    return median([run.cadence_spm for run in runs if run.cadence_spm is not None])
