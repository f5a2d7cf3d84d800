"""Reading cohorts and seats."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from challenge.accounts.models import User
from challenge.enrollment.models import TAKEN, Cohort, EarlyAccess, Enrollment, Seat, SeatState


def public_cohort() -> Cohort | None:
    """The cohort of the first page: the open or next to open one, else the one that closed last."""
    latest_first = F("closed_at").desc(nulls_first=True)
    return Cohort.objects.filter(is_public=True).order_by(latest_first, "opens_at", "pk").first()


def seat_of(*, cohort: Cohort, user: User) -> Seat | None:
    """The person's held or confirmed seat in this cohort, whether or not the hold ran out."""
    return Seat.objects.filter(TAKEN, cohort=cohort, user=user).select_related("cohort").first()


def may_claim_from(*, cohort: Cohort, email: str) -> datetime:
    """From when this address may claim: early for confirmed and invited people, else with the public."""
    if cohort.early_access_at is None:
        return cohort.opens_at
    early = _early(cohort, email)
    return cohort.early_access_at if early.exists() else cohort.opens_at


@dataclass(frozen=True)
class Standing:
    """One person before one cohort at one moment: what a claim is judged by before anything is locked."""

    cohort: Cohort
    seat: Seat | None
    taken: int
    next_free_at: datetime | None
    may_claim_from: datetime

    def holds_at(self, at: datetime) -> bool:
        return self.seat is not None and self.seat.hold_ends_at > at


def standing_of(*, cohort: Cohort, user: User, at: datetime) -> Standing:
    """One query; a second one fetches the person's seat where they have one."""
    mine = Seat.objects.filter(TAKEN, cohort=OuterRef("pk"), user=user)
    row = (
        _with_seats(Cohort.objects.filter(pk=cohort.pk), at=at)
        .annotate(mine=Subquery(mine.values("pk")[:1]), is_early=Exists(_early(OuterRef("pk"), user.email)))
        .get()
    )
    early = row.is_early and row.early_access_at is not None
    return Standing(
        cohort=row,
        seat=Seat.objects.select_related("cohort").get(pk=row.mine) if row.mine is not None else None,
        taken=row.confirmed + row.held,
        next_free_at=row.next_free_at,
        may_claim_from=row.early_access_at if early else row.opens_at,
    )


def _early(cohort: Any, email: str) -> QuerySet[EarlyAccess]:
    """Confirmed and invited addresses of the early-access list."""
    return EarlyAccess.objects.filter(
        which=EarlyAccess.List.EARLY,
        cohort=cohort,
        email=email,
        confirmed_at__isnull=False,
        invited_at__isnull=False,
    )


@dataclass(frozen=True)
class CohortState:
    """What the first page says of the seats, at one moment, in one query."""

    name: str
    slug: str
    capacity: int
    weeks: int
    starts_on: date
    early_access_at: datetime | None
    opens_at: datetime
    closed_at: datetime | None
    confirmed: int
    held: int
    next_free_at: datetime | None
    joinable_until: datetime

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.confirmed - self.held)


def public_cohort_state(*, at: datetime) -> CohortState | None:
    """The public cohort and its seats at `at`, in one query; None where no cohort is announced."""
    latest_first = F("closed_at").desc(nulls_first=True)
    row = _with_seats(Cohort.objects.filter(is_public=True), at=at)
    return next((_state(c) for c in row.order_by(latest_first, "opens_at", "pk")[:1]), None)


def cohort_state(*, cohort: Cohort, at: datetime) -> CohortState:
    """One cohort and its seats at `at`, in one query."""
    return _state(_with_seats(Cohort.objects.filter(pk=cohort.pk), at=at).get())


def _with_seats(cohorts: QuerySet[Cohort], *, at: datetime) -> QuerySet[Any]:
    held = Q(seats__state=SeatState.HELD, seats__hold_ends_at__gt=at)
    return cohorts.annotate(
        confirmed=Count("seats", filter=Q(seats__state=SeatState.CONFIRMED)),
        held=Count("seats", filter=held),
        next_free_at=Min("seats__hold_ends_at", filter=held),
    )


def _state(row: Any) -> CohortState:
    return CohortState(
        name=row.name,
        slug=row.slug,
        capacity=row.capacity,
        weeks=row.weeks,
        starts_on=row.starts_on,
        early_access_at=row.early_access_at,
        opens_at=row.opens_at,
        closed_at=row.closed_at,
        confirmed=row.confirmed,
        held=row.held,
        next_free_at=row.next_free_at,
        joinable_until=row.joinable_until,
    )


def active_enrollments() -> QuerySet[Enrollment]:
    """Runners in the program: the seat is confirmed and has a person."""
    return Enrollment.objects.filter(
        seat__state=SeatState.CONFIRMED, seat__user__isnull=False
    ).select_related("seat__cohort", "seat__user")


def enrollment_of(user: User) -> Enrollment | None:
    """The runner's own enrollment that stands, the latest cohort first. Private data is reached through this."""
    return active_enrollments().filter(seat__user=user).order_by("-seat__cohort__starts_on").first()


def cohorts_of_clinician(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(clinicians__user=user)
