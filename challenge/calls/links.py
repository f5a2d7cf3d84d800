"""Signed links: to one call for who booked it, and to one staff member's calendar feed. They name nobody."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from challenge.calls.models import Availability, Booking

_call = Signer(salt="calls.booking", sep=".")
_feed = Signer(salt="calls.feed", sep=".")


def call_token(booking: Booking) -> str:
    return _call.sign(booking.uid.hex)


def call_link(booking: Booking) -> str:
    return settings.SITE_URL + reverse("calls:call", args=[call_token(booking)])


def uid_from(token: str) -> str | None:
    """The call's UID, or None where the token is not ours."""
    return _unsigned(_call, token)


def feed_token(availability: Availability) -> str:
    return _feed.sign(availability.feed_key.hex if availability.feed_key else "")


def feed_link(availability: Availability) -> str | None:
    if availability.feed_key is None:
        return None
    return settings.SITE_URL + reverse("calls:feed", args=[feed_token(availability)])


def feed_key_from(token: str) -> str | None:
    return _unsigned(_feed, token)


def _unsigned(signer: Signer, token: str) -> str | None:
    try:
        return str(uuid.UUID(signer.unsign(token)))
    except (BadSignature, ValueError):
        return None
