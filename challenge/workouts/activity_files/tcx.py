"""TCX files: one recording for each activity, with the totals of its laps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from challenge.workouts.activity_files import xml_text
from challenge.workouts.activity_files.recording import NotARun, Recording
from challenge.workouts.activity_files.sports import sport_of, titled_sport
from challenge.workouts.activity_files.track import TrackPoint, goes_back, is_pause
from challenge.workouts.activity_files.xml_text import degrees, moment, number

NO_ACTIVITY = "This TCX file holds no recorded activity: it may be a planned workout or a course."
MOST_ACTIVITIES = 1000
OTHER = "other"  # TCX has a word for running, so this is the device's word for everything else
LONGEST_TITLE = 40  # longer notes are a diary, not a title


@dataclass(slots=True)
class _Lap:
    started: float | None
    timer_s: float | None = None
    distance_m: float | None = None


@dataclass(slots=True)
class _Activity:
    sport: str
    started: float | None = None
    device: str = ""
    title: str = ""
    unread: int = 0
    laps: list[_Lap] = field(default_factory=list)
    samples: list[TrackPoint] = field(default_factory=list)


class _Activities:
    def __init__(self) -> None:
        self.activities: list[_Activity] = []
        self.points = 0
        self._point: TrackPoint | None = None
        self._at: float | None = None
        self._new_track = False

    def start(self, name: str, attributes: dict[str, str], path: list[str]) -> None:
        if name == "Activity":
            if len(self.activities) >= MOST_ACTIVITIES:
                raise xml_text.StopParsing
            self.activities.append(_Activity(attributes.get("Sport", "")))
        elif name == "Lap" and self.activities:
            self.activities[-1].laps.append(_Lap(moment(attributes.get("StartTime", ""))))
        elif name == "Track":
            self._new_track = "Track" not in path[:-1]
        elif name == "Trackpoint":
            self.points += 1
            if self.points > xml_text.MOST_POINTS:
                raise xml_text.StopParsing
            self._point, self._at = TrackPoint(0.0), None

    def end(self, name: str, text: str, path: list[str]) -> None:
        if name == "Trackpoint":
            self._keep()
        elif self._point is not None:
            self._point_value(self._point, name, text)
        elif self.activities:
            self._activity_value(self.activities[-1], name, text, path[-1] if path else "")

    def _point_value(self, point: TrackPoint, name: str, text: str) -> None:
        if name == "Time":
            self._at = moment(text)
        elif name == "DistanceMeters":
            point.distance_m = number(text, 10_000_000)
        elif name == "Speed":
            point.speed_mps = number(text, 100)
        elif name == "RunCadence" or (name == "Cadence" and point.cadence is None):
            point.cadence = number(text, 1000)
        elif name == "LatitudeDegrees":
            point.lat = degrees(text, 90)
        elif name == "LongitudeDegrees":
            point.lon = degrees(text, 180)

    def _activity_value(self, activity: _Activity, name: str, text: str, parent: str) -> None:
        if parent == "Lap" and activity.laps:
            if name == "TotalTimeSeconds":
                activity.laps[-1].timer_s = number(text, 10_000_000)
            elif name == "DistanceMeters":
                activity.laps[-1].distance_m = number(text, 10_000_000)
        elif parent == "Activity" and name == "Id":
            activity.started = moment(text)
        elif parent == "Activity" and name == "Notes":
            activity.title = text if len(text) <= LONGEST_TITLE else ""
        elif parent == "Creator" and name == "Name":
            activity.device = text[:60]

    def _keep(self) -> None:
        point, self._point = self._point, None
        if point is None or not self.activities:
            return
        if self._at is None:
            self.activities[-1].unread += 1
            return
        point.at = self._at
        if point.lat is None or point.lon is None:
            # Half a position is damage.
            point.lat = point.lon = None
        samples = self.activities[-1].samples
        point.after_pause = self._new_track and is_pause(samples, point.at)
        self._new_track = False
        samples.append(point)


def read_tcx(text: str) -> list[Recording]:
    """Return the recordings of a TCX document, other sports included. Raise NotARun without any."""
    activities = _Activities()
    damaged = xml_text.walk(text, activities.start, activities.end)
    recorded = [activity for activity in activities.activities if activity.samples or activity.laps]
    if any(activity.unread for activity in recorded) and not any(activity.samples for activity in recorded):
        raise NotARun(xml_text.UNREAD_TIMES)
    if not recorded:
        raise NotARun(NO_ACTIVITY)
    return [_recording(activity, damaged) for activity in recorded]


def _recording(activity: _Activity, damaged: bool) -> Recording:
    starts = [lap.started for lap in activity.laps if lap.started is not None]
    return Recording(
        sport=sport_of(activity.sport),
        samples=activity.samples,
        started=min(starts) if starts else activity.started,
        distance_m=_total([lap.distance_m for lap in activity.laps]),
        timer_s=_total([lap.timer_s for lap in activity.laps]),
        device=activity.device,
        incomplete=damaged,
        title_sport=titled_sport(activity.title),
        is_other=activity.sport.strip().lower() == OTHER,
        clock_jumps=goes_back(activity.samples),
        some_times_unread=xml_text.many_unread(activity.unread, len(activity.samples)),
    )


def _total(values: list[float | None]) -> float | None:
    """Return the sum over the laps; None if a lap has no value, so that the samples decide."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known and len(known) == len(values) else None
