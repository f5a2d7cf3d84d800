"""Apple Health exports: `export.zip` of an iPhone, read as a stream. See `health_scan` for what is taken out of it."""

from __future__ import annotations

import hashlib
import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from challenge.workouts.activity_files import archive
from challenge.workouts.activity_files.cadence import ONE_FOOT
from challenge.workouts.activity_files.health_scan import (
    LONGEST_STEP_RECORD_S,
    HealthScan,
    StepRecord,
    Workout,
)
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
from challenge.workouts.activity_files.zip_stream import PIECE, ZipStream

MOST_BYTES = 100_000_000  # of one export.zip; a gigabyte of measurements is packed to about 60 MB
MOST_RUNS = 200
WINDOW_S = (
    20  # long enough that a whole number of steps is the rate within 2%, short enough to see a walking break
)
FOLDER = b"apple_health_export/"
_ROOT = re.compile(rb"<!DOCTYPE HealthData\b|<HealthData[\s>]")

NO_DATA = "There is no health data in this export. Please make a new one in the Health app."
CUT = (
    "This export breaks off, so runs may be missing. Please make a new one in the Health app if you miss one."
)
CUT_EARLY = (
    "This export breaks off before its first run. Please make a new one in the Health app and send it again."
)
TWO_PEOPLE = "This export has the data of two people, so we imported nothing. Please send your own export."
NO_RUNS = "This export has no running workout since you joined, so there is nothing to import."
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
    if len({person for scan in scans for person in scan.people}) > 1 or len(scans) > 1:
        return FileResult(refusal=TWO_PEOPLE)
    if not scans:
        return FileResult(refusal=NO_DATA if is_whole else CUT_EARLY)
    scan = scans[0]
    is_whole = is_whole and scan.is_whole
    result = _result(scan, archive.display_name(name))
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
    for workout in workouts[-MOST_RUNS:]:
        try:
            runs.append(_run(workout, _records_of(workout, steps), name))
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
    first = bisect_left(records, workout.start - LONGEST_STEP_RECORD_S, key=lambda one: one.start)
    last = bisect_left(records, workout.end, key=lambda one: one.start)
    return [one for one in records[first:last] if one.end > workout.start]


def _run(workout: Workout, records: Sequence[StepRecord], name: str) -> FileRun:
    recording = Recording(
        sport="running",
        samples=_samples(workout, records),
        started=workout.start,
        distance_m=workout.distance_m,
        timer_s=workout.timer_s or _active_s(workout),
        elapsed_s=workout.end - workout.start,
        indoor=bool(workout.indoor),
        device=workout.source,
    )
    # The same workout has the same identity in the next export, which is another file.
    about = f"{workout.start} {workout.end} {workout.source} {workout.distance_m}"
    source = RecordingSource("health", name, hashlib.sha256(about.encode()).hexdigest())
    run = run_from_recording(recording, source)
    # Step counts are of both feet: that is neither a doubt nor to be doubled.
    warnings = tuple(warning for warning in run.warnings if warning != BOTH_FEET_COUNTED)
    if run.cadence_unit == ONE_FOOT:
        return replace(
            run, cadence_spm=None, running_s=0.0, cadence_raw=None, cadence_unit=None,
            warnings=(*warnings, ONLY_WALKING),
        )  # fmt: skip
    return replace(run, warnings=warnings)


def _active_s(workout: Workout) -> float:
    return workout.end - workout.start - sum(to - since for since, to in workout.pauses)


def _samples(workout: Workout, records: Sequence[StepRecord]) -> list[TrackPoint]:
    """Return a sample for each window of the workout, with the rate of its steps. Pauses have none.

    A watch writes a whole number of steps every few seconds, so that single records are too coarse for a rate.
    """
    length_s = min(workout.end - workout.start, 2 * 86_400.0)
    count = max(int(length_s // WINDOW_S), 1)
    steps, covered = [0.0] * count, [0.0] * count
    for one in records:
        _spread(one, workout.start, steps, covered)
    samples: list[TrackPoint] = []
    after_pause = False
    for number in range(count):
        middle = workout.start + (number + 0.5) * WINDOW_S
        if any(since <= middle < to for since, to in workout.pauses):
            after_pause = True
            continue
        rate = 60 * steps[number] / covered[number] if 2 * covered[number] >= WINDOW_S else None
        at = workout.start + number * WINDOW_S
        samples.append(TrackPoint(at, cadence=rate, after_pause=after_pause))
        after_pause = False
    return [*samples, TrackPoint(workout.end, after_pause=after_pause)]


def _spread(one: StepRecord, start: float, steps: list[float], covered: list[float]) -> None:
    """Share the steps of a record among the windows that it touches."""
    rate = one.steps / (one.end - one.start)
    first = max(int((one.start - start) // WINDOW_S), 0)
    last = min(int((one.end - start) // WINDOW_S), len(steps) - 1)
    for number in range(first, last + 1):
        begin = start + number * WINDOW_S
        inside = min(one.end, begin + WINDOW_S) - max(one.start, begin)
        if inside > 0:
            steps[number] += rate * inside
            covered[number] += inside
