"""Distance, time and running cadence, computed from recorded samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from statistics import median

ONE_FOOT, BOTH_FEET = "one_foot", "both_feet"  # the units in which files write a cadence
RUNNING_SPM = 130  # lower values are walking: walking fills 90 to 125, running starts around 140
HIGHEST_SPM = 250  # higher values are sensor errors
ONE_FOOT_BELOW = 120  # no higher median counts one foot: it would be 240 steps a minute
ONE_FOOT_LIKELY_BELOW = 97.5  # without a known speed: few people run at 195, many walk at 100 to 125
SHORTEST_STEP_M = 0.5  # of a run or a walk, like the longest
LONGEST_STEP_M = 1.6
NO_STEP_M = 0.25  # shorter is a treadmill or a lost position, and decides nothing about the feet
BOTH_FEET_SHARE = 0.1  # share of time at a full running cadence that shows a file to count both feet
PAUSE_GAP_S = 30.0  # a longer gap between samples is a pause unless the runner moved on in it
PAUSE_SPEED_MPS = 1.0
FASTEST_MPS = 12.5  # no runner is faster, so such a step is a jump of the position
FASTEST_MEAN_MPS = 7.5  # faster than the mile record; a whole recording at that pace is a ride
STEP_M = 30.0  # the largest correction of a recorded distance, either way
LONGEST_GAP_S = 24 * 3600
EARTH_M = 6_371_008.8


@dataclass(slots=True)
class TrackPoint:
    """One sample: seconds since 1970, meters since the start, meters a second, cadence as written."""

    at: float
    distance_m: float | None = None
    speed_mps: float | None = None
    cadence: float | None = None
    lat: float | None = None
    lon: float | None = None
    after_pause: bool = False


@dataclass(frozen=True, slots=True)
class TrackCadence:
    """The running-only median cadence, in steps a minute of both feet and as the file writes it."""

    spm: int | None = None
    running_s: float = 0.0
    raw: float | None = None
    unit: str | None = None
    recorded: bool = False


def in_time_order(samples: Iterable[TrackPoint]) -> list[TrackPoint]:
    """Return samples by time, one for each moment, without those of a wrong clock."""
    merged: list[TrackPoint] = []
    for sample in sorted(samples, key=lambda sample: sample.at):
        if merged and merged[-1].at == sample.at:
            _merge(merged[-1], sample)
        else:
            merged.append(sample)
    # A watch with a wrong clock leaves single samples years away; the longest group is the run.
    return max(split(merged, LONGEST_GAP_S), key=len, default=[])


def split(samples: Sequence[TrackPoint], gap_s: float) -> list[list[TrackPoint]]:
    """Return samples in groups that are more than `gap_s` apart."""
    groups: list[list[TrackPoint]] = []
    for sample in samples:
        if not groups or sample.at - groups[-1][-1].at > gap_s:
            groups.append([])
        groups[-1].append(sample)
    return groups


def _merge(into: TrackPoint, other: TrackPoint) -> None:
    for field in fields(TrackPoint):
        value = getattr(other, field.name)
        if value is not None and field.name != "after_pause":
            setattr(into, field.name, value)
    into.after_pause = into.after_pause or other.after_pause


def typical_gap_s(samples: Sequence[TrackPoint]) -> float:
    """Return the median time between samples: one second, or several if a watch records only changes."""
    return median(b.at - a.at for a, b in pairwise(samples)) if len(samples) > 1 else 1.0


def active_s(samples: Sequence[TrackPoint]) -> float:
    """Return the seconds of the recording without its pauses."""
    limit = max(PAUSE_GAP_S, 4 * typical_gap_s(samples))
    total = 0.0
    for a, b in pairwise(samples):
        gap = b.at - a.at
        moved_on = not b.after_pause and PAUSE_SPEED_MPS * gap <= (_leg_m(a, b) or 0.0) <= FASTEST_MPS * gap
        if moved_on or (gap <= limit and not b.after_pause):
            total += gap
    return total


def distance_m(samples: Sequence[TrackPoint]) -> float | None:
    """Return the meters covered: from the recorded distance, else positions, else speed; None without any."""
    recorded = [sample for sample in samples if sample.distance_m is not None]
    if recorded and max(sample.distance_m or 0.0 for sample in recorded) > 0:
        return _recorded_m(recorded)
    placed = [sample for sample in samples if sample.lat is not None]
    if 2 * len(placed) < len(samples) and any(sample.speed_mps for sample in samples):
        return _integrated_m(samples)
    if len(placed) < 2:
        return None
    legs = ((a, b, _leg_m(a, b) or 0.0) for a, b in pairwise(placed) if not b.after_pause)
    return math.fsum(leg for a, b, leg in legs if leg <= FASTEST_MPS * (b.at - a.at))


def _integrated_m(samples: Sequence[TrackPoint]) -> float:
    limit = max(PAUSE_GAP_S, 4 * typical_gap_s(samples))
    return math.fsum(
        (b.speed_mps or 0.0) * (b.at - a.at)
        for a, b in pairwise(samples)
        if not b.after_pause and b.at - a.at <= limit
    )


def _recorded_m(recorded: Sequence[TrackPoint]) -> float:
    """Return the sum of the steps that a runner can make.

    This tolerates small corrections backward, a damaged value, a counter that starts again (laps, chained files)
    and one that continues from an earlier part of a multisport activity.
    """
    last, odd = recorded[0], None
    total = min(last.distance_m or 0.0, 0.0 if (last.distance_m or 0.0) > STEP_M else STEP_M)
    for sample in recorded[1:]:
        step = _step_m(last, sample)
        if step is None and odd is not None:
            step = _step_m(odd, sample)
        if step is None:
            # Either a damaged value or the start of a new count: the next sample decides which.
            odd = sample
            continue
        total += step
        last, odd = sample, None
    return total


def _step_m(a: TrackPoint, b: TrackPoint) -> float | None:
    step = (b.distance_m or 0.0) - (a.distance_m or 0.0)
    return max(step, 0.0) if -STEP_M <= step <= FASTEST_MPS * (b.at - a.at) + STEP_M else None


def fast_share(samples: Sequence[TrackPoint]) -> float:
    """Return the share of the active time spent faster than any runner."""
    fast = math.fsum(
        b.at - a.at for a, b in pairwise(samples) if (_leg_m(a, b) or 0.0) > FASTEST_MEAN_MPS * (b.at - a.at)
    )
    return fast / (active_s(samples) or 1.0)


def _leg_m(a: TrackPoint, b: TrackPoint) -> float | None:
    if a.distance_m is not None and b.distance_m is not None:
        return max(b.distance_m - a.distance_m, 0.0)
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(chord, 1.0)))


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
    its median read as one foot. `mean_mps` is used if the samples have no speed.
    """
    weighted = _weighted_cadence(samples)
    if not weighted:
        return TrackCadence()
    whole_s = math.fsum(weight for _, weight in weighted)
    both = [(raw, weight) for raw, weight in weighted if RUNNING_SPM <= raw <= HIGHEST_SPM]
    one = [(raw, weight) for raw, weight in weighted if _can_be_one_foot(raw)]
    often_full = math.fsum(weight for _, weight in both) >= BOTH_FEET_SHARE * whole_s
    if often_full or (one and counts_both_feet(_weighted_median(one), _one_foot_mps(samples) or mean_mps)):
        running, unit, feet = both, BOTH_FEET, 1
    else:
        running, unit, feet = one, ONE_FOOT, 2
    if not running:
        return TrackCadence(unit=unit, recorded=True)
    middle = _weighted_median(running)
    running_s = math.fsum(weight for _, weight in running)
    return TrackCadence(
        math.floor(middle * feet + 0.5), round(running_s, 1), round(middle, 2), unit, recorded=True
    )


