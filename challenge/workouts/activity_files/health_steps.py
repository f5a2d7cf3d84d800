"""The rhythm of a workout out of step counts: samples with the rate of the steps, walking breaks and pauses seen."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

from challenge.workouts.activity_files.cadence import RUNNING_SPM
from challenge.workouts.activity_files.health_scan import LONGEST_STEP_RECORD_S, StepRecord, Workout
from challenge.workouts.activity_files.track import TrackPoint

WINDOW_S = 10.0  # short enough for a walking break of half a minute; a step more or less is 6 a minute
SMOOTHED = 2  # neighbors on either side of a window whose mean is its rate
LONGEST_S = 2 * 86_400.0
COARSE_S = 45.0  # a count over a longer time may hide a walking break


def overlapping(records: Sequence[StepRecord], begin: float, end: float) -> Iterator[StepRecord]:
    """Yield the records, in order of their starts, that share time with begin to end."""
    first = bisect_left(records, begin - LONGEST_STEP_RECORD_S, key=lambda one: one.start)
    last = bisect_left(records, end, key=lambda one: one.start)
    return (one for one in records[first:last] if one.end > begin)


def is_coarse(records: Sequence[StepRecord]) -> bool:
    """Return whether most of the time was counted in stretches too long to show a walking break."""
    whole_s = math.fsum(one.end - one.start for one in records)
    return 2 * math.fsum(one.end - one.start for one in records if one.end - one.start > COARSE_S) > whole_s


def step_samples(workout: Workout, records: Sequence[StepRecord]) -> list[TrackPoint]:
    """Return a sample for each window of the workout, with the rate of its steps. Pauses have none."""
    samples: list[TrackPoint] = []
    since = workout.start
    last = min(workout.end, workout.start + LONGEST_S)
    for pause, resumed in [*workout.pauses, (last, last)]:
        until = min(pause, last)
        if until > since:
            part = _part(since, until, records)
            part[0].after_pause = bool(samples)
            samples += part
        since = max(since, resumed)
    return samples or [TrackPoint(workout.start), TrackPoint(workout.end)]


def _part(since: float, until: float, records: Sequence[StepRecord]) -> list[TrackPoint]:
    """Return the samples of a part without pauses; its last window takes what is left over."""
    count = max(int((until - since) // WINDOW_S), 1)
    edges = [*(since + number * WINDOW_S for number in range(count)), until]
    steps, covered = [0.0] * count, [0.0] * count
    for one in overlapping(records, since, until):
        rate = one.steps / (one.end - one.start)
        first = min(max(int((one.start - since) // WINDOW_S), 0), count - 1)
        last = min(int((one.end - since) // WINDOW_S), count - 1)
        for number in range(first, last + 1):
            inside = min(one.end, edges[number + 1]) - max(one.start, edges[number])
            if inside > 0:
                steps[number] += rate * inside
                covered[number] += inside
    rates = [
        60 * steps[number] / covered[number]
        if 2 * covered[number] >= edges[number + 1] - edges[number]
        else None
        for number in range(count)
    ]
    return [
        *(TrackPoint(at, cadence=rate) for at, rate in zip(edges[:-1], _smoothed(rates), strict=True)),
        TrackPoint(until),
    ]


def _smoothed(rates: Sequence[float | None]) -> list[float | None]:
    """Return the rates; those of a stretch of running as means of neighbors, without the windows at its ends.

    There, half of a window is walking. A mean of neighbors is needed because a window has a whole number of steps.
    """
    smoothed: list[float | None] = []
    for is_running, stretch in groupby(rates, key=lambda rate: rate is not None and rate >= RUNNING_SPM):
        values = list(stretch)
        if is_running:
            running = [rate for rate in values if rate is not None]
            inner = running[1:-1] or running
            for number in range(len(running)):
                middle = min(max(number - 1, 0), len(inner) - 1) if len(running) > 2 else number
                near = inner[max(middle - SMOOTHED, 0) : middle + SMOOTHED + 1]
                smoothed.append(math.fsum(near) / len(near))
        else:
            smoothed += values
    return smoothed
