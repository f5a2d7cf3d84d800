"""Find runners whose week must be decided, and weeks that are out of date."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from challenge.care.models import JOINT_SOURCE, Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import open_stop
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.models import AddressState, MessageState, OutboxMessage
from challenge.protocol.local_week import WEEK, current_week_start, local_day, week_decided_at
from challenge.protocol.vocabulary import FlagKind

NO_DELAY = timedelta(0)


def due(
    *, at: datetime, cohort: Cohort | None = None, for_longer_than: timedelta = NO_DELAY
) -> Iterator[tuple[date, QuerySet[Enrollment]]]:
    """For each local week that runs somewhere: the runners without a decision for it.

    Due means: the seat is confirmed, the runner's own Monday 06:00 of a challenge week (or of the Monday after the
    last) has come, no pause covers the runner's day, and nothing is decided for that week. Who was missed stays due
    until the week is over. `for_longer_than` leaves out whom the next job finds anyway.
    """
    before = at - for_longer_than
    for (week, today), zones in _weeks_by_zone(at=at, cohort=cohort).items():
        ripe = [name for name in zones if week_decided_at(week, ZoneInfo(name)) <= before]
        yield (
            week,
            _in_week(week, cohort=cohort)
            .filter(
                ~Exists(WeeklyTarget.objects.filter(enrollment=OuterRef("pk"), week_starts_on=week)),
                ~Exists(pauses_covering(on=today).filter(enrollment=OuterRef("pk"))),
                seat__user__time_zone__in=ripe,
                created_at__lte=before,
            )
            .order_by("pk"),
        )


def count_missing(*, at: datetime, for_longer_than: timedelta = timedelta(minutes=30)) -> int:
    """How many runners should have been decided for so long and are not. Staff and the health check ask this."""
    return sum(runners.count() for _, runners in due(at=at, for_longer_than=for_longer_than))


def _weeks_by_zone(*, at: datetime, cohort: Cohort | None) -> dict[tuple[date, date], list[str]]:
    """The zones of the running cohorts' people, by the week that runs there and the local day."""
    found: dict[tuple[date, date], list[str]] = defaultdict(list)
    names = _running(at, cohort=cohort).values_list("seat__user__time_zone", flat=True)
    for name in names.order_by().distinct():
        zone = ZoneInfo(name)
        found[current_week_start(at, zone), local_day(at, zone)].append(name)
    return found


