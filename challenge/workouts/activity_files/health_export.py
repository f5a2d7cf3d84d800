"""Apple Health exports: `export.zip` of an iPhone, read as a stream. See `health_scan` for what is taken out of it.

The rhythm of a workout comes out of step counts: samples with the rate of the steps, walking breaks and pauses seen.
"""

from __future__ import annotations

import hashlib
import math
import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from challenge.workouts.activity_files import archive
from challenge.workouts.activity_files.archive import PIECE, ZipStream
from challenge.workouts.activity_files.cadence import ONE_FOOT, RUNNING_SPM
from challenge.workouts.activity_files.doubts import DoubtKind, doubt
from challenge.workouts.activity_files.health_scan import (
    LONGEST_STEP_RECORD_S,
    HealthScan,
    StepRecord,
    Workout,
)
from challenge.workouts.activity_files.reader import join_outings
from challenge.workouts.activity_files.recording import (
    BOTH_FEET_COUNTED,
    ONLY_WALKING,
    FileResult,
    FileRun,
    NotARun,
    Recording,
    RecordingSource,
    run_from_recording,
)
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


MOST_BYTES = 100_000_000  # of one export.zip; a gigabyte of measurements is packed to about 60 MB
MOST_RUNS = 200
FOLDER = b"apple_health_export/"
_ROOT = re.compile(rb"<!DOCTYPE HealthData\b|<HealthData[\s>]")

NO_DATA = "There’s no health data in this export. Please make a new one in the Health app."
CUT = (
    "This export breaks off, so runs may be missing. Please make a new one in the Health app if you miss one."
)
CUT_EARLY = (
    "This export breaks off before its first run. Please make a new one in the Health app and send it again."
)
TWO_PEOPLE = "This export has the data of two people, so we imported nothing. Please send your own export."
NO_RUNS = "This export has no running workout since you joined, so there’s nothing to import."
TWO_EXPORTS = "There are two exports in this zip. We read the later one."
UNREAD_TIMES = "The workouts in this export have times we can’t read. Please type your runs in by hand."
SOME_UNREAD = "Some workouts in this export have times we can’t read, so runs may be missing."
MANY_RUNS = f"There are more than {MOST_RUNS} runs in this export. We show the newest {MOST_RUNS}."
TWO_APPS = "Two apps recorded the same run. We show each run once, from the app that counted steps."


