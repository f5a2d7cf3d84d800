"""Read the clinic's words. Pages, emails and calendar files all ask here; without a row they get the settings'."""

import re
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import QuerySet
from redis.exceptions import RedisError

from challenge.clinic.models import ClinicVersion

WORDS = (
    "name", "tagline", "phone", "address", "hours", "headline", "lede", "price_note", "questions", "consent", "footer",
)  # fmt: skip
CACHE_KEY, CACHE_S = "clinic", 60


def clinic_versions() -> QuerySet[ClinicVersion]:
    """Return the versions, the newest first."""
    return ClinicVersion.objects.order_by("-pk")


def clinic_words() -> dict[str, str]:
    """Return the clinic's words by the names of `WORDS`, read once a minute; the settings' while the database is down.

    `clinic.actions.save_clinic` clears what is cached, so that an owner sees a change immediately.
    """
    try:
        cached: dict[str, str] | None = cache.get(CACHE_KEY)
        if cached is None:
            cached = _read()
            cache.set(CACHE_KEY, cached, CACHE_S)
        return cached
    except (RedisError, OSError):
        return _read()


def _read() -> dict[str, str]:
    try:
        row = clinic_versions().values(*WORDS).first()
    except DatabaseError:
        row = None
    return with_defaults(row or {})


def with_defaults(words: dict[str, Any]) -> dict[str, str]:
    """Return all words; an empty name or phone is that of the settings."""
    full = dict.fromkeys(WORDS, "") | {name: str(value) for name, value in words.items()}
    full["name"] = full["name"] or parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "The clinic"
    full["phone"] = full["phone"] or settings.CLINIC_PHONE
    full["tagline"] = full["tagline"] or "a clinic for runners"
    return full


def question_pairs(text: str) -> list[tuple[str, str]]:
    """Return (question, answer) of each block: the first line asks, the lines under it answer."""
    blocks = [
        block.strip().split("\n", 1)
        for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
        if block.strip()
    ]
    return [(block[0].strip(), " ".join(block[1].split()) if len(block) > 1 else "") for block in blocks]


def consent_in_force() -> tuple[str, tuple[str, ...]] | None:
    """Return the version and the paragraphs of the owner's consent text, or None where the program's own is in force.

    A version is named for the first row in a row with the same text, so that other changes ask no runner again.
    """
    latest = clinic_versions().values_list("consent", flat=True).first()
    if not latest:
        return None
    other = clinic_versions().exclude(consent=latest).values_list("pk", flat=True).first() or 0
    first = (
        ClinicVersion.objects.filter(pk__gt=other, consent=latest)
        .order_by("pk")
        .values_list("pk", flat=True)[0]
    )
    return f"clinic-{first}", paragraphs(latest)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text; an empty line ends one."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return tuple(" ".join(part.split()) for part in parts if part.strip())
