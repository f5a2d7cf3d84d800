"""Measure the cadence of one run: the arithmetic of a raise, what is on target, and doubtful typed values."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol import validation
from challenge.protocol.entries import RunInput
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.vocabulary import CadenceSource


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
