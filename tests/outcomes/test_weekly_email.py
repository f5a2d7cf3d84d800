"""The weekly email says that questions wait, with a bare link, and nothing of what they ask."""

from datetime import UTC, date, datetime, timedelta

import pytest

from challenge.enrollment.models import Enrollment
from challenge.mail.models import OutboxMessage
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.factories.outcomes import QUIET_WEEK, give_answer
from tests.factories.weekly import decide_week

MONDAY = date(2026, 1, 5)
TITLES = ("four questions", "Three things", "one number", "Then and now", "pain")


def email_of(runner: Enrollment, week: int) -> OutboxMessage:
    monday = MONDAY + timedelta(weeks=week - 1)
    at = datetime(monday.year, monday.month, monday.day, 12, tzinfo=UTC)
    target = decide_week(enrollment=runner, week_starts_on=monday, at=at)
    assert target.message is not None
    return target.message


@pytest.fixture
def runner(db: None) -> Enrollment:
    return enroll()


def test_what_waits_is_a_bare_link(runner: Enrollment) -> None:
    message = email_of(runner, 2)
    for body in (message.text, message.html):
        assert "A few short questions wait for you" in body
        assert "/questions/" in body
        assert "/questions/w" not in body
        assert not [title for title in TITLES if title in body]


def test_who_has_answered_is_not_asked_by_email(runner: Enrollment) -> None:
    give_answer(runner, "activities", 0, {"first": 3}, names={"first": "Hills"})
    give_answer(runner, "running", 0, {"normal": 40})
    give_answer(runner, "weekly", 1, QUIET_WEEK)
    message = email_of(runner, 2)
    assert "questions/" not in message.text
    assert "questions/" not in message.html


def test_a_reader_who_wants_a_link_gets_this_one_too(runner: Enrollment) -> None:
    runner.email_content = "link"
    runner.save()
    assert "/questions/" in email_of(runner, 2).text


def test_an_email_on_hold_asks_nothing(runner: Enrollment) -> None:
    log_run(runner, MONDAY, pain=4, site="achilles", side="left", symptoms=["pop"])
    assert "/questions/" not in email_of(runner, 2).text


def test_the_last_email_leads_to_the_questions_of_the_end(runner: Enrollment) -> None:
    assert "/questions/" in email_of(runner, 13).text
