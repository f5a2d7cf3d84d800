"""Reading activity files: linear in their records, and no slower than the SDK that decodes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from garmin_fit_sdk import Decoder, Stream

from challenge.workouts.activity_files import read
from tests.factories.activity_files import Stretch, fit_run, gpx, tcx

MINUTES = 10
TIMES = 8
ROUNDS = 5
LINEAR_LIMIT = 1.35  # sorting adds a logarithm, and the machine is not ours alone
SDK_LIMIT = 0.85


def rows() -> list[dict[str, Any]]:
    """The time of one record in a file eight times as long, over its time in the short one, for each format;
    and our reading of a FIT file over the SDK's own decoding of it."""
    measured = [
        _row(f"activity file: {name}, per record, {TIMES} x as long", _growth(make, name), LINEAR_LIMIT)
        for name, make in (("run.fit", fit_run), ("run.gpx", _gpx), ("run.tcx", _tcx))
    ]
    whole = fit_run([Stretch(MINUTES * 60 * 3)])
    ours, theirs = _least(lambda: read(whole, "run.fit"), lambda: _decode(whole))
    return [*measured, _row("activity file: FIT, over the SDK's own decoding", ours / theirs, SDK_LIMIT)]


def _row(name: str, value: float, limit: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "limit": limit, "unit": "x", "passed": value <= limit}


def _growth(make: Callable[[list[Stretch]], bytes], name: str) -> float:
    short, long = (make([Stretch(MINUTES * 60 * times)]) for times in (1, TIMES))
    of_short, of_long = _least(lambda: read(short, name), lambda: read(long, name))
    return of_long / of_short / TIMES


def _least(*works: Callable[[], Any]) -> list[float]:
    """The least processor time of each in turns, so that a busy machine slows them alike."""
    least = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for position, work in enumerate(works):
            started = time.process_time()
            work()
            least[position] = min(least[position], time.process_time() - started)
    return least


def _decode(data: bytes) -> None:
    Decoder(Stream.from_byte_array(bytearray(data))).read()


def _gpx(stretches: list[Stretch]) -> bytes:
    return gpx(stretches).encode()


def _tcx(stretches: list[Stretch]) -> bytes:
    return tcx(stretches).encode()
