"""Activity files of invented runs: FIT by the SDK's own encoder, TCX and GPX as text, zips of them."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from garmin_fit_sdk import CrcCalculator, Encoder

from challenge.workouts.activity_files import FileRun
from challenge.workouts.activity_files.doubts import DoubtKind

START = datetime(2026, 1, 10, 14, 0, tzinfo=UTC)
FILE_ID, SPORT, SESSION, LAP, RECORD, EVENT, ACTIVITY = 0, 12, 18, 19, 20, 21, 34
DEVELOPER_DATA_ID, FIELD_DESCRIPTION = 207, 206
NORTH_DEG_PER_M = 1 / 111_195


@dataclass(frozen=True)
class Stretch:
    """Seconds at one speed and cadence (of one foot, as FIT writes it); None: not recorded."""

    seconds: int
    speed_mps: float = 3.0
    cadence: int | None = 84
    fractional: float | None = None
    every_s: int = 1
    paused_before_s: int = 0


@dataclass(frozen=True)
class Point:
    at: datetime
    distance_m: float
    speed_mps: float
    cadence: int | None
    fractional: float | None
    after_pause: bool


def points(stretches: Iterable[Stretch], start: datetime = START) -> Iterator[Point]:
    """The samples of stretches that follow each other, the first at the start."""
    at, distance = start, 0.0
    for stretch in stretches:
        at += timedelta(seconds=stretch.paused_before_s)
        for second in range(0, stretch.seconds, stretch.every_s):
            after_pause = second == 0 and stretch.paused_before_s > 0
            yield Point(at, distance, stretch.speed_mps, stretch.cadence, stretch.fractional, after_pause)
            at += timedelta(seconds=stretch.every_s)
            distance += stretch.speed_mps * stretch.every_s


def record(point: Point, *, leave_out: Sequence[str] = (), positions: bool = True) -> dict[str, Any]:
    message: dict[str, Any] = {
        "mesg_num": RECORD,
        "timestamp": point.at,
        "distance": point.distance_m,
        "enhanced_speed": point.speed_mps,
        "cadence": point.cadence,
        "fractional_cadence": point.fractional,
    }
    if positions:
        degrees = 44.9 + point.distance_m * NORTH_DEG_PER_M
        message |= {"position_lat": round(degrees * 2**31 / 180), "position_long": -1_000_000_000}
    return {name: value for name, value in message.items() if value is not None and name not in leave_out}


def session(stretches: Sequence[Stretch], start: datetime = START, **fields: Any) -> dict[str, Any]:
    """A session's totals over the stretches, as a watch writes them; `fields` replace or, if None, drop."""
    timer_s = sum(stretch.seconds for stretch in stretches)
    elapsed_s = timer_s + sum(stretch.paused_before_s for stretch in stretches)
    message = {
        "mesg_num": SESSION,
        "timestamp": start + timedelta(seconds=elapsed_s),
        "start_time": start,
        "total_timer_time": float(timer_s),
        "total_elapsed_time": float(elapsed_s),
        "total_distance": sum(stretch.seconds * stretch.speed_mps for stretch in stretches),
        "sport": "running",
        "sub_sport": "generic",
    } | fields
    return {name: value for name, value in message.items() if value is not None}


def fit(messages: Iterable[dict[str, Any]], *, kind: str = "activity", developer: Any = None) -> bytes:
    """A FIT file of these messages after its file id."""
    encoder = Encoder(developer) if developer else Encoder()
    encoder.write_mesg(
        {
            "mesg_num": FILE_ID,
            "type": kind,
            "manufacturer": "garmin",
            "product": 4315,
            "time_created": START,
        }
    )
    for message in messages:
        encoder.write_mesg(message)
    return bytes(encoder.close())


def fit_run(
    stretches: Sequence[Stretch] = (Stretch(1200),),
    *,
    start: datetime = START,
    leave_out: Sequence[str] = (),
    positions: bool = True,
    with_session: bool = True,
    **fields: Any,
) -> bytes:
    """A whole run: timer events around its pauses, records, a session with `fields` changed."""
    messages: list[dict[str, Any]] = [timer("start", start)]
    last = start
    for point in points(stretches, start):
        if point.after_pause:
            messages += [timer("stop_all", last), timer("start", point.at)]
        messages.append(record(point, leave_out=leave_out, positions=positions))
        last = point.at
    messages.append(timer("stop_all", last))
    if with_session:
        messages.append(session(stretches, start, **fields))
    return fit(messages)


def timer(what: str, at: datetime) -> dict[str, Any]:
    return {"mesg_num": EVENT, "timestamp": at, "event": "timer", "event_type": what}


def fit_multisport(parts: Sequence[tuple[str, Sequence[Stretch]]]) -> bytes:
    """Parts of several sports in one file, a session after each, as multisport watches write them."""
    messages: list[dict[str, Any]] = []
    start = START
    for sport, stretches in parts:
        messages.append({"mesg_num": SPORT, "sport": sport})
        messages += [record(point) for point in points(stretches, start)]
        messages.append(session(stretches, start, sport=sport))
        start += timedelta(seconds=sum(stretch.seconds + stretch.paused_before_s for stretch in stretches))
    return fit(messages)


