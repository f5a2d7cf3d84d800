"""FIT files, decoded by Garmin's own SDK up to the first damage."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import Any

from garmin_fit_sdk import Decoder, Stream
from garmin_fit_sdk.decoder import DecodeMode

from challenge.workouts.activity_files.fit_timestamps import with_full_timestamps
from challenge.workouts.activity_files.recording import NotARun, Recording
from challenge.workouts.activity_files.track import TrackPoint, goes_back

FIT_EPOCH_S = 631_065_600  # 1989-12-31 00:00 UTC in seconds since 1970
FIRST_DATE = 0x10000000  # smaller time stamps count from the device's start, not from the epoch
MOST_MESSAGES = 400_000  # 48 hours at one record a second are 172,800
SEMICIRCLE = 180 / 2**31
HEADER_SIZES = (12, 14)
NO_CHECKSUM = b"\0\0"
FILE_ID, SESSION, LAP, RECORD, EVENT, SPORT, FIELD_DESCRIPTION = 0, 18, 19, 20, 21, 12, 206
NATIVE_FIELDS = {4: "cadence", 5: "distance", 6: "speed", 73: "speed"}
INDOORS = {"treadmill", "indoor_running", "virtual_activity", "indoor_walking"}
NO_SPORT = {None, "generic", "all"}

NOT_AN_ACTIVITY = "This file holds {what} from a watch, not a run. Please choose the activity itself."
UNREADABLE = "This FIT file is damaged or empty: there’s nothing in it we can read as a run."
KINDS = {
    "settings": "settings",
    "device": "device information",
    "sport": "sport settings",
    "course": "a course",
    "workout": "a planned workout",
    "schedules": "a training plan",
    "goals": "goals",
    "totals": "totals",
    "weight": "weight readings",
    "monitoring_a": "all-day monitoring",
    "monitoring_b": "all-day monitoring",
    "monitoring_daily": "all-day monitoring",
}


class _TooMany(Exception):
    pass


class _Collector:
    """Collects what a run needs of each message and empties the message, so that memory grows with the samples only."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.device = ""
        self.sports: list[dict[Any, Any]] = []
        self.sessions: list[dict[Any, Any]] = []
        self.laps: list[dict[Any, Any]] = []
        self.samples: list[TrackPoint] = []
        self.activity_types: Counter[str] = Counter()
        self.developer_fields: dict[int, str] = {}
        self.paused = False
        self.messages = 0

    def __call__(self, number: int, message: dict[Any, Any]) -> None:
        self.messages += 1
        if self.messages > MOST_MESSAGES:
            raise _TooMany
        if number == RECORD:
            self._record(message)
        elif number == SESSION:
            self.sessions.append(dict(message))
        elif number == LAP and len(self.laps) < 5000:
            self.laps.append(dict(message))
        elif number == SPORT:
            self.sports.append(dict(message))
        elif number == EVENT:
            self._event(message)
        elif number == FILE_ID:
            self._file_id(message)
        elif number == FIELD_DESCRIPTION:
            self._field_description(message)
        # The SDK keeps a reference to every message until the end of the file.
        message.clear()

    def _record(self, message: dict[Any, Any]) -> None:
        at = _moment(message.get("timestamp"))
        if at is None:
            return
        # Foot pods and apps write cadence and distance as developer fields; native fields win.
        if self.developer_fields and "developer_fields" in message:
            for key, name in self.developer_fields.items():
                message.setdefault(name, message["developer_fields"].get(key))
        cadence = _number(message.get("cadence"))
        if cadence is not None:
            cadence += _number(message.get("fractional_cadence")) or 0.0
        else:
            cadence = _number(message.get("cadence256"))
        speed = _number(message.get("enhanced_speed"))
        self.samples.append(
            TrackPoint(
                at,
                _number(message.get("distance")),
                speed if speed is not None else _number(message.get("speed")),
                cadence,
                _degrees(message.get("position_lat"), 90),
                _degrees(message.get("position_long"), 180),
                self.paused,
            )
        )
        self.paused = False
        kind = message.get("activity_type")
        if isinstance(kind, str):
            self.activity_types[kind] += 1

    def _event(self, message: dict[Any, Any]) -> None:
        if message.get("event") == "timer" and str(message.get("event_type")).startswith("stop"):
            self.paused = True

    def _file_id(self, message: dict[Any, Any]) -> None:
        self.kinds.append(str(message.get("type")))
        maker, product = message.get("manufacturer"), message.get("garmin_product")
        self.device = " ".join(
            value.replace("_", " ") for value in (maker, product) if isinstance(value, str)
        )

    def _field_description(self, message: dict[Any, Any]) -> None:
        key, native = message.get("key"), message.get("native_field_num")
        of_record = message.get("native_mesg_num") in (RECORD, "record")
        if of_record and isinstance(key, int) and isinstance(native, int) and native in NATIVE_FIELDS:
            self.developer_fields[key] = NATIVE_FIELDS[native]


def read_fit(data: bytes) -> list[Recording]:
    """Return the recordings of a FIT file, of any sport. Raise NotARun if it is not an activity or unreadable."""
    collector, incomplete = _decode(data)
    kinds = set(collector.kinds) - {"None"}
    if kinds and "activity" not in kinds and not collector.sessions:
        kind = collector.kinds[0]
        raise NotARun(NOT_AN_ACTIVITY.format(what=KINDS.get(kind, "other data")))
    if not collector.samples and not collector.sessions:
        raise NotARun(UNREADABLE)
    clock_jumps = goes_back(collector.samples)
    recordings = _recordings(collector, incomplete)
    for recording in recordings:
        recording.incomplete = incomplete
        recording.device = collector.device
        recording.clock_jumps = clock_jumps
    return recordings