def _can_be_one_foot(raw: float) -> bool:
    return RUNNING_SPM <= 2 * raw <= HIGHEST_SPM


def _one_foot_mps(samples: Sequence[TrackPoint]) -> float | None:
    """Return the mean speed while the cadence could be that of one foot of a runner; None where it is not known."""
    limit = max(PAUSE_GAP_S, 4 * typical_gap_s(samples))
    meters = seconds = 0.0
    for a, b in pairwise(samples):
        gap = b.at - a.at
        if b.after_pause or gap > limit or a.cadence is None or not _can_be_one_foot(a.cadence):
            continue
        leg = _leg_m(a, b)
        if leg is None and a.speed_mps is not None:
            leg = a.speed_mps * gap
        if leg is not None and leg <= FASTEST_MPS * gap:
            meters, seconds = meters + leg, seconds + gap
    return meters / seconds if meters else None


def _weighted_cadence(samples: Sequence[TrackPoint]) -> list[tuple[float, float]]:
    """Return pairs of value and seconds. A gap counts for at most three usual gaps, a pause for one."""
    usual = typical_gap_s(samples)
    limit = max(10.0, 3 * usual)
    weighted = []
    for a, b in pairwise(samples):
        if a.cadence:
            weight = min(b.at - a.at, usual if b.after_pause else limit)
            weighted.append((a.cadence, weight))
    if samples and samples[-1].cadence:
        weighted.append((samples[-1].cadence, min(usual, limit)))
    return weighted


def _weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """Return the value at half of the total time; the mean of two values if the half falls between them."""
    half = math.fsum(weight for _, weight in weighted) / 2
    passed = 0.0
    in_order = sorted(weighted)
    for position, (value, weight) in enumerate(in_order):
        passed += weight
        if math.isclose(passed, half) and position + 1 < len(in_order):
            return (value + in_order[position + 1][0]) / 2
        if passed >= half:
            return value
    return in_order[-1][0]
