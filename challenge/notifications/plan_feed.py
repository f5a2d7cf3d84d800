"""The secret address of a runner's plan: made, shown again, turned off, and found by its key."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.queries import reported_since
from challenge.db.sealed import WrongDataKey, open_sealed, seal
from challenge.enrollment.models import Enrollment, SeatState
from challenge.notifications.models import PlanFeed

KEY_BYTES = 24
LONGEST_KEY = 64
REPORTED = reported_since(account="enrollment__seat__user", made_at="created_at")


def make_feed(*, enrollment: Enrollment, shows_number: bool, by: User, at: datetime) -> None:
    """Give the plan a new address, and write to its runner `by`; an earlier one is off from now on."""
    key = secrets.token_urlsafe(KEY_BYTES)
    values = {
        "key_sha256": _hash(key),
        "sealed_key": seal(key),
        "shows_number": shows_number,
        "created_at": at,
    }
    with transaction.atomic():
        PlanFeed.objects.update_or_create(enrollment=enrollment, defaults=values)
        record_identity(what="calendar_made", account=by, by=by, at=at)


def show_number(*, enrollment: Enrollment, shows_number: bool) -> None:
    """Put the week's number into the calendar, or take it out; the address stays."""
    PlanFeed.objects.filter(enrollment=enrollment).update(shows_number=shows_number)


def turn_off_feed(*, enrollment: Enrollment) -> None:
    """Turn the address off."""
    PlanFeed.objects.filter(enrollment=enrollment).delete()


def feed_of(enrollment: Enrollment) -> PlanFeed | None:
    """Return the runner's feed, or None while there is none that they may trust."""
    return PlanFeed.objects.filter(~REPORTED, enrollment=enrollment).first()


def address_of_feed(feed: PlanFeed) -> str | None:
    """Return the whole address; None if no DATA_KEY opens it."""
    try:
        key = open_sealed(feed.sealed_key)
    except WrongDataKey:
        return None
    return f"{settings.SITE_URL}{reverse('plan_feed')}?key={key}"


def feed_with_key(key: str) -> PlanFeed | None:
    """Return the feed of a key while its runner holds the seat; None for any other key."""
    if not key or len(key) > LONGEST_KEY:
        return None
    return (
        PlanFeed.objects.filter(
            ~REPORTED,
            key_sha256=_hash(key),
            enrollment__seat__state=SeatState.CONFIRMED,
            enrollment__seat__user__is_active=True,
        )
        .select_related("enrollment__seat__cohort", "enrollment__seat__user")
        .first()
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
