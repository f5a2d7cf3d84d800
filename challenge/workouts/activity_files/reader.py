"""The reader: from bytes to a `FileResult`, whatever kind of file they are.

An app that stops at a light and goes on writes two tracks of one run: such recordings are put together here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from challenge.workouts.activity_files import archive, xml_text
from challenge.workouts.activity_files.fit import read_fit
from challenge.workouts.activity_files.gpx import read_gpx
from challenge.workouts.activity_files.recording import (
    FileResult,
    FileRun,
    NotARun,
    Recording,
    RecordingSource,
    run_from_recording,
)
from challenge.workouts.activity_files.sports import titled_sport
from challenge.workouts.activity_files.tcx import read_tcx
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


MOST_RUNS = 200
MOST_WARNINGS = 20

EMPTY = "This file is empty. Please export it again from your watch or app."
TOO_BIG = f"This file is larger than {archive.MOST_BYTES // 1_000_000} MB, more than we take at once."
UNKNOWN = "This isn’t a FIT, TCX or GPX file, or a zip of them. Please export your run as one of these."
DOCUMENT_TYPE = "This file has something inside that GPX and TCX files never have, so we didn’t open it."
UNREADABLE = "We could not read this file. Please export it again, or type the run in by hand."
NONE_IN_ZIP = "None of the {count} files in this zip is a run that we can read."
SAME_START = "“{a}” and “{b}” start at the same time: they may be the same run."
SAME_START_S = 120.0
TWICE = "“{name}” is in the zip twice; we read it once."


def read(data: bytes, name: str) -> FileResult:
    """Return the runs in a FIT, TCX or GPX file or a zip of them. Never raises.

    The content decides the format; `name` is for display only. If no run can be imported, the result
    has a friendly refusal. Dates are not checked against the clock.
    """
    identity = hashlib.sha256(data).hexdigest()
    if not data:
        return FileResult(refusal=EMPTY, sha256=identity)
    if len(data) > archive.MOST_BYTES:
        return FileResult(refusal=TOO_BIG, sha256=identity)
    try:
        reading = _zip(data) if archive.is_zip(data) else _single(data, archive.display_name(name))
    except archive.BadArchive as refusal:
        reading = FileResult(refusal=str(refusal))
    except Exception:  # noqa: BLE001 - untrusted files: any damage becomes a sentence, never a crash
        reading = FileResult(refusal=UNREADABLE)
    return replace(reading, sha256=identity, warnings=reading.warnings[:MOST_WARNINGS])


def _zip(data: bytes) -> FileResult:
    """Return one result for all files in a zip. A file without a run becomes a warning, or the refusal if all are."""
    readings: list[tuple[str, FileResult]] = []
    seen: set[str] = set()
    members, whole = archive.members(data)
    warnings: list[str] = [] if whole else [archive.BROKEN_ZIP]
    for member in members:
        identity = hashlib.sha256(member.data).hexdigest()
        if member.refusal is None and identity in seen:
            warnings.append(TWICE.format(name=member.name))
            continue
        seen.add(identity)
        readings.append((member.name, _member(member)))
    runs = tuple(run for _, reading in readings for run in reading.runs)[:MOST_RUNS]
    if len(readings) == 1 and (not runs or not warnings):
        return readings[0][1]
    for name, reading in readings:
        sentences = (reading.refusal,) if reading.refusal else reading.warnings
        warnings.extend(f"“{name}”: {sentence}" for sentence in sentences)
    warnings.extend(_same_starts(runs))
    refusal = None if runs else NONE_IN_ZIP.format(count=len(readings))
    return FileResult(runs=runs, refusal=refusal, warnings=tuple(warnings))


def _same_starts(runs: Iterable[FileRun]) -> list[str]:
    """Return a sentence for each pair of files with runs within two minutes, perhaps of one run."""
    in_order = sorted(runs, key=lambda run: run.started_at)
    return [
        SAME_START.format(a=a.file_name, b=b.file_name)
        for a, b in pairwise(in_order)
        if a.file_sha256 != b.file_sha256 and (b.started_at - a.started_at).total_seconds() <= SAME_START_S
    ]


def _member(member: archive.Member) -> FileResult:
    if member.refusal is not None:
        return FileResult(refusal=member.refusal)
    if not member.data:
        return FileResult(refusal=EMPTY)
    try:
        return _single(member.data, member.name, member.broken_off)
    except archive.BadArchive as refusal:
        return FileResult(refusal=str(refusal))
    except Exception:  # noqa: BLE001 - one damaged file of a zip must not block the others
        return FileResult(refusal=UNREADABLE)


def _single(data: bytes, name: str, broken_off: bool = False) -> FileResult:
    """Return the result of one file that is not a zip."""
    identity = hashlib.sha256(data).hexdigest()
    if archive.is_gzip(data):
        data, cut_short = archive.gunzip(data)
        broken_off = broken_off or cut_short
    try:
        file_format, recordings = _recordings(data, name)
    except NotARun as reason:
        return FileResult(refusal=str(reason))
    named = titled_sport(name)
    for recording in recordings:
        recording.incomplete = recording.incomplete or broken_off
        # "run.gpx" reveals nothing about a run, but "Morning_Ride.gpx" hints at a ride.
        if recording.title_sport is None and named != "running":
            recording.title_sport = named
    return _runs(join_outings(recordings), RecordingSource(file_format, name, identity))


def _recordings(data: bytes, name: str) -> tuple[str, list[Recording]]:
    if not data:
        raise NotARun(EMPTY)
    if data[8:12] == b".FIT":
        return "fit", read_fit(data)
    text = xml_text.text_of(data)
    root = xml_text.root_of(text)
    # A saved login page has a document type too, but "unknown file" is the helpful refusal for it.
    if root != "html" and xml_text.is_markup(text) and xml_text.has_document_type(text):
        raise NotARun(DOCUMENT_TYPE)
    if root == "TrainingCenterDatabase":
        return "tcx", read_tcx(text)
    if root == "gpx":
        return "gpx", read_gpx(text)
    # A FIT file that lost its header has no other mark than its name.
    if name.lower().endswith((".fit", ".fit.gz")) and not xml_text.is_markup(text):
        return "fit", read_fit(data)
    raise NotARun(UNKNOWN)


def _runs(recordings: Iterable[Recording], source: RecordingSource) -> FileResult:
    runs: list[FileRun] = []
    reasons: list[str] = []
    for recording in recordings:
        try:
            runs.append(run_from_recording(recording, source))
        except NotARun as reason:
            # The changing zone of a multisport activity is not worth a warning.
            if recording.sport != "transition":
                reasons.append(str(reason))
    if runs:
        return FileResult(runs=tuple(runs[:MOST_RUNS]), warnings=tuple(dict.fromkeys(reasons)))
    return FileResult(refusal=reasons[0] if reasons else UNREADABLE)
