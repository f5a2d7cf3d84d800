"""The weekly questions and the log's own question about daily life, sent at the same moment from two phones."""

import threading
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.workouts import actions as log
from challenge.workouts.models import DailyLife
from tests.factories.cohorts import enroll
from tests.factories.people import make_runner_user
from tests.outcomes.conftest import FRIDAY
from tests.outcomes.test_questions_pages import WEEKLY, sent
from tests.review.test_two_at_once import PATIENCE_S, until, waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = date(2026, 1, 5)


def weekly(client: Client) -> int:
    form = sent({"participation": 2, "days": 1, "performance": 1, "pain": 6}, key=str(uuid.uuid4()))
    return int(client.post(WEEKLY, form).status_code)


def daily_life(client: Client) -> int:
    return int(client.post("/log/daily-life/", {"key": str(uuid.uuid4()), "pain": "2"}).status_code)


def phone_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@time_machine.travel(FRIDAY)
@pytest.mark.parametrize(("first", "second", "counts"), [(weekly, daily_life, 2), (daily_life, weekly, 6)])
def test_both_are_taken_and_the_later_one_counts(
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[Client], int],
    second: Callable[[Client], int],
    counts: int,
) -> None:
    enrollment: Enrollment = enroll(user=make_runner_user())
    user = enrollment.seat.user
    assert user is not None
    phones = [phone_of(user), phone_of(user)]
    is_written, other_waits = threading.Event(), threading.Event()
    complete = log._complete

    def slowly(entry: Any, *args: Any, **values: Any) -> Any:
        logged = complete(entry, *args, **values)
        if isinstance(entry, DailyLife) and not is_written.is_set():
            is_written.set()
            assert other_waits.wait(PATIENCE_S)
        return logged

    monkeypatch.setattr(log, "_complete", slowly)
    answers: dict[str, int] = {}

    def send(name: str, form: Callable[[Client], int], phone: Client) -> threading.Thread:
        def run() -> None:
            try:
                answers[name] = form(phone)
            finally:
                connection.close()

        return threading.Thread(target=run)

    one, other = send("first", first, phones[0]), send("second", second, phones[1])
    one.start()
    assert is_written.wait(PATIENCE_S)
    other.start()
    until(lambda: not other.is_alive() or waits_for_a_lock())
    other_waits.set()
    one.join(PATIENCE_S)
    other.join(PATIENCE_S)
    assert answers == {"first": 302, "second": 302}
    assert DailyLife.objects.get(enrollment=enrollment, week_starts_on=MONDAY).pain == counts
    assert QuestionnaireAnswer.objects.filter(enrollment=enrollment).count() == 1
