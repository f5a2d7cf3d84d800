"""Several recordings of one outing: an app that stops at a light and goes on writes two tracks of one run."""

from __future__ import annotations

from challenge.workouts.activity_files.recording import Recording
from challenge.workouts.activity_files.track import is_pause

JOINED_GAP_S = 600.0


def join_outings(recordings: list[Recording]) -> list[Recording]:
    """Return recordings in order of time; those of the same sport less than ten minutes apart as one.

    Recordings that overlap stay apart, because they may be the same run twice; so do both runs of a duathlon, which
    have another recording between them.
    """
    if len(recordings) == 1:
        return recordings
    for recording in recordings:
        recording.samples.sort(key=lambda sample: sample.at)
    joined: list[Recording] = []
    for recording in sorted(recordings, key=lambda one: _begins(one) or 0.0):
        if joined and _is_same_outing(joined[-1], recording):
            _append(joined[-1], recording)
        else:
            joined.append(recording)
    return joined


def _begins(recording: Recording) -> float | None:
    return recording.samples[0].at if recording.samples else recording.started


def _is_same_outing(a: Recording, b: Recording) -> bool:
    if not a.samples or not b.samples:
        return False
    if (a.sport, a.is_other) != (b.sport, b.is_other):
        return False
    titled = {a.title_sport, b.title_sport}
    # "Morning run" and "Track 2" do not contradict each other.
    return (len(titled) == 1 or titled == {None, "running"}) and 0 <= b.samples[0].at - a.samples[
        -1
    ].at < JOINED_GAP_S


def _append(first: Recording, then: Recording) -> None:
    """Add the samples and the totals of `then`; a total that one of them lacks is left to the samples."""
    then.samples[0].after_pause = is_pause(first.samples, then.samples[0].at)
    # In place: a file may hold a track for every point.
    first.samples.extend(then.samples)
    first.distance_m = _sum(first.distance_m, then.distance_m)
    first.timer_s = _sum(first.timer_s, then.timer_s)
    first.elapsed_s = None
    first.average_cadence = first.average_cadence or then.average_cadence
    first.title_sport = first.title_sport or then.title_sport
    first.indoor = first.indoor if first.indoor == then.indoor else None
    first.incomplete = first.incomplete or then.incomplete
    first.some_times_unread = first.some_times_unread or then.some_times_unread
    first.clock_jumps = first.clock_jumps or then.clock_jumps
    first.tracks += then.tracks


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b
