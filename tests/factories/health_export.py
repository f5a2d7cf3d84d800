"""Apple Health exports of invented runners: `export.xml` as an iPhone writes it, and the zip around it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

WATCH, PHONE = "Ana’s Apple Watch", "Ana’s iPhone & more"
START = datetime(2026, 1, 6, 13, 0, tzinfo=UTC)
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="en_US">
 <ExportDate value="2026-03-02 08:00:00 -0600"/>
"""
TRAIT = "HKCharacteristicTypeIdentifier"
ME = f' <Me {TRAIT}DateOfBirth="1988-04-0{{day}}" {TRAIT}BiologicalSex="HKBiologicalSexFemale"/>\n'
TAIL = "</HealthData>\n"
DEVICE = "&lt;&lt;HKDevice: 0x2818d4a10&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch&gt;"


@dataclass(frozen=True)
class Part:
    """Seconds at one number of steps a minute, and meters a second."""

    seconds: float
    spm: float = 170.0
    mps: float = 2.8
    paused: bool = False


@dataclass(frozen=True)
class Session:
    """One running workout, and how its steps were counted: seconds in each record, by each source."""

    parts: Sequence[Part] = (Part(1200),)
    start: datetime = START
    source: str = WATCH
    record_s: float = 5.0
    also_phone_s: float | None = 60.0
    indoor: bool = False
    old: bool = False  # totals as attributes, as before iOS 16
    kind: str = "Running"

    @property
    def active_s(self) -> float:
        return sum(part.seconds for part in self.parts if not part.paused)

    @property
    def distance_m(self) -> float:
        return sum(part.seconds * part.mps for part in self.parts if not part.paused)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=sum(part.seconds for part in self.parts))


def stamp(at: datetime) -> str:
    """A moment as the phone writes it: whole seconds, and the zone after a space."""
    return (at - timedelta(hours=6)).strftime("%Y-%m-%d %H:%M:%S -0600")


def record(kind: str, source: str, start: datetime, end: datetime, value: float) -> str:
    return (
        f' <Record type="HKQuantityTypeIdentifier{kind}" sourceName={quoteattr(source)} sourceVersion="11.3"'
        f' device="{DEVICE}" unit="count" creationDate="{stamp(end)}" startDate="{stamp(start)}"'
        f' endDate="{stamp(end)}" value="{value:g}"/>\n'
    )


def step_records(session: Session, source: str, every_s: float) -> Iterator[str]:
    """Whole steps in records of about `every_s` seconds; what is left of a step counts in the next record."""
    at, owed = session.start, 0.0
    for part in session.parts:
        left = part.seconds
        while left > 0:
            seconds = max(1, round(min(every_s, left)))
            owed += 0 if part.paused else part.spm * seconds / 60
            steps, owed = int(owed), owed % 1
            if steps:
                yield record("StepCount", source, at, at + timedelta(seconds=seconds), steps)
            at += timedelta(seconds=seconds)
            left -= seconds


def workout(session: Session) -> str:
    total = f'totalDistance="{session.distance_m / 1000:.4f}" totalDistanceUnit="km"' if session.old else ""
    opening = (
        f' <Workout workoutActivityType="HKWorkoutActivityType{session.kind}" duration="{session.active_s / 60:.5f}"'
        f' durationUnit="min" {total} sourceName={quoteattr(session.source)} sourceVersion="11.3"'
        f' device="{DEVICE}" creationDate="{stamp(session.end)}" startDate="{stamp(session.start)}"'
        f' endDate="{stamp(session.end)}">'
    )
    lines = [opening]
    if session.indoor:
        lines.append('  <MetadataEntry key="HKIndoorWorkout" value="1"/>')
    at = session.start
    for part in session.parts:
        if part.paused:
            lines.append(f'  <WorkoutEvent type="HKWorkoutEventTypePause" date="{stamp(at)}"/>')
            resumed = stamp(at + timedelta(seconds=part.seconds))
            lines.append(f'  <WorkoutEvent type="HKWorkoutEventTypeResume" date="{resumed}"/>')
        at += timedelta(seconds=part.seconds)
    if not session.old:
        lines.append(
            '  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning"'
            f' sum="{session.distance_m / 1000:.4f}" unit="km"/>'
        )
    lines.append(
        '  <WorkoutRoute sourceName="w"><FileReference path="/workout-routes/r.gpx"/></WorkoutRoute>'
    )
    return "\n".join([*lines, " </Workout>\n"])


def export_xml(
    sessions: Iterable[Session] = (Session(),), *, people: int = 1, filler: str = "", tail: str = TAIL
) -> str:
    """The whole document: records first, as the phone writes them, then workouts."""
    sessions = list(sessions)
    text = [HEAD, *(ME.format(day=day + 1) for day in range(people)), filler]
    for session in sessions:
        text.extend(step_records(session, session.source, session.record_s))
        if session.also_phone_s is not None:
            text.extend(step_records(session, PHONE, session.also_phone_s))
    text.extend(workout(session) for session in sessions)
    return "".join(text) + tail


def heart_rates(count: int, start: datetime = START - timedelta(days=900)) -> str:
    """Lines of another measurement, which fill most of an export."""
    return "".join(
        record(
            "HeartRate",
            WATCH,
            start + timedelta(seconds=5 * n),
            start + timedelta(seconds=5 * n),
            60 + n % 90,
        )
        for n in range(count)
    )


def export_zip(xml: str | bytes | None = None, *, routes: int = 1) -> bytes:
    """The zip as the phone shares it: routes, the records and a clinical document."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(routes):
            packed.writestr(f"apple_health_export/workout-routes/route_{number}.gpx", "<gpx/>" * 500)
        packed.writestr("apple_health_export/export.xml", export_xml() if xml is None else xml)
        packed.writestr(
            "apple_health_export/export_cda.xml", f"<ClinicalDocument>{escape('x')}</ClinicalDocument>"
        )
    return file.getvalue()
