"""Markers in every health field, the journeys walked, then every place looked at where they must not be."""

import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis
import sentry_sdk
from django.conf import settings
from django.db import transaction
from django.test import Client

from challenge.accounts.models import User
from challenge.mail.models import OutboxMessage
from challenge.workouts.models import Run
from tests.factories.lives import fill_life
from tests.factories.people import sign_in_now
from tests.operations.test_reports import Kept
from tests.repository import access_matrix as matrix
from tests.repository.test_access import world
from tests.repository.test_browser_policy import pages
from thrive import reports
from thrive.logging import configuration

__all__ = ["world"]

pytestmark = pytest.mark.django_db
MARKER = "Quokka-marker"
FORMS = {
    "/log/run/": {"note": MARKER, "distance": MARKER, "pain": "4", "site": MARKER, "symptoms": ["night"]},
    "/log/morning/": {"pain": MARKER, "note": MARKER},
    "/log/strength/": {"note": MARKER, "pain": "3"},
    "/join/intake/running/": {"remarks": MARKER, "knee_or_hip_history": MARKER, "event": MARKER},
}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged."""
    configuration("json")
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    kept, handler.stream = io.StringIO(), handler.stream
    stream, handler.stream = handler.stream, kept
    yield kept
    handler.stream = stream


def in_valkey() -> str:
    """Every key and value of the queue and the cache, sessions among them."""
    found = []
    for address in (settings.REDIS_URL, settings.CACHE_URL):
        with redis.from_url(address) as store:
            for key in store.scan_iter():
                kind = store.type(key)
                found.append(key + (store.get(key) or b"" if kind == b"string" else b""))
                if kind == b"list":
                    found += store.lrange(key, 0, -1)
    return b"\n".join(found).decode(errors="replace")


def test_what_a_runner_says_is_in_no_log_cache_mail_or_report(
    world: SimpleNamespace, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Kept()
    reports.start("https://key@reports.test/1", transport=transport)
    fill_life(world.enrollment, world.people[matrix.CLINICIAN], marker=MARKER)
    User.objects.filter(pk=world.enrollment.seat.user.pk).update(
        name="Kim", phone=""
    )  # a name may stand in mail
    for role in (matrix.RUNNER, matrix.CLINICIAN, matrix.DESK):
        for _ in pages(world, role):
            pass
    client = Client(raise_request_exception=False)
    runner = world.people[matrix.RUNNER]
    sign_in_now(client, runner)
    for path, form in FORMS.items():
        assert client.post(path, form).status_code < 500, path

    def breaks(*args: Any, **kwargs: Any) -> Any:
        held = {"note": MARKER}
        with transaction.atomic():
            Run.objects.filter(enrollment=world.enrollment).update(pain=11)
        return held

    monkeypatch.setattr("challenge.privacy.views.everything_about", breaks)
    assert client.post("/me/export/").status_code == 500
    sentry_sdk.init()

    assert len(transport.sent) == 1, "the broken page was reported"
    assert "IntegrityError" in written.getvalue(), "and logged"
    assert MARKER not in written.getvalue()
    assert MARKER not in json.dumps(transport.sent)
    assert MARKER not in in_valkey()
    to_runner = OutboxMessage.objects.filter(to_email=runner.email)
    assert to_runner.exists()
    for message in OutboxMessage.objects.all():
        assert MARKER not in f"{message.subject} {message.text} {message.html} {message.headers}", (
            message.kind
        )
