"""A stranger's file cannot harm, stall or fill the worker: it is read in a process with limits."""

import time
from datetime import timedelta

import pytest

from challenge.workouts.activity_files import archive, read, sandbox
from challenge.workouts.activity_files.reader import EMPTY, TOO_BIG
from challenge.workouts.activity_files.sandbox import GAVE_UP, TOO_SLOW, SandboxLimits, read_isolated
from tests.factories.activity_files import START, Stretch, fit_run, gpx, zipped


def test_the_isolated_reading_is_the_reading() -> None:
    data = zipped([("a.fit", fit_run()), ("b.gpx", gpx(start=START + timedelta(days=1)).encode())])
    reading = read_isolated(data, "two.zip")
    assert reading == read(data, "two.zip")
    assert len(reading.runs) == 2


def test_nothing_and_too_much_are_refused_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CHILD", "no.such.module")
    assert read_isolated(b"", "x").refusal == EMPTY
    assert read_isolated(bytes(archive.MOST_BYTES + 1), "x").refusal == TOO_BIG


def test_a_reading_that_takes_too_long_is_ended_by_the_clock() -> None:
    started = time.monotonic()
    assert read_isolated(fit_run(), "run.fit", SandboxLimits(wall_s=0.02)).refusal == TOO_SLOW
    assert time.monotonic() - started < 30


def test_a_reading_that_works_too_hard_is_ended_by_the_kernel() -> None:
    hard = fit_run() * 60
    assert read_isolated(hard, "run.fit", SandboxLimits(cpu_s=1)).refusal == TOO_SLOW


def test_a_reading_that_fills_the_memory_ends_in_a_sentence() -> None:
    blown_up = zipped([("run.gpx", b"<gpx>" + b" " * 90_000_000)])
    reading = read_isolated(blown_up, "run.zip", SandboxLimits(memory=200 * 1024 * 1024))
    assert reading.runs == ()
    assert reading.refusal


@pytest.mark.parametrize("child", ["no.such.module", "this", "platform"])
def test_a_process_that_crashes_or_babbles_ends_in_a_sentence(
    child: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "CHILD", child)
    reading = read_isolated(fit_run([Stretch(60)]), "run.fit")
    assert (reading.runs, reading.refusal) == ((), GAVE_UP)
    assert reading.sha256 == read(fit_run([Stretch(60)]), "run.fit").sha256


@pytest.mark.parametrize("name", ["a\nb", '{"memory": 1}', "\udcff", "x" * 100_000])
def test_a_name_is_only_a_name_to_the_process(name: str) -> None:
    assert len(read_isolated(fit_run(), name).runs) == 1
