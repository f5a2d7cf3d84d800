"""An Apple Health export of a gigabyte is read within a minute and 150 MB; damaged ones end in a sentence."""

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from challenge.workouts.activity_files import sandbox
from challenge.workouts.activity_files.archive import BadArchive
from challenge.workouts.activity_files.health_export import MOST_BYTES, is_health_export, read_health_export
from challenge.workouts.activity_files.recording import FARTHEST_M, LONGEST_S, SHORTEST_S, FileResult
from tests.factories.health_export import (
    HEAD,
    ME,
    PHONE,
    START,
    TAIL,
    WATCH,
    Part,
    Session,
    export_xml,
    export_zip,
    record,
    step_records,
    workout,
)

pytestmark = pytest.mark.deep
GIGABYTE = 1_000_000_000
MOST_S, MOST_RSS_BYTES = 60.0, 150_000_000
MUTATIONS = 10_000
SLOWEST_S = 5.0
# A process of its own and small, because a child begins with the peak memory of its parent.
MEASURE = """
import os, sys
pid = os.posix_spawn(sys.executable, [sys.executable, "-m", sys.argv[1]], os.environ)
usage = os.wait4(pid, 0)[2]
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)
"""
TOKENS = [
    b"<", b">", b"\0", b"\xff\xfe", b"&x;", b"]]>", b"nan", b"-1", b"1e999", b"9" * 400, b"<Workout ", b"</Workout>",
    b'"HKWorkoutActivityTypeRunning"', b'"HKQuantityTypeIdentifierStepCount"', b"<Me ", b"</HealthData>",
    b"9999-12-31 23:59:59 -1400", b"0001-01-01 00:00:00 +1400", b"PK\x03\x04", b"PK\x01\x02", b"<!ENTITY a 'b'>",
]  # fmt: skip


def old_years(dice: random.Random) -> bytes:
    """About a hundred megabytes of other measurements and of steps before the cohort, hard to pack."""
    lines = []
    start = START - timedelta(days=900)
    for _ in range(250_000):
        start += timedelta(seconds=dice.randrange(1, 200))
        kind, source = dice.choice(
            (("HeartRate", WATCH), ("ActiveEnergyBurned", WATCH), ("StepCount", WATCH), ("StepCount", PHONE))
        )
        lines.append(
            record(kind, source, start, start + timedelta(seconds=dice.randrange(1, 99)), dice.random() * 99)
        )
    return "".join(lines).encode()


def big_export(path: Path) -> int:
    """Write an export whose XML is a gigabyte; return the size of the zip."""
    sessions = [Session(start=START + timedelta(days=2 * n), record_s=2.6) for n in range(40)]
    filler = old_years(random.Random(22))
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed,
        packed.open("apple_health_export/export.xml", "w", force_zip64=True) as file,
    ):
        size = file.write((HEAD + ME.format(day=1)).encode())
        while size < GIGABYTE:
            size += file.write(filler)
        for session in sessions:
            file.write("".join(step_records(session, WATCH, session.record_s)).encode())
            file.write("".join(step_records(session, PHONE, 60)).encode())
        file.write("".join(workout(session) for session in sessions).encode())
        file.write(TAIL.encode())
    return path.stat().st_size


def test_an_export_of_a_gigabyte_takes_a_minute_and_150_megabytes_at_most(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    assert big_export(path) < MOST_BYTES
    since = (START - timedelta(days=1)).isoformat()
    orders = {
        "name": "export.zip",
        "since": since,
        "cpu_s": sandbox.LARGE.cpu_s,
        "memory": sandbox.LARGE.memory,
    }
    question = tmp_path / "question"
    with question.open("wb") as file:
        file.write(json.dumps(orders).encode() + b"\n")
        file.write(path.read_bytes())
    started = time.monotonic()
    with question.open("rb") as stdin:
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, sandbox.CHILD],
            cwd=sandbox.ROOT,
            stdin=stdin,
            capture_output=True,
            check=True,
        )
    took = time.monotonic() - started
    cpu_s, rss_kb = map(float, measured.stderr.split())
    print(f"{took:.1f} s, {cpu_s:.1f} s of processor, {rss_kb / 1024:.0f} MB")  # noqa: T201
    assert len(FileResult.from_json(json.loads(measured.stdout)).runs) == 40
    assert took <= MOST_S
    assert rss_kb * 1024 <= MOST_RSS_BYTES


def mutate(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 1, 3, 20))):
        at = dice.randrange(len(data)) if data else 0
        match dice.randrange(5):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                data[at:at] = dice.choice(TOKENS)
            case 2:
                del data[at : at + dice.randrange(1, 200)]
            case 3:
                data[at:at] = data[at : at + dice.randrange(1, 2000)]
            case _:
                del data[at:]
    return bytes(data)


def test_ten_thousand_damaged_exports_end_in_a_result() -> None:
    dice = random.Random(2026)
    parts = [Part(90), Part(40, 110, 1.4), Part(60, paused=True), Part(70)]
    xml = export_xml([Session(parts), Session(parts, START + timedelta(hours=5), old=True)]).encode()
    seeds = (xml, export_zip(xml))
    for _ in range(MUTATIONS):
        data = mutate(bytearray(dice.choice(seeds)), dice)
        if dice.random() < 0.5 and data.startswith(b"<?xml"):
            data = export_zip(data)  # damage inside a whole zip
        started = time.monotonic()
        result = read_or_refuse(data)
        assert time.monotonic() - started < SLOWEST_S
        assert result.runs or result.refusal
        for run in result.runs:
            assert SHORTEST_S <= run.duration_s <= LONGEST_S
            assert (run.distance_m or 0) <= FARTHEST_M
            assert run.cadence_spm is None or 100 <= run.cadence_spm <= 250
        json.dumps(result.to_json(), allow_nan=False)


def read_or_refuse(data: bytes) -> FileResult:
    head, rest = data[:65_536], memoryview(data)[65_536:].tobytes()
    if not is_health_export(head):
        return FileResult(refusal="another kind of file")
    pieces = iter([rest, b""])
    try:
        return read_health_export(head, lambda count: next(pieces, b""), "export.zip", None)
    except BadArchive as refusal:
        return FileResult(refusal=str(refusal))


def test_a_billion_nodes_are_refused_within_the_limits() -> None:
    """Forty megabytes of nothing but small elements, which unpack to more than any export."""
    nodes = b"<Record a='1'/>" * 70_000
    file = Path(f"/dev/fd/{os.memfd_create('export')}")
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("apple_health_export/export.xml", "w", force_zip64=True) as inside,
    ):
        inside.write(HEAD.encode())
        for _ in range(2_700):
            inside.write(nodes)
    result = sandbox.read_isolated(file.read_bytes(), "export.zip", sandbox.LARGE)
    assert result.runs == ()
    assert "2.5 GB" in str(result.refusal)
