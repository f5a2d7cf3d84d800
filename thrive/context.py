"""The template context that every page shares."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from challenge.protocol.reading_hours import READS


def clinic(request: HttpRequest) -> dict[str, Any]:
    """Return how to reach the clinic."""
    return {
        "clinic": {
            "email": settings.CLINIC_EMAIL,
            "phone": settings.CLINIC_PHONE,
            "reply_email": settings.CLINICAL_REPLY_EMAIL,
            "reads": READS,
        },
        "site_url": settings.SITE_URL,
        "debug": settings.DEBUG,
    }
