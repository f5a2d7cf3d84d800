"""The template context that every page shares."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from challenge.clinic.queries import clinic_words, question_pairs
from challenge.protocol.reading_hours import READS


def clinic(request: HttpRequest) -> dict[str, Any]:
    """Return how to reach the clinic."""
    return {
        # Lazy: a page that says nothing of the clinic asks neither cache nor database.
        "clinic": SimpleLazyObject(_clinic),
        "site_url": settings.SITE_URL,
        "debug": settings.DEBUG,
    }


def _clinic() -> dict[str, Any]:
    words: dict[str, Any] = dict(clinic_words())
    return words | {
        "question_pairs": question_pairs(words["questions"]),
        "email": settings.CLINIC_EMAIL,
        "reply_email": settings.CLINICAL_REPLY_EMAIL,
        "reads": READS,
    }
