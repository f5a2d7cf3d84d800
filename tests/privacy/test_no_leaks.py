"""Markers in every health field; after all journeys none of them is where it must not be."""

import io
import json
import logging
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from challenge.accounts.models import User
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.workouts.models import Run
from tests.factories.lives import fill_life, make_life, places_for_words
from tests.factories.people import sign_in_now
from tests.operations.test_sentry import StoringTransport, reports
from tests.repository import access_matrix as matrix
from tests.repository.page_forms import forms_for
from tests.repository.test_access import kept_world, signed_in, world
from tests.repository.test_browser_policy import admin_lists
from thrive.logging import configuration

__all__ = ["kept_world", "reports", "world"]

pytestmark = pytest.mark.django_db
MARKER = "Quokka-marker"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Return everything that is logged."""
    configuration("json")
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    log_output, handler.stream = io.StringIO(), handler.stream
    stream, handler.stream = handler.stream, log_output
    yield log_output
    handler.stream = stream


def in_valkey() -> str:
    """Return every key and value of the queue and the cache, sessions included."""
    found = []
    for address in (settings.REDIS_URL, settings.CACHE_URL):
        with redis.from_url(address) as store:
            for key in store.scan_iter():
                kind = store.type(key)
                found.append(key + (store.get(key) or b"" if kind == b"string" else b""))
                if kind == b"list":
                    found += store.lrange(key, 0, -1)
    return b"\n".join(found).decode(errors="replace")


def test_a_life_holds_words_in_every_place_for_words() -> None:
    """A new text field without a marker fails here, so that the tests below look for it."""
    make_life(marker=MARKER)
    without = [
        f"{model.__name__}.{name}"
        for model, name in places_for_words()
        if MARKER not in json.dumps(list(model._default_manager.values_list(name, flat=True)), default=str)
    ]
    assert without == []


def walk_and_fill_in(world: SimpleNamespace, roles: Sequence[str]) -> int:
    """Open every page and send each of its forms with the marker in all fields; return how many."""
    sent = 0
    for role in roles:
        person = world.people[role]
        client = signed_in(person)
        if role == matrix.CLINICIAN:
            assert list(admin_lists({role: client}, role))
        if role == matrix.RUNNER:
            sign_in_now(client, person)
        for name, form in forms_for(world, client, role):
            response = client.post(form.action, form.filled(MARKER))
            assert response.status_code < 500, (role, name, form.action)
            sent += 1
    return sent


def leave_a_life(world: SimpleNamespace) -> None:
    fill_life(world.enrollment, world.people[matrix.CLINICIAN], marker=MARKER)
    # A name may stand in mail.
    User.objects.filter(pk=world.enrollment.seat.user.pk).update(name="Kim", phone="")


# Who reads and writes the most of a runner's words; the other roles with `make deep`. Who withdraws comes last.
MOST = (matrix.CLINICIAN, matrix.RUNNER)
EVERY_ROLE = (matrix.VISITOR, matrix.OWNER, matrix.DESK, *MOST)


@pytest.mark.long
@pytest.mark.parametrize(
    ("roles", "forms"),
    [(MOST, 40), pytest.param(EVERY_ROLE, 60, marks=pytest.mark.deep)],
    ids=["most", "all"],
)
def test_a_runners_words_are_in_no_log_cache_email_or_report(
    world: SimpleNamespace,
    written: io.StringIO,
    reports: StoringTransport,
    monkeypatch: pytest.MonkeyPatch,
    roles: Sequence[str],
    forms: int,
) -> None:
    leave_a_life(world)
    runner = world.people[matrix.RUNNER]
    assert walk_and_fill_in(world, roles) > forms
    client = Client(raise_request_exception=False)
    sign_in_now(client, runner)

    def breaks(*args: Any, **kwargs: Any) -> Any:
        held = {"note": MARKER}
        with transaction.atomic():
            Run.objects.filter(enrollment=world.enrollment).update(pain=11)
        return held

    monkeypatch.setattr("challenge.privacy.views.everything_about", breaks)
    assert client.post("/me/export/").status_code == 500

    assert len(reports.sent) == 1, "the broken page was reported"
    assert "IntegrityError" in written.getvalue(), "and logged"
    assert MARKER not in written.getvalue()
    assert MARKER not in json.dumps(reports.sent)
    assert MARKER not in in_valkey()
    assert OutboxMessage.objects.filter(to_email=runner.email).exists()
    assert found_in_mail() == set()


def found_in_mail() -> set[str]:
    """Return the kinds of messages that hold the marker anywhere but in a name.

    Not what staff wrote to a whole cohort: those words are meant to be mailed, under the subject that staff gave them.
    """
    return {
        message.kind
        for message in OutboxMessage.objects.exclude(kind=MessageKind.MESSAGE, subject=MARKER)
        if MARKER
        in f"{message.subject} {message.text} {message.html} {message.headers} {message.attachments}"
    }


def test_each_searched_place_would_show_the_marker(world: SimpleNamespace, written: io.StringIO) -> None:
    logging.getLogger("challenge").warning("a line with %s", MARKER)
    cache.set("somebody", MARKER)
    assert MARKER in written.getvalue()
    assert MARKER in in_valkey()
    make_life(marker=MARKER)
    assert found_in_mail() == {"staff_alert"}
