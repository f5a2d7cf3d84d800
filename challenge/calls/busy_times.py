"""Read the busy times of a calendar file in a process of its own, because its rules may never end.

`read_busy_times` is the parent's side; `python -m challenge.calls.busy_times` is the child, which limits itself first
and knows nothing of Django.
"""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from challenge.db.process_limits import limit_self
from challenge.workouts.activity_files.sandbox import run_worker

MOST_TIMES = 5_000
WALL_S, CPU_S, MEMORY = 12.0, 4, 512 * 1024 * 1024
Stretch = tuple[datetime, datetime]


class CannotRead(Exception):
    """The file is no calendar, or its events never end; `str()` is a sentence."""


def read_busy_times(
    content: bytes, *, since: datetime, until: datetime, zone: str, own_host: str
) -> list[Stretch]:
    """Return the busy times of a calendar file that overlap [since, until), in order, merged where they touch.

    Times without a zone and whole days are read in `zone`. Events that are free, canceled or our own are left out.
    Raises CannotRead.
    """
    orders = {
        "since": since.isoformat(), "until": until.isoformat(), "zone": zone, "own_host": own_host,
        "cpu_s": CPU_S, "memory": MEMORY,
    }  # fmt: skip
    try:
        question = json.dumps(orders).encode() + b"\n" + content
        answer = json.loads(run_worker([question], WALL_S, "challenge.calls.busy_times"))
    except subprocess.TimeoutExpired as error:
        raise CannotRead("The calendar’s repeating events never end, so we can’t read it.") from error
    except (OSError, ValueError) as error:
        raise CannotRead("The file at this address isn’t a calendar we can read.") from error
    if isinstance(answer, str):
        raise CannotRead(answer)
    return [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in answer]


def busy_times(
    content: bytes, *, since: datetime, until: datetime, zone: ZoneInfo, own_host: str
) -> list[Stretch]:
    """Return the merged busy times of a calendar file. Raises CannotRead, and whatever the readers raise."""
    calendar = icalendar.Calendar.from_ical(content)
    events = recurring_ical_events.of(calendar, components=["VEVENT"]).after(since - timedelta(days=1))
    found: list[Stretch] = []
    for event in itertools.takewhile(lambda e: _start(e, zone) < until, events):
        if not _is_busy(event, own_host):
            continue
        stretch = _start(event, zone), _end(event, zone)
        if stretch[0] < stretch[1] and since < stretch[1]:
            found.append(stretch)
        if len(found) > MOST_TIMES:
            raise CannotRead("The calendar has too many events to read. Share one with fewer.")
    return list(_merged(found))


def _is_busy(event: Any, own_host: str) -> bool:
    return not (
        str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        or str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
        # The calls that we mailed are in the clinician's calendar too.
        or str(event.get("UID", "")).endswith(f"@{own_host}")
    )


def _start(event: Any, zone: ZoneInfo) -> datetime:
    return _moment(event["DTSTART"].dt, zone)


def _end(event: Any, zone: ZoneInfo) -> datetime:
    start = event["DTSTART"].dt
    if "DTEND" in event:
        return _moment(event["DTEND"].dt, zone)
    if "DURATION" in event:
        lasting: timedelta = event["DURATION"].dt
        return _moment(start, zone) + lasting
    # Without an end, a whole day lasts that day and a moment no time at all (RFC 5545, 3.6.1).
    return _moment(start, zone) if isinstance(start, datetime) else _moment(start + timedelta(days=1), zone)


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Return a date or a date and time as a moment in UTC."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    moment: datetime = value if value.tzinfo else value.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches in order, those that overlap or touch as one."""
    current: Stretch | None = None
    for stretch in sorted(stretches):
        if current is None or stretch[0] > current[1]:
            if current is not None:
                yield current
            current = stretch
        else:
            current = current[0], max(current[1], stretch[1])
    if current is not None:
        yield current


def main() -> None:
    """Read one calendar from standard input and write its busy times, or a sentence, to standard output."""
    orders = json.loads(sys.stdin.buffer.readline(10_000))
    limit_self(orders)
    moments = {name: datetime.fromisoformat(orders[name]) for name in ("since", "until")}
    try:
        content = sys.stdin.buffer.read()
        found: Any = busy_times(
            content, **moments, zone=ZoneInfo(orders["zone"]), own_host=orders["own_host"]
        )
        answer: Any = [[a.isoformat(), b.isoformat()] for a, b in found]
    except CannotRead as refusal:
        answer = str(refusal)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
