"""What people type in number fields."""

from datetime import date
from typing import Any

import pytest

from challenge.intake.fields import IntakeDayField
from challenge.intake.running_form import RunningForm

TODAY = date(2026, 1, 7)


def cleaned(**typed: Any) -> dict[str, Any]:
    form = RunningForm({"unit": "mi", "cadence_how": "later"} | typed, today=TODAY)
    assert form.is_valid(), form.errors
    return form.cleaned_data


@pytest.mark.parametrize(
    ("typed", "miles"),
    [
        ("20 miles", "20"),
        ("20", "20"),
        ("6,5 mi", "6.5"),
        ("20mi.", "20"),
        ("16.09 km", "10.00"),
        ("8k", "4.97"),
    ],
)
def test_a_distance_may_name_its_unit(typed: str, miles: str) -> None:
    assert str(cleaned(usual_week=typed)["usual_week"]) == miles


@pytest.mark.parametrize("typed", ["twenty", "20 furlongs", "20 20", "-5 mi", "mi"])
def test_a_distance_that_is_none_is_said_beside_its_field(typed: str) -> None:
    form = RunningForm({"unit": "mi", "cadence_how": "later", "usual_week": typed}, today=TODAY)
    assert not form.is_valid()
    assert form.errors["usual_week"] == ["Enter your usual week as a number from 0 to 600, like 12 or 6.5."]


@pytest.mark.parametrize(("typed", "number"), [("164 spm", 164), ("164 steps/min", 164), (" 164 ", 164)])
def test_a_number_may_carry_its_words(typed: str, number: int) -> None:
    assert cleaned(cadence_how="watch", cadence_spm=typed)["cadence_spm"] == number


def test_what_is_no_date_comes_back_as_it_was_typed() -> None:
    widget = IntakeDayField().widget
    assert 'type="text" name="on" value="next week"' in widget.render("on", "next week")
    assert 'type="date" name="on" value="2026-01-07"' in widget.render("on", TODAY)
    assert 'type="date" name="on">' in widget.render("on", None)
