"""Reading diaries and calls."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner, user_ids_with_address
from challenge.accounts.roles import CLINICIAN
from challenge.calls.models import Availability, Booking, BookingState, Hours, Leave
from challenge.calls.slots import DAY, Diary, Slot, Stretch, WallTimes, free_slots

MARGIN = timedelta(days=2)


def diaries(
    *,
    since: datetime,
    until: datetime,
    staff_id: int | None = None,
    without: Booking | None = None,
    only_bookable: bool = True,
) -> list[Diary]:
    """What decides about free time between two moments, in four queries however many staff and calls.

    `without` leaves one call out: to move it, its own time counts as free.
    """
    rows = Availability.objects.filter(staff__is_active=True).select_related("staff").order_by("staff_id")
    if only_bookable:
        rows = rows.filter(takes_calls=True)
    if staff_id is not None:
        rows = rows.filter(staff_id=staff_id)
    found = list(rows)
    return diaries_of(found, since=since, until=until, without=without)


def hours_and_leave(rows: Iterable[Availability], *, since: datetime, until: datetime) -> list[Diary]:
    """Diaries without the booked calls, in two queries: for who draws hours and knows the calls already."""
    return _diaries(list(rows), {}, since=since, until=until)


def diaries_of(
    rows: Iterable[Availability], *, since: datetime, until: datetime, without: Booking | None = None
) -> list[Diary]:
    rows = list(rows)
    calls = defaultdict(list)
    booked = calls_not_canceled().filter(
        staff__in=[row.staff_id for row in rows], starts_at__gt=since - MARGIN, starts_at__lt=until + MARGIN
    )
    for call in booked.exclude(pk=without.pk) if without else booked:
        calls[call.staff_id].append(call)
    return _diaries(rows, calls, since=since, until=until)


def _diaries(
    rows: list[Availability], calls: Mapping[int, list[Booking]], *, since: datetime, until: datetime
) -> list[Diary]:
    weekly, dates = _hours(rows, since=since, until=until)
    leaves = _leaves(rows, since=since, until=until)
    return [
        Diary(
            staff_id=row.staff_id,
            staff_name=row.staff.get_full_name(),
            zone=ZoneInfo(row.time_zone),
            length=timedelta(minutes=row.length_min),
            step=timedelta(minutes=row.step_min),
            before=timedelta(minutes=row.buffer_before_min),
            after=timedelta(minutes=row.buffer_after_min),
            notice=timedelta(minutes=row.notice_min),
            horizon=timedelta(days=row.horizon_days),
            calls_a_day=row.calls_a_day,
            weekly={day: tuple(times) for day, times in weekly[row.pk].items()},
            dates={day: tuple(times) for day, times in dates[row.pk].items()},
            leaves=tuple(leaves[row.pk]),
            calls=tuple((call.starts_at, call.ends_at) for call in calls.get(row.staff_id, ())),
            busy=tuple((call.busy.lower, call.busy.upper) for call in calls.get(row.staff_id, ())),
        )
        for row in rows
    ]


Weekly = dict[int, dict[int, list[WallTimes]]]
Dated = dict[int, dict[date, list[WallTimes]]]


def _hours(rows: list[Availability], *, since: datetime, until: datetime) -> tuple[Weekly, Dated]:
    weekly: Weekly = defaultdict(lambda: defaultdict(list))
    dates: Dated = defaultdict(lambda: defaultdict(list))
    near = Q(on__isnull=True) | Q(on__gte=(since - MARGIN).date(), on__lte=(until + MARGIN).date())
    for hours in Hours.objects.filter(near, availability__in=rows).order_by("starts"):
        times = [(hours.starts, hours.ends)] if hours.starts and hours.ends else []
        if hours.on is not None:
            dates[hours.availability_id][hours.on] += times
        elif hours.weekday is not None:
            weekly[hours.availability_id][hours.weekday] += times
    return weekly, dates


def _leaves(rows: list[Availability], *, since: datetime, until: datetime) -> dict[int, list[Stretch]]:
    leaves: dict[int, list[Stretch]] = defaultdict(list)
    near = Leave.objects.filter(availability__in=rows, starts_at__lt=until + DAY, ends_at__gt=since - DAY)
    for leave in near:
        leaves[leave.availability_id].append((leave.starts_at, leave.ends_at))
    return leaves


def free_slots_by_staff(
    found: Iterable[Diary], *, since: datetime, until: datetime, at: datetime, by_staff: bool = False
) -> list[Slot]:
    """The free slots of several diaries, by start."""
    return sorted(
        slot
        for diary in found
        for slot in free_slots(diary, since=since, until=until, at=at, by_staff=by_staff)
    )


def calls_not_canceled() -> QuerySet[Booking]:
    """Calls that take time: all that were not cancelled."""
    return Booking.objects.exclude(state=BookingState.CANCELED)


def booked_calls() -> QuerySet[Booking]:
    """Calls still to be held."""
    return Booking.objects.filter(state=BookingState.BOOKED).select_related("staff__availability")


def upcoming_calls(*, emails: Iterable[str], at: datetime) -> QuerySet[Booking]:
    """Calls booked with one of these addresses that have not begun."""
    return booked_calls().filter(email__in=list(emails), starts_at__gt=at).order_by("starts_at")


def call_by_uid(uid: str) -> Booking | None:
    return Booking.objects.select_related("staff__availability").filter(uid=uid).first()


def can_manage_calls(user: User) -> bool:
    """The front desk and the owner manage everybody's calls."""
    return is_front_desk(user) or is_owner(user)


