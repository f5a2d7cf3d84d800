"""While DEBUG: what is in var/mail, listed and readable at /dev/mail/. Sign-in codes too, or nobody could sign in."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.mail.html_preview import sandboxed_html_response

BETWEEN = b"-" * 79 + b"\n"
SHOWN = 200


@dataclass(frozen=True)
class StoredMessage:
    """One message in a file of the file backend, which keeps all of one connection together."""

    key: str
    message: EmailMessage

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part is not None else ""


def _messages() -> Iterator[StoredMessage]:
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.VAR_DIR / "mail")
    if not folder.is_dir():
        return
    for file in sorted(folder.glob("*.log"), key=lambda found: found.stat().st_mtime, reverse=True):
        parts = [part for part in file.read_bytes().split(BETWEEN) if part.strip()]
        for place in range(len(parts) - 1, -1, -1):
            parsed = email.message_from_bytes(parts[place], policy=email.policy.default)
            yield StoredMessage(f"{file.stem}.{place}", parsed)


def _message_or_404(key: str) -> StoredMessage:
    for found in _messages():
        if found.key == key:
            return found
    raise Http404


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    found = [found for _, found in zip(range(SHOWN), _messages(), strict=False)]
    return render(request, "mail/dev_inbox.html", {"found": found})


@require_safe
def message(request: HttpRequest, key: str) -> HttpResponse:
    """One message, HTML in a frame and text beside it."""
    found = _message_or_404(key)
    context = {"found": found, "text": found.body("plain"), "html": bool(found.body("html"))}
    return render(request, "mail/dev_message.html", context)


@require_safe
def message_html(request: HttpRequest, key: str) -> HttpResponse:
    """What the frame shows."""
    return sandboxed_html_response(_message_or_404(key).body("html"))
