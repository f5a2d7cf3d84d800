"""Find runners whose week must be decided, and weeks that are out of date or without an email."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from challenge.care.models import COMPLAINT_SOURCE, Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import open_stops
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.models import AddressState, MessageState
from challenge.protocol.local_week import DAY, WEEK, current_week_start, local_day, week_decided_at
from challenge.protocol.vocabulary import WeekState

NO_DELAY = timedelta(0)
MINE = OuterRef("pk")
WITHOUT_EMAIL = (WeekState.PAUSED, WeekState.WITHDRAWN)


def due(
    *, at: datetime, cohort: Cohort | None = None, for_longer_than: timedelta = NO_DELAY
) -> Iterator[tuple[date, QuerySet[Enrollment]]]:
    """Yield each local week that runs somewhere, with the runners who have no decision for it (`decision.week`).

    A runner is due if the seat is confirmed, their Monday 06:00 of a challenge week (or of the Monday after the last)
    has come, no pause covers their day, and the week is not decided. A missed runner stays due until the week is over.
    `for_longer_than` leaves out runners who became due so recently that the next job will find them.
    """
    before = at - for_longer_than
    for (week, today), zones in _zones_by_week(at=at, cohort=cohort).items():
        begun = [name for name in zones if week_decided_at(week, ZoneInfo(name)) <= before]
        yield (
            week,
            _in_week(week, cohort=cohort)
            .filter(
                ~Exists(WeeklyTarget.objects.filter(enrollment=MINE, week_starts_on=week)),
                ~Exists(pauses_covering(on=today).filter(enrollment=MINE)),
                seat__user__time_zone__in=begun,
                created_at__lte=before,
            )
            .order_by("pk"),
        )


def count_missing(*, at: datetime, for_longer_than: timedelta = timedelta(minutes=30)) -> int:
    """Return how many runners have been due for so long and are not decided; the health check alarms on it."""
    return sum(runners.count() for _, runners in due(at=at, for_longer_than=for_longer_than))


def _zones_by_week(*, at: datetime, cohort: Cohort | None) -> dict[tuple[date, date], list[str]]:
    """Return the time zones of running cohorts' runners, by the present week there and the local day."""
    zones: dict[tuple[date, date], list[str]] = defaultdict(list)
    # Zones with the same week and day share their queries, so that these do not grow with the runners.
    names = _running(at, cohort=cohort).values_list("seat__user__time_zone", flat=True)
    for name in names.order_by().distinct():
        zone = ZoneInfo(name)
        zones[current_week_start(at, zone), local_day(at, zone)].append(name)
    return zones


