"""GPX files: one recording for each track, split at gaps of hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from challenge.workouts.activity_files import xml_text
from challenge.workouts.activity_files.recording import NotARun, Recording
from challenge.workouts.activity_files.sports import sport_of, titled_sport
from challenge.workouts.activity_files.track import TrackPoint, goes_back, is_pause, split
from challenge.workouts.activity_files.xml_text import degrees, moment, number

YEAR_S = 365 * 86_400.0
APART_S = 6 * 3600.0  # a longer gap inside one track means two recordings
INDOOR_WORDS = ("treadmill", "indoor")

NO_TRACK = "This GPX file has no recorded track: it may be a planned route. Please choose a recorded run."
NO_TIMES = (
    "The track in this GPX file has no times, so it may be a planned route. Please choose a recorded run."
)


@dataclass(slots=True)
class _Track:
    """A track, or a route: some apps write what they recorded as one, with times."""

    is_track: bool
    sport: str = ""
    title: str = ""
    samples: list[TrackPoint] = field(default_factory=list)
    unread: int = 0


class _Tracks:
    def __init__(self) -> None:
        self.device = ""
        self.title = ""
        self.tracks: list[_Track] = []
        self.points = 0
        self.times = 0
        self._point: TrackPoint | None = None
        self._at: float | None = None
        self._after_pause = False

    def start(self, name: str, attributes: dict[str, str], path: list[str]) -> None:
        if name == "gpx":
            self.device = attributes.get("creator", "")[:60]
        elif name in ("trk", "rte"):
            self.tracks.append(_Track(is_track=name == "trk"))
        elif name == "trkseg":
            # A new segment begins wherever the recording was paused or lost its signal.
            self._after_pause = True
        elif name in ("trkpt", "rtept"):
            self.points += 1
            if self.points > xml_text.MOST_POINTS:
                raise xml_text.StopParsing
            self._at = None
            lat, lon = degrees(attributes.get("lat"), 90), degrees(attributes.get("lon"), 180)
            placed = lat is not None and lon is not None
            self._point = TrackPoint(0.0, lat=lat if placed else None, lon=lon if placed else None)

    def end(self, name: str, text: str, path: list[str]) -> None:
        if name in ("trkpt", "rtept"):
            self._keep()
        elif self._point is not None:
            self._value(name, text)
        elif name == "type" and path[-1:] == ["trk"] and self.tracks:
            self.tracks[-1].sport = self.tracks[-1].sport or text.lower()
        elif name == "name" and path[-1:] == ["trk"] and self.tracks:
            self.tracks[-1].title = text
        elif name == "name" and path[-1:] == ["metadata"]:
            self.title = text

    def _value(self, name: str, text: str) -> None:
        point = self._point
        if point is None:
            return
        if name == "time":
            self.times += 1
            self._at = moment(text)
        elif name in ("cad", "cadence", "RunCadence"):
            point.cadence = number(text, 1000)
        elif name == "speed":
            point.speed_mps = number(text, 100)

    def _keep(self) -> None:
        point, self._point = self._point, None
        if point is None or not self.tracks:
            return
        if self._at is None:
            self.tracks[-1].unread += 1
            return
        point.at = self._at
        samples = self.tracks[-1].samples
        point.after_pause = self._after_pause and is_pause(samples, point.at)
        self._after_pause = False
        samples.append(point)


def read_gpx(text: str) -> list[Recording]:
    """Return the recordings of a GPX document. Raise NotARun if none was recorded."""
    tracks = _Tracks()
    damaged = xml_text.walk(text, tracks.start, tracks.end)
    recorded = [track for track in tracks.tracks if track.samples]
    if not recorded:
        raise NotARun(_why_not(tracks))
    for track in recorded:
        track.title = track.title or tracks.title
    return [
        recording for track in recorded for recording in _recordings(track, tracks.device, damaged=damaged)
    ]


def _why_not(tracks: _Tracks) -> str:
    if tracks.times:
        return xml_text.UNREAD_TIMES
    return NO_TIMES if any(track.is_track and track.unread for track in tracks.tracks) else NO_TRACK


def _recordings(track: _Track, device: str, *, damaged: bool) -> list[Recording]:
    """Return one recording for each group of samples; they say so if the clock was set in the meantime."""
    groups = split(sorted(track.samples, key=lambda sample: sample.at), APART_S)
    clock_jumps = goes_back(track.samples) or any(b[0].at - a[-1].at > YEAR_S for a, b in pairwise(groups))
    recordings = [_recording(track, group, device, damaged) for group in groups]
    for recording in recordings:
        recording.clock_jumps = clock_jumps
    return recordings


def _recording(track: _Track, samples: list[TrackPoint], device: str, damaged: bool) -> Recording:
    return Recording(
        sport=sport_of(track.sport),
        samples=samples,
        indoor=True if any(word in track.sport for word in INDOOR_WORDS) else None,
        device=device,
        incomplete=damaged,
        title_sport=titled_sport(track.title),
        some_times_unread=xml_text.many_unread(track.unread, len(track.samples)),
    )
