"""The running-only cadence of recorded samples, and whether a file counts the steps of one foot or of both."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from challenge.workouts.activity_files.track import (
    FASTEST_MPS,
    TrackPoint,
    leg_m,
    pause_gap_s,
    typical_gap_s,
)

ONE_FOOT, BOTH_FEET = "one_foot", "both_feet"  # the units in which files write a cadence
RUNNING_SPM = 130  # lower values are walking: walking fills 90 to 125, running starts around 140
HIGHEST_SPM = 250  # higher values are sensor errors
ONE_FOOT_BELOW = 120  # no higher median counts one foot: it would be 240 steps a minute
ONE_FOOT_LIKELY_BELOW = 97.5  # without a known speed: few people run at 195, many walk at 100 to 125
SHORTEST_STEP_M = 0.5  # of a run or a walk, like the longest
LONGEST_STEP_M = 1.6
NO_STEP_M = 0.25  # shorter is a treadmill or a lost position, and decides nothing about the feet
BOTH_FEET_SHARE = 0.1  # share of time at a full running cadence that shows a file to count both feet


@dataclass(frozen=True, slots=True)
class TrackCadence:
    """The running-only median cadence, in steps a minute of both feet and as the file writes it.

    `mps` is the mean speed while it was recorded, None if unknown. `mixed` is true where a part of the values counts
    one foot and another part both; `too_high` where no runner has such values, which is as good as none.
    """

    spm: int | None = None
    running_s: float = 0.0
    raw: float | None = None
    unit: str | None = None
    recorded: bool = False
    too_high: bool = False
    mps: float | None = None
    mixed: bool = False

    @property
    def step_m(self) -> float | None:
        """Return the length of a step at this cadence and speed."""
        return 60 * self.mps / self.spm if self.mps and self.spm else None


def counts_both_feet(raw: float, speed_mps: float | None) -> bool:
    """Return whether a cadence, as written, counts both feet rather than one, judged by the step at that speed.

    Only one of the two readings has a step of 0.5 to 1.6 m in most files: 112 a minute at 1.5 m/s are steps of 0.80 m,
    while 224 would be steps of 0.40 m. Where both have one, or nothing is known of the speed, the value decides.
    """
    if raw >= ONE_FOOT_BELOW:
        return True
    step_m = 60 * (speed_mps or 0.0) / raw
    if step_m > NO_STEP_M and step_m / 2 < SHORTEST_STEP_M:
        return True
    return step_m <= LONGEST_STEP_M and raw >= ONE_FOOT_LIKELY_BELOW


def track_cadence(samples: Sequence[TrackPoint], mean_mps: float | None = None) -> TrackCadence:
    """Return the running-only median, each sample weighted by the time until the next.

    A file counts both feet when a tenth of its time shows full running values, or when `counts_both_feet` is true of
    its median read as one foot; not when its lower values belong to one foot, because a step would be too long.
    `mean_mps` is used if the samples have no speed.
    """
    weighted = _weighted_cadence(samples)
    if not weighted:
        return TrackCadence()
    whole_s = math.fsum(weight for _, weight in weighted)
    both = [(raw, weight) for raw, weight in weighted if RUNNING_SPM <= raw <= HIGHEST_SPM]
    one = [(raw, weight) for raw, weight in weighted if RUNNING_SPM <= 2 * raw <= HIGHEST_SPM]
    often_full = math.fsum(weight for _, weight in both) >= BOTH_FEET_SHARE * whole_s
    mps = _running_mps(samples, 2) if one else None
    mixed = often_full and _is_one_foot_of_most(one, whole_s, mps)
    if (often_full and not mixed) or (one and counts_both_feet(_weighted_median(one), mps or mean_mps)):
        running, unit, feet, mps = both, BOTH_FEET, 1, _running_mps(samples, 1)
    else:
        running, unit, feet = one, ONE_FOOT, 2
    if not running:
        too_high = _weighted_median(weighted) > HIGHEST_SPM
        return TrackCadence(unit=None if too_high else unit, recorded=not too_high, too_high=too_high)
    middle = _weighted_median(running)
    return TrackCadence(
        math.floor(middle * feet + 0.5),
        round(math.fsum(weight for _, weight in running), 1),
        round(middle, 2),
        unit,
        recorded=True,
        mps=mps or mean_mps,
        mixed=mixed,
    )


def _is_one_foot_of_most(one: Sequence[tuple[float, float]], whole_s: float, mps: float | None) -> bool:
    """Return whether most of the time has values that cannot be those of both feet, at the speed of that time."""
    if not one or not mps or 2 * math.fsum(weight for _, weight in one) <= whole_s:
        return False
    return 60 * mps / _weighted_median(one) > LONGEST_STEP_M


def _running_mps(samples: Sequence[TrackPoint], feet: int) -> float | None:
    """Return the mean speed while the cadence is a runner's, times one or two; None where it is not known."""
    limit = pause_gap_s(samples)
    lowest, highest = RUNNING_SPM / feet, HIGHEST_SPM / feet
    meters = seconds = 0.0
    for a, b in pairwise(samples):
        gap = b.at - a.at
        if a.cadence is None or not lowest <= a.cadence <= highest or b.after_pause or gap > limit:
            continue
        leg = leg_m(a, b)
        if leg is None and a.speed_mps is not None:
            leg = a.speed_mps * gap
        if leg is not None and leg <= FASTEST_MPS * gap:
            meters, seconds = meters + leg, seconds + gap
    return meters / seconds if meters else None


def _weighted_cadence(samples: Sequence[TrackPoint]) -> list[tuple[float, float]]:
    """Return each value with its seconds. A gap counts for at most three usual gaps, a pause for one."""
    usual = typical_gap_s(samples)
    limit = max(10.0, 3 * usual)
    weighted: defaultdict[float, float] = defaultdict(float)
    for a, b in pairwise(samples):
        if a.cadence:
            weight = min(b.at - a.at, usual if b.after_pause else limit)
            weighted[a.cadence] += weight
    if samples and samples[-1].cadence:
        weighted[samples[-1].cadence] += min(usual, limit)
    return sorted(weighted.items())


def _weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """Return the value at half of the total time; the mean of two values if the half falls between them.

    The values are in order.
    """
    half = math.fsum(weight for _, weight in weighted) / 2
    passed = 0.0
    for position, (value, weight) in enumerate(weighted):
        passed += weight
        if math.isclose(passed, half) and position + 1 < len(weighted):
            return (value + weighted[position + 1][0]) / 2
        if passed >= half:
            return value
    return weighted[-1][0]
