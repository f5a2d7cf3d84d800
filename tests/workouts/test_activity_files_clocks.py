"""Recordings whose clock or positions cannot be right: what is lost is said, and the day is that of the recording."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from challenge.workouts.activity_files import FileRun, read
from challenge.workouts.activity_files.doubts import DoubtKind
from challenge.workouts.activity_files.recording import TOO_HIGH
from challenge.workouts.activity_files.sports import titled_sport
from challenge.workouts.activity_files.xml_text import UNREAD_TIMES, moment
from tests.factories.activity_files import START, Stretch, fit_run, gpx, kinds, tcx

RUN = [Stretch(1200)]
TIME = re.compile(r"<time>[^<]+</time>")


def runs_of(text: str | bytes) -> tuple[FileRun, ...]:
    return read(text.encode() if isinstance(text, str) else text, "a.xml").runs


def one_run(text: str | bytes) -> FileRun:
    (run,) = runs_of(text)
    return run


@pytest.mark.parametrize("hours", [-24, -6, 2, 30])
def test_the_recording_decides_when_a_run_was(hours: int) -> None:
    run = one_run(fit_run(RUN, start_time=START + timedelta(hours=hours)))
    assert run.started_at == START
    assert kinds(run) == {DoubtKind.START}
    assert f"{abs(hours)}:00:00 off" in run.warnings[0]


def test_positions_that_come_late_do_not_move_the_start() -> None:
    late = [Stretch(1200)]
    run = one_run(
        fit_run(
            late,
            start_time=START - timedelta(minutes=15),
            total_elapsed_time=2100.0,
            total_timer_time=2100.0,
        )
    )
    assert run.started_at == START - timedelta(minutes=15)
    assert DoubtKind.START not in kinds(run)


def test_a_clock_that_is_set_back_is_asked_about() -> None:
    times = iter(range(1200))

    def set_back(found: re.Match[str]) -> str:
        second = next(times)
        at = START + timedelta(seconds=second if second < 600 else second - 300)
        return f"<time>{at.isoformat()}</time>"

    assert DoubtKind.CLOCK in kinds(one_run(TIME.sub(set_back, gpx(RUN))))


def test_a_clock_that_finds_its_day_in_the_middle_is_asked_about_in_both_parts() -> None:
    times = iter(range(1200))

    def lost(found: re.Match[str]) -> str:
        second = next(times)
        days = 16_000 if second < 600 else 0
        return f"<time>{(START + timedelta(seconds=second, days=-days)).isoformat()}</time>"

    parts = runs_of(TIME.sub(lost, gpx(RUN)))
    assert [DoubtKind.CLOCK in kinds(part) for part in parts] == [True, True]


def test_points_from_the_newest_to_the_oldest_are_no_wrong_clock() -> None:
    points = re.findall(r"<trkpt.*?</trkpt>", gpx(RUN))
    run = one_run(gpx(RUN).replace("".join(points), "".join(reversed(points))))
    assert (run.distance_m, run.doubts) == (3597, ())


@pytest.mark.parametrize("lost", [range(400), range(0, 1200, 50)])
def test_the_place_of_a_receiver_without_a_signal_is_no_position(lost: range) -> None:
    numbers = iter(range(1200))
    text = re.sub(
        r'lat="[^"]+" lon="[^"]+"',
        lambda found: 'lat="0.0" lon="0.0"' if next(numbers) in lost else found[0],
        gpx(RUN),
    )
    run = one_run(text)
    is_part = len(lost) == 400
    assert run.distance_m == pytest.approx(2397 if is_part else 3597, abs=5)
    assert (DoubtKind.POSITIONS_PART in kinds(run)) is is_part


def test_positions_that_stick_and_jump_are_said_to_cover_a_part() -> None:
    sticks = iter(range(1200))
    places = re.findall(r'lat="[^"]+"', gpx(RUN))
    text = re.sub(
        r'lat="[^"]+"', lambda found: places[400] if 400 <= next(sticks) < 800 else found[0], gpx(RUN)
    )
    run = one_run(text)
    assert run.distance_m == pytest.approx(2400, abs=10)
    assert kinds(run) == {DoubtKind.POSITIONS_PART}


def test_a_wrong_position_that_is_taken_back_raises_no_doubt() -> None:
    numbers = iter(range(1200))
    text = re.sub(
        r'lat="[^"]+"', lambda found: 'lat="45.2"' if next(numbers) in range(500, 505) else found[0], gpx(RUN)
    )
    assert one_run(text).distance_m == pytest.approx(3597, rel=0.01)
    assert not one_run(text).doubts


@pytest.mark.parametrize(
    ("mps", "cadence", "asked"), [(5.5, None, True), (5.5, 95, False), (4.2, None, False)]
)
def test_a_rides_pace_without_a_cadence_is_asked_about(mps: float, cadence: int | None, asked: bool) -> None:
    run = one_run(gpx([Stretch(1800, mps, cadence)]))
    assert (DoubtKind.RIDE_PACE in kinds(run)) is asked


def test_a_drive_during_a_pause_is_no_ride() -> None:
    parts = [Stretch(600), Stretch(600, paused_before_s=300)]
    shifted = iter(range(1200))
    text = re.sub(
        r'lat="([^"]+)"',
        lambda found: f'lat="{float(found[1]) + (0.09 if next(shifted) >= 600 else 0)}"',
        gpx(parts, kind=None).replace("Loop", "Morning run"),
    )
    run = one_run(text)
    assert run.distance_m == pytest.approx(3594, abs=5)
    assert not run.doubts


@pytest.mark.parametrize("day", ["2026-11-20", "20261120", "2026-W47-5"])
def test_a_day_alone_is_no_time(day: str) -> None:
    assert moment(day) is None
    assert read(TIME.sub(f"<time>{day}</time>", gpx(RUN)).encode(), "a.gpx").refusal == UNREAD_TIMES


@pytest.mark.parametrize("steps", [280, 336])
@pytest.mark.parametrize("form", [gpx, tcx])
def test_an_impossible_cadence_is_said_to_be_one(steps: int, form: object) -> None:
    run = one_run((gpx if form is gpx else tcx)([Stretch(1200, 2.0, steps)]))
    assert (run.cadence_spm, run.cadence_unit) == (None, None)
    assert TOO_HIGH in run.warnings
    assert not run.doubts


@pytest.mark.parametrize(
    ("title", "sport"),
    [
        ("Run and walk", "running"),
        ("Bike, then run", None),
        ("Run club social ride", None),
        ("Biked to work", "cycling"),
        ("Walked the dog", "walking"),
    ],
)
def test_a_title_that_names_a_run_and_a_ride_decides_nothing(title: str, sport: str | None) -> None:
    assert titled_sport(title) == sport


def test_a_track_without_a_telling_name_belongs_to_the_run_before_it() -> None:
    first = gpx(RUN, kind=None).replace("Loop", "Morning run")
    then = gpx(RUN, kind=None, start=START + timedelta(seconds=1300)).replace("Loop", "Track 2")
    second = re.search(r"<trk>.*</trk>", then)
    assert second is not None
    run = one_run(first.replace("</gpx>", f"{second[0]}</gpx>"))
    assert kinds(run) == {DoubtKind.JOINED}
