"""Cadence: steps a minute, both feet. Baseline, raises, the cap, on-target runs and the reasons to wait."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol import bounds
from challenge.protocol.entries import Run
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason, because
from challenge.protocol.rules import Rule
from challenge.protocol.terms import CadenceSource


def raised(level_spm: int, parameters: Parameters = CLINIC) -> int:
    """`cadence.raise` and `cadence.cap`: the level raised once, cut to a whole step, never above the cap.

    160 -> 168, 170 -> 178, 176 -> 180; who is at the cap or above stays: 186 -> 186.
    """
    bounds.whole("level_spm", level_spm, bounds.CADENCE_SPM)
    if level_spm >= parameters.cap_spm:
        return level_spm
    return min(level_spm * (100 + parameters.raise_percent) // 100, parameters.cap_spm)


def on_target(run: Run, target_spm: int | None, parameters: Parameters = CLINIC) -> bool:
    """`cadence.on_target`: the running-only median is at least target - 3 over at least 10 running minutes.

    A run "with the metronome, most of it" needs no number.
    """
    if target_spm is None or not long_enough(run, parameters):
        return False
    if run.cadence_spm is None:
        return run.cadence_source is CadenceSource.METRONOME
    return run.cadence_spm >= target_spm - parameters.on_target_margin_spm


def why_on_target(target_spm: int, parameters: Parameters = CLINIC) -> Reason:
    """What a run needs to count, for the screen beside it."""
    low = target_spm - parameters.on_target_margin_spm
    return because(
        Rule.CADENCE_ON_TARGET, target_spm=target_spm, low_spm=low, minutes=parameters.on_target_minutes
    )


def measured(run: Run, parameters: Parameters = CLINIC) -> bool:
    """Whether the run carries a cadence that counts: a number, over at least 10 running minutes."""
    return run.cadence_spm is not None and long_enough(run, parameters)


def long_enough(run: Run, parameters: Parameters) -> bool:
    running_s = run.duration_s if run.running_s is None else run.running_s
    return running_s >= parameters.on_target_minutes * 60


@dataclass(frozen=True, slots=True)
class Doubt:
    """A typed cadence that is probably one foot's. `suggested_spm` is None where doubling makes no sense."""

    typed_spm: int
    suggested_spm: int | None
    question: str


def doubt(typed_spm: int, parameters: Parameters = CLINIC) -> Doubt | None:
    """`cadence.on_target`: a typed value below 120 asks "82? Did you mean 164?"; None where all is well."""
    if typed_spm >= parameters.doubtful_below_spm:
        return None
    twice = typed_spm * 2
    if parameters.doubtful_below_spm <= twice <= _LIKELY_SPM:
        return Doubt(typed_spm, twice, f"{typed_spm}? Did you mean {twice}?")
    return Doubt(typed_spm, None, f"{typed_spm}? That is slow for running. Count both feet for a minute.")


_LIKELY_SPM = 220