def _running(at: datetime, *, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Return runners of cohorts that may have a week now; a few days more on either side cover every zone."""
    day = at.date()
    return _of_cohorts(latest=day + DAY, on=day - WEEK - 2 * DAY, cohort=cohort)


def _in_week(week: date, *, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Return runners for whom `week` is a challenge week, or the Monday after the last (`challenge.finish`)."""
    return _of_cohorts(latest=week, on=week, cohort=cohort)


def _of_cohorts(*, latest: date, on: date, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Return runners of cohorts that began by `latest` and were in their weeks on `on`."""
    earliest = Value(on, output_field=DateField()) - F("weeks") * Value(WEEK)
    cohorts = Cohort.objects.filter(starts_on__lte=latest, starts_on__gte=earliest)
    if cohort is not None:
        cohorts = cohorts.filter(pk=cohort.pk)
    # A list, not a subquery: the planner then reads the seats of these few cohorts by index.
    return active_enrollments().filter(seat__cohort__in=list(cohorts.values_list("pk", flat=True)))


def out_of_date(*, at: datetime) -> list[tuple[Enrollment, WeeklyTarget.RevisionReason]]:
    """Return runners whose present week contradicts the record, each with the reason for a revision.

    A stop flag was opened or closed, a pause began or ended, a place began to hurt. Pages revise the week themselves;
    this finds what no page saw: flags that the log raised, pauses that begin or end with the calendar.
    """
    runners: list[tuple[Enrollment, WeeklyTarget.RevisionReason]] = []
    for (week, today), zones in _zones_by_week(at=at, cohort=None).items():
        runners.extend((runner, _reason(runner)) for runner in _outdated_runners(week, today, zones))
    return runners


def _outdated_runners(week: date, today: date, zones: list[str]) -> QuerySet[Any]:
    newest = WeeklyTarget.objects.filter(enrollment=MINE, week_starts_on=week).order_by("-revision")
    rows = _in_week(week, cohort=None).annotate(
        state=newest.values("decision__state")[:1],
        held=newest.values("on_hold")[:1],
        mail=newest.values("message__state")[:1],
        stopped=Exists(open_stops().filter(enrollment=MINE)),
        paused=Exists(pauses_covering(on=today).filter(enrollment=MINE)),
        decided_at=newest.values("at")[:1],
    )
    sore = Flag.objects.filter(
        enrollment=MINE, source__startswith=COMPLAINT_SOURCE, raised_at__gt=OuterRef("decided_at")
    )
    rows = rows.annotate(sore=Exists(sore))
    contradicts = (
        Q(paused=True) & ~Q(state=WeekState.PAUSED)
        | Q(paused=False, state=WeekState.PAUSED)
        | Q(paused=False, stopped=True) & ~Q(state__in=[WeekState.ON_HOLD, WeekState.PAUSED])
        | Q(paused=False, stopped=False, state=WeekState.ON_HOLD)
        | Q(paused=False, stopped=False, state=WeekState.ACTIVE, sore=True)
    )
    # The finishing week is decided once. Where a stop flag withdrew its email, it is written once more, with the hold.
    finish_withdrawn = Q(state=WeekState.FINISHED, stopped=True, held=False, mail=MessageState.WITHDRAWN)
    return rows.filter(
        contradicts & ~Q(state__in=[WeekState.FINISHED, WeekState.WITHDRAWN]) | finish_withdrawn,
        state__isnull=False,
        seat__user__time_zone__in=zones,
    )


def _reason(runner: Any) -> WeeklyTarget.RevisionReason:
    """Return the reason for a revision of a row of `_outdated_runners`; a pause goes before a stop."""
    reason = WeeklyTarget.RevisionReason
    if runner.paused or runner.state == WeekState.PAUSED:
        return reason.PAUSE
    if runner.stopped:
        return reason.STOP
    return reason.COMPLAINT if runner.sore and runner.state != WeekState.ON_HOLD else reason.CLOSED_STOP


def unwritten(*, at: datetime) -> Iterator[QuerySet[Enrollment]]:
    """Yield runners whose present week is decided and who have no email about it, sent or waiting.

    Left out: weeks without an email (paused, withdrawn), readers who want none, and withdrawn emails, because
    withdrawing one goes with a revision.
    """
    for (week, _), zones in _zones_by_week(at=at, cohort=None).items():
        yield _unwritten(week, zones).filter(Q(mail__isnull=True) | Q(mail=MessageState.FAILED))


def never_written(*, at: datetime) -> Iterator[QuerySet[Enrollment]]:
    """Yield those of `unwritten` for whom no email was written and whose address takes mail now."""
    for (week, _), zones in _zones_by_week(at=at, cohort=None).items():
        yield _unwritten(week, zones).filter(mail__isnull=True, refused=False)


def _unwritten(week: date, zones: list[str]) -> QuerySet[Any]:
    decided = WeeklyTarget.objects.filter(enrollment=MINE, week_starts_on=week)
    newest = decided.order_by("-revision")
    written = decided.filter(
        message__state__in=[MessageState.QUEUED, MessageState.CLAIMED, MessageState.SENT]
    )
    wants_none = Q(weekly_unsubscribed_at__isnull=False) | Q(complained_at__isnull=False)
    # Refusals and opt-outs are recorded per address, not per user.
    address = AddressState.objects.filter(email=Lower(OuterRef("seat__user__email")))
    rows = _in_week(week, cohort=None).annotate(
        state=newest.values("decision__state")[:1],
        mail=newest.values("message__state")[:1],
        refused=Exists(address.filter(refused_at__isnull=False)),
    )
    return rows.filter(
        ~Exists(written),
        ~Exists(address.filter(wants_none)),
        state__isnull=False,
        seat__user__time_zone__in=zones,
    ).exclude(state__in=WITHOUT_EMAIL)