def gpx(
    stretches: Sequence[Stretch] = (Stretch(1200),),
    *,
    start: datetime = START,
    kind: str | None = "running",
    feet: int = 1,
    times: bool = True,
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> str:
    """A GPX track; its cadence counts one foot, or both with `feet=2`; a segment for each pause."""
    rows = []
    for point in points(stretches, start):
        if point.after_pause:
            rows.append("</trkseg><trkseg>")
        degrees = 44.9 + point.distance_m * NORTH_DEG_PER_M
        time = f"<time>{point.at.isoformat().replace('+00:00', 'Z')}</time>" if times else ""
        cadence = (
            f"<extensions><gpxtpx:TrackPointExtension><gpxtpx:cad>{point.cadence * feet}</gpxtpx:cad>"
            "</gpxtpx:TrackPointExtension></extensions>"
            if point.cadence is not None
            else ""
        )
        rows.append(f'<trkpt lat="{degrees:.7f}" lon="-93.1"><ele>250</ele>{time}{cadence}</trkpt>')
    sport = f"<type>{kind}</type>" if kind is not None else ""
    return (
        f'{head}<gpx version="1.1" creator="Made up" xmlns="http://www.topografix.com/GPX/1/1" '
        'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<trk><name>Loop</name>{sport}<trkseg>{''.join(rows)}</trkseg></trk></gpx>"
    )


def tcx(
    stretches: Sequence[Stretch] = (Stretch(1200),),
    *,
    start: datetime = START,
    sport: str = "Running",
    feet: int = 1,
    positions: bool = True,
    distances: bool = True,
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> str:
    """A TCX activity of one lap; its cadence counts one foot, or both with `feet=2`."""
    rows = []
    for point in points(stretches, start):
        if point.after_pause:
            rows.append("</Track><Track>")
        degrees = 44.9 + point.distance_m * NORTH_DEG_PER_M
        rows.append(f"<Trackpoint><Time>{point.at.isoformat().replace('+00:00', '.000Z')}</Time>")
        if positions:
            rows.append(
                f"<Position><LatitudeDegrees>{degrees:.7f}</LatitudeDegrees>"
                "<LongitudeDegrees>-93.1</LongitudeDegrees></Position>"
            )
        if distances:
            rows.append(f"<DistanceMeters>{point.distance_m}</DistanceMeters>")
        speed = f"<ns3:Speed>{point.speed_mps}</ns3:Speed>"
        steps = "" if point.cadence is None else f"<ns3:RunCadence>{point.cadence * feet}</ns3:RunCadence>"
        rows.append(f"<Extensions><ns3:TPX>{speed}{steps}</ns3:TPX></Extensions></Trackpoint>")
    total = sum(stretch.seconds * stretch.speed_mps for stretch in stretches)
    meters = f"<DistanceMeters>{total}</DistanceMeters>" if distances else ""
    moment = start.isoformat().replace("+00:00", "Z")
    return (
        f'{head}<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        'xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="{sport}"><Id>{moment}</Id><Lap StartTime="{moment}">'
        f"<TotalTimeSeconds>{sum(stretch.seconds for stretch in stretches)}</TotalTimeSeconds>{meters}"
        f"<Track>{''.join(rows)}</Track></Lap><Creator><Name>Made-up watch</Name></Creator>"
        "</Activity></Activities></TrainingCenterDatabase>"
    )


def kinds(run: FileRun) -> set[DoubtKind]:
    """What is doubtful about a run."""
    return {doubt.kind for doubt in run.doubts}


def zipped(files: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files; the same name may come twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return buffer.getvalue()


def with_compressed_time_stamps(data: bytes) -> bytes:
    """The same FIT file with its records as older watches write them: five bits of time in each header."""
    body, sizes, compressed = bytearray(), {}, set()
    at = 14
    while at < len(data) - 2:
        head = data[at]
        local = head & 0x0F
        if head & 0x40:
            count = data[at + 5]
            end = at + 6 + 3 * count
            sizes[local] = sum(data[at + 7 : end : 3])
            if data[at + 3] == RECORD:
                compressed.add(local)
                body += data[at : at + 5] + bytes([count - 1]) + data[at + 9 : end]
            else:
                compressed.discard(local)
                body += data[at:end]
            at = end
            continue
        message = data[at + 1 : at + 1 + sizes[local]]
        if local in compressed:
            body += bytes([0x80 | local << 5 | message[0] & 0x1F]) + message[4:]
        else:
            body += bytes([head]) + message
        at += 1 + sizes[local]
    header = data[:4] + len(body).to_bytes(4, "little") + data[8:12] + b"\0\0"
    whole = header + bytes(body)
    return whole + CrcCalculator.calculate_crc(whole, 0, len(whole)).to_bytes(2, "little")
