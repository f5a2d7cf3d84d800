"""Questions after the weekly emails are over: an email with a bare link, once, and once more a week later."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import EndReason, Enrollment
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.notifications.notices import question_reminders, send_notices
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.outcomes import give_answer

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
STARTS = date(2026, 1, 5)


def at(week: int, days: int = 0, hour: int = 10) -> datetime:
    """Ten in the morning in Chicago, so many weeks and days after the start."""
    day = STARTS + timedelta(weeks=week, days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHICAGO)


def keys(moment: datetime) -> list[str]:
    return [message.dedupe_key for message in question_reminders(moment)]


def test_weeks_12_and_26_are_asked_for_and_nothing_between(enrolled: Enrollment) -> None:
    asked = {week: keys(at(week)) for week in (1, 4, 5, 8, 9, 11, 12, 13, 16, 20, 26, 30)}
    # The last weekly email, on the day that the weeks are over, names those of week 12.
    assert {week: found for week, found in asked.items() if found} == {
        13: [f"questions:{enrolled.pk}:12:again"],
        26: [f"questions:{enrolled.pk}:26"],
    }


def test_it_is_sent_once_and_once_more_a_week_later(enrolled: Enrollment) -> None:
    for days in range(25):
        for hour in (7, 10, 20):
            send_notices(at=at(26, days, hour))
    sent = OutboxMessage.objects.filter(dedupe_key__startswith="questions:").order_by("created_at")
    assert [row.created_at for row in sent] == [at(26), at(26, 7)]
    assert {row.kind for row in sent} == {MessageKind.SURVEY}


def test_no_one_is_reminded_of_what_they_answered(enrolled: Enrollment) -> None:
    assert keys(at(26))
    give_answer(enrolled, "running", 26, {"normal": 70})
    assert keys(at(26, 1)), "the other one still waits"
    give_answer(enrolled, "activities", 26, {"first": 7}, names={"first": "Stairs"})
    assert keys(at(26, 1)) == []


def test_the_email_is_a_bare_link(enrolled: Enrollment) -> None:
    send_notices(at=at(26))
    email = OutboxMessage.objects.get(dedupe_key__startswith="questions:")
    assert email.subject == "A few questions after 26 weeks"
    assert "/questions/" in email.text
    assert not [word for word in ("pain", "Achilles", "score", "activit") if word in email.text]


def test_who_left_and_who_runs_again_is_not_asked_about_then(enrolled: Enrollment) -> None:
    user = enrolled.seat.user
    assert user is not None
    later = make_cohort(starts_on=STARTS + timedelta(weeks=21), opens_at=at(20))
    again = enroll(cohort=later, user=user)
    assert keys(at(26)) == []
    withdraw(seat=again.seat, reason=EndReason.WITHDREW, by=user, at=at(25))
    assert keys(at(26)) == [f"questions:{enrolled.pk}:26"]
    withdraw(seat=enrolled.seat, reason=EndReason.WITHDREW, by=user, at=at(26))
    assert keys(at(26)) == []


def test_a_crowd_costs_no_more_queries(enrolled: Enrollment, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        enroll(cohort=enrolled.cohort)
    with django_assert_max_num_queries(5):
        keys(at(20))
