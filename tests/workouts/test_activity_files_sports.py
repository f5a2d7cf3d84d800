"""Apps write sports in their own words; only a word we know for another sport refuses a file."""

import pytest

from challenge.workouts.activity_files import read
from challenge.workouts.activity_files.doubts import Answer, DoubtKind
from challenge.workouts.activity_files.sports import refusal_of
from tests.factories.activity_files import gpx, kinds, tcx


@pytest.mark.parametrize(
    "word", ["running", "Run", "trail_running", "VirtualRun", "Morning jog", "9", "Treadmill"]
)
def test_a_word_for_running_is_a_run(word: str) -> None:
    (run,) = read(gpx(kind=word).encode(), "run.gpx").runs
    assert DoubtKind.SPORT_UNKNOWN not in kinds(run)
    assert run.indoor is (word == "Treadmill")


@pytest.mark.parametrize("word", ["", "Laufen", "other", "workout", "footing", "跑步"])
def test_a_word_that_we_do_not_know_is_asked_about(word: str) -> None:
    (run,) = read(gpx(kind=word).encode(), "run.gpx").runs
    assert DoubtKind.SPORT_UNKNOWN in kinds(run)


@pytest.mark.parametrize(
    "word", ["cycling", "Morning Ride", "walking", "10", "Hiking", "open water swimming", "Yoga"]
)
@pytest.mark.parametrize("make", ["gpx", "tcx"])
def test_a_word_for_another_sport_is_refused(word: str, make: str) -> None:
    text = gpx(kind=word) if make == "gpx" else tcx(sport=word)
    reading = read(text.encode(), f"other.{make}")
    assert reading.runs == ()
    assert "imported nothing" in str(reading.refusal)


def test_the_other_of_tcx_is_left_out_unless_the_runner_says_so() -> None:
    (run,) = read(tcx(sport="Other").encode(), "run.tcx").runs
    assert kinds(run) == {DoubtKind.SPORT_OTHER}
    assert run.doubts[0].answer is Answer.LEAVE_OUT


@pytest.mark.parametrize("sport", ["54", "\x1b[31m", "x" * 500])
def test_a_refusal_shows_no_numbers_or_control_characters(sport: str) -> None:
    said = refusal_of(sport)
    assert said.isprintable()
    assert len(said) < 130
    assert "54" not in said