def _decode(data: bytes) -> tuple[_Collector, bool]:
    """Return what the SDK reads before its first error, and whether there was an error."""
    collector = _Collector()
    errors = _read(data, collector, DecodeMode.NORMAL)
    # The SDK reports this format of older devices only as the text of an error.
    if any("Compressed timestamp" in str(error) for error in errors):
        collector = _Collector()
        errors = _read(with_full_timestamps(data) + NO_CHECKSUM, collector, DecodeMode.DATA_ONLY)
    elif errors and not collector.samples and not collector.sessions and data[:1]:
        # A watch that died before it filled in the header leaves a wrong length there, which hides all messages:
        # read them without the header.
        size = data[0] if data[0] in HEADER_SIZES else 14
        again = _Collector()
        _read(data[size:] + NO_CHECKSUM, again, DecodeMode.DATA_ONLY)
        collector = again if again.messages > collector.messages else collector
    return collector, bool(errors) or _checksum(data) != 0


def _read(data: bytes, collector: _Collector, mode: DecodeMode) -> list[Exception]:
    _, errors = Decoder(Stream.from_byte_array(bytearray(data))).read(
        convert_datetimes_to_dates=False,
        enable_crc_check=False,
        merge_heart_rates=False,
        expand_sub_fields=True,
        mesg_listener=collector,
        decode_mode=mode,
    )
    return list(errors)


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC = tuple(_crc_of(byte) for byte in range(256))


def _checksum(data: bytes) -> int:
    """Return the CRC-16 of FIT over all bytes, stored sums included: 0 for one complete file or several in a row.

    Computed here because the SDK's own check takes half of its decoding time.
    """
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def _recordings(collector: _Collector, incomplete: bool) -> list[Recording]:
    """Return one recording for each session, with the samples of its time, and one for samples after the last."""
    samples = sorted(collector.samples, key=lambda sample: sample.at)
    if not collector.sessions:
        return [Recording(sport=_overall_sport(collector), samples=samples, indoor=None)]
    if len(collector.sessions) == 1 and not incomplete:
        return [_session_recording(collector.sessions[0], samples, collector)]
    sessions = sorted(collector.sessions, key=lambda session: _start(session) or 0.0)
    times = [sample.at for sample in samples]
    starts = [0.0, *(_start(session) or 0.0 for session in sessions[1:])]
    cuts = [bisect_left(times, start) for start in starts]
    last_end = (_start(sessions[-1]) or math.inf) + (_number(sessions[-1].get("total_elapsed_time")) or 0.0)
    rest = bisect_right(times, last_end + 60)
    recordings = [
        _session_recording(session, samples[begin:end], collector)
        for session, begin, end in zip(sessions, cuts, [*cuts[1:], rest], strict=True)
    ]
    # A watch that died in the last leg of a multisport activity never wrote that leg's session.
    if incomplete and len(samples) - rest >= 60:
        unclaimed = collector.sports[-1] if len(collector.sports) > len(sessions) else {}
        recordings.append(Recording(sport=_sport(unclaimed), samples=samples[rest:]))
    return recordings


def _session_recording(
    session: dict[Any, Any], samples: list[TrackPoint], collector: _Collector
) -> Recording:
    average = _number(session.get("avg_running_cadence")) or _number(session.get("avg_cadence"))
    if average:
        average += _number(session.get("avg_fractional_cadence")) or 0.0
    sports = {_word(session.get("sport")), _word(session.get("sub_sport"))} - NO_SPORT
    return Recording(
        sport=_sport(session) if sports else _overall_sport(collector),
        samples=samples,
        started=_start(session),
        distance_m=_number(session.get("total_distance")),
        timer_s=_number(session.get("total_timer_time")),
        elapsed_s=_number(session.get("total_elapsed_time")),
        indoor=True if _word(session.get("sub_sport")) in INDOORS else None,
        average_cadence=average,
    )


def _overall_sport(collector: _Collector) -> str | None:
    """Return the sport of a file whose session has none: that of its sport messages, laps or samples."""
    for message in (*reversed(collector.sports), *reversed(collector.laps)):
        if sport := _sport(message):
            return sport
    common = collector.activity_types.most_common(1)
    return common[0][0] if common and common[0][0] not in NO_SPORT else None


def _sport(message: dict[Any, Any]) -> str | None:
    sport, sub_sport = _word(message.get("sport")), _word(message.get("sub_sport"))
    if sport in ("fitness_equipment", "training", *NO_SPORT) and sub_sport in ("treadmill", "indoor_running"):
        return "running"
    return None if sport in NO_SPORT else sport


def _start(message: dict[Any, Any]) -> float | None:
    return _moment(message.get("start_time"))


def _word(value: object) -> str | None:
    """Return a name, or the number of a value unknown to the SDK; None for the lists of damaged definitions."""
    return str(value) if isinstance(value, str | int) else None


def _moment(value: object) -> float | None:
    if not isinstance(value, int) or value < FIRST_DATE:
        return None
    return float(value + FIT_EPOCH_S)


def _number(value: object) -> float | None:
    # By exact type: this runs for every field of every record, and a bool is no number here.
    kind = type(value)
    if kind is float or kind is int:
        number = float(value)  # type: ignore[arg-type]
        return number if math.isfinite(number) else None
    return None


def _degrees(value: object, limit: int) -> float | None:
    semicircles = _number(value)
    if semicircles is None:
        return None
    degrees = semicircles * SEMICIRCLE
    return degrees if -limit <= degrees <= limit else None
