"""The judge of numbers that contradict each other, one for all formats. Pure: dates are arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.workouts.activity_files import track
from challenge.workouts.activity_files.cadence import SHORTEST_STEP_M, TrackCadence
from challenge.workouts.activity_files.doubts import METERS_PER_MILE, Doubt, DoubtKind, doubt
from challenge.workouts.activity_files.sports import NAMES
from challenge.workouts.activity_files.track import TrackPoint

ALIKE = 0.1  # two numbers of one fact agree within a tenth
FEW_MISSING = 0.02  # share of a run without positions that changes no number
LATE_START_S = 600.0  # a start so far from the recording belongs to another clock
NO_PACE_MPS = 0.1  # a counter this slow is in another unit, or does not move
PACES_MPS = (1.2, 7.0)  # of a run, to tell the unit of a counter
HIGHEST_USUAL_SPM = 210  # a median above belongs to a sprint, or was doubled once too often
LONGEST_USUAL_STEP_M = 1.9  # 180 steps a minute at 4:42 a mile
WALKING_MPS = 2.2  # the fastest pace of someone who never reaches a running cadence
SLOWEST_RUN_MPS = 1.55  # 17:18 a mile, without any cadence
RIDE_SHARE = 0.8  # of the fastest pace: there are more rides than runs of this speed
FEW_FAST = 0.05  # share of time at the speed of a ride; less are sprints and jumps of a position
LONG_BEFORE = timedelta(days=365)
WEEK_COUNT = timedelta(weeks=1024)  # the date in a GPS receiver starts again after so many weeks
SOON_BEFORE = timedelta(days=90)  # runs of so long before a cohort are imported for its first weeks
UNITS_M = (1000.0, METERS_PER_MILE, 0.3048)  # kilometers, miles, feet in a field that holds meters
# The fastest mean speed of a run of at least so many meters: about nine tenths of the world's records.
FASTEST_MPS = (
    (100_000, 4.2),
    (42_000, 5.3),
    (21_000, 5.6),
    (10_000, 5.8),
    (5_000, 6.0),
    (3_000, 6.2),
    (1_500, 6.6),
    (0, track.FASTEST_MEAN_MPS),
)


@dataclass(frozen=True, slots=True)
class Believed:
    """A total that is believed, None if unknown, and the doubt about it."""

    value: float | None
    doubt: Doubt | None = None
    counter_is_broken: bool = False


def sane(value: float | None, limit: float) -> float | None:
    """Return a plausible total, or None: a damaged total is ignored, and the samples decide."""
    return value if value and math.isfinite(value) and 0 < value <= limit else None


def alike(a: float, b: float) -> bool:
    """Return whether two numbers of one fact agree."""
    return abs(a - b) <= ALIKE * max(a, b)


def believed_time(
    samples: Sequence[TrackPoint], stated_s: float | None, recorded_s: float, *, incomplete: bool
) -> Believed:
    """Return the seconds without pauses; `recorded_s` is that of the samples, which win if no pause explains it."""
    if not stated_s or not recorded_s or alike(stated_s, recorded_s):
        return Believed(stated_s or recorded_s)
    span_s = samples[-1].at - samples[0].at
    if stated_s < recorded_s and stated_s >= (1 - ALIKE) * track.moving_s(samples):
        return Believed(stated_s)  # an automatic pause, while the watch went on recording
    unpaused_s = track.unpaused_s(samples)
    if recorded_s < stated_s and (stated_s <= unpaused_s or alike(stated_s, unpaused_s)):
        return Believed(stated_s)  # a gap between samples that was no pause
    if alike(stated_s, span_s):
        return Believed(recorded_s)  # a total that includes the pauses
    if incomplete and stated_s > span_s:
        return Believed(stated_s, doubt(DoubtKind.TIME_TOTAL_KEPT, other=recorded_s, believed=stated_s))
    return Believed(recorded_s, doubt(DoubtKind.TOTAL_TIME, other=stated_s, believed=recorded_s))


def believed_distance(
    samples: Sequence[TrackPoint], stated_m: float | None, *, seconds: float, incomplete: bool
) -> Believed:
    """Return the meters of a recording that took `seconds`; `stated_m` is the file's total."""
    counted_m = track.counted_m(samples)
    reference_m = _reference_m(samples, seconds)
    if counted_m is None:
        return _without_counter(samples, stated_m, reference_m, incomplete=incomplete)
    kind = _broken(samples, counted_m, [reference_m, stated_m], seconds)
    if kind is not None:
        return _without_count(samples, counted_m, stated_m, reference_m, kind, seconds)
    if stated_m and not alike(stated_m, counted_m):
        return _against_total(stated_m, counted_m, incomplete=incomplete)
    believed_m = stated_m or counted_m
    if reference_m is not None and not alike(counted_m, reference_m) and _is_all_placed(samples):
        return Believed(believed_m, doubt(DoubtKind.POSITIONS, other=reference_m, believed=believed_m))
    return Believed(believed_m)


