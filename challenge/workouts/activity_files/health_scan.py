"""The few elements of an Apple Health export that matter: running workouts, step counts, and whose export it is.

A phone of many years writes a gigabyte, nearly all of it other measurements. So the text is never parsed as a whole:
each piece is searched for the marks of these elements, and only they are parsed, one by one. No document type or
entity is ever read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from challenge.workouts.activity_files.xml_text import number

RUNNING = b'"HKWorkoutActivityTypeRunning"'
STEPS = b'"HKQuantityTypeIdentifierStepCount"'
PERSON = b"<Me "
WORKOUT, WORKOUT_END, RECORD = b"<Workout ", b"</Workout>", b"<Record "
END = b"</HealthData>"
DISTANCE = "HKQuantityTypeIdentifierDistanceWalkingRunning"

SCAN_BYTES = 1 << 20
LONGEST_WORKOUT = 4 << 20
LONGEST_TAG = 4000
MOST_WORKOUTS = 1000
MOST_STEP_RECORDS = 200_000  # of one runner and three months; a year of a watch has about as many
MOST_SOURCES = 50
LONGEST_STEP_RECORD_S = 3600
METERS = {"km": 1000.0, "mi": 1609.344, "m": 1.0, "yd": 0.9144, "ft": 0.3048}
SECONDS = {"min": 60.0, "s": 1.0, "hr": 3600.0}

_TAG = re.compile(rb'<\w{1,40}(?:\s+[\w:.-]{1,60}\s*=\s*"[^"<]{0,2000}")*\s*/?>')
_ATTRIBUTE = re.compile(rb'([\w:.-]+)\s*=\s*"([^"]*)"')
_TIMES = re.compile(rb'startDate="[^"]*\d[^"]*"[^>]* endDate="[^"]*\d')
_TWELVE_HOURS = re.compile(
    r"(\d{4}-\d\d-\d\d)\s+(\d{1,2})(:\d\d:\d\d)\s*([AP])\.?\s*M\.?\s*([+-]\d{4})", re.IGNORECASE
)
_DAY = re.compile(rb'startDate="(\d{4}-\d\d-\d\d)')


@dataclass(frozen=True, slots=True)
class StepRecord:
    """Steps of both feet between two moments, in seconds since 1970."""

    start: float
    end: float
    steps: float


@dataclass(slots=True)
class Workout:
    """A running workout; moments in seconds since 1970. Totals are None where the export has none."""

    start: float
    end: float
    source: str
    timer_s: float | None = None
    distance_m: float | None = None
    indoor: bool | None = None
    pauses: list[tuple[float, float]] = field(default_factory=list)


class HealthScan:
    """Collects what happened since a moment (seconds since 1970) from the pieces of one `export.xml`."""

    def __init__(self, since: float) -> None:
        self._since = since
        # A day of margin, because a record's day is that of the zone it was written in.
        self._first_day = datetime.fromtimestamp(max(since - 86_400, 0), UTC).strftime("%Y-%m-%d").encode()
        self._held = b""
        self._records = 0
        self.workouts: list[Workout] = []
        self.steps: dict[str, list[StepRecord]] = {}
        self.people: set[bytes] = set()
        self.is_whole = True
        self.unread = 0  # workouts whose times have a form that is not known

    def feed(self, piece: bytes) -> None:
        """Search one more piece."""
        self._held += piece
        if len(self._held) >= SCAN_BYTES:
            self._scan(last=False)

    def close(self) -> None:
        """Search what is left; without the export's end, the export is not whole."""
        self._scan(last=True)
        self.is_whole = self.is_whole and self._held.rstrip().endswith(END)

    def _scan(self, *, last: bool) -> None:
        text = self._held
        # An element whose tag is cut begins with the last bracket: it comes again with the next piece.
        until = len(text) if last else text.rfind(b"<")
        if not last and len(text) - until > LONGEST_TAG:
            until = len(text)
        until = self._scan_workouts(text, until, last=last)
        self._scan_steps(text, until)
        for at in _marks(text, PERSON, until):
            if (tag := _TAG.match(text, at)) and len(self.people) < MOST_SOURCES:
                self.people.add(tag.group())
        self._held = text[-len(END) - 100 :] if last else text[until:]

    def _scan_workouts(self, text: bytes, until: int, *, last: bool) -> int:
        """Read the workouts that begin before `until`; return where the next scan must begin."""
        for at in _marks(text, RUNNING, until):
            begin = text.rfind(WORKOUT, max(0, at - LONGEST_TAG), at)
            tag = _TAG.match(text, begin) if begin >= 0 else None
            if tag is None or tag.end() < at:
                continue
            end = tag.end()
            if not tag.group().endswith(b"/>"):
                end = text.find(WORKOUT_END, tag.end(), begin + LONGEST_WORKOUT) + len(WORKOUT_END)
            if end >= len(WORKOUT_END):
                self._keep_workout(text[begin:end])
            elif not last and len(text) - begin < LONGEST_WORKOUT:
                return begin
            else:
                self.is_whole = False
        return until

    def _keep_workout(self, element: bytes) -> None:
        workout = read_workout(element)
        if workout is None and _TIMES.search(element):
            self.unread += 1
        elif workout is None or len(self.workouts) >= MOST_WORKOUTS:
            self.is_whole = False
        elif workout.start >= self._since:
            self.workouts.append(workout)

    def _scan_steps(self, text: bytes, until: int) -> None:
        for at in _marks(text, STEPS, until):
            begin = text.rfind(RECORD, max(0, at - LONGEST_TAG), at)
            if begin < 0:
                continue
            # Most records are older, and comparing a day is far cheaper than reading a record.
            day = _DAY.search(text, at, at + LONGEST_TAG)
            if day is None or day.group(1) < self._first_day:
                continue
            if tag := _TAG.match(text, begin):
                self._keep_steps(tag.group())

    def _keep_steps(self, tag: bytes) -> None:
        values = dict(_ATTRIBUTE.findall(tag))
        start, end = moment(_text(values, b"startDate")), moment(_text(values, b"endDate"))
        steps = number(_text(values, b"value"), 100_000)
        if start is None or end is None or steps is None or not 0 < end - start <= LONGEST_STEP_RECORD_S:
            return
        source = html.unescape(_text(values, b"sourceName"))[:80]
        if self._records >= MOST_STEP_RECORDS or (
            source not in self.steps and len(self.steps) >= MOST_SOURCES
        ):
            self.is_whole = False
            return
        self._records += 1
        self.steps.setdefault(source, []).append(StepRecord(start, end, steps))


