"""GPX files: one recording for each track, split at gaps of hours."""

from __future__ import annotations

from challenge.workouts.activity_files import xml_text
from challenge.workouts.activity_files.recording import NotARun, Recording, sport_of
from challenge.workouts.activity_files.track import TrackPoint, split
from challenge.workouts.activity_files.xml_text import degrees, moment, number

APART_S = 6 * 3600.0  # a longer gap inside one track means two recordings
INDOOR_WORDS = ("treadmill", "indoor")

NO_TRACK = "This GPX file has no recorded track: it may be a planned route. Please choose a recorded run."
NO_TIMES = (
    "The track in this GPX file has no times, so it may be a planned route. Please choose a recorded run."
)


class _Tracks:
    def __init__(self) -> None:
        self.device = ""
        self.tracks: list[tuple[list[str], list[TrackPoint]]] = []
        self.points = 0
        self._point: TrackPoint | None = None
        self._at: float | None = None
        self._after_pause = False

    def start(self, name: str, attributes: dict[str, str], path: list[str]) -> None:
        if name == "gpx":
            self.device = attributes.get("creator", "")[:60]
        elif name == "trk":
            self.tracks.append(([], []))
        elif name == "trkseg":
            # A new segment begins wherever the recording was paused or lost its signal.
            self._after_pause = True
        elif name == "trkpt":
            self.points += 1
            if self.points > xml_text.MOST_POINTS:
                raise xml_text.StopParsing
            self._at = None
            lat, lon = degrees(attributes.get("lat"), 90), degrees(attributes.get("lon"), 180)
            placed = lat is not None and lon is not None
            self._point = TrackPoint(0.0, lat=lat if placed else None, lon=lon if placed else None)

    def end(self, name: str, text: str, path: list[str]) -> None:
        if name == "trkpt":
            self._keep()
        elif self._point is not None:
            self._value(name, text)
        elif name == "type" and path[-1:] == ["trk"] and self.tracks:
            self.tracks[-1][0].append(text.lower())

    def _value(self, name: str, text: str) -> None:
        point = self._point
        if point is None:
            return
        if name == "time":
            self._at = moment(text)
        elif name in ("cad", "cadence", "RunCadence"):
            point.cadence = number(text, 300)
        elif name == "speed":
            point.speed_mps = number(text, 100)

    def _keep(self) -> None:
        if self._point is not None and self._at is not None and self.tracks:
            self._point.at = self._at
            samples = self.tracks[-1][1]
            self._point.after_pause = self._after_pause and bool(samples)
            self._after_pause = False
            samples.append(self._point)
        self._point = None


def read_gpx(text: str) -> list[Recording]:
    """Return the recordings of a GPX document. Raise NotARun if none was recorded."""
    tracks = _Tracks()
    damaged = xml_text.walk(text, tracks.start, tracks.end)
    if not tracks.points:
        raise NotARun(NO_TRACK)
    recordings = [
        _recording(types, group, tracks.device, damaged)
        for types, samples in tracks.tracks
        for group in split(sorted(samples, key=lambda sample: sample.at), APART_S)
    ]
    if not recordings:
        raise NotARun(NO_TIMES)
    return recordings


def _recording(types: list[str], samples: list[TrackPoint], device: str, damaged: bool) -> Recording:
    sport = types[0] if types else ""
    indoor = True if any(word in sport for word in INDOOR_WORDS) else None
    return Recording(sport=sport_of(sport), samples=samples, indoor=indoor, device=device, incomplete=damaged)