def _running(at: datetime, *, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Runners of cohorts that may have a week now; days more on either side cover every zone."""
    day = at.date()
    return _of_cohorts(latest=day + timedelta(days=1), on=day - timedelta(days=9), cohort=cohort)


def _in_week(week: date, *, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Runners for whom `week` is a challenge week, or the Monday after the last (`challenge.finish`)."""
    return _of_cohorts(latest=week, on=week, cohort=cohort)


def _of_cohorts(*, latest: date, on: date, cohort: Cohort | None) -> QuerySet[Enrollment]:
    """Runners of cohorts that began by `latest` and were in their weeks on `on`.

    The cohorts are looked up first: the planner then reads the seats of these few by index, not everybody's.
    """
    earliest = Value(on, output_field=DateField()) - F("weeks") * Value(WEEK)
    cohorts = Cohort.objects.filter(starts_on__lte=latest, starts_on__gte=earliest)
    if cohort is not None:
        cohorts = cohorts.filter(pk=cohort.pk)
    return active_enrollments().filter(seat__cohort__in=list(cohorts.values_list("pk", flat=True)))


def _running_is_off(message: OutboxMessage) -> bool:
    kind, _, pk = message.about.partition(":")
    runner = (
        Enrollment.objects.filter(pk=int(pk)).first() if kind == "enrollment" and pk.isdecimal() else None
    )
    return runner is not None and open_stop(runner) is not None


def out_of_date(*, at: datetime) -> list[tuple[Enrollment, WeeklyTarget.RevisionReason]]:
    """Runners whose present week says something that is no longer so.

    A stop flag opened or closed without a new revision, a pause begun or over, a joint that began to hurt. The pages
    revise at once; this finds what they could not: what the log raised, a pause that begins or ends with the calendar.
    """
    found: list[tuple[Enrollment, WeeklyTarget.RevisionReason]] = []
    for (week, today), zones in _weeks_by_zone(at=at, cohort=None).items():
        found.extend((runner, _reason(runner)) for runner in _outdated_runners(week, today, zones))
    return found


def _outdated_runners(week: date, today: date, zones: list[str]) -> QuerySet[Enrollment]:
    newest = WeeklyTarget.objects.filter(enrollment=OuterRef("pk"), week_starts_on=week).order_by("-revision")
    stop = Flag.objects.filter(enrollment=OuterRef("pk"), kind=FlagKind.STOP, closed_at__isnull=True)
    rows = _in_week(week, cohort=None).annotate(
        said=newest.values("decision__state")[:1],
        held=newest.values("on_hold")[:1],
        mail=newest.values("message__state")[:1],
        stopped=Exists(stop),
        paused=Exists(pauses_covering(on=today).filter(enrollment=OuterRef("pk"))),
        decided=newest.values("at")[:1],
    )
    joint = Flag.objects.filter(
        enrollment=OuterRef("pk"), source__startswith=JOINT_SOURCE, raised_at__gt=OuterRef("decided")
    )
    rows = rows.annotate(joint=Exists(joint))
    runs_on = (
        Q(paused=True) & ~Q(said="paused")
        | Q(paused=False, said="paused")
        | Q(paused=False, stopped=True) & ~Q(said__in=["on_hold", "paused"])
        | Q(paused=False, stopped=False, said="on_hold")
        | Q(paused=False, stopped=False, said="active", joint=True)
    )
    # The last email is told once; taken back by a stop flag before it went out, it is told with the hold.
    last_taken_back = Q(said="finished", stopped=True, held=False, mail=MessageState.WITHDRAWN)
    return rows.filter(
        runs_on & ~Q(said__in=["finished", "withdrawn"]) | last_taken_back,
        said__isnull=False,
        seat__user__time_zone__in=zones,
    )


def unwritten(*, at: datetime) -> Iterator[QuerySet[Enrollment]]:
    """Runners whose present week is decided and who have no email about it, sent or waiting.

    Left out: weeks without an email (paused, withdrawn), readers who want none, and an email that was taken back, for
    what took it back knows why.
    """
    for (week, _), zones in _weeks_by_zone(at=at, cohort=None).items():
        yield _unwritten(week, zones).filter(Q(mail__isnull=True) | Q(mail=MessageState.FAILED))


def never_written(*, at: datetime) -> Iterator[QuerySet[Enrollment]]:
    """Those among them for whom no email was made and who can be written to now."""
    for (week, _), zones in _weeks_by_zone(at=at, cohort=None).items():
        yield _unwritten(week, zones).filter(mail__isnull=True, refused=False)


def _unwritten(week: date, zones: list[str]) -> QuerySet[Any]:
    decided = WeeklyTarget.objects.filter(enrollment=OuterRef("pk"), week_starts_on=week)
    newest = decided.order_by("-revision")
    written = decided.filter(
        message__state__in=[MessageState.QUEUED, MessageState.CLAIMED, MessageState.SENT]
    )
    wants_none = Q(weekly_unsubscribed_at__isnull=False) | Q(complained_at__isnull=False)
    address = AddressState.objects.filter(email=Lower(OuterRef("seat__user__email")))
    rows = _in_week(week, cohort=None).annotate(
        said=newest.values("decision__state")[:1],
        mail=newest.values("message__state")[:1],
        refused=Exists(address.filter(refused_at__isnull=False)),
    )
    return rows.filter(
        ~Exists(written),
        ~Exists(address.filter(wants_none)),
        said__isnull=False,
        seat__user__time_zone__in=zones,
    ).exclude(said__in=["paused", "withdrawn"])


def _reason(runner: Enrollment) -> WeeklyTarget.RevisionReason:
    because = WeeklyTarget.RevisionReason
    paused, stopped, said = (getattr(runner, name) for name in ("paused", "stopped", "said"))
    if paused or said == "paused":
        return because.PAUSE
    if not stopped and runner.joint:  # type: ignore[attr-defined]
        return because.CLOSED_STOP if said == "on_hold" else because.JOINT
    return because.STOP if stopped else because.CLOSED_STOP
