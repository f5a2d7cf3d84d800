"""Simulation of the demo's weeks through the real actions: decisions, logs, a clinician's work and email."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.test.utils import override_settings

from challenge.accounts.models import User
from challenge.mail.delivery import deliver_due
from challenge.notifications.flag_checks import raise_scheduled_flags
from challenge.operations.demo.answers import answer_questions
from challenge.operations.demo.clinic_day import ask_clinic, clinic_day
from challenge.operations.demo.log_days import DemoRunner, log_day
from challenge.operations.demo.people import (
    make_clinic,
    make_full_cohort,
    make_open_cohort,
    make_staff,
    make_team,
)
from challenge.operations.demo.staff_pages import decide_and_note, fill_lists_and_calls
from challenge.operations.demo.stories import STORIES
from challenge.protocol.local_week import local_day, monday_of
from challenge.weekly.decide import decide_due
from challenge.weekly.revise import revise_out_of_date

DECIDED_BY = time(15, 5)  # UTC: past Monday 06:00 in every zone of the stories
CLINIC_HOURS = time(17, 30)


def simulate(*, runners: int, weeks: int, seed: int, now: datetime, report: Callable[[str], object]) -> None:
    """Create the full cohort, play it up to `now` in its week `weeks`, then create the open cohort.

    `report` gets a line after each week. Emails are marked as sent and delivered to no one.
    """
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        make_clinic(at=now)
        make_team(at=now)
        clinician = make_staff()
        this_monday = monday_of(local_day(now, clinician.zone))
        first = this_monday - timedelta(weeks=weeks - 1)
        people = make_full_cohort(stories=STORIES[:runners], monday=first, clinician=clinician, seed=seed)
        deliver_due(now=lambda: _moment(first, time(0)))
        for week in range(1, weeks + 1):
            monday = first + timedelta(weeks=week - 1)
            _simulate_week(people, week=week, monday=monday, clinician=clinician, now=now)
            report(f"week {week}")
        # One question waits, as on any day.
        ask_clinic(people[0], "Is it fine to swap Tuesday and Wednesday?", at=now - timedelta(minutes=50))
        following = make_open_cohort(now=now, clinician=clinician)
        fill_lists_and_calls(cohort=following, clinician=clinician, now=now)
        deliver_due(now=lambda: now)


def _simulate_week(
    people: list[DemoRunner], *, week: int, monday: date, clinician: User, now: datetime
) -> None:
    at = min(_moment(monday, DECIDED_BY), now)
    decide_due(now=lambda: at)
    deliver_due(now=lambda: at)
    if _moment(monday, CLINIC_HOURS) <= now:
        clinic_at = _moment(monday, CLINIC_HOURS)
        clinic_day(people, week=week, monday=monday, clinician=clinician, at=clinic_at)
        decide_and_note(people, week=week, clinician=clinician, at=clinic_at)
    for day in (monday + timedelta(days=n) for n in range(7)):
        for runner in people:
            if (evening := log_day(runner, day=day, week=week, until=now)) is not None:
                answer_questions(runner, day=day, week=week, at=evening + timedelta(hours=1))
        # 06:00 UTC is 10 PM in Los Angeles, after the last entry of the day.
        night = min(_moment(day + timedelta(days=1), time(6)), now)
        revise_out_of_date(at=night)
        raise_scheduled_flags(at=night)
        deliver_due(now=lambda moment=night: moment)  # type: ignore[misc]


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, UTC)
