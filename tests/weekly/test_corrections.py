"""A correction after Monday counts in the next week's decision, as the page promises."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.decision import Decision
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import Rule, Symptom
from challenge.weekly.actions import change_coming_week
from challenge.workouts.actions import change_entry
from challenge.workouts.models import Run
from tests.factories.log import log_daily_life, log_morning, log_run, log_strength
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)
SUNDAY = MONDAY + timedelta(days=6)


def decided(runner: Enrollment, week: int) -> Decision:
    """The Monday of a week, 1 and up."""
    ahead = (week - 1) * WEEK
    target = decide_week(enrollment=runner, week_starts_on=MONDAY + ahead, at=SIX + ahead)
    return Decision.from_json(target.decision)


@pytest.fixture
def sunday_run(enrolled: Enrollment, clinician: object) -> Run:
    """Target 168 in week 2, and a run on its Monday's eve."""
    set_to = {"cadence_spm": 168, "reason": "Start here.", "by": clinician, "at": SIX - timedelta(days=1)}
    change_coming_week(enrollment=enrolled, week_starts_on=MONDAY, **set_to)  # type: ignore[arg-type]
    decided(enrolled, 1)
    run = log_run(enrolled, SUNDAY, cadence_spm=168, pain=2, site="achilles", side="left")
    assert decided(enrolled, 2).cadence.target_spm == 168
    return run


def run_a_consistent_week(enrolled: Enrollment, monday: date) -> None:
    for day in (2, 4, 5):
        log_run(enrolled, monday + timedelta(days=day), cadence_spm=168)


def correct(client: Client, run: Run, at: datetime, **said: str) -> str:
    assert run.enrollment.seat.user is not None
    values = {
        "local_on": run.local_on.isoformat(),
        "distance_m": "3.1",
        "duration_s_m": "30",
        "cadence_spm": "168",
        "cadence_source": "watch",
        "surface": "road",
        "effort": "easy",
        "site": "achilles",
        "side": "left",
    }
    with time_machine.travel(at, tick=False):
        client.force_login(run.enrollment.seat.user)
        return client.post(f"/log/run/{run.pk}/", values | said, follow=True).content.decode()


def test_sundays_run_corrected_on_tuesday_to_8_holds_the_next_monday_once(
    client: Client, enrolled: Enrollment, sunday_run: Run
) -> None:
    page = correct(client, sunday_run, SIX + WEEK + timedelta(days=1), pain="8")
    assert "the next one takes it into account" in page
    run_a_consistent_week(enrolled, MONDAY + WEEK)
    held = decided(enrolled, 3).cadence
    assert (held.target_spm, held.reason.rule) == (168, Rule.CADENCE_HOLD_PAIN)
    email = WeeklyTarget.objects.get(week=3).message
    assert email is not None
    assert "pain" not in email.text.lower()
    run_a_consistent_week(enrolled, MONDAY + 2 * WEEK)
    assert decided(enrolled, 4).cadence.target_spm == 176


def test_a_correction_that_makes_nothing_worse_holds_nothing(
    client: Client, enrolled: Enrollment, sunday_run: Run
) -> None:
    assert "Corrected." in correct(client, sunday_run, SIX + WEEK + timedelta(days=1), pain="3")
    run_a_consistent_week(enrolled, MONDAY + WEEK)
    assert decided(enrolled, 3).cadence.target_spm == 176


def test_a_correction_and_a_late_run_of_the_same_values_decide_alike(
    enrolled: Enrollment, sunday_run: Run
) -> None:
    tuesday = SIX + WEEK + timedelta(days=1)
    log_run(enrolled, SUNDAY, cadence_spm=168, pain=8, site="achilles", side="left", at=tuesday)
    run_a_consistent_week(enrolled, MONDAY + WEEK)
    held = decided(enrolled, 3).cadence
    assert (held.target_spm, held.reason.rule, held.reason.fact("reds")) == (168, Rule.CADENCE_HOLD_PAIN, 1)


def test_every_kind_of_entry_passes_its_earlier_values_to_the_engine(enrolled: Enrollment) -> None:
    entries: list[Any] = [
        log_run(enrolled, pain=1),
        log_strength(enrolled, pain=1),
        log_morning(enrolled, pain=1),
        log_daily_life(enrolled, pain=1),
    ]
    tuesday = SIX + timedelta(days=1, hours=12)
    for entry in entries:
        change_entry(entry=entry, values={"pain": 7}, by=None, at=tuesday)
    change_entry(entry=entries[0], values={"symptoms": ["night_pain"]}, by=None, at=tuesday)
    change_entry(entry=entries[0], values={"note": "The last hill."}, by=None, at=tuesday)
    decided(enrolled, 2)
    stored = Snapshot.from_json(WeeklyTarget.objects.get().snapshot)
    run, strength, morning, daily = (f"{entry.kind}:{entry.pk}" for entry in entries)
    assert {(one.key, one.pain, one.symptoms) for one in stored.corrections} == {
        (run, 1, ()),
        (run, 7, ()),
        (strength, 1, ()),
        (morning, 1, ()),
        (daily, 1, ()),
    }
    known: tuple[Any, ...] = (*stored.runs, *stored.strength, *stored.mornings, *stored.daily_life)
    assert {entry.key for entry in known} == {run, strength, morning, daily}
    assert stored.runs[0].symptoms == (Symptom.NIGHT_PAIN,)
    assert {one.at for one in stored.corrections} == {tuesday}
