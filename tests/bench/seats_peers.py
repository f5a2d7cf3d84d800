"""The two obvious correct designs, and a view that does one trivial query, behind the program's own middleware.

Each peer does the whole job of a claim, ledger and refusals included: only the way to the seat differs.
"""

from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from challenge.accounts.models import User
from challenge.enrollment.actions import HOLD, CohortFull
from challenge.enrollment.ledger import record_event, record_refusal
from challenge.enrollment.models import TAKEN, Cohort, LedgerEvent, Seat
from challenge.enrollment.queries import public_cohort


@login_required
@require_POST
def lock_and_count(request: HttpRequest) -> HttpResponse:
    """Locks the cohort's row, counts, inserts."""
    return _claimed(cast(User, request.user), advisory=False)


@login_required
@require_POST
def advisory_lock_and_count(request: HttpRequest) -> HttpResponse:
    """An advisory lock instead of the row's, as pretix takes it for a quota."""
    return _claimed(cast(User, request.user), advisory=True)


@login_required
@require_POST
def trivial(request: HttpRequest) -> HttpResponse:
    """One query that reads nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok")


def _claimed(user: User, *, advisory: bool) -> HttpResponse:
    at = timezone.now()
    cohort = public_cohort(at=at)
    assert cohort is not None
    try:
        with transaction.atomic():
            _claim(cohort, user, at, advisory=advisory)
    except CohortFull as refusal:
        record_refusal(cohort=cohort, user=user, by=user, refusal=refusal, at=at)
        return redirect("/join/?missed")
    return redirect("intake")


def _claim(cohort: Cohort, user: User, at: datetime, *, advisory: bool) -> Seat:
    if advisory:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [cohort.pk])
    else:
        Cohort.objects.select_for_update().get(pk=cohort.pk)
    mine = Seat.objects.filter(TAKEN, cohort=cohort, user=user).first()
    if mine is not None:
        return mine
    taken = Seat.objects.filter(TAKEN, cohort=cohort).count()
    if taken >= cohort.capacity:
        raise CohortFull("All seats are taken.")
    seat = Seat.objects.create(
        cohort=cohort,
        capacity=cohort.capacity,
        number=taken + 1,
        user=user,
        email=user.email,
        held_at=at,
        hold_ends_at=at + HOLD,
    )
    record_event(cohort=cohort, seat=seat, user=user, by=user, happened=LedgerEvent.HELD, at=at)
    return seat


urlpatterns = [
    path("bench/lock/", lock_and_count),
    path("bench/advisory/", advisory_lock_and_count),
    path("bench/trivial/", trivial),
    path("", include("thrive.urls")),
]
