"""One-click unsubscribing from weekly emails (RFC 8058); other emails still come."""

from datetime import timedelta

import pytest
from django.test import Client

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.weekly.decide import decide_due
from tests.factories.cohorts import enroll
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> str:
    """Return the link in a weekly email that waits in the outbox."""
    enroll()
    decide_due(now=lambda: SIX)
    headers = OutboxMessage.objects.get(kind=MessageKind.WEEKLY).headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(headers["List-Unsubscribe"]).strip("<>").removeprefix("http://testserver")


def stopped() -> bool:
    return AddressState.objects.get().weekly_unsubscribed_at is not None


def test_a_get_shows_a_page_and_changes_nothing(client: Client, link: str) -> None:
    assert client.get(link).status_code == 200
    assert not stopped()


def test_one_click_by_the_mail_program_stops_weekly_mail_without_cookie_or_token(link: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stopped()
    assert OutboxMessage.objects.get(kind=MessageKind.WEEKLY).state == MessageState.WITHDRAWN


def test_an_unsubscribed_runner_gets_a_decision_and_no_email(client: Client, link: str) -> None:

    client.post(link)
    decide_due(now=lambda: SIX + timedelta(days=7))
    assert WeeklyTarget.objects.get(week=2).message is None
    assert OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).count() == 1


def test_the_page_undoes_it(client: Client, link: str) -> None:
    client.post(link)
    client.post(link, {"again": "1"})
    assert not stopped()


def test_a_link_that_was_tampered_with_changes_nothing(client: Client, link: str) -> None:
    assert client.post(link[:-3] + "xx/").status_code == 404
    assert not stopped()


def test_the_link_names_no_address(link: str) -> None:
    address = Enrollment.objects.get().seat.email
    assert address.split("@")[0] not in link
