"""Arithmetic of the log in whole numbers: a cadence or a distance is never a fraction."""

from __future__ import annotations

from collections.abc import Sequence


def median(values: Sequence[int]) -> int:
    """Return the middle value; with two middles, their mean cut to a whole number."""
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) // 2


def percent_m(meters: int, percent: int) -> int:
    """Return the longest whole distance within a share of another one, half a meter forgiven on both."""
    # Integer arithmetic for (meters + 0.5) * percent / 100 + 0.5, so that the limit is exact.
    return (2 * meters * percent + percent + 100) // 200
