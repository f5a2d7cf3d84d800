"""Signed links: to one call for who booked it, and to one staff member's calendar feed. They name nobody."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from challenge.calls.models import Availability, Booking

CALL, FEED = "calls.booking", "calls.feed"


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")


def call_token(booking: Booking) -> str:
    return _signer(CALL).sign(booking.uid.hex)


def call_link(booking: Booking) -> str:
    return settings.SITE_URL + reverse("calls:call", args=[call_token(booking)])


def uid_from(token: str) -> str | None:
    """The call's UID, or None where the token is not ours."""
    return _unsigned(CALL, token)


def feed_token(availability: Availability) -> str:
    return _signer(FEED).sign(availability.feed_key.hex if availability.feed_key else "")


def feed_link(availability: Availability) -> str | None:
    if availability.feed_key is None:
        return None
    return settings.SITE_URL + reverse("calls:feed", args=[feed_token(availability)])


def feed_key_from(token: str) -> str | None:
    return _unsigned(FEED, token)


def _unsigned(salt: str, token: str) -> str | None:
    try:
        return str(uuid.UUID(_signer(salt).unsign(token)))
    except (BadSignature, ValueError):
        return None
