"""The owner and `doctor` say when a newer version or a security fix of a pinned part is out, if they may ask."""

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from challenge.operations.doctor import examine
from challenge.operations.models import Heartbeat
from challenge.operations.overview import needs
from challenge.operations.queries import failing_checks
from challenge.operations.releases import (
    RELEASES,
    InvalidRelease,
    parse_release,
    read_release,
    release_sentences,
)
from tests.calls.test_busy_calendars import CalendarServer, send
from tests.conftest import NOW
from tests.factories.people import make_clinician, make_owner, use_second_factor
from thrive import VERSION

pytestmark = pytest.mark.django_db
ROOT = Path(django_settings.BASE_DIR)


def release(**changes: Any) -> bytes:
    return json.dumps({"version": VERSION, "has_security_fix": False, "safe_parts": {}} | changes).encode()


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[CalendarServer]:
    """An https server on loopback that RELEASE_URL names."""
    cache.clear()
    found = CalendarServer(tmp_path)
    settings.RELEASE_URL = found.address
    yield found
    found.server.shutdown()
    found.server.server_close()
    cache.clear()


def said(server: CalendarServer, content: bytes) -> list[str]:
    server.answer = lambda handler: send(handler, 200, content)
    read_release(at=NOW, fetcher=server.fetcher(what="file of the newest release"))
    return list(release_sentences(at=NOW))


def test_a_newer_version_is_said_and_an_equal_or_older_one_is_not(server: CalendarServer) -> None:
    assert said(server, release(version="9.0.0")) == [f"Version 9.0.0 is out; {VERSION} runs here."]
    fix = said(server, release(version="9.0.1", has_security_fix=True))
    assert fix == [f"Version 9.0.1 is out, with a security fix; {VERSION} runs here."]
    assert said(server, release(has_security_fix=True)) == []
    assert said(server, release(version="0.0.1")) == []


def test_a_security_fix_of_a_pinned_part_is_said_until_the_part_is_that_new(server: CalendarServer) -> None:
    here = metadata.version("django")
    assert said(server, release(safe_parts={"django": here, "not-installed": "9"})) == []
    found = said(server, release(safe_parts={"django": f"{here}.1", "python": "99.0", "postgresql": "99.1"}))
    assert found[0] == f"A security fix of django is out: {here}.1; {here} runs here."
    assert [sentence.split()[4] for sentence in found] == ["django", "postgresql", "python"]


def test_the_owner_and_doctor_say_it_and_readiness_stays_well(server: CalendarServer) -> None:
    sentence = said(server, release(version="9.0.0"))[0]
    assert f"{sentence} Tell the person who runs your server." in [need.sentence for need in needs(at=NOW)]
    (finding,) = examine(mail_to="", only=["releases"])
    assert (finding.well, finding.words) == (False, sentence)
    assert sentence not in failing_checks(at=NOW).values()


def test_no_one_is_asked_unless_an_address_is_set(server: CalendarServer, settings: Any) -> None:
    settings.RELEASE_URL = ""
    assert said(server, release(version="9.0.0")) == []
    assert server.tags == []
    (finding,) = examine(mail_to="", only=["releases"])
    assert finding.well
    assert "no one is asked" in finding.words


def test_a_file_that_cannot_be_read_keeps_what_was_known_and_is_said_after_three_days(
    server: CalendarServer,
) -> None:
    known = said(server, release(version="9.0.0"))
    assert Heartbeat.objects.get(name=RELEASES).at == NOW
    assert said(server, b"<html>") == known
    late = list(release_sentences(at=NOW + timedelta(days=3, seconds=1)))
    assert late[0] == known[0]
    assert "since" in late[1]
    assert "cannot be read" in late[1]
    assert said(server, release(version="9.0.0")) == known
    assert list(release_sentences(at=NOW + timedelta(days=3, seconds=1))) == known


def test_a_private_address_is_not_asked_and_that_is_said_at_once(server: CalendarServer) -> None:
    """The negative control is above: the same address answers where it is allowed."""
    read_release(at=NOW, fetcher=server.fetcher(is_allowed=lambda address: False))
    assert server.tags == []
    (sentence,) = release_sentences(at=NOW)
    assert "could not be looked up yet" in sentence
    assert "private network" in sentence
    assert "127.0.0.1" not in sentence


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        release(version="newest"),
        release(version=None),
        release(has_security_fix="yes"),
        release(safe_parts=["django"]),
        release(safe_parts={"django": "<b>6</b>"}),
        release(safe_parts={"<b>django</b>": "6"}),
        release(safe_parts={f"part-{number}": "1" for number in range(101)}),
    ],
    ids=range(11),
)
def test_a_file_that_is_no_release_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidRelease):
        parse_release(content)


def test_a_cache_that_is_away_leaves_the_owners_page_standing(
    server: CalendarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(server, release(version="9.0.0"))
    monkeypatch.setattr("challenge.operations.releases.cache", RedisCache("redis://127.0.0.1:1/0", {}))
    assert list(release_sentences(at=NOW)) == []


def test_our_own_file_names_the_version_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = parse_release((ROOT / "deploy" / "release.json").read_bytes())
    assert project["version"] == VERSION == ours.version


@pytest.fixture
def owner(client: Client) -> Client:
    cache.clear()
    user = make_owner(email="olive@clinic.test")
    client.force_login(user)
    use_second_factor(client, user)
    return client


def test_the_owner_checks_the_installation_with_one_press(
    owner: Client, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("challenge.operations.owner_views.TASK_WITHIN_FOR_A_PAGE_S", 0.1)
    assert "send a test email to olive@clinic.test" in owner.get("/admin/check/").text
    assert not mailoutbox
    page = owner.post("/admin/check/").text
    assert "PostgreSQL" in page
    assert "The worker did no task within" in page
    assert "a backup" not in page.lower()
    assert [message.to for message in mailoutbox] == [["olive@clinic.test"]]
    again = owner.post("/admin/check/")
    assert again.status_code == 429
    assert "Give it a minute" in again.text
    assert len(mailoutbox) == 1


def test_no_one_else_checks_it(client: Client) -> None:
    clinician = make_clinician()
    client.force_login(clinician)
    use_second_factor(client, clinician)
    assert client.post("/admin/check/").status_code == 403
