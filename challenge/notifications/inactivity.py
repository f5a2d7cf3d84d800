"""Find runners who have logged nothing for longer than is usual for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Exists, OuterRef, Q

from challenge.care.models import Flag, Pause
from challenge.care.stop import open_stops
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.local_week import DAY, WEEK, local_day, monday_of
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.models import ALIVE, RestWeek, Run, StrengthSession

LOOKED_BACK = timedelta(days=28)
LEAST_DAYS = 4  # a long weekend is no silence
WITHOUT_LOG_DAYS = 7


def inactive_runners(*, at: datetime) -> Iterator[Enrollment]:
    """Yield runners in their challenge weeks, not on hold, silent for longer than their longest gap of late."""
    day = at.date()
    begun = Cohort.objects.filter(starts_on__lte=day).only("starts_on", "weeks")
    running = [cohort.pk for cohort in begun if day < cohort.starts_on + cohort.weeks * WEEK]
    stopped = open_stops().filter(enrollment=OuterRef("pk"))
    runners = list(active_enrollments().filter(~Exists(stopped), seat__cohort__in=running))
    # One week more than is looked at: a runner's today may be a day away from the clock's.
    since = day - LOOKED_BACK - WEEK
    logged = logged_days(runners, since=since)
    excused = excused_days(runners, since=since, at=at)
    resting = resting_runners(runners, at=at)
    for runner in runners:
        user = runner.seat.user
        if user is not None and runner.pk not in resting:
            today = local_day(at, user.zone)
            begun_on = runner.seat.cohort.starts_on
            if is_inactive(logged[runner.pk], excused=excused[runner.pk], begun_on=begun_on, today=today):
                yield runner


def is_inactive(
    logged: set[date], *, begun_on: date, today: date, excused: AbstractSet[date] = frozenset()
) -> bool:
    """Return whether the silence is longer than the longest gap so far, and than four days.

    Without any entry, a week after the start is silence. Excused days need no entry: they are neither silence nor gap,
    and the time without an entry begins after them.
    """
    logged, excused = (
        {day for day in days if today - LOOKED_BACK <= day <= today} for days in (logged, excused)
    )
    if not logged:
        return (today - max(excused | {begun_on})).days >= WITHOUT_LOG_DAYS
    counted = sorted(logged | excused)
    gaps = [(later - earlier).days for earlier, later in pairwise(counted)]
    usual = max(gaps, default=LEAST_DAYS)
    return (today - counted[-1]).days > max(usual, LEAST_DAYS)


def resting_runners(runners: Iterable[Enrollment], *, at: datetime) -> set[int]:
    """Return the ids of runners who answered that there is nothing to log this week."""
    # On a Monday, last week's answer still counts: in some zones it is still Sunday.
    monday = monday_of(at.date() - DAY)
    rows = RestWeek.objects.filter(ALIVE, enrollment__in=runners, week_starts_on__gte=monday)
    return set(rows.values_list("enrollment_id", flat=True))


def excused_days(runners: Iterable[Enrollment], *, since: date, at: datetime) -> dict[int, set[date]]:
    """Return the local days from `since` to today that a pause covered or a stop flag was open, by enrollment id."""
    zones = {runner.pk: runner.seat.user.zone for runner in runners if runner.seat.user is not None}
    excused: dict[int, set[date]] = defaultdict(set)

    def add(runner: int, first: date, last: date | None) -> None:
        today = local_day(at, zones[runner])
        begin, end = max(first, since), min(last or today, today)
        excused[runner] |= {begin + timedelta(days=n) for n in range((end - begin).days + 1)}

    pauses = Pause.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=since), enrollment__in=[*zones], undone_at__isnull=True
    )
    for runner, starts_on, ends_on in pauses.values_list("enrollment_id", "starts_on", "ends_on"):
        add(runner, starts_on, ends_on)
    # Closed stops count too, so this is not `open_stops`.
    stops = Flag.objects.filter(
        Q(closed_at__isnull=True) | Q(closed_at__date__gte=since),
        enrollment__in=[*zones],
        kind=FlagKind.STOP,
    )
    for runner, raised, closed in stops.values_list("enrollment_id", "raised_at", "closed_at"):
        zone = zones[runner]
        add(runner, local_day(raised, zone), local_day(closed, zone) if closed is not None else None)
    return excused


def logged_days(runners: list[Enrollment], *, since: date) -> dict[int, set[date]]:
    """Return the local days with a run or a strength session, by enrollment id."""
    logged: dict[int, set[date]] = defaultdict(set)
    for model in (Run, StrengthSession):
        rows = model.objects.filter(ALIVE, enrollment__in=runners, local_on__gte=since)
        for runner, day in rows.values_list("enrollment_id", "local_on"):
            logged[runner].add(day)
    return logged
