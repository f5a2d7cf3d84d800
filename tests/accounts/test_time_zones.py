"""A time zone is found by the name people use, and what fits none or several is said beside the field."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from challenge.accounts.models import User
from challenge.accounts.time_zones import TimeZoneField, UnclearZone, read_zone, time_zones


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Central Time (Chicago)", "America/Chicago"),
        ("central time", "America/Chicago"),
        ("Central", "America/Chicago"),
        ("CST", "America/Chicago"),
        ("minneapolis", "America/Chicago"),
        (" eastern  standard time ", "America/New_York"),
        ("EST", "America/New_York"),
        ("arizona", "America/Phoenix"),
        ("St. John’s", "America/St_Johns"),
        ("buenos", "America/Argentina/Buenos_Aires"),
        ("Kathmandu", "Asia/Kathmandu"),
        ("utc", "UTC"),
        ("America/Chicago", "America/Chicago"),
        ("Asia/Calcutta", "Asia/Calcutta"),  # browsers still report it
    ],
)
def test_a_zone_is_found_by_the_name_people_use(typed: str, zone: str) -> None:
    assert read_zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Mars/Olympus", "We don’t have that time zone. Try a big city"),
        ("../../etc/passwd", "We don’t have that time zone"),
        ("\x00", "We don’t have that time zone"),
        ("🏃", "We don’t have that time zone"),
        ("santa", "Do you mean Santarem?"),
        ("sant", "That fits several zones; choose one: Santarem, Santiago, Santo Domingo."),
        ("time", "That fits several zones; choose one: Central Time (Chicago)"),
        ("a", "and others."),
    ],
)
def test_what_fits_none_or_several_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(UnclearZone) as refused:
        read_zone(typed)
    assert sentence in str(refused.value)


def test_each_name_in_the_list_is_read_as_its_own_zone() -> None:
    assert {read_zone(name): name for name in time_zones().values()} == time_zones()
    obsolete = {"Asia/Calcutta", "Europe/Kiev", "America/Buenos_Aires", "America/Fort_Wayne"}
    assert {"America/Chicago", "Asia/Kolkata", "Europe/Kyiv"} <= {*time_zones()}
    assert not obsolete & {*time_zones()}
    assert next(iter(time_zones().values())) == "Central Time (Chicago)"


def test_an_empty_field_is_told_how_to_search() -> None:
    with pytest.raises(ValidationError, match="Type a large city or the name of the zone"):
        TimeZoneField().clean("")


@pytest.mark.django_db
def test_the_field_shows_the_name_and_keeps_what_was_typed(runner_client: Client, runner: User) -> None:
    assert 'value="Central Time (Chicago)"' in runner_client.get("/me/").content.decode()
    sent = {"name": "Kim", "phone": "", "time_zone": "Springfield", "unit": "mi"}
    page = runner_client.post("/me/", sent).content.decode()
    assert "We don’t have that time zone" in page
    assert 'value="Springfield"' in page
    runner_client.post("/me/", sent | {"time_zone": "denver"})
    runner.refresh_from_db()
    assert runner.time_zone == "America/Denver"
