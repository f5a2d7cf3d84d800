"""Eight files of real watches and phones, lent beside the project, give what their table says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from challenge.workouts.activity_files import FileResult, read
from challenge.workouts.activity_files.doubts import DoubtKind
from challenge.workouts.activity_files.recording import NO_CADENCE, TOO_SHORT_READABLE
from challenge.workouts.activity_files.sandbox import read_isolated
from tests.factories.activity_files import kinds

FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "activities"
NAMES = [
    "fenix2-run.fit",
    "garmin-run2.fit",
    "strava-android.fit",
    "cut-short.fit",
    "fenix5-walk.fit",
    "settings.fit",
    "run1.tcx",
    "broken1.gpx",
]


def content(name: str) -> bytes:
    file = FOLDER / name
    if not file.is_file():
        pytest.skip(
            f"the real activity files are not beside the project (../shared/fixtures/activities/{name})"
        )
    return file.read_bytes()


def reading_of(name: str) -> FileResult:
    return read(content(name), name)


def test_a_garmin_fenix_run_is_read_with_its_cadence_doubled() -> None:
    reading = reading_of("fenix2-run.fit")
    (run,) = reading.runs
    assert reading.refusal is None
    assert run.started_at == datetime(2015, 8, 15, 14, 45, 8, tzinfo=UTC)
    assert (run.distance_m, run.duration_s, run.cadence_spm) == (9008, 2832.0, 166)
    assert (run.cadence_raw, run.cadence_unit, run.indoor, run.warnings) == (83.0, "one_foot", False, ())


def test_a_run_walk_is_judged_on_its_running_alone() -> None:
    (run,) = reading_of("garmin-run2.fit").runs
    assert run.started_at == datetime(2023, 1, 12, 9, 32, 32, tzinfo=UTC)
    assert (run.distance_m, run.duration_s, run.cadence_spm) == (4841, 1868.8, 162)
    assert 1400 < run.running_s < 1600


def test_a_run_that_breaks_off_is_read_with_a_warning() -> None:
    (run,) = reading_of("strava-android.fit").runs
    assert (run.distance_m, run.duration_s, run.cadence_spm) == (11274, 3558.0, None)
    assert DoubtKind.INCOMPLETE in kinds(run)
    assert NO_CADENCE in run.warnings


def test_seconds_of_a_recording_are_politely_too_short() -> None:
    reading = reading_of("cut-short.fit")
    assert (reading.runs, reading.refusal) == ((), TOO_SHORT_READABLE)


def test_a_walk_is_named_as_one() -> None:
    reading = reading_of("fenix5-walk.fit")
    assert reading.runs == ()
    assert "a walk, not a run" in str(reading.refusal)


def test_watch_settings_are_no_activity() -> None:
    reading = reading_of("settings.fit")
    assert reading.runs == ()
    assert "settings" in str(reading.refusal)


def test_a_tcx_run_without_cadence_asks_for_it() -> None:
    (run,) = reading_of("run1.tcx").runs
    assert run.started_at == datetime(2014, 12, 26, 10, 0, 39, tzinfo=UTC)
    assert (run.distance_m, run.duration_s, run.cadence_spm) == (14332, 3270.0, None)
    assert run.warnings == (NO_CADENCE,)


def test_an_odd_gpx_is_read_as_far_as_it_goes() -> None:
    (run,) = reading_of("broken1.gpx").runs
    assert run.started_at == datetime(2018, 6, 26, 9, 6, 55, tzinfo=UTC)
    assert 26_000 < (run.distance_m or 0) < 28_000
    assert 3 * 3600 < run.duration_s < run.elapsed_s < 4 * 3600


@pytest.mark.parametrize("name", NAMES)
def test_the_isolated_process_says_the_same(name: str) -> None:
    assert read_isolated(content(name), name) == reading_of(name)
