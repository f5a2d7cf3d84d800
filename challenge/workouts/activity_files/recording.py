"""Recordings of a file and the runs made of them: sports, plausibility, warnings, and the result as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from challenge.workouts.activity_files import track
from challenge.workouts.activity_files.track import BOTH_FEET, TrackPoint

RUNNING_WORDS = ("run", "jog", "treadmill", "parkrun")
OTHER_WORDS = {
    "walk": "walking",
    "hik": "hiking",
    "cycl": "cycling",
    "bik": "cycling",
    "ride": "cycling",
    "swim": "swimming",
    "rowing": "rowing",
    "ski": "skiing",
    "skat": "skating",
    "driv": "driving",
    "paddl": "paddling",
    "kayak": "kayaking",
    "yoga": "yoga",
    "strength": "strength training",
}
NAMES = {
    "walking": "a walk",
    "hiking": "a hike",
    "cycling": "a bike ride",
    "e_biking": "a bike ride",
    "swimming": "a swim",
    "rowing": "a row",
    "driving": "a drive",
    "skiing": "a ski tour",
    "cross_country_skiing": "a ski tour",
    "training": "a training session",
    "fitness_equipment": "a gym session",
}
# Older exports of Strava write a number for the sport.
STRAVA_NUMBERS = {
    "9": "running",
    "1": "cycling",
    "10": "walking",
    "4": "hiking",
}


def sport_of(text: str) -> str | None:
    """Return the sport behind an app's word for it: `running`, another sport, or None for an unknown word.

    An unknown word is no reason to refuse: apps translate their sports, and runners name their runs.
    """
    word = text.strip().lower()
    if word in STRAVA_NUMBERS:
        return STRAVA_NUMBERS[word]
    if any(running in word for running in RUNNING_WORDS):
        return "running"
    return next((sport for known, sport in OTHER_WORDS.items() if known in word), None)


def refusal_of(sport: str) -> str:
    """Return the sentence that refuses another sport, with its name."""
    name = NAMES.get(sport.lower())
    if name:
        return f"This is {name}, not a run, so we imported nothing."
    if not sport.isprintable() or sport.isdigit():
        return "This is recorded as another sport, not as a run, so we imported nothing."
    return f"This is recorded as “{sport.replace('_', ' ')[:40]}”, not as a run, so we imported nothing."


SHORTEST_S = 60.0
SHORTEST_M = 100.0
LONGEST_S = 48 * 3600.0
FARTHEST_M = 500_000.0

INCOMPLETE = (
    "The file breaks off or is damaged, so parts of this run may be missing. Please check the numbers."
)
NO_CADENCE = (
    "There is no cadence in this file. Type the average your watch shows, or count it on your next run."
)
ONLY_WALKING = "The cadence in this file never reaches a running rhythm, so we left it out. Please check it."
NO_DISTANCE = "There is no distance in this file. Please type it in."
NO_SPORT = "The file does not say which sport this was. Please check that it was a run."
TOO_FAST = "This is faster than anybody runs. Please check the distance and the time."
BOTH_FEET_COUNTED = "The cadence in this file already counts both feet, so we did not double it."
NO_TIME = "This file does not say when it was recorded, so we cannot log it as a run."
TOO_SHORT = "This recording is too short to be a run, so there is nothing to import."
TOO_SHORT_READABLE = "What can be read of this file is too short to be a run, so there is nothing to import."
TOO_LONG = "This recording is longer than any run we can log (48 hours, 310 miles). Please split it."
A_RIDE = "This moves faster than anybody runs: it looks like a ride, so we imported nothing."


class NotARun(Exception):
    """The recording is not a run; the message is for the runner."""


@dataclass(frozen=True, slots=True)
class FileRun:
    """One run of a file. Dates are not checked against the clock: that is the caller's task.

    `distance_m` is whole meters, None if the file gives no way to know it. `duration_s` is the timer's
    time, without pauses; `elapsed_s` includes them. `cadence_spm` counts both feet and is the time-weighted
    median of the running samples alone; `running_s` is how long these lasted; `cadence_raw` is the
    same median as the file writes it, in `cadence_unit` (`one_foot`, `both_feet`).
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

    def to_json(self) -> dict[str, Any]:
        """Return values for JSON; `started_at` in ISO 8601 with its offset."""
        return asdict(self) | {"started_at": self.started_at.isoformat(), "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FileRun:
        """Return the run that `to_json` wrote. Raise KeyError, TypeError or ValueError on anything else."""
        started_at = datetime.fromisoformat(values["started_at"])
        if started_at.tzinfo is None:
            raise ValueError("a run starts at a moment with a zone")
        return cls(**values | {"started_at": started_at, "warnings": tuple(values["warnings"])})


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
    """One recording as its file has it. `sport` None: unknown. Totals None: computed from the samples."""

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
    warnings: list[str] = field(default_factory=list)


def run_from_recording(recording: Recording, source: RecordingSource) -> FileRun:
    """Return the run of a recording. Raise NotARun for another sport, or if too short, long, fast or without a time."""
    if recording.sport not in (None, "running"):
        raise NotARun(refusal_of(str(recording.sport)))
    samples = track.in_time_order(recording.samples)
    started_at = _moment(
        recording.started if recording.started is not None else samples[0].at if samples else None
    )
    distance_m = _first_sane((recording.distance_m,), FARTHEST_M) or track.distance_m(samples)
    duration_s = _first_sane((recording.timer_s,), LONGEST_S) or track.active_s(samples)
    span_s = samples[-1].at - samples[0].at if samples else 0.0
    elapsed_s = max(_first_sane((recording.elapsed_s,), 2 * LONGEST_S) or span_s, duration_s)
    _refuse_implausible(recording, samples, distance_m, duration_s)
    cadence = track.track_cadence(samples, mean_mps=(distance_m or 0.0) / duration_s)
    warnings = recording.warnings + _run_warnings(recording, cadence, distance_m, duration_s)
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
        warnings=tuple(warnings),
    )