def can_see_calls(user: User) -> bool:
    return can_manage_calls(user) or is_clinician(user)


def can_read_health(user: User, call: Booking) -> bool:
    """What hurts and the notes of a call are for the clinician who holds it."""
    return is_clinician(user) and (call.staff_id == user.pk or user.is_superuser)


def calls_of(user: User) -> QuerySet[Booking]:
    """The calls this member of staff may see: all for those who manage them, else their own."""
    calls = Booking.objects.select_related("staff__availability")
    return calls if can_manage_calls(user) else calls.filter(staff=user)


def availabilities(user: User) -> QuerySet[Availability]:
    """Whose hours this member of staff may see: everybody's for those who manage calls, else their own."""
    rows = (
        Availability.objects.filter(staff__is_active=True)
        .select_related("staff")
        .order_by("staff__name", "pk")
    )
    return rows if can_manage_calls(user) else rows.filter(staff=user)


def clinicians_without_availability(user: User) -> QuerySet[User]:
    """Clinicians who could begin to take calls, as far as this member of staff may let them."""
    free = User.objects.filter(
        is_active=True, is_staff=True, groups__name=CLINICIAN, availability__isnull=True
    ).order_by("name", "pk")
    return free if can_manage_calls(user) else free.filter(pk=user.pk)


def staff_of_feed(key: str) -> User | None:
    """Whose private calendar address this is; None where it is not in force."""
    return User.objects.filter(availability__feed_key=key, is_active=True, is_staff=True).first()


def calls_in_feed(staff: User, *, at: datetime) -> QuerySet[Booking]:
    """The calls that a calendar program is given, from two months back."""
    return (
        calls_not_canceled().filter(staff=staff, starts_at__gt=at - timedelta(days=60)).order_by("starts_at")
    )


def with_callers(calls: QuerySet[Booking], *, unless: QuerySet[AccessEntry]) -> QuerySet[Any]:
    """Each call with `caller_id`, as `callers_of`, in the same query; None for visitors and for those in `unless`."""
    account = User.objects.filter(email=OuterRef("email"), is_staff=False)
    seen = unless.filter(runner=OuterRef("pk"))
    return calls.annotate(caller_id=Subquery(account.filter(~Exists(seen)).values("pk")[:1]))


def callers_not_yet_in_feed(calls: QuerySet[Booking], *, looks: QuerySet[AccessEntry]) -> QuerySet[User, int]:
    """Callers of calls that were booked or moved since they were last given out: no entry at every fetching."""
    given = looks.filter(runner__email=OuterRef("email"), at__gte=OuterRef("changed_at"))
    return callers_of(calls.filter(~Exists(given)))


def callers_of(calls: Iterable[Booking]) -> QuerySet[User, int]:
    """The ids of those who called with the address of their account, staff left out."""
    return user_ids_with_address({call.email for call in calls})