def _reference_m(samples: Sequence[TrackPoint], seconds: float) -> float | None:
    """Return the meters by positions; by speed where they are few or, indoors, only wander; None without either."""
    if 2 * sum(sample.lat is not None for sample in samples) >= len(samples):
        placed_m = track.anchored_m(samples)
        if placed_m > track.STANDING_MPS * seconds:
            return placed_m
    return track.integrated_m(samples)


def _is_all_placed(samples: Sequence[TrackPoint]) -> bool:
    return track.placed_share(samples) >= 1 - ALIKE


def _broken(
    samples: Sequence[TrackPoint], counted_m: float, others: Sequence[float | None], seconds: float
) -> DoubtKind | None:
    """Return why the recorded distance cannot be believed: another unit, or it stops while others go on."""
    for other_m in others:
        if other_m and any(alike(unit_m * counted_m, other_m) for unit_m in UNITS_M):
            return DoubtKind.COUNTER_UNIT
        falls_short = other_m is not None and counted_m < (1 - ALIKE) * other_m
        if falls_short and track.standstill_s(samples) > ALIKE * seconds:
            return DoubtKind.COUNTER
    slow_m = NO_PACE_MPS * seconds
    all_slow = all(other_m is None or other_m < slow_m for other_m in others)
    # Only a total in the same wrong unit next to it, or nothing: a pace of no runner shows the unit.
    return DoubtKind.COUNTER_UNIT if all_slow and others[0] is None and counted_m < slow_m else None


def _without_count(
    samples: Sequence[TrackPoint],
    counted_m: float,
    stated_m: float | None,
    reference_m: float | None,
    kind: DoubtKind,
    seconds: float,
) -> Believed:
    """Return the distance where the recorded one is broken: by positions or speed, the total, or its likely unit."""
    if reference_m and stated_m and alike(reference_m, stated_m):
        # Two numbers agree against the broken one: there is nothing to ask.
        return Believed(stated_m, counter_is_broken=True)
    units_m = [unit_m * counted_m for unit_m in UNITS_M]
    likely_m = next((m for m in units_m if PACES_MPS[0] <= m / (seconds or 1) <= PACES_MPS[1]), None)
    measured_m = track.placed_m(samples) if track.placed_share(samples) and reference_m else reference_m
    stated_m = stated_m if stated_m and stated_m >= NO_PACE_MPS * seconds else None
    believed_m = measured_m or stated_m or likely_m
    if believed_m is None:
        return Believed(counted_m)
    return Believed(believed_m, doubt(kind, other=counted_m, believed=believed_m), counter_is_broken=True)


def _without_counter(
    samples: Sequence[TrackPoint], stated_m: float | None, reference_m: float | None, *, incomplete: bool
) -> Believed:
    """Return the distance of samples without a recorded one: by positions, by speed, or the total."""
    few = 2 * sum(sample.lat is not None for sample in samples) < len(samples)
    measured_m = reference_m if few else track.placed_m(samples)
    if not measured_m:
        return Believed(stated_m)
    share = 1.0 if few else track.placed_share(samples)
    skipped_m = 0.0 if few else track.skipped_m(samples)
    if not stated_m:
        part = share < 1 - FEW_MISSING or skipped_m > FEW_MISSING * measured_m
        return Believed(measured_m, doubt(DoubtKind.POSITIONS_PART, believed=measured_m) if part else None)
    whole_m = (measured_m + skipped_m) / share
    if alike(stated_m, whole_m):
        return Believed(stated_m)
    if reference_m is None:
        return Believed(stated_m, doubt(DoubtKind.DISTANCE_TOTAL_KEPT, other=measured_m, believed=stated_m))
    return _against_total(stated_m, measured_m, incomplete=incomplete)


def _against_total(stated_m: float, recorded_m: float, *, incomplete: bool) -> Believed:
    if incomplete and stated_m > recorded_m:
        # The samples are those that break off.
        return Believed(stated_m, doubt(DoubtKind.DISTANCE_TOTAL_KEPT, other=recorded_m, believed=stated_m))
    return Believed(recorded_m, doubt(DoubtKind.TOTAL_DISTANCE, other=stated_m, believed=recorded_m))


