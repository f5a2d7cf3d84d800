"""`manage.py doctor`: a page of ticks, and a sentence for each thing that is not well."""

import io
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from challenge.operations import doctor
from challenge.operations.doctor import Finding, examine
from challenge.operations.encryption import new_key
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT
from tests.mail.smtp import smtp_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def well(settings: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An installation where everything answers: site, mail server, a worker that does its task at once."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = live_server.url, ["*"]
    settings.BACKUP_KEY = new_key()
    settings.CLINIC_EMAIL = settings.CLINICAL_REPLY_EMAIL = settings.DEFAULT_FROM_EMAIL = "us@clinic.test"
    record_heartbeat(name=BEAT, at=timezone.now() - timedelta(seconds=30))

    def do_at_once(name: str) -> None:
        assert name == "challenge.heartbeat"
        record_heartbeat(name=BEAT, at=timezone.now())

    monkeypatch.setattr("celery.current_app.send_task", do_at_once)
    with smtp_server(lambda number: "take") as (handler, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield handler


def findings(mail_to: str = "owner@clinic.test") -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(mail_to=mail_to)}


def test_everything_well_is_a_page_of_ticks(well: Any) -> None:
    out = io.StringIO()
    call_command("doctor", "owner@clinic.test", stdout=out)
    assert all(line.startswith("ok ") for line in out.getvalue().splitlines())
    assert well.recipients == ["owner@clinic.test"]


def test_single_parts_can_be_asked_in_their_own_order(well: Any) -> None:
    assert [finding.name for finding in examine(mail_to="", only=["clock", "settings"])] == [
        "settings",
        "clock",
    ]
    call_command("doctor", only=["clock"], stdout=io.StringIO())
    with pytest.raises(CommandError, match="invalid choice: 'moon'"):
        call_command("doctor", "--only", "moon")


def test_no_address_is_said_and_counts(well: Any) -> None:
    with pytest.raises(CommandError, match="1 of these"):
        call_command("doctor", stdout=io.StringIO())
    assert "not tried" in findings("")["email"].words


def test_a_wrong_address_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="not an email address"):
        call_command("doctor", "owner")


def trouble(name: str) -> str:
    found = findings()[name]
    assert not found.well, found.words
    return found.words


def test_the_mail_servers_own_words_are_shown(well: Any) -> None:
    well.recipient = lambda address: "550 5.7.1 relay not permitted"
    assert "550 5.7.1 relay not permitted" in trouble("email")


def test_a_mail_server_that_is_away(well: Any, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    assert "ConnectionRefusedError" in trouble("email")


def test_a_redirect_to_itself_names_the_cause(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(status=301, headers={"Location": "https://challenge.test/health/live/"})
    monkeypatch.setattr(doctor, "_request", lambda *given, **more: answer)
    assert "TRUSTED_PROXY_COUNT" in trouble("site")


def test_a_site_that_cannot_be_reached(well: Any, settings: Any) -> None:
    settings.SITE_URL = "http://127.0.0.1:1"
    assert "cannot be reached" in trouble("site")


def test_an_address_of_the_example_is_refused(well: Any, settings: Any) -> None:
    settings.CLINIC_EMAIL = "hello@challenge.example"
    assert "CLINIC_EMAIL is still the example's" in trouble("settings")


def test_a_worker_that_does_nothing(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "TASK_WITHIN_S", 0.5)
    monkeypatch.setattr("celery.current_app.send_task", lambda name: None)
    assert "did no task" in trouble("worker")


def test_a_queue_and_a_cache_that_are_away(well: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "does not answer" in trouble("queue")


def test_a_lost_backup_key_is_a_sentence(well: Any, settings: Any) -> None:
    settings.BACKUP_KEY = ""
    assert "key" in trouble("backup")


def test_clocks_that_differ(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("challenge.operations.doctor.timezone.now", lambda: real_now() + timedelta(minutes=3))
    assert "differ by" in trouble("clock")


real_now = timezone.now
