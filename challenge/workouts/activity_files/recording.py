"""Recordings of a file and the runs made of them: plausibility, doubts, warnings, and the result as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from challenge.workouts.activity_files import consistency, track
from challenge.workouts.activity_files.cadence import (
    BOTH_FEET,
    HIGHEST_SPM,
    TrackCadence,
    counts_both_feet,
    track_cadence,
)
from challenge.workouts.activity_files.doubts import OF_CADENCE, Answer, Doubt, DoubtKind, doubt
from challenge.workouts.activity_files.sports import refusal_of
from challenge.workouts.activity_files.track import TrackPoint

READER_VERSION = 2  # stored with each imported run; version 1 had no doubts
SHORTEST_S = 60.0
SHORTEST_M = 100.0
LONGEST_S = 48 * 3600.0
FARTHEST_M = 500_000.0

NO_CADENCE = (
    "There’s no cadence in this file. Type the average your watch shows, or count it on your next run."
)
ONLY_WALKING = "The cadence in this file never reaches a running rhythm, so we left it out. Please check it."
TOO_HIGH = "The cadence in this file is higher than anyone runs, so we left it out. Please type yours."
NO_DISTANCE = "There’s no distance in this file. Please type it in."
BOTH_FEET_COUNTED = "The cadence in this file already counts both feet, so we did not double it."
NO_TIME = "This file doesn’t say when it was recorded, so we can’t log it as a run."
TOO_SHORT = "This recording is too short to be a run, so there’s nothing to import."
TOO_SHORT_READABLE = "What we can read of this file is too short to be a run, so there’s nothing to import."
TOO_LONG = "This recording is longer than any run we can log (48 hours, 310 miles). Please split it."
A_RIDE = "This moves faster than anyone runs: it looks like a ride, so we imported nothing."


class NotARun(Exception):
    """The recording is not a run; the message is for the runner."""


@dataclass(frozen=True, slots=True)
class FileRun:
    """One run of a file. Dates are not checked against the clock: that is the caller's task.

    `distance_m` is whole meters, None if the file gives no way to know it. `duration_s` is the timer's
    time, without pauses; `elapsed_s` includes them. `cadence_spm` counts both feet and is the time-weighted
    median of the running samples alone; `running_s` is how long these lasted; `cadence_raw` is the
    same median as the file writes it, in `cadence_unit` (`one_foot`, `both_feet`). `doubts` are what disagrees
    in the file; their sentences are among the warnings.
    """

    started_at: datetime
    distance_m: int | None
    duration_s: float
    elapsed_s: float
    cadence_spm: int | None
    running_s: float
    cadence_raw: float | None
    cadence_unit: str | None
    indoor: bool
    file_format: str
    source_device: str
    file_name: str
    file_sha256: str
    warnings: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    reader_version: int = 1  # a result that version 1 stored does not say so

    @property
    def cadence_is_doubtful(self) -> bool:
        """Return whether the cadence should not be used before someone has checked it."""
        return any(one.kind in OF_CADENCE or one.answer is Answer.LEAVE_OUT for one in self.doubts)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the warnings that are not doubts."""
        sentences = {one.sentence for one in self.doubts}
        return tuple(warning for warning in self.warnings if warning not in sentences)

    def to_json(self) -> dict[str, Any]:
        """Return values for JSON; `started_at` in ISO 8601 with its offset."""
        return asdict(self) | {
            "started_at": self.started_at.isoformat(),
            "warnings": list(self.warnings),
            "doubts": [one.to_json() for one in self.doubts],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileRun:
        """Return the run that `to_json` wrote. Raise KeyError, TypeError or ValueError on anything else."""
        started_at = datetime.fromisoformat(values["started_at"])
        if started_at.tzinfo is None:
            raise ValueError("a run starts at a moment with a zone")
        doubts = tuple(Doubt.from_json(one) for one in values.get("doubts", ()))
        return cls(
            **values | {"started_at": started_at, "warnings": tuple(values["warnings"]), "doubts": doubts}
        )


@dataclass(frozen=True, slots=True)
class FileResult:
    """The runs of one upload, or a refusal: the sentence for the runner if there is no run.

    `warnings` are about the upload (recordings and files that were skipped); each run has its own. `sha256` is
    the hash of the upload; for a file inside a zip `FileRun.file_sha256` is the hash of that file.
    """

    runs: tuple[FileRun, ...] = ()
    refusal: str | None = None
    warnings: tuple[str, ...] = ()
    sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return values for JSON."""
        return {
            "runs": [run.to_json() for run in self.runs],
            "refusal": self.refusal,
            "warnings": list(self.warnings),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileResult:
        """Return the result that `to_json` wrote. Raise KeyError, TypeError or ValueError on anything else."""
        return cls(
            runs=tuple(FileRun.from_json(run) for run in values["runs"]),
            refusal=values["refusal"],
            warnings=tuple(values["warnings"]),
            sha256=values["sha256"],
        )


@dataclass(frozen=True, slots=True)
class RecordingSource:
    """The file that a recording came from."""

    file_format: str
    name: str
    sha256: str


@dataclass(slots=True)
class Recording:
    """One recording as its file has it. `sport` None: unknown. Totals None: computed from the samples.

    `title_sport` is the sport that a title speaks of; `is_other` is true if the file names a sport unknown to itself.
    `tracks` is how many tracks of one outing were joined.
    """

    sport: str | None
    samples: list[TrackPoint] = field(default_factory=list)
    started: float | None = None
    distance_m: float | None = None
    timer_s: float | None = None
    elapsed_s: float | None = None
    indoor: bool | None = None
    average_cadence: float | None = None
    device: str = ""
    incomplete: bool = False
    title_sport: str | None = None
    is_other: bool = False
    some_times_unread: bool = False
    clock_jumps: bool = False
    tracks: int = 1

    @property
    def loses_samples(self) -> bool:
        return self.incomplete or self.some_times_unread


def run_from_recording(recording: Recording, source: RecordingSource) -> FileRun:
    """Return the run of a recording. Raise NotARun for another sport, or if too short, long, fast or without a time."""
    if recording.sport not in (None, "running"):
        raise NotARun(refusal_of(str(recording.sport)))
    samples = track.in_time_order(recording.samples)
    whole_s = consistency.sane(recording.elapsed_s, 2 * LONGEST_S) or consistency.sane(
        recording.timer_s, LONGEST_S
    )
    started, start_doubt = consistency.believed_start(samples, recording.started, whole_s)
    started_at = _moment(started)
    time, distance = _believed(recording, samples)
    duration_s, distance_m = time.value or 0.0, distance.value
    span_s = samples[-1].at - samples[0].at if samples else 0.0
    elapsed_s = max(consistency.sane(recording.elapsed_s, 2 * LONGEST_S) or span_s, duration_s)
    _refuse_implausible(recording, samples, distance_m, duration_s)
    cadence = track_cadence(samples, mean_mps=(distance_m or 0.0) / duration_s)
    doubts = (*_doubts(recording, samples, cadence, time, distance), *((start_doubt,) if start_doubt else ()))
    notes = _notes(recording, cadence, distance_m, duration_s)
    indoor = (
        recording.indoor if recording.indoor is not None else all(sample.lat is None for sample in samples)
    )
    return FileRun(
        started_at=started_at,
        distance_m=round(distance_m) if distance_m else None,
        duration_s=round(duration_s, 1),
        elapsed_s=round(elapsed_s, 1),
        cadence_spm=cadence.spm,
        running_s=cadence.running_s,
        cadence_raw=cadence.raw,
        cadence_unit=cadence.unit,
        indoor=indoor,
        file_format=source.file_format,
        source_device=recording.device[:60],
        file_name=source.name,
        file_sha256=source.sha256,
        warnings=(*(one.sentence for one in doubts), *notes),
        doubts=doubts,
        reader_version=READER_VERSION,
    )


def _believed(
    recording: Recording, samples: Sequence[TrackPoint]
) -> tuple[consistency.Believed, consistency.Believed]:
    """Return the time and the distance; a recorded distance that is broken is taken out of the samples."""
    incomplete = recording.loses_samples
    recorded_s = track.active_s(samples)
    stated_m, stated_s = (
        consistency.sane(recording.distance_m, FARTHEST_M),
        consistency.sane(recording.timer_s, LONGEST_S),
    )
    distance = consistency.believed_distance(
        samples, stated_m, seconds=recorded_s or stated_s or 0.0, incomplete=incomplete
    )
    if distance.counter_is_broken:
        # Otherwise it would also decide about pauses and the length of a step.
        for sample in samples:
            sample.distance_m = None
        recorded_s = track.active_s(samples)
    return consistency.believed_time(samples, stated_s, recorded_s, incomplete=incomplete), distance


def _doubts(
    recording: Recording,
    samples: Sequence[TrackPoint],
    cadence: TrackCadence,
    time: consistency.Believed,
    distance: consistency.Believed,
) -> tuple[Doubt, ...]:
    seconds = time.value or 1.0
    left_out = track.strays_share(recording.samples, samples) > consistency.FEW_MISSING
    doubts = [
        doubt(DoubtKind.INCOMPLETE) if recording.incomplete else None,
        doubt(DoubtKind.SOME_TIMES) if recording.some_times_unread else None,
        doubt(DoubtKind.CLOCK) if recording.clock_jumps or left_out else None,
        doubt(DoubtKind.JOINED, count=recording.tracks) if recording.tracks > 1 else None,
        consistency.sport_doubt(recording.sport, recording.title_sport, is_other=recording.is_other),
        consistency.pace_doubt(distance.value, seconds, cadence) or consistency.speed_doubt(samples),
        distance.doubt,
        time.doubt,
        *consistency.cadence_doubts(cadence, (distance.value or 0.0) / seconds),
    ]
    return tuple(one for one in doubts if one is not None)


def _moment(seconds: float | None) -> datetime:
    if seconds is None:
        raise NotARun(NO_TIME)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotARun(NO_TIME) from None


def _refuse_implausible(
    recording: Recording, samples: Sequence[TrackPoint], distance_m: float | None, duration_s: float
) -> None:
    mean_mps = (distance_m or 0) / (duration_s or 1.0)
    if recording.sport is None and (mean_mps > track.FASTEST_MEAN_MPS or track.fast_share(samples) > 0.3):
        raise NotARun(A_RIDE)
    if duration_s < SHORTEST_S or (distance_m is not None and 0 < distance_m < SHORTEST_M):
        raise NotARun(TOO_SHORT_READABLE if recording.loses_samples else TOO_SHORT)
    if duration_s > LONGEST_S or (distance_m or 0) > FARTHEST_M:
        raise NotARun(TOO_LONG)


def _notes(
    recording: Recording, cadence: TrackCadence, distance_m: float | None, duration_s: float
) -> list[str]:
    notes = [] if distance_m else [NO_DISTANCE]
    if cadence.spm is None:
        notes.append(_missing_cadence(recording, cadence, (distance_m or 0.0) / duration_s))
    elif cadence.unit == BOTH_FEET:
        notes.append(BOTH_FEET_COUNTED)
    return notes


def _missing_cadence(recording: Recording, cadence: TrackCadence, mean_mps: float) -> str:
    if cadence.too_high:
        return TOO_HIGH
    if cadence.recorded:
        return ONLY_WALKING
    if not recording.average_cadence:
        return NO_CADENCE
    feet = 1 if counts_both_feet(recording.average_cadence, mean_mps) else 2
    average = math.floor(feet * recording.average_cadence + 0.5)
    if not 100 <= average <= HIGHEST_SPM:
        return NO_CADENCE
    return f"This file has only an average cadence, {average}, walking included. Please type it if it fits."