def _moment(seconds: float | None) -> datetime:
    if seconds is None:
        raise NotARun(NO_TIME)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotARun(NO_TIME) from None


def _first_sane(values: Sequence[float | None], limit: float) -> float | None:
    """Return the first plausible total, or None: a damaged total is ignored, and the samples decide."""
    return next((value for value in values if value and math.isfinite(value) and 0 < value <= limit), None)


def _refuse_implausible(
    recording: Recording, samples: Sequence[TrackPoint], distance_m: float | None, duration_s: float
) -> None:
    mean_mps = (distance_m or 0) / (duration_s or 1.0)
    if recording.sport is None and (mean_mps > track.FASTEST_MEAN_MPS or track.fast_share(samples) > 0.3):
        raise NotARun(A_RIDE)
    if duration_s < SHORTEST_S or (distance_m is not None and 0 < distance_m < SHORTEST_M):
        raise NotARun(TOO_SHORT_READABLE if recording.incomplete else TOO_SHORT)
    if duration_s > LONGEST_S or (distance_m or 0) > FARTHEST_M:
        raise NotARun(TOO_LONG)


def _run_warnings(
    recording: Recording, cadence: track.TrackCadence, distance_m: float | None, duration_s: float
) -> list[str]:
    doubts = []
    if recording.incomplete:
        doubts.append(INCOMPLETE)
    if recording.sport is None:
        doubts.append(NO_SPORT)
    if not distance_m:
        doubts.append(NO_DISTANCE)
    elif distance_m / duration_s > track.FASTEST_MEAN_MPS:
        doubts.append(TOO_FAST)
    if cadence.spm is None:
        doubts.append(_missing_cadence(recording, cadence, (distance_m or 0.0) / duration_s))
    elif cadence.unit == BOTH_FEET:
        doubts.append(BOTH_FEET_COUNTED)
    return doubts


def _missing_cadence(recording: Recording, cadence: track.TrackCadence, mean_mps: float) -> str:
    if cadence.recorded:
        return ONLY_WALKING
    if not recording.average_cadence:
        return NO_CADENCE
    feet = 1 if track.counts_both_feet(recording.average_cadence, mean_mps) else 2
    average = math.floor(feet * recording.average_cadence + 0.5)
    if not 100 <= average <= track.HIGHEST_SPM:
        return NO_CADENCE
    return f"This file has only an average cadence, {average}, walking included. Please type it if it fits."
