"""Error reports: place and class of an error, never a person or a value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from django.test import Client
from sentry_sdk.transport import Transport

from challenge.enrollment.models import Enrollment
from tests.factories.cohorts import enroll
from tests.factories.people import sign_in_now
from thrive import logging

SECRET = "secret-in-a-form"


class StoringTransport(Transport):
    """A transport that stores what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.sent += [item.payload.json for item in envelope.items]


@pytest.fixture
def reports() -> Iterator[StoringTransport]:
    """Report to a list. Afterward no client is left, which would follow every query of later tests."""
    transport = StoringTransport()
    with sentry_sdk.isolation_scope():
        logging.start_sentry("https://key@reports.test/1", transport=transport)
        yield transport
    sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.django_db
def test_a_report_holds_place_kind_route_and_request_id_and_nothing_of_a_person(
    reports: StoringTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: Any, **kwargs: Any) -> Any:
        held = SECRET
        raise ValueError(f"cannot read {held}")

    monkeypatch.setattr("challenge.accounts.views.redirect", breaks)
    enrollment: Enrollment = enroll()
    user = enrollment.seat.user
    assert user is not None
    client = Client(raise_request_exception=False)
    sign_in_now(client, user)
    client.post(
        f"/accounts/again/?token={SECRET}", {"next": f"/{SECRET}"}, headers={"x-request-id": "request-12345"}
    )
    assert len(reports.sent) == 1
    report, text = reports.sent[0], json.dumps(reports.sent)
    assert report["exception"]["values"][0]["type"] == "ValueError"
    assert report["transaction"] == "/accounts/again/"
    assert report["tags"] == {"request_id": "request-12345"}
    for word in (SECRET, user.email, user.name, "sessionid", "csrf", "127.0.0.1"):
        assert word not in text, word
    assert not {"user", "request", "breadcrumbs", "extra", "server_name", "modules"} & set(report)


def test_without_a_dsn_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentry_sdk, "init", lambda **kwargs: pytest.fail("started"))
    logging.start_sentry("")
