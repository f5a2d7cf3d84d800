"""Whether a file's cadence counts one foot or both: the length of the step decides, in every format."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from challenge.workouts.activity_files import FileRun, read
from challenge.workouts.activity_files.recording import BOTH_FEET_COUNTED, ONLY_WALKING
from tests.factories.activity_files import Stretch, fit_run, gpx, tcx
from tests.workouts.test_importing_files import read as import_files

CONTRADICTIONS = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "contradictions"
NO_DISTANCE_IN_RECORDS = ("distance", "enhanced_speed")
WAYS: dict[str, Callable[[Stretch], bytes]] = {
    "run.fit": lambda stretch: fit_run([stretch]),
    "speed-only.fit": lambda stretch: fit_run([stretch], leave_out=("distance",), positions=False),
    "total-only.fit": lambda stretch: fit_run([stretch], leave_out=NO_DISTANCE_IN_RECORDS, positions=False),
    "run.tcx": lambda stretch: tcx([stretch]).encode(),
    "positions-only.tcx": lambda stretch: tcx([stretch], distances=False).encode(),
    "treadmill.tcx": lambda stretch: tcx([stretch], positions=False).encode(),
    "run.gpx": lambda stretch: gpx([stretch]).encode(),
}


def one_run(data: bytes, name: str) -> FileRun:
    (run,) = read(data, name).runs
    return run


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("cadence", "speed_mps"),
    [(100, 0.8), (100, 1.2), (106, 1.3), (112, 1.5), (118, 1.6), (119, 1.0), (122, 1.8), (125, 1.9)],
)
def test_a_walk_counted_with_both_feet_is_never_doubled(way: str, cadence: int, speed_mps: float) -> None:
    run = one_run(WAYS[way](Stretch(1200, speed_mps, cadence)), way)
    assert (run.cadence_spm, run.running_s, run.cadence_unit) == (None, 0.0, "both_feet")
    assert ONLY_WALKING in run.warnings


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("cadence", "speed_mps"), [(80, 1.9), (80, 2.5), (85, 2.0), (85, 3.0), (90, 3.6), (95, 2.2), (95, 5.5)]
)
def test_one_foot_at_a_running_speed_is_doubled(way: str, cadence: int, speed_mps: float) -> None:
    run = one_run(WAYS[way](Stretch(1200, speed_mps, cadence)), way)
    assert (run.cadence_spm, run.cadence_raw, run.cadence_unit) == (2 * cadence, cadence, "one_foot")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("cadence", "speed_mps"), [(150, 2.0), (168, 3.0), (190, 5.5)])
def test_both_feet_of_a_run_stay_as_they_are(way: str, cadence: int, speed_mps: float) -> None:
    run = one_run(WAYS[way](Stretch(1200, speed_mps, cadence)), way)
    assert (run.cadence_spm, run.cadence_unit) == (cadence, "both_feet")
    assert BOTH_FEET_COUNTED in run.warnings


def test_a_minute_of_running_in_a_walk_keeps_its_own_cadence() -> None:
    walk = [Stretch(1200, 1.5, 112), Stretch(60, 2.8, 165)]
    for data, name in ((fit_run(walk), "walk.fit"), (gpx(walk).encode(), "walk.gpx")):
        run = one_run(data, name)
        assert (run.cadence_spm, run.running_s) == (165, 60.0)


def test_quick_short_steps_of_a_sprinter_are_doubled() -> None:
    assert one_run(tcx([Stretch(120, 7.0, 104)]).encode(), "track.tcx").cadence_spm == 208


@pytest.mark.parametrize(("cadence", "spm"), [(84, 168), (112, None)])
def test_without_any_speed_the_value_decides(cadence: int, spm: int | None) -> None:
    silent = fit_run(
        [Stretch(1200, 1.5, cadence)], leave_out=NO_DISTANCE_IN_RECORDS, positions=False, total_distance=None
    )
    assert one_run(silent, "silent.fit").cadence_spm == spm


def test_positions_that_hardly_move_take_no_cadence_away() -> None:
    indoors = gpx([Stretch(1200, 0.1, 84)]).encode()
    assert one_run(indoors, "treadmill.gpx").cadence_spm == 168


@pytest.mark.parametrize(
    ("cadence", "speed_mps", "average"), [(112, 1.5, 112), (165, 2.8, 165), (81, 2.6, 162)]
)
def test_an_average_is_read_by_the_same_rule(cadence: int, speed_mps: float, average: int) -> None:
    run = one_run(fit_run([Stretch(1200, speed_mps, None)], avg_cadence=cadence), "average.fit")
    assert any(f"average cadence, {average}," in warning for warning in run.warnings)


def test_the_page_takes_no_cadence_from_a_walk(phone: Client, now: datetime) -> None:
    walk = tcx([Stretch(1200, 1.5, 112)], start=datetime(2026, 1, 6, 13, 0, tzinfo=UTC)).encode()
    page = phone.get(import_files(phone, now, ("walk.tcx", walk))).content.decode()
    # Without the tags: a nonce or a file's hash may hold the same three digits.
    assert "224" not in re.sub(r"<[^>]*>", " ", page)
    assert ONLY_WALKING in page


def test_the_recorded_walk_has_no_running_cadence() -> None:
    path = CONTRADICTIONS / "both-feet-walk.tcx"
    if not path.is_file():
        pytest.skip("the contradicting files are not beside this project")
    run = one_run(path.read_bytes(), path.name)
    assert (run.distance_m, run.duration_s, run.cadence_spm, run.running_s) == (1800, 1200.0, None, 0.0)