def is_health_export(head: bytes) -> bool:
    """Return whether these are the first bytes of an Apple Health export: the zip, or the XML by itself."""
    if not archive.is_zip(head):
        return _ROOT.search(head[:4000]) is not None
    name = head[archive.LOCAL_HEADER : archive.LOCAL_HEADER + 200]
    if name.startswith(FOLDER):
        return True
    begin = archive.LOCAL_HEADER + sum(int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
    if _ROOT.search(head[begin : begin + 4000]):
        return True
    try:
        return _ROOT.search(zlib.decompressobj(-15).decompress(head[begin:], 4000)) is not None
    except zlib.error:
        return False


def read_health_export(
    head: bytes, read: Callable[[int], bytes], name: str, since: datetime | None
) -> FileResult:
    """Return the running workouts of an export that began at `since` or later; None: all.

    `head` is what was read already, `read` gives up to that many further bytes. Raises BadArchive.
    """
    since_s = since.timestamp() if since else 0.0
    scans, is_whole = _scans(head, read, since_s)
    if len({person for scan in scans for person in scan.people}) > 1:
        return FileResult(refusal=TWO_PEOPLE)
    if not scans:
        return FileResult(refusal=NO_DATA if is_whole else CUT_EARLY)
    # Two exports of one person: the steps of both must not be added up, and the later one has everything.
    scan = max(scans, key=lambda one: max((workout.start for workout in one.workouts), default=0.0))
    is_whole = is_whole and scan.is_whole
    result = _result(scan, archive.display_name(name))
    if len(scans) > 1 and result.runs:
        result = replace(result, warnings=(TWO_EXPORTS, *result.warnings))
    if scan.unread and not result.runs:
        return replace(result, refusal=UNREAD_TIMES)
    if scan.unread:
        result = replace(result, warnings=(SOME_UNREAD, *result.warnings))
    if is_whole:
        return result
    if result.refusal == NO_RUNS:
        return replace(result, refusal=CUT_EARLY)
    return replace(result, warnings=(CUT, *result.warnings))


def _scans(head: bytes, read: Callable[[int], bytes], since_s: float) -> tuple[list[HealthScan], bool]:
    if not archive.is_zip(head):
        return [_scan(head, iter(lambda: read(PIECE), b""), since_s)], True
    stream, scans = ZipStream(read, head), []
    for _, pieces in stream.files():
        first = next(pieces, b"")
        if _ROOT.search(first[:4000]):
            scans.append(_scan(first, pieces, since_s))
    return scans, stream.is_whole


def _scan(first: bytes, pieces: Iterable[bytes], since_s: float) -> HealthScan:
    scan = HealthScan(since_s)
    scan.feed(first)
    for piece in pieces:
        scan.feed(piece)
    scan.close()
    return scan


def _result(scan: HealthScan, name: str) -> FileResult:
    steps = {source: sorted(records, key=lambda one: one.start) for source, records in scan.steps.items()}
    workouts, repeated = _once(scan.workouts, steps)
    runs: list[FileRun] = []
    reasons: list[str] = [TWO_APPS] if repeated else []
    if len(workouts) > MOST_RUNS:
        reasons.append(MANY_RUNS)
        workouts = workouts[-MOST_RUNS:]
    records = [_records_of(workout, steps) for workout in workouts]
    coarse = {workout.start for workout, counted in zip(workouts, records, strict=True) if is_coarse(counted)}
    for recording in join_outings([_recording(*both) for both in zip(workouts, records, strict=True)]):
        first, last = recording.samples[0].at, recording.samples[-1].at
        parts = [workout for workout in workouts if first <= workout.start < last]
        try:
            runs.append(_run(recording, parts, any(one.start in coarse for one in parts), name))
        except NotARun as reason:
            reasons.append(str(reason))
    if not runs:
        return FileResult(refusal=reasons[-1] if reasons and workouts else NO_RUNS)
    return FileResult(runs=tuple(runs), warnings=tuple(dict.fromkeys(reasons)))


def _once(workouts: list[Workout], steps: dict[str, list[StepRecord]]) -> tuple[list[Workout], bool]:
    """Return the workouts by time, each run once, and whether one was left out.

    Two workouts that share most of their time are one run, recorded by two apps: the one whose app counted steps stays.
    """
    kept: list[Workout] = []
    for workout in sorted(workouts, key=lambda one: (one.start, one.source not in steps)):
        last = kept[-1] if kept else None
        shared = min(last.end, workout.end) - workout.start if last else 0.0
        if last is None or 2 * shared < min(last.end - last.start, workout.end - workout.start):
            kept.append(workout)
        elif last.source not in steps and workout.source in steps:
            kept[-1] = workout
    return kept, len(kept) < len(workouts)


def _records_of(workout: Workout, steps: dict[str, list[StepRecord]]) -> list[StepRecord]:
    """Return the step counts of one source: phone and watch count the same steps, and must not be added up.

    The workout's own source, unless another one covers more than twice as much of it.
    """
    found = {source: _inside(workout, records) for source, records in steps.items()}
    covered = {
        source: sum(min(one.end, workout.end) - max(one.start, workout.start) for one in records)
        for source, records in found.items()
    }
    if not covered:
        return []
    best = max(covered, key=lambda source: covered[source])
    own = workout.source
    return found[own] if 2 * covered.get(own, 0.0) >= covered[best] > 0 else found[best]


def _inside(workout: Workout, records: Sequence[StepRecord]) -> list[StepRecord]:
    return list(overlapping(records, workout.start, workout.end))


def _recording(workout: Workout, records: Sequence[StepRecord]) -> Recording:
    return Recording(
        sport="running",
        samples=step_samples(workout, records),
        started=workout.start,
        distance_m=workout.distance_m,
        timer_s=workout.timer_s or _active_s(workout),
        elapsed_s=workout.end - workout.start,
        indoor=bool(workout.indoor),
        device=workout.source,
    )


def _run(recording: Recording, parts: Sequence[Workout], coarse: bool, name: str) -> FileRun:
    """Return the run of the workouts of one outing; `coarse`: its steps were counted a minute or more at a time."""
    # The same workout has the same identity in the next export, which is another file.
    about = "; ".join(f"{one.start} {one.end} {one.source} {one.distance_m}" for one in parts)
    source = RecordingSource("health", name, hashlib.sha256(about.encode()).hexdigest())
    run = run_from_recording(recording, source)
    # Step counts are of both feet: that is neither a doubt nor to be doubled.
    warnings = tuple(warning for warning in run.warnings if warning != BOTH_FEET_COUNTED)
    if run.cadence_unit == ONE_FOOT:
        left_out = tuple(dict.fromkeys((*warnings, ONLY_WALKING)))
        return replace(
            run, cadence_spm=None, running_s=0.0, cadence_raw=None, cadence_unit=None, warnings=left_out
        )
    if coarse and run.cadence_spm is not None:
        hidden = doubt(DoubtKind.CADENCE_COARSE, believed=run.cadence_spm)
        return replace(run, doubts=(*run.doubts, hidden), warnings=(hidden.sentence, *warnings))
    return replace(run, warnings=warnings)


def _active_s(workout: Workout) -> float:
    return workout.end - workout.start - sum(to - since for since, to in workout.pauses)
