"""The mail server is away for a day, on the clock that delivery reads: everything arrives afterwards, once."""

from datetime import timedelta
from typing import Any

import pytest

from challenge.mail.delivery import deliver_due
from challenge.mail.models import GIVE_UP_AFTER, MessageState, OutboxMessage
from challenge.operations.queries import failing_checks
from tests.conftest import NOW
from tests.mail.conftest import make_message
from tests.mail.smtp import smtp_server
from tests.program import free_port

pytestmark = pytest.mark.django_db
EVERY, DAY = timedelta(minutes=10), timedelta(days=1)


@pytest.fixture
def no_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1


def tried_through(length: timedelta) -> None:
    """The mailer's passes of so long a time, none of which reaches anyone."""
    for number in range(length // EVERY):
        at = NOW + number * EVERY
        assert deliver_due(now=lambda at=at: at).sent == 0  # type: ignore[misc]


@pytest.mark.usefixtures("no_mail_server")
def test_after_a_day_every_email_arrives_once(settings: Any) -> None:
    for number in range(5):
        make_message(number)
    tried_through(DAY)
    assert "mail" in failing_checks(at=NOW + DAY), "staff are told meanwhile"
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.QUEUED}
    with smtp_server() as (server, port):
        settings.EMAIL_PORT = port
        for minutes in (10, 20):
            later = NOW + DAY + timedelta(minutes=minutes)
            deliver_due(now=lambda: later)  # noqa: B023 - used in this turn of the loop
        assert len(server.counted()) == 5
        assert set(server.counted().values()) == {1}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.SENT}


@pytest.mark.usefixtures("no_mail_server")
def test_after_two_days_it_is_given_up_and_staff_see_it() -> None:
    """The other side of the limit above: a waiting message is given up in the end."""
    make_message()
    tried_through(GIVE_UP_AFTER + 2 * EVERY)
    assert OutboxMessage.objects.get().state == MessageState.FAILED
