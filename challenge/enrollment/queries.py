"""Reading cohorts and seats."""

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
from challenge.enrollment.models import LAST_ZONE, TAKEN, Cohort, EarlyAccess, Enrollment, Seat, SeatState
from challenge.mail.models import OutboxMessage
from challenge.protocol.local_week import local_day


def public_cohort(*, at: datetime) -> Cohort | None:
    """The cohort of the first page: the open or next to open one, else the one that could be joined last."""
    return _public_cohorts(at=at).first()


def _public_cohorts(*, at: datetime) -> QuerySet[Cohort]:
    """Public cohorts. One that nobody closed ends with its first week, or it would hide the next one for ever."""
    week_over = ExpressionWrapper(F("starts_on") + timedelta(days=7), output_field=DateTimeField())
    over = Case(When(starts_on__lte=_clinic_today(at) - timedelta(days=7), then=week_over))
    latest_first = Coalesce("closed_at", over).desc(nulls_first=True)
    return Cohort.objects.filter(is_public=True).order_by(latest_first, "opens_at", "pk")


def _clinic_today(at: datetime) -> date:
    return local_day(at, ZoneInfo(settings.CLINIC_TIME_ZONE))


def seat_of(*, cohort: Cohort, user: User) -> Seat | None:
    """The person's held or confirmed seat in this cohort, whether or not the hold ran out."""
    return Seat.objects.filter(TAKEN, cohort=cohort, user=user).select_related("cohort").first()


def running_elsewhere(*, cohort: Cohort, user: User, at: datetime) -> Seat | None:
    """Return the person's confirmed seat of another cohort that is not over, or None.

    The same rule as the constraint `seat_one_running_cohort`: over when the last Sunday has ended everywhere.
    """
    theirs = Seat.objects.filter(user=user, state=SeatState.CONFIRMED, over_on__gt=_last_day(at))
    return theirs.exclude(cohort=cohort).select_related("cohort").first()


def held_elsewhere(*, cohort: Cohort, user: User) -> Seat | None:
    """Return the person's hold in another cohort, whether or not it ran out, or None."""
    holds = Seat.objects.filter(user=user, state=SeatState.HELD).exclude(cohort=cohort)
    return holds.select_related("cohort").order_by("-held_at").first()


def _last_day(at: datetime) -> date:
    """Return the day where it is earliest on earth."""
    return local_day(at, LAST_ZONE)


def has_begun(*, cohort: Cohort, at: datetime) -> bool:
    """Return whether the first Monday has come, on the clinic's clock or on that of one of the runners."""
    runners = User.objects.filter(seats__cohort=cohort, seats__state=SeatState.CONFIRMED)
    zones = {ZoneInfo(settings.CLINIC_TIME_ZONE), *(runner.zone for runner in runners.only("time_zone"))}
    return any(local_day(at, zone) >= cohort.starts_on for zone in zones)


def can_claim_from(*, cohort: Cohort, email: str) -> datetime:
    """From when this address may claim: early for confirmed and invited people, else with the public."""
    if cohort.early_access_at is None:
        return cohort.opens_at
    early = _invitation(cohort, email)
    return cohort.early_access_at if early.exists() else cohort.opens_at


@dataclass(frozen=True)
class SeatEligibility:
    """One person before one cohort at one moment: what a claim is judged by before anything is locked."""

    cohort: Cohort
    seat: Seat | None
    taken: int
    next_free_at: datetime | None
    may_claim_from: datetime

    def holds_at(self, at: datetime) -> bool:
        return self.seat is not None and self.seat.hold_ends_at > at


# Which cohort a person is shown, and how they stand before one. Written out: in a rush these answer most of the crowd
# in one statement, and building it anew took longer than running it.
SHOWN_TO = """
SELECT c.id FROM challenge_cohort c
LEFT JOIN challenge_seat s
       ON s.cohort_id = c.id AND s.user_id = %(user)s
          AND (s.state = 'held' AND c.closed_at IS NULL AND c.starts_on + 7 > %(today)s::date
               OR s.state = 'confirmed' AND s.over_on > %(last_day)s::date)
WHERE c.is_public OR s.id IS NOT NULL
ORDER BY s.state = 'confirmed' DESC NULLS LAST, s.held_at DESC NULLS LAST,
         coalesce(c.closed_at, CASE WHEN c.starts_on + 7 <= %(today)s::date THEN c.starts_on + 7 END)
         DESC NULLS FIRST, c.opens_at, c.id LIMIT 1
"""
STANDING = """
SELECT {fields},
       count(s.id) FILTER (WHERE s.state = 'confirmed' OR s.hold_ends_at > %(at)s),
       min(s.hold_ends_at) FILTER (WHERE s.state = 'held' AND s.hold_ends_at > %(at)s),
       max(s.id) FILTER (WHERE s.user_id = %(user)s),
       c.early_access_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM challenge_earlyaccess e WHERE e.cohort_id = c.id AND e.which = 'early'
                   AND e.email = %(email)s AND e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL)
FROM challenge_cohort c
LEFT JOIN challenge_seat s ON s.cohort_id = c.id AND s.state IN ('held', 'confirmed')
WHERE c.id = {cohort} GROUP BY c.id
"""
FIELDS = [field.attname for field in Cohort._meta.concrete_fields]
COHORT = "SELECT c.* FROM challenge_cohort c WHERE c.id = {cohort}"
COHORT_SHOWN = COHORT.format(cohort=f"({SHOWN_TO})")
STANDING_IN = STANDING.format(fields=", ".join(f"c.{name}" for name in FIELDS), cohort="%(cohort)s")
STANDING_SHOWN = STANDING.format(fields=", ".join(f"c.{name}" for name in FIELDS), cohort=f"({SHOWN_TO})")


