"""The list of the log by week and by month, and a week of the plan as a page."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId
from challenge.workouts.tags import next_step, own_why, shared_why
from tests.factories.log import DAY, log_morning, log_run, log_strength
from tests.factories.weekly import make_target
from tests.repository.instructions import words_of

WEDNESDAY = date(2026, 1, 7)


def words(phone: Client, address: str) -> str:
    answer = phone.get(address)
    assert answer.status_code == 200
    return words_of(answer.content.decode())


def test_each_week_has_its_totals(phone: Client, enrollment: Enrollment) -> None:
    log_run(enrollment, distance_m=8047)
    log_run(enrollment, WEDNESDAY, distance_m=4828)
    log_strength(enrollment)
    log_morning(enrollment, WEDNESDAY - timedelta(days=7))
    page = words(phone, "/log/")
    assert "This week 8.0 mi in 2 runs · 1 strength" in page
    assert "Week of December 29, 2025 Wed 31 Morning" in page


def test_the_day_of_several_entries_is_written_once_and_read_with_each(
    phone: Client, enrollment: Enrollment
) -> None:
    log_run(enrollment, WEDNESDAY)
    log_morning(enrollment, WEDNESDAY)
    log_strength(enrollment)
    html = phone.get("/log/").content.decode()
    assert html.count('<span class="day"><span>Wed 7</span></span>') == 1
    assert html.count('<span class="day"><span class="visually-hidden">Wed 7</span></span>') == 1
    assert html.count('<span class="day"><span>Tue 6</span></span>') == 1


def test_a_month_shows_its_own_entries(phone: Client, enrollment: Enrollment) -> None:
    log_run(enrollment, DAY, distance_m=8047)
    log_run(enrollment, date(2024, 5, 31), distance_m=16093)
    page = words(phone, "/log/?month=2024-05")
    assert "10.0 mi in 1 run" in page
    assert "5.0 mi" not in page
    assert "May 2024" in words(phone, "/log/")
    assert "Nothing in June 2024." in words(phone, "/log/?month=2024-06")


def test_days_and_weeks_without_an_entry_are_one_quiet_line(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    """Days before the challenge and today, which may still get its entry, are left out."""
    log_run(enrollment, DAY)
    log_run(enrollment, DAY + timedelta(days=14))
    log_run(enrollment, DAY - timedelta(days=21))
    with time_machine.travel(now + timedelta(days=15), tick=False):
        page = words(phone, "/log/")
    assert "Nothing on Mon 19, Wed 21 Week of January 12 Nothing logged" in page
    assert "Nothing on Mon 5, Wed 7, Thu 8, Fri 9, Sat 10, Sun 11" in page
    assert page.count("Nothing on") == 2


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "9999-12", "1066-01", "0000-00", "x" * 500])
def test_a_month_that_is_none_shows_the_latest_weeks(
    phone: Client, enrollment: Enrollment, month: str
) -> None:
    log_run(enrollment)
    assert "This week" in words(phone, f"/log/?month={month}")


def test_an_old_entry_says_its_year(phone: Client, enrollment: Enrollment) -> None:
    run = log_run(enrollment, date(2024, 5, 31))
    assert "Friday, May 31, 2024" in words(phone, f"/log/run/{run.pk}/")
    assert "Tuesday, January 6 " in words(phone, f"/log/run/{log_run(enrollment).pk}/")


def test_a_week_says_why_once_and_the_next_step_where_it_is(phone: Client, enrollment: Enrollment) -> None:
    target = make_target(enrollment)
    exercises = target.decision["exercises"]
    shared = shared_why(exercises, "mi")
    page = words(phone, "/plan/1/")
    assert shared
    assert page.count(shared) == 1
    assert "Next step:" in page
    assert any(not own_why(one, shared, "mi") for one in exercises)


def test_the_last_step_and_a_dose_by_hand_have_no_next_step() -> None:
    line = {"exercise": ExerciseId.HEAVY_CALF_RAISE.value, "sets": 3, "step": 0, "form": "standard"}
    assert next_step(line)
    assert next_step(line | {"sets": 7}) == ""
    assert next_step(line | {"step": 99}) == ""


def test_a_test_that_the_next_phase_needs_has_a_door(phone: Client, enrollment: Enrollment) -> None:
    target = make_target(enrollment)
    missing = {"what": "heel raise test, or why it was not done", "have": None, "need": None}
    target.decision["phase"]["missing"] = [missing]
    target.pk, target.revision = None, 2
    target.save(force_insert=True)
    assert "The heel raise test, with a clinician. Book a check-in call" in words(phone, "/plan/1/")