def cadence_doubts(cadence: TrackCadence, mean_mps: float) -> list[Doubt]:
    """Return what is doubtful about a running cadence: its height, its step, its feet."""
    spm = cadence.spm
    if spm is None:
        return []
    doubts = [doubt(DoubtKind.CADENCE_MIXED, believed=spm)] if cadence.mixed else []
    if spm > HIGHEST_USUAL_SPM:
        doubts.append(doubt(DoubtKind.CADENCE_HIGH, believed=spm))
    step_m = 60 * (cadence.mps or mean_mps) / spm
    if step_m and not SHORTEST_STEP_M <= step_m <= LONGEST_USUAL_STEP_M:
        doubts.append(doubt(DoubtKind.CADENCE_STEP, believed=spm, inches=round(step_m / 0.0254)))
    return doubts


def sport_doubt(sport: str | None, titled: str | None, *, is_other: bool) -> Doubt | None:
    """Return what is doubtful about a recording being a run, by its sport and the sport in its title."""
    named = NAMES.get(titled or "", titled)
    if is_other:
        return doubt(DoubtKind.SPORT_OTHER)
    if titled not in (None, "running"):
        return doubt(DoubtKind.TITLE_AGAINST if sport else DoubtKind.TITLE, sport=named)
    return None if sport or titled else doubt(DoubtKind.SPORT_UNKNOWN)


def believed_start(
    samples: Sequence[TrackPoint], stated: float | None, whole_s: float | None
) -> tuple[float | None, Doubt | None]:
    """Return the start in seconds since 1970; that of the samples if the file's own is of another clock.

    `whole_s` is the file's total: samples may begin late, once the receiver knows where it is.
    """
    if stated is None or not samples:
        return (samples[0].at if samples else stated), None
    apart_s = samples[0].at - stated
    begins_late = apart_s >= 0 and samples[-1].at - stated <= (whole_s or 0.0) + LATE_START_S
    if begins_late or abs(apart_s) <= LATE_START_S:
        return stated, None
    return samples[0].at, doubt(DoubtKind.START, other=abs(apart_s))


def pace_doubt(distance_m: float | None, seconds: float, cadence: TrackCadence) -> Doubt | None:
    """Return what is doubtful about a pace: a walk's, or faster than the fastest runners over the distance."""
    mps = (distance_m or 0.0) / seconds
    if distance_m and mps > fastest_mps(distance_m):
        return doubt(DoubtKind.FAST)
    if distance_m and cadence.spm is None and mps > RIDE_SHARE * fastest_mps(distance_m):
        return doubt(DoubtKind.RIDE_PACE)
    if cadence.recorded and cadence.spm is None and mps < WALKING_MPS:
        return doubt(DoubtKind.WALK)
    if distance_m and not cadence.recorded and mps < SLOWEST_RUN_MPS:
        return doubt(DoubtKind.SLOW)
    return None


def speed_doubt(samples: Sequence[TrackPoint]) -> Doubt | None:
    """Return a doubt if a part is too fast for a runner: its steps are taken for jumps, so distance is missing."""
    return doubt(DoubtKind.FAST_PARTS) if track.fast_share(samples) > FEW_FAST else None


def fastest_mps(distance_m: float) -> float:
    """Return the mean speed that hardly anyone runs faster over this distance."""
    return next(mps for at_least_m, mps in FASTEST_MPS if distance_m >= at_least_m)


def week_count_day(local_on: date, *, starts_on: date, today: date) -> date | None:
    """Return the day 1,024 weeks later if it falls into a cohort's time and the file's own day does not, else None."""
    later = local_on + WEEK_COUNT if local_on <= date.max - WEEK_COUNT else local_on
    return later if local_on < starts_on - LONG_BEFORE and starts_on - SOON_BEFORE <= later <= today else None


def day_doubt(local_on: date, *, starts_on: date, today: date) -> Doubt | None:
    """Return what is doubtful about a run's day, for a runner whose cohort starts on `starts_on`."""
    if local_on > today:
        return doubt(DoubtKind.FUTURE, day=_day(local_on))
    later = week_count_day(local_on, starts_on=starts_on, today=today)
    if later is not None:
        return doubt(DoubtKind.WEEK_COUNT, day=_day(local_on), later=_day(later))
    if local_on < starts_on - LONG_BEFORE:
        return doubt(DoubtKind.LONG_BEFORE, day=_day(local_on))
    return None


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