def cohort_for(user: User | None, *, at: datetime) -> Cohort | None:
    """The cohort where the person is a runner, else where a hold of theirs counts, else the public one. One query."""
    if user is None:
        return public_cohort(at=at)
    return next(iter(Cohort.objects.raw(COHORT_SHOWN, {"user": user.pk, **_days(at)})), None)


def _days(at: datetime) -> dict[str, date]:
    return {"today": _clinic_today(at), "last_day": _last_day(at)}


def last_seat_of(user: User) -> Seat | None:
    """The person's latest seat of any cohort, whatever became of it."""
    return Seat.objects.filter(user=user).order_by("-held_at", "-pk").first()


def eligibility_of(*, cohort: Cohort, user: User, at: datetime) -> SeatEligibility:
    """One query; a second one fetches the person's seat where they have one."""
    standing = _eligibility(STANDING_IN, {"cohort": cohort.pk}, user=user, at=at)
    if standing is None:
        raise Cohort.DoesNotExist
    return standing


def visitor_eligibility(*, user: User, at: datetime) -> SeatEligibility | None:
    """The same before the cohort of `cohort_for`, chosen in the same query; None where none is announced."""
    return _eligibility(STANDING_SHOWN, _days(at), user=user, at=at)


def _eligibility(sql: str, asked: dict[str, Any], *, user: User, at: datetime) -> SeatEligibility | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked | {"user": user.pk, "email": user.email, "at": at})
        row = cursor.fetchone()
    if row is None:
        return None
    cohort = Cohort.from_db(connection.alias, FIELDS, row[: len(FIELDS)])
    taken, next_free_at, mine, is_early = row[len(FIELDS) :]
    return SeatEligibility(
        cohort=cohort,
        seat=Seat.objects.select_related("cohort").get(pk=mine) if mine is not None else None,
        taken=taken,
        next_free_at=next_free_at,
        may_claim_from=cohort.early_access_at if is_early and cohort.early_access_at else cohort.opens_at,
    )


def _invitation(cohort: Any, email: str) -> QuerySet[EarlyAccess]:
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
    shown = _public_cohorts(at=at).values("pk")[:1]
    # Chosen before its seats are counted: the seats of past cohorts are not read.
    rows = _with_seats(Cohort.objects.filter(pk=shown), at=at)
    return next((_state(cohort) for cohort in rows), None)


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


def _columns(model: type[Model]) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


# Written out: every page of a runner asks it first, and building the statement cost more than the database's work.
WHO: dict[str, type[Any]] = {"e": Enrollment, "s": Seat, "c": Cohort}
ENROLLMENT_OF = f"""
SELECT {", ".join(f"{short}.{name}" for short, model in WHO.items() for name in _columns(model))}
FROM challenge_enrollment e JOIN challenge_seat s ON s.id = e.seat_id JOIN challenge_cohort c ON c.id = s.cohort_id
WHERE s.user_id = %(user)s AND s.state = 'confirmed' ORDER BY c.starts_on DESC, e.id DESC LIMIT 1
"""  # noqa: S608 names of columns alone


def _instances_of(row: tuple[Any, ...]) -> list[Any]:
    values = iter(row)
    named = ((model, _columns(model)) for model in WHO.values())
    return [model.from_db(connection.alias, names, [next(values) for _ in names]) for model, names in named]


def enrollment_of(user: User) -> Enrollment | None:
    """The runner's own enrollment that stands, the latest cohort first. Private data is reached through this."""
    with connection.cursor() as cursor:
        cursor.execute(ENROLLMENT_OF, {"user": user.pk})
        row = cursor.fetchone()
    if row is None:
        return None
    enrollment, seat, cohort = _instances_of(row)
    seat.cohort, seat.user, enrollment.seat = cohort, user, seat
    return cast(Enrollment, enrollment)


def has_health_record(user: User) -> bool:
    """Return whether anything hangs on an enrollment of this person, or answers of the intake wait as a draft.

    The tables are found by their relation to the enrollment, so that a part which comes later counts as well.
    """
    mine = Enrollment.objects.filter(seat__user=user)
    relations = [relation.field for relation in Enrollment._meta.related_objects]
    on_record = (field.model._default_manager.filter(**{f"{field.name}__in": mine}) for field in relations)
    draft = User.objects.filter(pk=user.pk, intake_draft__isnull=False)
    return draft.exists() or any(rows.exists() for rows in on_record)


def recipient_ids(messages: Iterable[OutboxMessage]) -> QuerySet[User, int]:
    """The ids of those whom these messages are about or went to, staff left out."""
    found = [(message.about.partition(":"), message.to_email) for message in messages]
    about = [int(pk) for (kind, _, pk), _ in found if kind == "enrollment" and pk.isdecimal()]
    runners = User.objects.filter(is_staff=False).values_list("pk", flat=True)
    # Each by its index and then together: asked as one "or", the planner reads every seat.
    return runners.filter(email__in=[address for _, address in found]).union(
        runners.filter(seats__enrollment__in=about)
    )


def cohorts_of_clinician(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(clinicians__user=user)
