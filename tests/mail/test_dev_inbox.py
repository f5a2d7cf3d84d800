"""Emails written to files are listed and read, each under a policy of its own."""

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from challenge.mail import dev_inbox
from challenge.mail.delivery import deliver_due
from tests.conftest import NOW
from tests.mail.conftest import make_message


@pytest.mark.django_db
def test_what_was_sent_to_files_is_listed_and_readable(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    for number in (1, 2):
        make_message(number)
    assert deliver_due(now=lambda: NOW).sent == 2
    found = list(dev_inbox._messages())
    assert {one.message["To"] for one in found} == {"runner1@runners.test", "runner2@runners.test"}
    assert "on hold" in found[0].body("plain")
    response = dev_inbox.message_html(RequestFactory().get("/"), found[0].key)
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert b"on hold" in response.content
