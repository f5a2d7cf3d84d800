"""The development inbox at /dev/mail/: the files of var/mail, sign-in codes included. Only under DEBUG."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.mail.rendering import sandboxed_html_response

SEPARATOR = b"-" * 79 + b"\n"  # between the messages in a file of Django's file backend
MOST_SHOWN = 200


@dataclass(frozen=True)
class StoredMessage:
    """One message of a file; the file backend writes all messages of one connection to the same file."""

    key: str
    message: EmailMessage

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part is not None else ""


def _messages() -> Iterator[StoredMessage]:
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.VAR_DIR / "mail")
    if not folder.is_dir():
        return
    for file in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True):
        parts = [part for part in file.read_bytes().split(SEPARATOR) if part.strip()]
        for place in range(len(parts) - 1, -1, -1):
            parsed = email.message_from_bytes(parts[place], policy=email.policy.default)
            yield StoredMessage(f"{file.stem}.{place}", parsed)


def _message_or_404(key: str) -> StoredMessage:
    for stored in _messages():
        if stored.key == key:
            return stored
    raise Http404


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List the newest messages first."""
    return render(request, "mail/dev_inbox.html", {"stored_messages": list(islice(_messages(), MOST_SHOWN))})


@require_safe
def message(request: HttpRequest, key: str) -> HttpResponse:
    """Show one message: its HTML in a frame, and its text."""
    stored = _message_or_404(key)
    context = {"stored": stored, "text": stored.body("plain"), "html": bool(stored.body("html"))}
    return render(request, "mail/dev_message.html", context)


@require_safe
def message_html(request: HttpRequest, key: str) -> HttpResponse:
    """Return the HTML for the frame."""
    return sandboxed_html_response(_message_or_404(key).body("html"))
