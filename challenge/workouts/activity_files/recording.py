"""Sports by the words that files use for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from challenge.workouts.activity_files import track
from challenge.workouts.activity_files.result import BOTH_FEET, FileRun
from challenge.workouts.activity_files.track import TrackPoint

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
STRAVA_NUMBERS = {"9": "running", "1": "cycling", "10": "walking", "4": "hiking"}  # as it used to write them


def sport_of(text: str) -> str | None:
    """The sport behind an app's own word for it: `running`, another one, or None where the word says nothing.

    A word that we do not know is no reason to refuse: apps translate, and runners name their runs.
    """
    word = text.strip().lower()
    if word in STRAVA_NUMBERS:
        return STRAVA_NUMBERS[word]
    if any(running in word for running in RUNNING_WORDS):
        return "running"
    return next((sport for part, sport in OTHER_WORDS.items() if part in word), None)


def refusal_of(sport: str) -> str:
    """The sentence that refuses another sport by its name."""
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
    """A part that is no run; its text is the sentence for the runner."""


@dataclass(frozen=True, slots=True)
class RecordingSource:
    """Which file a part came from."""

    file_format: str
    name: str
    sha256: str


@dataclass(slots=True)
class Recording:
    """One recording as its file tells it. `sport` None: not said. Totals None: reckoned from the samples."""

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


def run_from_recording(part: Recording, source: RecordingSource) -> FileRun:
    """The run of a part. Raises NotARun for another sport, or too short, long, fast or timeless."""
    if part.sport not in (None, "running"):
        raise NotARun(refusal_of(str(part.sport)))
    samples = track.in_time_order(part.samples)
    started_at = _moment(part.started if part.started is not None else samples[0].at if samples else None)
    distance_m = _first_sane((part.distance_m,), FARTHEST_M) or track.distance_m(samples)
    duration_s = _first_sane((part.timer_s,), LONGEST_S) or track.active_s(samples)
    span_s = samples[-1].at - samples[0].at if samples else 0.0
    elapsed_s = max(_first_sane((part.elapsed_s,), 2 * LONGEST_S) or span_s, duration_s)
    _refuse_implausible(part, samples, distance_m, duration_s)
    cadence = track.track_cadence(samples, mean_mps=(distance_m or 0.0) / duration_s)
    warnings = part.warnings + _run_warnings(part, cadence, distance_m, duration_s)
    indoor = part.indoor if part.indoor is not None else all(sample.lat is None for sample in samples)
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
        source_device=part.device[:60],
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
    """The first value a run can have; a total beyond every run is a damaged one, and the samples decide."""
    return next((value for value in values if value and math.isfinite(value) and 0 < value <= limit), None)


def _refuse_implausible(
    part: Recording, samples: Sequence[TrackPoint], distance_m: float | None, duration_s: float
) -> None:
    mean_mps = (distance_m or 0) / (duration_s or 1.0)
    if part.sport is None and (mean_mps > track.FASTEST_MEAN_MPS or track.fast_share(samples) > 0.3):
        raise NotARun(A_RIDE)
    if duration_s < SHORTEST_S or (distance_m is not None and 0 < distance_m < SHORTEST_M):
        raise NotARun(TOO_SHORT_READABLE if part.incomplete else TOO_SHORT)
    if duration_s > LONGEST_S or (distance_m or 0) > FARTHEST_M:
        raise NotARun(TOO_LONG)


def _run_warnings(
    part: Recording, cadence: track.TrackCadence, distance_m: float | None, duration_s: float
) -> list[str]:
    doubts = []
    if part.incomplete:
        doubts.append(INCOMPLETE)
    if part.sport is None:
        doubts.append(NO_SPORT)
    if not distance_m:
        doubts.append(NO_DISTANCE)
    elif distance_m / duration_s > track.FASTEST_MEAN_MPS:
        doubts.append(TOO_FAST)
    if cadence.spm is None:
        doubts.append(_missing_cadence(part, cadence, (distance_m or 0.0) / duration_s))
    elif cadence.unit == BOTH_FEET:
        doubts.append(BOTH_FEET_COUNTED)
    return doubts


def _missing_cadence(part: Recording, cadence: track.TrackCadence, mean_mps: float) -> str:
    if cadence.recorded:
        return ONLY_WALKING
    if not part.average_cadence:
        return NO_CADENCE
    feet = 1 if track.counts_both_feet(part.average_cadence, mean_mps) else 2
    average = math.floor(feet * part.average_cadence + 0.5)
    if not 100 <= average <= track.HIGHEST_SPM:
        return NO_CADENCE
    return f"This file has only an average cadence, {average}, walking included. Please type it if it fits."
