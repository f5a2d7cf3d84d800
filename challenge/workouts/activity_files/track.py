"""Time and distance of recorded samples, each distance measured in its own way: counter, positions, speed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from statistics import median

PAUSE_GAP_S = 30.0  # a longer gap between samples is a pause unless the runner moved on in it
PAUSE_SPEED_MPS = 1.0
NEW_PART_S = 5.0
STANDING_MPS = 0.5  # slower is standing at a light, which a watch may leave out of its time
FASTEST_MPS = 12.5  # no runner is faster, so such a step is a jump of the position
FASTEST_MEAN_MPS = 7.5  # faster than the mile record; a whole recording at that pace is a ride
JUMP_S = 60.0  # a wrong position is taken back within so long
STEP_M = 30.0  # the largest correction of a recorded distance, either way
ANCHOR_M, ANCHOR_S = (
    10.0,
    3.0,
)  # positions that lie still wander less than this; a runner needs about so long for it
LONGEST_GAP_S = 24 * 3600
METERS_PER_DEGREE = math.radians(6_371_008.8)


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


def in_time_order(samples: Iterable[TrackPoint]) -> list[TrackPoint]:
    """Return samples by time, one for each moment, without those of a wrong clock."""
    merged: list[TrackPoint] = []
    for sample in sorted(samples, key=lambda sample: sample.at):
        if sample.lat == 0 and sample.lon == 0:
            # Receivers that do not know where they are write a place in the Atlantic.
            sample.lat = sample.lon = None
        if merged and merged[-1].at == sample.at:
            _merge(merged[-1], sample)
        else:
            merged.append(sample)
    # A watch with a wrong clock leaves single samples years away; the longest group is the run.
    return max(split(merged, LONGEST_GAP_S), key=len, default=[])


def strays_share(samples: Sequence[TrackPoint], kept: Sequence[TrackPoint]) -> float:
    """Return the share of samples that `in_time_order` left out: the clock was wrong for a part of the run."""
    if not kept:
        return 0.0
    first, last = kept[0].at, kept[-1].at
    return sum(not first <= sample.at <= last for sample in samples) / len(samples)


def split(samples: Sequence[TrackPoint], gap_s: float) -> list[list[TrackPoint]]:
    """Return samples in groups that are more than `gap_s` apart."""
    groups: list[list[TrackPoint]] = []
    for sample in samples:
        if not groups or sample.at - groups[-1][-1].at > gap_s:
            groups.append([])
        groups[-1].append(sample)
    return groups


def goes_back(samples: Sequence[TrackPoint]) -> bool:
    """Return whether the clock of a recording was set back; one that is written newest first goes back all the time."""
    back = sum(b.at < a.at - 1 for a, b in pairwise(samples))
    return 0 < 2 * back < len(samples)


def is_pause(samples: Sequence[TrackPoint], at: float) -> bool:
    """Return whether the recording paused between the last of the samples and `at`, where its file begins a new part.

    Some apps begin one for every lap, without a pause.
    """
    if not samples:
        return False
    usual = samples[-1].at - samples[-2].at if len(samples) > 1 else 0.0
    return at - samples[-1].at > max(NEW_PART_S, 2 * usual)


def _merge(into: TrackPoint, other: TrackPoint) -> None:
    for field in fields(TrackPoint):
        value = getattr(other, field.name)
        if value is not None and field.name != "after_pause":
            setattr(into, field.name, value)
    into.after_pause = into.after_pause or other.after_pause


def typical_gap_s(samples: Sequence[TrackPoint]) -> float:
    """Return the median gap between samples; 1 for a single one."""
    return median(b.at - a.at for a, b in pairwise(samples)) if len(samples) > 1 else 1.0


def pause_gap_s(samples: Sequence[TrackPoint]) -> float:
    """Return the longest gap that samples of this density have without a pause."""
    return max(PAUSE_GAP_S, 4 * typical_gap_s(samples))


def active_s(samples: Sequence[TrackPoint]) -> float:
    """Return the seconds of the recording without its pauses."""
    limit = pause_gap_s(samples)
    total = 0.0
    for a, b in pairwise(samples):
        gap = b.at - a.at
        if b.after_pause:
            continue
        if gap <= limit or PAUSE_SPEED_MPS * gap <= (leg_m(a, b) or 0.0) <= FASTEST_MPS * gap:
            total += gap
    return total


def unpaused_s(samples: Sequence[TrackPoint]) -> float:
    """Return the seconds of the recording without the pauses that it marks itself."""
    return math.fsum(b.at - a.at for a, b in pairwise(samples) if not b.after_pause)


def moving_s(samples: Sequence[TrackPoint]) -> float:
    """Return the seconds in which the runner got ahead; a watch with an automatic pause counts only these."""
    legs = ((b.at - a.at, leg_m(a, b)) for a, b in pairwise(samples) if not b.after_pause)
    return math.fsum(gap for gap, leg in legs if leg is not None and leg >= STANDING_MPS * gap)


def counted_m(samples: Sequence[TrackPoint]) -> float | None:
    """Return the meters of the recorded distance; None without any.

    The steps that a runner can make are added up. This tolerates small corrections backward, a damaged value, a counter
    that starts again (laps, chained files) and one that continues from an earlier part of a multisport activity.
    """
    recorded = [sample for sample in samples if sample.distance_m is not None]
    if not recorded or max(sample.distance_m or 0.0 for sample in recorded) <= 0:
        return None
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


def standstill_s(samples: Sequence[TrackPoint]) -> float:
    """Return the seconds of the longest stretch in which the recorded distance did not change, pauses left out."""
    longest = stretch = 0.0
    for a, b in pairwise(samples):
        stands = a.distance_m == b.distance_m and not b.after_pause
        stretch = stretch + b.at - a.at if stands else 0.0
        longest = max(longest, stretch)
    return longest


def placed_m(samples: Sequence[TrackPoint]) -> float | None:
    """Return the meters between the positions, jumps left out; None with fewer than two positions."""
    placed = [sample for sample in samples if sample.lat is not None]
    if len(placed) < 2:
        return None
    legs = ((a, b, position_leg_m(a, b) or 0.0) for a, b in pairwise(placed) if not b.after_pause)
    return math.fsum(leg for a, b, leg in legs if leg <= FASTEST_MPS * (b.at - a.at))


def skipped_m(samples: Sequence[TrackPoint]) -> float:
    """Return the meters of jumps between positions that the track does not take back.

    A receiver without a signal repeats the last position, and then jumps to where the runner is by now.
    """
    placed = [sample for sample in samples if sample.lat is not None]
    total, jump = 0.0, None
    for a, b in pairwise(placed):
        leg = position_leg_m(a, b) or 0.0
        if b.after_pause or leg <= FASTEST_MPS * (b.at - a.at):
            continue
        if jump and b.at - jump.at <= JUMP_S and 2 * (position_leg_m(jump, b) or 0.0) < leg:
            total, jump = total - leg, None
            continue
        total, jump = total + leg, a
    return max(total, 0.0)


def anchored_m(samples: Sequence[TrackPoint]) -> float:
    """Return the meters between positions at least 10 m apart, so that those of someone standing add up to nothing."""
    total, anchor = 0.0, None
    for sample in samples:
        if sample.lat is None:
            continue
        if anchor is None or sample.after_pause:
            anchor = sample
            continue
        if sample.at - anchor.at < ANCHOR_S:
            continue
        leg = position_leg_m(anchor, sample) or 0.0
        if leg >= ANCHOR_M:
            total += leg if leg <= FASTEST_MPS * (sample.at - anchor.at) else 0.0
            anchor = sample
    return total


def placed_share(samples: Sequence[TrackPoint]) -> float:
    """Return the share of the recording, without its pauses, between its first and last position."""
    placed = [number for number, sample in enumerate(samples) if sample.lat is not None]
    whole_s = active_s(samples)
    return active_s(samples[placed[0] : placed[-1] + 1]) / whole_s if len(placed) > 1 and whole_s else 0.0


def integrated_m(samples: Sequence[TrackPoint]) -> float | None:
    """Return the meters of the recorded speed over time; None without any speed."""
    if not any(sample.speed_mps for sample in samples):
        return None
    limit = pause_gap_s(samples)
    return math.fsum(
        (b.speed_mps or 0.0) * (b.at - a.at)
        for a, b in pairwise(samples)
        if not b.after_pause and b.at - a.at <= limit
    )


def fast_share(samples: Sequence[TrackPoint]) -> float:
    """Return the share of the active time spent faster than any runner."""
    fast = math.fsum(
        b.at - a.at
        for a, b in pairwise(samples)
        if not b.after_pause and (leg_m(a, b) or 0.0) > FASTEST_MEAN_MPS * (b.at - a.at)
    )
    return fast / (active_s(samples) or 1.0)


def leg_m(a: TrackPoint, b: TrackPoint) -> float | None:
    """Return the meters between two samples: by the recorded distance, else by positions; None without either."""
    if a.distance_m is not None and b.distance_m is not None:
        return max(b.distance_m - a.distance_m, 0.0)
    return position_leg_m(a, b)


def position_leg_m(a: TrackPoint, b: TrackPoint) -> float | None:
    """Return the meters between two positions, as on a plane: exact to a millimeter for steps of a runner."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    east = b.lon - a.lon
    if abs(east) > 180:
        east -= math.copysign(360, east)
    # The mean latitude keeps the error small also over the gap of a tunnel.
    width = math.cos(math.radians((a.lat + b.lat) / 2))
    return METERS_PER_DEGREE * math.hypot(b.lat - a.lat, east * width)
