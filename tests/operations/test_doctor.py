"""`manage.py doctor`: a page of ticks, and a sentence for each thing that is not well."""

import asyncio
import contextlib
import io
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kombu
import pytest
import redis
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from challenge.operations import doctor, site_checks
from challenge.operations.backup import new_key
from challenge.operations.doctor import Finding, examine
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT
from challenge.operations.site_checks import ASKS, INVENTED_VISITOR, SiteAnswer
from challenge.privacy.models import ErasedAccount
from tests.mail.push_service import make_certificate
from tests.mail.smtp import smtp_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def well(settings: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """An installation where everything answers: site, mail server, a worker that does its task at once."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = live_server.url, ["*"]
    settings.BACKUP_KEY, settings.ERASURE_LIST = new_key(), str(tmp_path / "erasures.jsonl")
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
    answer = SiteAnswer(301, {"location": "https://challenge.test/health/live/"}, b"")
    monkeypatch.setattr(site_checks, "_request", lambda *given, **more: answer)
    assert "TRUSTED_PROXY_COUNT" in trouble("site")


def test_a_site_that_cannot_be_reached(well: Any, settings: Any) -> None:
    settings.SITE_URL = "http://127.0.0.1:1"
    assert "cannot be reached" in trouble("site")


def test_an_address_of_the_example_is_refused(well: Any, settings: Any) -> None:
    settings.CLINIC_EMAIL = "hello@challenge.example"
    assert "CLINIC_EMAIL is still the example's" in trouble("settings")


def test_a_worker_that_does_nothing(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.current_app.send_task", lambda name: None)
    (found,) = examine(mail_to="", only=["worker"], worker_within_s=0.5)
    assert (found.well, found.words) == (False, "the worker did no task within 0 seconds")


def test_a_queue_and_a_cache_that_are_away(well: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "does not answer" in trouble("queue")


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    """The queue as a provider hands it out: a user who may not use CONFIG. Yields a function that allows commands."""
    owner = redis.from_url(settings.REDIS_URL)
    kept = settings.REDIS_URL

    def allow(*commands: str) -> None:
        rules = ["+ping", "+select", *(f"+{command}" for command in commands)]
        owner.acl_setuser("managed", enabled=True, nopass=True, reset=True, commands=rules)
        settings.REDIS_URL = kept.replace("unix://", "unix://managed@")

    yield allow
    owner.acl_deluser("managed")
    owner.close()


def test_a_queue_of_a_provider_that_refuses_config_is_well(well: Any, provider: Any) -> None:
    provider("info")
    assert findings()["queue"] == Finding("queue", True, "answers, keeps what it is given")
    provider()
    assert findings()["queue"].words == "answers, does not show its maxmemory-policy: it must be noeviction"


@pytest.fixture
def over_tls(settings: Any, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The queue behind TLS, with a certificate of a private authority: its address, and the authority's file."""
    certificate = make_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    socket_path = urlsplit(settings.REDIS_URL).path
    number = parse_qs(urlsplit(settings.REDIS_URL).query).get("db", ["0"])[0]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(socket_path)
        with contextlib.suppress(OSError):
            await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer))

    async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    async def hang_up() -> None:
        server.close()
        relays = asyncio.all_tasks() - {asyncio.current_task()}
        for one in relays:
            one.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(relay, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"rediss://localhost:{server.sockets[0].getsockname()[1]}/{number}", certificate
    asyncio.run_coroutine_threadsafe(hang_up(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_queue_whose_authority_is_not_known_is_a_trouble_until_its_file_is_named(
    well: Any, settings: Any, over_tls: tuple[str, Path]
) -> None:
    settings.REDIS_URL, authority = over_tls
    assert trouble("queue").startswith("the queue's certificate is not good")
    with pytest.raises(kombu.exceptions.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_as_the_worker(settings.REDIS_URL)
    settings.REDIS_URL += f"?ssl_ca_certs={authority}"
    assert findings()["queue"].words == "answers, keeps what it is given, encrypted, its certificate is good"
    connect_as_the_worker(settings.REDIS_URL)


def connect_as_the_worker(url: str) -> None:
    """Connect once with what Celery is given for `rediss://` in the settings."""
    checked = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    with kombu.Connection(url, ssl=checked) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)


def test_a_queue_that_forgets_is_a_trouble(well: Any, settings: Any) -> None:
    with redis.from_url(settings.REDIS_URL) as client:
        kept = client.config_get("maxmemory-policy")["maxmemory-policy"]
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            assert "maxmemory-policy is allkeys-lru" in trouble("queue")
        finally:
            client.config_set("maxmemory-policy", kept)


def test_the_visitors_address_is_read_as_the_proxies_report_it(well: Any, settings: Any) -> None:
    assert "takes this host for 127.0.0.1" in findings()["site"].words
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = settings.TRUSTED_PROXY_COUNT = 1  # and there is no proxy
    assert "visitors can invent their address: TRUSTED_PROXY_COUNT is 1" in trouble("site")


def test_only_doctor_reads_as_whom_it_is_taken(client: Client) -> None:
    forged = {ASKS: "visitor:1wXyZ:invented", "X-Forwarded-For": INVENTED_VISITOR}
    assert client.get("/health/live/", headers=forged).json() == {"live": True}


def test_a_database_that_is_away_is_a_page_of_sentences(well: Any) -> None:
    def away(*given: Any) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        found = findings()
    assert found["database"].words == "the database does not answer"
    assert not found["clock"].well
    assert found["queue"].well
    assert "closed the connection" not in " ".join(finding.words for finding in found.values())


def test_a_time_zone_that_the_host_does_not_know(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "available_timezones", lambda: {"Europe/Rome"})
    assert "does not know the time zone America/Chicago" in trouble("clock")


def test_a_lost_backup_key_is_a_sentence(well: Any, settings: Any) -> None:
    settings.BACKUP_KEY = ""
    assert "key" in trouble("backup")


def test_the_list_of_erasures_is_filled_up_and_read(well: Any, settings: Any, tmp_path: Path) -> None:
    ErasedAccount.objects.create(account=4711, at=timezone.now())
    assert findings()["erasures"].words == "listed outside the database: 1"
    Path(settings.ERASURE_LIST).write_text("cut\n")
    assert "Line 1 of erasures.jsonl is damaged" in trouble("erasures")
    settings.ERASURE_LIST = str(tmp_path / "none" / "erasures.jsonl")
    assert "cannot be kept" in trouble("erasures")
    settings.ERASURE_LIST = ""
    assert "ERASURE_LIST is not set" in trouble("erasures")


def test_clocks_that_differ(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("challenge.operations.doctor.timezone.now", lambda: real_now() + timedelta(minutes=3))
    assert "differ by" in trouble("clock")


real_now = timezone.now
