"""Every letter there is to look at: one of each that the demo wrote, and those of signing in with an invented code."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils.html import escape

from challenge.mail.models import OutboxMessage
from challenge.mail.rendering import render

SIGNING_IN = (
    "sign_in_code",
    "email_code",
    "password_code",
    "account_changed",
    "already_registered",
    "unknown_address",
    "address_changing",
    "address_given",
    "address_objected",
    "history_sealed",
    "not_me_reported",
    "role_asked",
    "role_given",
    "emergency_opened",
    "emergency_runner",
    "colleague_invited",
    "list_confirm",
    "early_access_invitation",
    "launch_invitation",
    "call_handed_over",
    "call_link_again",
    "check_in_offered",
    "seat_held",
    "seat_withdrawn",
    "start_moved",
    "clinician_named",
    "call_missed",
    "questions_wait",
)
FILLED = {
    "before": "Monday, December 29",
    "weeks": 12,
    "has_file": True,
    "who": "Zoe Fenn",
    "named_by": "Olga Lind",
    "code": "K4T9-PW",
    "nights": 128,
    "head": "4f1c" * 16,
    "day": date(2026, 1, 7),
    "viewer": "Ada Moor",
    "device": "Chrome on Android",
    "happened": "A passkey was added to your account.",
    "number": 7,
    "capacity": 20,
    "cohort": "Next Twenty",
    "starts_on": "Monday, January 5",
    "link": "http://localhost:8000/join/",
    "until": "Friday, January 2, noon",
    "opens": "Thursday, January 1, 12:00 PM CST",
    "public": "Saturday, January 3, 9:00 AM CST",
    "off": "http://localhost:8000/early-access/1.x/",
    "with_whom": "Mia Ray",
    "reason": "Ada is ill.",
    "minutes": 20,
    "week": 26,
    "early": True,
    "when": "Friday, January 9, 9:00 AM (CST)",
    "old_works": True,
    "first_name": "Robin",
    "name": "Robin",
    "by": "Leontyne Okafor",
    "roles": "clinician",
}


def letters() -> Iterator[tuple[str, str]]:
    """Names and pages; a letter without HTML as its plain text."""
    seen: set[str] = set()
    rows = OutboxMessage.objects.exclude(kind="security").exclude(subject__startswith="Copy")
    for row in rows.order_by("-pk"):
        name = re.sub(r"[^a-z]+", "-", f"letter-{row.kind}-{row.subject}".lower())
        name = name[:60].rstrip("-")
        if name not in seen:
            seen.add(name)
            yield name, row.html or _plain(row.subject, row.text)
            if row.kind == "weekly":
                yield f"{name}-plain", _plain(row.subject, row.text)
    for template in SIGNING_IN:
        letter = render(template, FILLED)
        yield f"letter-{template.replace('_', '-')}", letter.html or _plain(letter.subject, letter.text)


def _plain(subject: str, text: str) -> str:
    page = "<!doctype html><title>Plain</title><meta name=color-scheme content='light dark'>"
    words = f"<b>{escape(subject)}</b>\n\n{escape(text)}"
    return f"{page}<pre style='white-space: pre-wrap; overflow-wrap: anywhere'>{words}</pre>"
