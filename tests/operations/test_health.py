"""The health checks that machines ask."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from challenge.mail import actions as mail
from challenge.mail.models import MessageKind
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT, failing_checks
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll

pytestmark = pytest.mark.django_db


def away(*args: Any) -> None:
    raise OperationalError("the server closed the connection")


def test_live_answers_without_the_database(client: Client) -> None:
    with connection.execute_wrapper(away):
        assert client.get("/health/live/").json() == {"live": True}


def test_a_database_that_is_down_is_reported() -> None:
    with connection.execute_wrapper(away):
        assert set(failing_checks(at=NOW)) == {"database"}


def test_ready_when_beat_lives_and_no_mail_waits(client: Client) -> None:
    record_heartbeat(name=BEAT, at=timezone.now())
    response = client.get("/health/ready/")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "troubles": {}}


def test_not_ready_before_the_first_heartbeat(client: Client) -> None:
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert set(response.json()["troubles"]) == {"beat"}


def test_a_silent_beat_is_reported_after_five_minutes() -> None:
    record_heartbeat(name=BEAT, at=NOW)
    assert "beat" not in failing_checks(at=NOW + timedelta(minutes=5))
    assert "beat" in failing_checks(at=NOW + timedelta(minutes=5, seconds=1))


def test_waiting_mail_is_reported_after_a_quarter_of_an_hour() -> None:
    mail.put_in_outbox(
        kind=MessageKind.TEST,
        template="account_changed",
        to="a@runners.test",
        context={},
        dedupe_key="x",
        at=NOW,
    )
    assert "mail" not in failing_checks(at=NOW + timedelta(minutes=14))
    assert "mail" in failing_checks(at=NOW + timedelta(minutes=16))


def test_a_queue_that_is_down_is_reported(settings: Any) -> None:
    assert "queue" not in failing_checks(at=NOW)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "queue" in failing_checks(at=NOW)


def test_a_cache_that_is_down_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cache" not in failing_checks(at=NOW)
    gone = RedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr("challenge.operations.queries.cache", gone)
    assert "cache" in failing_checks(at=NOW)


def test_a_missing_decision_is_reported_half_an_hour_after_monday_six() -> None:
    enroll()
    six = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # of the first Monday, in Chicago
    assert "targets" not in failing_checks(at=six + timedelta(minutes=29))
    assert "targets" in failing_checks(at=six + timedelta(minutes=31))
    decide_due(now=lambda: six + timedelta(minutes=32))
    assert "targets" not in failing_checks(at=six + timedelta(minutes=33))
