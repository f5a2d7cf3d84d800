"""Read cohorts, seats and enrollments."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, DateTimeField, ExpressionWrapper, F, Min, Model, Q, QuerySet, When
from django.db.models.functions import Coalesce

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.models import LAST_ZONE, TAKEN, Cohort, EarlyAccess, Enrollment, Seat, SeatState
from challenge.mail.models import OutboxMessage
from challenge.protocol.local_week import local_day


def public_cohort(*, at: datetime) -> Cohort | None:
    """Return the cohort of the first page: the open or next to open one, else the one that closed last."""
    return _public_cohorts(at=at).first()


def _public_cohorts(*, at: datetime) -> QuerySet[Cohort]:
    """Return public cohorts, first the one to show."""
    # A cohort that was never closed counts as closed after its first week, or it would hide the next one.
    week_over = ExpressionWrapper(F("starts_on") + timedelta(days=7), output_field=DateTimeField())
    over = Case(When(starts_on__lte=clinic_today(at) - timedelta(days=7), then=week_over))
    latest_first = Coalesce("closed_at", over).desc(nulls_first=True)
    return Cohort.objects.filter(is_public=True).order_by(latest_first, "opens_at", "pk")


def clinic_today(at: datetime) -> date:
    """Return the day on the clinic's clock."""
    return local_day(at, ZoneInfo(settings.CLINIC_TIME_ZONE))


def seat_of(*, cohort: Cohort, user: User) -> Seat | None:
    """Return the person's held or confirmed seat in this cohort, also an expired hold, or None."""
    return Seat.objects.filter(TAKEN, cohort=cohort, user=user).select_related("cohort").first()


def running_elsewhere(*, cohort: Cohort, user: User, at: datetime) -> Seat | None:
    """Return the person's confirmed seat of another cohort that is not over, or None.

    The same rule as the constraint `seat_one_running_cohort`: over when the last Sunday has ended everywhere.
    """
    confirmed = Seat.objects.filter(user=user, state=SeatState.CONFIRMED, over_on__gt=latest_zone_day(at))
    return confirmed.exclude(cohort=cohort).select_related("cohort").first()


def held_elsewhere(*, cohort: Cohort, user: User) -> Seat | None:
    """Return the person's latest hold in another cohort, also an expired one, or None."""
    holds = Seat.objects.filter(user=user, state=SeatState.HELD).exclude(cohort=cohort)
    return holds.select_related("cohort").order_by("-held_at").first()


def latest_zone_day(at: datetime) -> date:
    """Return the date in UTC-12, the time zone where each day ends last: what is over there is over for everyone."""
    return local_day(at, LAST_ZONE)


def has_begun(*, cohort: Cohort, at: datetime) -> bool:
    """Return whether the first Monday has come, on the clinic's clock or on that of one of the runners."""
    runners = User.objects.filter(seats__cohort=cohort, seats__state=SeatState.CONFIRMED)
    zones = {ZoneInfo(settings.CLINIC_TIME_ZONE), *(runner.zone for runner in runners.only("time_zone"))}
    return any(local_day(at, zone) >= cohort.starts_on for zone in zones)


def has_seats(cohort: Cohort) -> bool:
    """Return whether anyone ever held a seat: from then on the capacity stays, and the cohort is not deleted."""
    return Seat.objects.filter(cohort=cohort).exists()


def caring_clinicians(people: Iterable[int]) -> QuerySet[User]:
    """Return those of these people who may act as clinicians now: active staff in the role, and superusers."""
    staff = User.objects.filter(pk__in=people, is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | Q(groups__name=CLINICIAN)).distinct()


def can_claim_from(*, cohort: Cohort, email: str) -> datetime:
    """Return when this address may first claim: early if confirmed and invited, else with the public."""
    if cohort.early_access_at is None:
        return cohort.opens_at
    early = _invitation(cohort, email)
    return cohort.early_access_at if early.exists() else cohort.opens_at


def is_first_cohort(cohort: Cohort) -> bool:
    """Return whether no cohort has started before this one."""
    return not Cohort.objects.filter(starts_on__lt=cohort.starts_on).exists()


def last_seat_of(user: User) -> Seat | None:
    """Return the person's latest seat of any cohort, in any state, or None."""
    return Seat.objects.filter(user=user).order_by("-held_at", "-pk").first()


def _invitation(cohort: Any, email: str) -> QuerySet[EarlyAccess]:
    """Return the early-access entry of this address if it is confirmed and invited."""
    return EarlyAccess.objects.filter(
        which=EarlyAccess.List.EARLY,
        cohort=cohort,
        email=email,
        confirmed_at__isnull=False,
        invited_at__isnull=False,
    )


@dataclass(frozen=True)
class CohortState:
    """A cohort and the number of its confirmed and held seats at one moment."""

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
    """Return the state of the public cohort, in one query; None where no cohort is announced."""
    # The cohort is chosen in a subquery before its seats are counted, so that the seats of past cohorts are not read.
    shown = _public_cohorts(at=at).values("pk")[:1]
    rows = _with_seats(Cohort.objects.filter(pk=shown), at=at)
    return next((_state(cohort) for cohort in rows), None)


