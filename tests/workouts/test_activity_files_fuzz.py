"""Whatever a file holds, reading it ends in a reading: no exception, no run beyond the limits, no entity."""

import gzip
import json
import random
import re
import time
from collections.abc import Callable
from functools import cache

import pytest

from challenge.workouts.activity_files import FileResult, read
from challenge.workouts.activity_files.reader import UNREADABLE
from challenge.workouts.activity_files.recording import FARTHEST_M, LONGEST_S, SHORTEST_S
from tests.factories.activity_files import (
    Stretch,
    fit_multisport,
    fit_run,
    gpx,
    tcx,
    with_compressed_time_stamps,
    zipped,
)

CANARY = "CANARYCANARY"
HEAD = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "{CANARY}"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
SHORT = (Stretch(90), Stretch(40, 1.4, 55, paused_before_s=60), Stretch(30, every_s=5))
TOKENS = [
    b"&x;", b"&f;", b"]]>", b"<", b">", b"<trkpt>", b"</trkpt>", b"\0", b"\xff\xfe", b"nan", b"-1", b"1e999",
    b"inf", b"9" * 400, b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"PK\x03\x04", b".FIT",
    b"\x1f\x8b", b"<!DOCTYPE a>", b"<Track>", b'lat="91"', b"\x40\0\0\x14\0\xff", b"\xff" * 9, b"\x80",
]  # fmt: skip
SLOWEST_S = 10.0


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Whole files of each kind, small, so that ten thousand of them take minutes."""
    run = fit_run(SHORT)
    return (
        ("run.fit", run),
        ("late.fit", fit_run(SHORT, with_session=False)),
        ("tri.fit", fit_multisport([("swimming", [Stretch(70)]), ("running", [Stretch(80)])])),
        ("old.fit", with_compressed_time_stamps(run)),
        ("run.gpx", gpx(SHORT).encode()),
        ("wide.gpx", gpx(SHORT).encode("utf-16")),
        ("entities.gpx", gpx(SHORT, head=HEAD).replace("Made up", "&x;&f;").encode()),
        ("run.tcx", tcx(SHORT).encode()),
        ("entities.tcx", tcx(SHORT, head=HEAD).replace("Made-up watch", "&x;&f;").encode()),
        ("runs.zip", zipped([("a/run.fit", run), ("../run.gpx", gpx(SHORT).encode()), ("run.tcx", b"<")])),
        ("run.fit.gz", gzip.compress(run, mtime=0)),
    )


def flip(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 8, 64))):
        data[dice.randrange(len(data))] = dice.randrange(256)


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def take_out(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice((1, 3, 50, 1000))]


def put_in(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 5))):
        at = dice.randrange(len(data))
        data[at:at] = dice.choice(TOKENS)


def repeat(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at:at] = data[at : at + dice.choice((10, 300, 5000))] * dice.choice((1, 3))


def wrong_digits(data: bytearray, dice: random.Random) -> None:
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57] or [0]
    for _ in range(dice.choice((1, 10, 200))):
        data[dice.choice(digits)] = 48 + dice.randrange(10)


MUTATIONS: list[Callable[[bytearray, random.Random], None]] = [
    flip, flip, cut, take_out, put_in, put_in, repeat, wrong_digits,
]  # fmt: skip


def mutated(seed: int) -> tuple[str, bytes]:
    """The file of this seed: the same in every run of the suite."""
    dice = random.Random(seed)
    name, whole = seeds()[seed % len(seeds())]
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 4))):
        if data:
            dice.choice(MUTATIONS)(data, dice)
    wrapped = bytes(data)
    if seed % 7 == 0:
        wrapped = zipped([(name, wrapped), ("run.gpx", gpx((Stretch(70),)).encode())])
    return dice.choice((name, "run.fit", "x", "../../etc/passwd", "a\0b.gpx")), wrapped


def check(reading: FileResult) -> None:
    said = json.dumps(reading.to_json())
    assert FileResult.from_json(json.loads(said)) == reading
    assert bool(reading.runs) is (reading.refusal is None)
    assert CANARY not in said
    assert UNREADABLE not in said, "the last net caught an error that has no sentence of its own"
    assert not re.search(r"44\.9\d\d|-93\.1", said), "a position came through"
    assert len(reading.warnings) <= 20
    for run in reading.runs:
        assert run.started_at.tzinfo is not None
        assert SHORTEST_S <= run.duration_s <= LONGEST_S
        assert run.duration_s <= run.elapsed_s
        assert run.distance_m is None or 0 < run.distance_m <= FARTHEST_M
        assert run.cadence_spm is None or 130 <= run.cadence_spm <= 250
        assert run.running_s >= 0
        assert "/" not in run.file_name
        assert "\0" not in run.file_name


def fuzz(numbers: range) -> int:
    """How many of the mutated files still gave a run."""
    survived = 0
    for seed in numbers:
        name, data = mutated(seed)
        started = time.process_time()
        try:
            reading = read(data, name)
            check(reading)
        except Exception as error:
            error.add_note(f"seed {seed}, {name!r}, {len(data)} bytes")
            raise
        assert time.process_time() - started < SLOWEST_S, f"seed {seed}"
        survived += bool(reading.runs)
    return survived


@pytest.mark.parametrize("hundred", range(5))
def test_five_hundred_mutated_files_end_in_a_reading(hundred: int) -> None:
    survived = fuzz(range(100 * hundred, 100 * hundred + 100))
    assert 20 < survived < 100, "the mutations should neither spare nor ruin every file"


@pytest.mark.deep
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_mutated_files_end_in_a_reading(thousand: int) -> None:
    assert fuzz(range(1000 * thousand, 1000 * thousand + 1000)) > 200
