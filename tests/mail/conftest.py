"""Rows of the outbox, and the settings that send them to a real server."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage
from tests.conftest import NOW
from tests.mail.smtp import Handler, Script, smtp_server, take


def make_message(number: int = 1, *, at: datetime = NOW, **fields: Any) -> OutboxMessage:
    """Store one email, rendered from a real template."""
    defaults: dict[str, Any] = {
        "kind": MessageKind.WEEKLY,
        "template": "weekly_hold",
        "to": f"runner{number}@runners.test",
        "context": {"week": 3, "weeks": 12, "unsubscribe_url": "http://testserver/x/"},
        "dedupe_key": f"test:{number}",
        "about": f"enrollment:{number}",
        "at": at,
    }
    with transaction.atomic():
        return put_in_outbox(**(defaults | fields))


@pytest.fixture
def server(settings: Any) -> Callable[..., AbstractContextManager[Handler]]:
    """Return a function that starts a scripted server and points the settings at it."""

    @contextmanager
    def start(
        script: Script = take,
        *,
        greeting: str = "250 fine",
        recipient: Callable[[str], str] = lambda address: "take",
    ) -> Iterator[Handler]:
        with smtp_server(script) as (handler, port):
            handler.greeting, handler.recipient = greeting, recipient
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
            yield handler

    return start