def _marks(text: bytes, mark: bytes, until: int) -> Iterator[int]:
    at = text.find(mark, 0, until)
    while at >= 0:
        yield at
        at = text.find(mark, at + len(mark), until)


def _text(values: dict[bytes, bytes], name: bytes) -> str:
    return values.get(name, b"").decode("utf-8", "replace")


def moment(text: str) -> float | None:
    """Return the seconds since 1970 of a moment as Apple writes it, "2026-01-06 07:00:00 -0600", else None.

    Phones set to twelve hours write "2026-01-06 7:00:00 AM -0600", in some regions "a. m.".
    """
    try:
        value = datetime.fromisoformat(text[:19] + text[19:].strip())
    except ValueError:
        return _twelve_hours(text)
    return value.timestamp() if value.tzinfo else None


def _twelve_hours(text: str) -> float | None:
    found = _TWELVE_HOURS.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    hour = int(found[2]) % 12 + (12 if found[4] in "pP" else 0)
    try:
        return datetime.fromisoformat(f"{found[1]}T{hour:02}{found[3]}{found[5]}").timestamp()
    except (ValueError, OverflowError):
        return None


def read_workout(element: bytes) -> Workout | None:
    """Return the workout of one element; None if it is damaged or has no start and end."""
    elements = _Elements()
    parser = expat.ParserCreate()
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    try:
        parser.Parse(element, True)
    except (expat.ExpatError, ValueError):
        return None
    return elements.workout()


class _Elements:
    """Collects a workout and its own totals, not those of the parts that it may have."""

    def __init__(self) -> None:
        self._depth = 0
        self._own: dict[str, str] = {}
        self._distance_m: float | None = None
        self._indoor: bool | None = None
        self._events: list[tuple[float, bool]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._own = attributes
        elif self._depth == 2 and name == "WorkoutStatistics" and attributes.get("type") == DISTANCE:
            self._distance_m = _amount(attributes, "sum", "unit", METERS)
        elif self._depth == 2 and name == "MetadataEntry" and attributes.get("key") == "HKIndoorWorkout":
            self._indoor = attributes.get("value") == "1"
        elif self._depth == 2 and name == "WorkoutEvent":
            kind = attributes.get("type", "").removeprefix("HKWorkoutEventType").removeprefix("Motion")
            at = moment(attributes.get("date", ""))
            if at is not None and kind in ("Pause", "Paused", "Resume", "Resumed"):
                self._events.append((at, kind.startswith("Pause")))

    def end(self, name: str) -> None:
        self._depth -= 1

    def workout(self) -> Workout | None:
        start, end = moment(self._own.get("startDate", "")), moment(self._own.get("endDate", ""))
        if start is None or end is None or end <= start:
            return None
        distance_m = self._distance_m or _amount(self._own, "totalDistance", "totalDistanceUnit", METERS)
        timer_s = _amount(self._own, "duration", "durationUnit", SECONDS)
        return Workout(
            start=start,
            end=end,
            source=self._own.get("sourceName", "")[:80],
            timer_s=min(timer_s, end - start) if timer_s else None,
            distance_m=distance_m,
            indoor=self._indoor,
            pauses=_pauses(self._events, end),
        )


def _amount(attributes: dict[str, str], name: str, unit: str, units: dict[str, float]) -> float | None:
    amount, factor = number(attributes.get(name), 10_000_000), units.get(attributes.get(unit, ""))
    return amount * factor if amount and factor else None


def _pauses(events: list[tuple[float, bool]], end: float) -> list[tuple[float, float]]:
    pauses: list[tuple[float, float]] = []
    since: float | None = None
    for at, is_pause in sorted(events):
        if is_pause and since is None:
            since = at
        elif not is_pause and since is not None:
            pauses.append((since, at))
            since = None
    return pauses if since is None or since >= end else [*pauses, (since, end)]
