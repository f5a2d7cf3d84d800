"""Raise the flags that the clock brings: a runner fell silent, an email could not be delivered.

A runner is silent who has logged nothing for longer than is usual for them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from challenge.care.actions import end_silence_flags, raise_flag
from challenge.care.models import Flag, Pause
from challenge.care.queries import pauses_covering
from challenge.care.stop import open_stops
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.queries import failures_since
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


SILENCE = "log.silence"
MAIL = "mail.failing"
MAIL_LOOKED_BACK = timedelta(days=14)


def raise_scheduled_flags(*, at: datetime) -> int:
    """Close the silences that ended, raise new flags, and return how many were raised."""
    end_inactivity(at=at)
    return flag_inactivity(at=at) + flag_failing_mail(at=at)


def flag_inactivity(*, at: datetime) -> int:
    """Raise one flag for each silence of an active runner, and return how many. A paused runner is not silent.

    Its source is the last logged day. A silence that goes on after a pause or an answer is a new one; a silence that a
    clinician closed stays closed until the next entry.
    """
    silent = list(inactive_runners(at=at))
    paused = set(
        pauses_covering(on=at.date()).filter(enrollment__in=silent).values_list("enrollment_id", flat=True)
    )
    # An open silence is not raised again under a new source while the runner stays silent.
    flagged = set(_open_flags(FlagKind.SILENCE).values_list("enrollment_id", flat=True))
    fresh = [runner for runner in silent if runner.pk not in paused | flagged]
    days = logged_days(fresh, since=min((r.seat.cohort.starts_on for r in fresh), default=at.date()))
    ended = _ended_without_staff(fresh)
    for runner in fresh:
        last = max(days[runner.pk], default=None)
        source = f"since:{last.isoformat() if last else 'start'}"
        before = ended[runner.pk, source]
        raise_flag(
            enrollment=runner,
            kind=FlagKind.SILENCE,
            rule=SILENCE,
            source=f"{source}:{before + 1}" if before else source,
            facts={"last": last.isoformat() if last else None},
            at=at,
        )
    return len(fresh)


def _ended_without_staff(runners: list[Enrollment]) -> Counter[tuple[int, str]]:
    """Count the silences that ended without a person, by enrollment id and source, which names the last logged day."""
    flags = Flag.objects.filter(
        enrollment__in=runners, kind=FlagKind.SILENCE, closed_at__isnull=False, closed_by__isnull=True
    )
    rows = flags.values_list("enrollment_id", "source")
    # The source of a second silence since the same day ends in a number: `since:2026-01-05:2`.
    return Counter((runner, ":".join(source.split(":")[:2])) for runner, source in rows)


def end_inactivity(*, at: datetime) -> int:
    """Close silences that ended with an entry of a later day, with "nothing this week" or with a pause."""
    flags = list(_open_flags(FlagKind.SILENCE).select_related("enrollment__seat__user"))
    if not flags:
        return 0
    runners = [flag.enrollment for flag in flags]
    first = min(flag.raised_at for flag in flags).date()
    days = logged_days(runners, since=first - LOOKED_BACK)
    answered = resting_runners(runners, at=at)
    paused = set(
        pauses_covering(on=at.date()).filter(enrollment__in=runners).values_list("enrollment_id", flat=True)
    )
    ended = [
        flag.pk
        for flag in flags
        if flag.enrollment_id in answered | paused or _logged_later(flag, days[flag.enrollment_id], at=at)
    ]
    return end_silence_flags(flags=ended, at=at)


def _logged_later(flag: Flag, days: set[date], *, at: datetime) -> bool:
    """Return whether a day after the last one before the silence is logged; any day, if none was before."""
    user = flag.enrollment.seat.user
    today = local_day(at, user.zone) if user is not None else at.date()
    last = flag.facts.get("last")
    since = date.fromisoformat(last) if last else date.min
    return any(since < day <= today for day in days)


def flag_failing_mail(*, at: datetime) -> int:
    """Raise a flag for failed emails and refused addresses, and return how many.

    Once a clinician has closed such a flag, only later failures raise another.
    """
    failures = failures_since(at - MAIL_LOOKED_BACK)
    about = [
        int(number) for kind, _, number in (name.partition(":") for name in failures) if kind == "enrollment"
    ]
    written_to = Enrollment.objects.filter(seat__user__email__in=list(failures))
    theirs = (
        Enrollment.objects.filter(pk__in=about)
        .values_list("pk", flat=True)
        .union(written_to.values_list("pk", flat=True))
    )
    runners = (
        active_enrollments()
        .filter(pk__in=list(theirs))  # a list, not a subquery: the planner then reads these few by index
        .exclude(pk__in=_open_flags(FlagKind.MAIL).values("enrollment"))
    )
    last_closed = Max("flags__closed_at", filter=Q(flags__kind=FlagKind.MAIL))
    raised = 0
    for runner in runners.annotate(mail_closed_at=last_closed) if failures else ():
        failed_at = max(
            (failures[name] for name in (runner.about, runner.address) if name in failures), default=None
        )
        closed_at = runner.mail_closed_at
        if failed_at is None or (closed_at is not None and failed_at <= closed_at):
            continue
        raise_flag(
            enrollment=runner,
            kind=FlagKind.MAIL,
            rule=MAIL,
            source=f"mail:{failed_at.isoformat()}",
            facts={},
            at=at,
        )
        raised += 1
    return raised


def _open_flags(kind: FlagKind) -> QuerySet[Flag]:
    return Flag.objects.filter(kind=kind, closed_at__isnull=True)
