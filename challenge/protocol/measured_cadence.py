"""Measure cadence: which runs count, which are on target, the baseline, and doubtful typed values."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol import validation
from challenge.protocol.entries import RunInput
from challenge.protocol.log_view import LogView, median
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.vocabulary import BaselineSource, CadenceSource


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
    if target_spm is None or not long_enough(run, parameters):
        return False
    if run.cadence_spm is None:
        return run.cadence_source is CadenceSource.METRONOME
    return run.cadence_spm >= target_spm - parameters.on_target_margin_spm


def is_measured(run: RunInput, parameters: Parameters = CLINIC) -> bool:
    """Return whether the run carries a cadence that counts: a number, over enough running minutes."""
    return run.cadence_spm is not None and long_enough(run, parameters)


def long_enough(run: RunInput, parameters: Parameters) -> bool:
    # Typed runs have no running time; their whole duration is taken as it.
    running_s = run.duration_s if run.running_s is None else run.running_s
    return running_s >= parameters.on_target_minutes * 60


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
class Baseline:
    """The baseline in force. `stated_spm` is the stated one, where the first measured runs have just replaced it."""

    spm: int | None
    source: BaselineSource | None
    checked: bool
    stated_spm: int | None = None


def find_baseline(history: LogView, parameters: Parameters) -> Baseline:
    """Return the baseline, checked once against the first measured runs (`cadence.baseline`)."""
    runs = first_measured(history, parameters)
    known = _known(history, runs, parameters)
    # Once only: a baseline that moved every week would never let a raise be earned.
    if known.checked or known.spm is None or len(runs) < parameters.correction_runs:
        return known
    middle = _middle(runs[: parameters.correction_runs])
    if known.spm - middle > parameters.correction_below_spm:
        return Baseline(middle, BaselineSource.CORRECTED, True, stated_spm=known.spm)
    return Baseline(known.spm, known.source, True)


def first_measured(history: LogView, parameters: Parameters) -> list[RunInput]:
    """Return measured runs since the start, oldest first."""
    starts_on = history.snapshot.starts_on
    return [run for run in history.runs if run.local_on >= starts_on and is_measured(run, parameters)]


def _known(history: LogView, runs: list[RunInput], parameters: Parameters) -> Baseline:
    before = history.before.cadence if history.before else None
    if before is not None and before.baseline_spm is not None:
        return Baseline(before.baseline_spm, before.baseline_source, before.baseline_checked)
    stated = history.snapshot.intake.baseline_spm
    if stated is not None:
        return Baseline(stated, BaselineSource.INTAKE, False)
    # Two measured runs outweigh a single counted one, so this comes first.
    if len(runs) >= parameters.baseline_runs:
        return Baseline(_middle(runs[: parameters.baseline_runs]), BaselineSource.MEASURED, True)
    deliberate = [run for run in runs if run.cadence_source in (CadenceSource.COUNTED, CadenceSource.TAPPED)]
    if deliberate:
        # Counting is what the intake asks for: one counted run is as good as the intake's own answer.
        return Baseline(deliberate[0].cadence_spm, BaselineSource.COUNTED, False)
    return Baseline(None, None, False)


def _middle(runs: list[RunInput]) -> int:
    return median([run.cadence_spm for run in runs if run.cadence_spm is not None])
