"""Cohorts and seats, made by the actions that people use."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from challenge.accounts.emails import not_me_token
from challenge.accounts.identity import record_identity
from challenge.accounts.models import AddressChange, User
from challenge.enrollment import address_changes
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment
from challenge.enrollment.waiting_list import token_of
from tests.factories.people import make_runner_user

_numbers = itertools.count(1)
OPENS = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
STARTS = date(2026, 1, 5)


def make_cohort(**fields: Any) -> Cohort:
    """An open public cohort: opened 1 January 2026, starts Monday 5 January. An earlier one opened four days before."""
    number = next(_numbers)
    starts_on = fields.get("starts_on", STARTS)
    early = isinstance(starts_on, date) and starts_on < OPENS.date()
    defaults = {
        "name": f"Cohort {number}",
        "slug": f"cohort-{number}",
        "opens_at": datetime.combine(starts_on, OPENS.timetz()) - timedelta(days=4) if early else OPENS,
        "starts_on": STARTS,
        "weeks": 12,
    }
    return Cohort.objects.create(**(defaults | fields))


def make_open_cohort(**fields: Any) -> Cohort:
    """Open by the real clock, for pages that read it: opened yesterday, starts on the Monday after next."""
    now = timezone.now()
    starts_on = (now + timedelta(days=14 - now.weekday())).date()
    return make_cohort(**({"opens_at": now - timedelta(days=1), "starts_on": starts_on} | fields))


def enroll(
    *, cohort: Cohort | None = None, user: User | None = None, at: datetime | None = None
) -> Enrollment:
    """A runner with a confirmed seat."""
    cohort = cohort or make_cohort()
    user = user or make_runner_user()
    at = at or cohort.opens_at + timedelta(hours=1)
    hold_seat(cohort=cohort, user=user, by=user, at=at)
    return confirm_seat(cohort=cohort, user=user, by=user, at=at)


def place_on_a_list() -> str:
    """A place on the launch list, unconfirmed; the token of its link."""
    number = next(_numbers)
    place = EarlyAccess.objects.create(
        which=EarlyAccess.List.LAUNCH, email=f"listed{number}@runners.test", asked_at=OPENS
    )
    return token_of(place)


def note_a_sign_in() -> str:
    """Sign a runner in on a new device; return the token of the link "this was not me"."""
    user = make_runner_user()
    return not_me_token(
        record_identity(what="signed_in_new_device", account=user, by=user, at=timezone.now())
    )


def change_an_address() -> str:
    """Start an address change that waits by the real clock; return the token of the link to object."""
    user, now = make_runner_user(), timezone.now()
    change = AddressChange.objects.create(
        user=user,
        old_email=user.email,
        new_email=f"new-{user.email}",
        old_is_proven=True,
        asked_at=now,
        effective_at=now + address_changes.WAIT,
    )
    return address_changes.token_of(change)
