"""Cadence, one value at a time: the raise, the question asked back, what counts as on target."""

from typing import Any

import pytest

from challenge.protocol.entries import RunInput
from challenge.protocol.measured_cadence import (
    RunningDay,
    cadence_doubt,
    on_target,
    raised_cadence,
)
from challenge.protocol.parameters import CLINIC
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import CadenceSource
from tests.protocol.story import (
    monday,
    run,
)


@pytest.mark.parametrize(
    ("level", "target"),
    [
        (150, 157),
        (160, 168),
        (168, 176),
        (170, 178),
        (171, 179),
        (172, 180),
        (176, 180),
        (179, 180),
        (180, 180),
        (186, 186),
    ],
)
def test_a_level_is_raised_by_five_percent_cut_and_capped(level: int, target: int) -> None:
    assert raised_cadence(level) == target


@pytest.mark.parametrize("level", [0, 59, 251, 400, -1, True, None, 160.0])
def test_an_impossible_level_is_refused(level: Any) -> None:
    with pytest.raises(ProtocolError, match="from 60 to 250") as refused:
        raised_cadence(level)
    assert refused.value.field == "level_spm"


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [(82, 164), (60, 120), (110, 220), (119, None), (111, None), (59, None), (120, "fine"), (160, "fine")],
)
def test_a_typed_value_below_120_is_asked_back(typed: int, suggested: Any) -> None:
    asked = cadence_doubt(typed)
    if suggested == "fine":
        assert asked is None
        return
    assert asked is not None
    assert (asked.typed_spm, asked.suggested_spm) == (typed, suggested)
    assert asked.question.startswith(f"{typed}? ")


def test_82_asks_did_you_mean_164() -> None:
    asked = cadence_doubt(82)
    assert asked is not None
    assert asked.question == "82? Did you mean 164?"


@pytest.mark.parametrize(
    ("values", "hit"),
    [
        ({"cadence_spm": 165}, True),
        ({"cadence_spm": 164}, False),
        ({"cadence_spm": 200}, True),
        ({"cadence_spm": 170, "duration_s": 600}, True),
        ({"cadence_spm": 170, "duration_s": 599}, False),
        ({"cadence_spm": 170, "running_s": 599}, False),
        ({"cadence_spm": 170, "running_s": 600}, True),
        ({"cadence_spm": None, "cadence_source": CadenceSource.METRONOME}, True),
        ({"cadence_spm": None, "cadence_source": CadenceSource.METRONOME, "running_s": 599}, False),
        ({"cadence_spm": None, "cadence_source": None}, False),
        ({"cadence_spm": None, "cadence_source": CadenceSource.WATCH}, False),
    ],
)
def test_a_run_is_on_target_from_three_below_over_ten_running_minutes(
    values: dict[str, Any], hit: bool
) -> None:
    made = run(
        monday(1), **{"cadence": 150, "duration_s": 1800, "cadence_source": CadenceSource.WATCH, **values}
    )
    assert on_target(made, 168) is hit
    assert not on_target(made, None)


def test_measured_means_a_number_over_ten_running_minutes() -> None:
    def measured(*runs: RunInput) -> int | None:
        return RunningDay(monday(1), runs).measured_spm(CLINIC)

    assert measured(run(monday(1), 150)) == 150
    assert measured(run(monday(1), 150, running_s=600)) == 150
    assert measured(run(monday(1), 150, running_s=599)) is None
    assert measured(run(monday(1), None, cadence_source=CadenceSource.METRONOME)) is None
    assert cadence_doubt(125, CLINIC.altered(doubtful_below_spm=130)) is not None
