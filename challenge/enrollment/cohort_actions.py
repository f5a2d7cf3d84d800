"""Close a cohort by hand, and mark that it has begun."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from challenge.accounts.models import User
from challenge.enrollment.actions import expire_holds
from challenge.enrollment.cohort_parameters import pin_parameters
from challenge.enrollment.ledger import record_event
from challenge.enrollment.models import Cohort, LedgerEvent, Seat, SeatState
from challenge.enrollment.queries import has_begun
from challenge.protocol.local_week import local_day

FIRST_ZONE = ZoneInfo("Etc/GMT-14")  # UTC+14, where a day begins first


class HoldsRunning(Exception):
    """Enrollment cannot be closed by hand while a hold runs; `until` is when the last one ends."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


def close_cohort(*, cohort: Cohort, by: User | None, at: datetime) -> None:
    """Close enrollment by hand, for good. Closing a closed cohort changes nothing.

    Raises HoldsRunning while a hold runs: a promised seat is not taken away.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        if locked.closed_at is not None:
            return
        holds = list(Seat.objects.filter(cohort=locked, state=SeatState.HELD))
        running = [seat.hold_ends_at for seat in holds if seat.hold_ends_at > at]
        if running:
            raise HoldsRunning("Somebody holds a seat right now.", max(running))
        expire_holds(holds, at=at)
        Cohort.objects.filter(pk=locked.pk).update(closed_at=at)
        record_event(
            cohort=locked, user=None, by=by, happened=LedgerEvent.CLOSED, at=at, reason="closed by staff"
        )


def begin_cohorts(*, at: datetime, cohort: Cohort | None = None) -> int:
    """Set `begun_at` where the first Monday has come, in every cohort or in this one; return how many.

    From then on a trigger keeps the dates, and the cohort keeps its numbers. No trigger reads the clock, so this runs
    before each pass of the weekly decision and before each change of a cohort in the admin.
    """
    candidates = Cohort.objects.filter(begun_at=None, starts_on__lte=local_day(at, FIRST_ZONE))
    if cohort is not None:
        candidates = candidates.filter(pk=cohort.pk)
    begun = [candidate for candidate in candidates if has_begun(cohort=candidate, at=at)]
    if not begun:
        return 0
    with transaction.atomic():
        pin_parameters(cohorts=begun, at=at)
        # `begun_at=None` once more: two workers may pass here at the same time.
        return Cohort.objects.filter(pk__in=[one.pk for one in begun], begun_at=None).update(begun_at=at)
