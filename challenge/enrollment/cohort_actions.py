"""Announce, delete and close a cohort by hand, and mark that it has begun or is over."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import DateField, ExpressionWrapper, F, ProtectedError

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.actions import expire_holds
from challenge.enrollment.cohort_parameters import pin_parameters
from challenge.enrollment.ledger import record_event
from challenge.enrollment.models import Cohort, Enrollment, LedgerEvent, Seat, SeatState
from challenge.enrollment.policies import ASK_ANOTHER_OWNER, may_join_team
from challenge.enrollment.queries import caring_clinicians, has_begun, latest_zone_day
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
            raise HoldsRunning("Someone holds a seat right now.", max(running))
        expire_holds(holds, at=at)
        Cohort.objects.filter(pk=locked.pk).update(closed_at=at)
        record_event(
            cohort=locked, user=None, by=by, happened=LedgerEvent.CLOSED, at=at, reason="closed by staff"
        )


class CannotPublish(Exception):
    """The cohort cannot be announced; `str()` is what is missing."""


def announce_cohort(*, cohort: Cohort, at: datetime) -> None:
    """Show the cohort on the first page and open its address; `announced_at` is written once. Raises CannotPublish."""
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        if locked.announced_at is not None and locked.is_public:
            return
        if locked.closed_at is not None:
            raise CannotPublish("Its enrollment is closed. Plan another cohort.")
        if local_day(at, ZoneInfo(settings.CLINIC_TIME_ZONE)) > locked.starts_on:
            raise CannotPublish("Its Monday has passed. Choose a later start first.")
        if not caring_clinicians(locked.clinicians.values_list("user", flat=True)).exists():
            raise CannotPublish("It has no clinician who may act. Name one first.")
        Cohort.objects.filter(pk=locked.pk).update(announced_at=locked.announced_at or at, is_public=True)


class SomebodyJoined(Exception):
    """The cohort has a history, so it is not deleted."""


def delete_cohort(*, cohort: Cohort) -> None:
    """Delete a cohort that no one has joined or asked for. Raises SomebodyJoined."""
    try:
        with transaction.atomic():
            Cohort.objects.select_for_update().get(pk=cohort.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise SomebodyJoined(
            "Someone has a seat, a place on its list or an invitation. It stays; close it instead."
        ) from error


def begin_cohorts(*, at: datetime, cohort: Cohort | None = None) -> int:
    """Set `begun_at` where the first Monday has come, in every cohort or in this one; return how many.

    From then on a trigger keeps the dates, and the cohort keeps its numbers. No trigger reads the clock, so this runs
    before each pass of the weekly decision and before each change of a cohort in the admin.
    """
    _end_cohorts(at=at)
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


def _end_cohorts(*, at: datetime) -> None:
    """Set `over_at` where the last Sunday has ended everywhere: from then on the cohort needs no clinician."""
    over_on = ExpressionWrapper(F("starts_on") + F("weeks") * timedelta(days=7), output_field=DateField())
    ended = Cohort.objects.filter(begun_at__isnull=False, over_at=None).annotate(monday_after=over_on)
    ended.filter(monday_after__lte=latest_zone_day(at)).update(over_at=at)


class CannotJoinTeam(Exception):
    """Someone adds themselves to the clinicians of a cohort with runners; `str()` is what to do instead."""


def clinician_ids(cohort: Cohort) -> set[int]:
    """Return who reads the cohort's health data."""
    return set(cohort.clinicians.values_list("user", flat=True))


def record_clinicians(
    *, cohort: Cohort, before: Iterable[int], by: User, at: datetime, leaving: User | None = None
) -> None:
    """Leave an event for each person who reads the cohort from now on, or no longer; call it in the transaction.

    Where runners are enrolled, the person, the other clinicians and the owners are written to, but not the one whose
    account is being closed (`leaving`).

    Raises CannotJoinTeam, so that no way to change a team forgets `may_join_team`.
    """
    before, now = set(before), clinician_ids(cohort)
    if by.pk in now - before and not may_join_team(by, cohort, leaving=leaving):
        raise CannotJoinTeam(ASK_ANOTHER_OWNER)
    people = User.objects.in_bulk(before ^ now)
    for pk in sorted(before - now):
        record_identity(what="cohort_taken", account=people[pk], by=by, at=at, means=cohort.name)
    has_runners = Enrollment.objects.filter(seat__cohort=cohort).exists()
    for pk in sorted(now - before):
        event = record_identity(what="cohort_given", account=people[pk], by=by, at=at, means=cohort.name)
        if has_runners:
            emails.clinician_named(
                cohort=cohort, person=people[pk], by=by, event=event.pk, leaving=leaving, at=at
            )


def write_of_moved_dates(*, cohort: Cohort, starts_on: date, weeks: int, at: datetime) -> int:
    """Write to everyone with a seat if the start or the weeks differ from those before; return how many."""
    if (cohort.starts_on, cohort.weeks) == (starts_on, weeks):
        return 0
    holders = Seat.objects.filter(cohort=cohort, state__in=[SeatState.CONFIRMED, SeatState.HELD])
    seats = list(holders.select_related("user", "cohort", "enrollment"))
    for seat in seats:
        emails.start_moved(seat=seat, before=starts_on, at=at)
    return len(seats)
