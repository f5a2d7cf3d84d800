"""Who has logged nothing for longer than is usual for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Exists, OuterRef, Q

from challenge.care.models import Flag, Pause
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.local_week import WEEK, local_day, monday_of
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.models import ALIVE, RestWeek, Run, StrengthSession

LOOKED_BACK = timedelta(days=28)
LEAST_DAYS = 4  # nobody is reminded of a long weekend
WITHOUT_LOG_DAYS = 7


def inactive_runners(*, at: datetime) -> Iterator[Enrollment]:
    """Runners in their challenge weeks, not on hold, silent for longer than their longest gap of the last weeks."""
    day = at.date()
    stopped = Flag.objects.filter(enrollment=OuterRef("pk"), kind=FlagKind.STOP, closed_at__isnull=True)
    begun = Cohort.objects.filter(starts_on__lte=day).only("starts_on", "weeks")
    running = [cohort.pk for cohort in begun if day < cohort.starts_on + cohort.weeks * WEEK]
    runners = list(active_enrollments().filter(~Exists(stopped), seat__cohort__in=running))
    days = logged_days(runners, since=day - LOOKED_BACK - WEEK)
    away = excused_days(runners, since=day - LOOKED_BACK - WEEK, at=at)
    said_nothing = rested_since(runners, at=at)
    for runner in runners:
        user = runner.seat.user
        if user is not None and runner.pk not in said_nothing:
            today = local_day(at, user.zone)
            begun_on = runner.seat.cohort.starts_on
            if is_inactive(days[runner.pk], away=away[runner.pk], begun_on=begun_on, today=today):
                yield runner


def is_inactive(
    days: set[date], *, begun_on: date, today: date, away: AbstractSet[date] = frozenset()
) -> bool:
    """Silence beyond the longest gap so far, and beyond four days; without any entry, a week after the start.

    Days `away` owe no entry: no silence, no gap, and the time without an entry begins after them.
    """
    logged, excused = ({day for day in of if today - LOOKED_BACK <= day <= today} for of in (days, away))
    if not logged:
        return (today - max(excused | {begun_on})).days >= WITHOUT_LOG_DAYS
    counted = sorted(logged | excused)
    gaps = [(later - earlier).days for earlier, later in pairwise(counted)]
    usual = max(gaps, default=LEAST_DAYS)
    return (today - counted[-1]).days > max(usual, LEAST_DAYS)


def rested_since(runners: Iterable[Enrollment], *, at: datetime) -> set[int]:
    """Who told us that there is nothing to log this week."""
    return set(
        RestWeek.objects.filter(
            ALIVE, enrollment__in=runners, week_starts_on__gte=monday_of(at.date() - timedelta(days=1))
        ).values_list("enrollment_id", flat=True)
    )


def excused_days(runners: Iterable[Enrollment], *, since: date, at: datetime) -> dict[int, set[date]]:
    """The days from `since` on that a pause covered, or a stop flag held, by runner."""
    zones = {runner.pk: runner.seat.user.zone for runner in runners if runner.seat.user is not None}
    found: dict[int, set[date]] = defaultdict(set)

    def add(runner: int, first: date, last: date | None) -> None:
        today = local_day(at, zones[runner])
        begin, end = max(first, since), min(last or today, today)
        found[runner] |= {begin + timedelta(days=n) for n in range((end - begin).days + 1)}

    pauses = Pause.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since), enrollment__in=[*zones])
    for runner, starts_on, ends_on in pauses.values_list("enrollment_id", "starts_on", "ends_on"):
        add(runner, starts_on, ends_on)
    stops = Flag.objects.filter(
        Q(closed_at__isnull=True) | Q(closed_at__date__gte=since),
        enrollment__in=[*zones],
        kind=FlagKind.STOP,
    )
    for runner, raised, closed in stops.values_list("enrollment_id", "raised_at", "closed_at"):
        zone = zones[runner]
        add(runner, local_day(raised, zone), local_day(closed, zone) if closed is not None else None)
    return found


def logged_days(runners: list[Enrollment], *, since: date) -> dict[int, set[date]]:
    """The days with a run or a session, by runner."""
    found: dict[int, set[date]] = defaultdict(set)
    for model in (Run, StrengthSession):
        rows = model.objects.filter(ALIVE, enrollment__in=runners, local_on__gte=since)
        for runner, day in rows.values_list("enrollment_id", "local_on"):
            found[runner].add(day)
    return found