def other_public_states(*, but: CohortState | None, at: datetime) -> list[CohortState]:
    """Return the other announced cohorts that someone may still join, the first to open first, in one query."""
    last_monday = clinic_today(at) - timedelta(days=6)
    joinable = Cohort.objects.filter(is_public=True, closed_at__isnull=True, starts_on__gte=last_monday)
    others = joinable.exclude(slug=but.slug if but is not None else "")
    return [_state(row) for row in _with_seats(others.order_by("opens_at", "pk"), at=at)[:12]]


def cohort_state(*, cohort: Cohort, at: datetime) -> CohortState:
    """Return the state of this cohort, in one query."""
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
    """Return the runners in the program: their seat is confirmed and its person not erased."""
    return Enrollment.objects.filter(
        seat__state=SeatState.CONFIRMED, seat__user__isnull=False
    ).select_related("seat__cohort", "seat__user")


def _columns(model: type[Model]) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


# Raw SQL: every page of a runner asks it first, and building the statement cost more than the database's work.
ENROLLMENT_TABLES: dict[str, type[Any]] = {"e": Enrollment, "s": Seat, "c": Cohort}
ENROLLMENT_OF = f"""
SELECT {", ".join(f"{short}.{name}" for short, model in ENROLLMENT_TABLES.items() for name in _columns(model))}
FROM challenge_enrollment e JOIN challenge_seat s ON s.id = e.seat_id JOIN challenge_cohort c ON c.id = s.cohort_id
WHERE s.user_id = %(user)s AND s.state = 'confirmed' ORDER BY c.starts_on DESC, e.id DESC LIMIT 1
"""  # noqa: S608 - column names only


def _instances_of(row: tuple[Any, ...]) -> list[Any]:
    values = iter(row)
    named = ((model, _columns(model)) for model in ENROLLMENT_TABLES.values())
    return [model.from_db(connection.alias, names, [next(values) for _ in names]) for model, names in named]


def enrollment_of(user: User) -> Enrollment | None:
    """Return the runner's enrollment with a confirmed seat, in the latest cohort, or None.

    Every page reaches private data through this row.
    """
    with connection.cursor() as cursor:
        cursor.execute(ENROLLMENT_OF, {"user": user.pk})
        row = cursor.fetchone()
    if row is None:
        return None
    enrollment, seat, cohort = _instances_of(row)
    seat.cohort, seat.user, enrollment.seat = cohort, user, seat
    return cast(Enrollment, enrollment)


def enrollments_of(user: User) -> list[Enrollment]:
    """Return every enrollment of the person, also of cohorts that are over or that they left, the latest first."""
    rows = Enrollment.objects.filter(seat__user=user).select_related("seat__cohort", "seat__user")
    return list(rows.order_by("-seat__cohort__starts_on", "-pk"))


def has_health_record(user: User) -> bool:
    """Return whether any row refers to an enrollment of this person, or they have a draft of the intake.

    The tables are found by their relation to the enrollment, so that parts added later count as well.
    """
    enrollments = Enrollment.objects.filter(seat__user=user)
    relations = [relation.field for relation in Enrollment._meta.related_objects]
    on_record = (
        field.model._default_manager.filter(**{f"{field.name}__in": enrollments}) for field in relations
    )
    draft = User.objects.filter(pk=user.pk, intake_draft__isnull=False)
    return draft.exists() or any(rows.exists() for rows in on_record)


def recipient_ids(messages: Iterable[OutboxMessage]) -> QuerySet[User, int]:
    """Return the ids of the users whom these messages are about or were sent to, without staff."""
    references = [(message.about.partition(":"), message.to_email) for message in messages]
    about = [int(pk) for (kind, _, pk), _ in references if kind == "enrollment" and pk.isdecimal()]
    runners = User.objects.filter(is_staff=False).values_list("pk", flat=True)
    # A union uses an index for each half; with one OR the planner reads every seat.
    return runners.filter(email__in=[address for _, address in references]).union(
        runners.filter(seats__enrollment__in=about)
    )


@dataclass(frozen=True)
class DuplicateSignups:
    """Seats of one cohort that look like one person's, by their `phone` or `name`."""

    by: str
    seats: tuple[Seat, ...]


def likely_duplicates(*, cohort: Cohort) -> list[DuplicateSignups]:
    """Compare the last ten digits of the phone number, and the words of the name in any case and order."""
    groups: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in Seat.objects.filter(TAKEN, cohort=cohort).select_related("user").order_by("number"):
        if seat.user is None:
            continue
        # Without the extension, which a stored number carries after a semicolon.
        digits = re.sub(r"\D", "", seat.user.phone.partition(";")[0])[-10:]
        name = " ".join(sorted(seat.user.name.casefold().split()))
        if len(digits) >= 7:  # shorter ones are extensions or placeholders
            groups["phone", digits].append(seat)
        if name:
            groups["name", name].append(seat)
    return [DuplicateSignups(by, tuple(seats)) for (by, _), seats in groups.items() if len(seats) > 1]
