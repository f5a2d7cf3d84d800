"""Queries on the log: one runner's entries for pages. For the method see `runner_log`."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from challenge.enrollment.models import Enrollment
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts.import_models import ImportJob
from challenge.workouts.models import (
    ALIVE,
    DailyLife,
    EntryRevision,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
)

USUAL_RUNS = 5
# `protocol.measured_cadence.averages_walking` for the database, by the clinic's own number.
_AVERAGES_WALKING = Q(cadence_source=CadenceSource.WATCH) & (
    Q(walk_breaks=True) | Q(running_s__lt=F("duration_s") * (100 - CLINIC.walking_percent) / 100.0)
)
# The cadence of a run, none where a watch's typed average takes in walking breaks (`cadence.baseline`).
MEASURED_SPM = Case(
    When(_AVERAGES_WALKING, then=None),
    default=F("cadence_spm"),
    output_field=IntegerField(),
)
MORNINGS_REMEMBERED = 3  # days; asked any later, the answer would be a guess


def runs(enrollment: Enrollment) -> QuerySet[Run]:
    """Return the runner's runs, newest first."""
    return Run.objects.filter(ALIVE, enrollment=enrollment).order_by("-local_on", "-logged_at", "-pk")


def strength_sessions(enrollment: Enrollment) -> QuerySet[StrengthSession]:
    """Return the runner's strength sessions, newest first."""
    sessions = StrengthSession.objects.filter(ALIVE, enrollment=enrollment)
    return sessions.order_by("-local_on", "-logged_at", "-pk")


def mornings(enrollment: Enrollment) -> QuerySet[Morning]:
    """Return the runner's mornings, newest first."""
    return Morning.objects.filter(ALIVE, enrollment=enrollment).order_by("-local_on")


def daily_life(enrollment: Enrollment) -> QuerySet[DailyLife]:
    """Return the weekly answers on daily life, newest first."""
    return DailyLife.objects.filter(ALIVE, enrollment=enrollment).order_by("-week_starts_on")


def rest_weeks(enrollment: Enrollment) -> QuerySet[RestWeek]:
    """Return the weeks that the runner reported as "nothing this week", newest first."""
    return RestWeek.objects.filter(ALIVE, enrollment=enrollment).order_by("-week_starts_on")


def revisions(enrollment: Enrollment, *, kind: str, entry_id: int) -> QuerySet[EntryRevision]:
    """Return the revisions of one entry, oldest first."""
    return EntryRevision.objects.filter(enrollment=enrollment, kind=kind, entry_id=entry_id).order_by(
        "number"
    )


def last_run(enrollment: Enrollment) -> Run | None:
    """Return the run logged last; its surface and effort are the next form's defaults."""
    return Run.objects.filter(ALIVE, enrollment=enrollment).order_by("-logged_at", "-pk").first()


def usual_distance_m(enrollment: Enrollment) -> int | None:
    """Return the median distance of the last five runs in meters, the lower of two middles; None without a run."""
    latest = runs(enrollment).values_list("distance_m", flat=True)[:USUAL_RUNS]
    distances = sorted(latest)
    return distances[(len(distances) - 1) // 2] if distances else None


def last_cadence(enrollment: Enrollment) -> int | None:
    """Return the cadence of the last measured run in steps a minute."""
    measured = runs(enrollment).annotate(measured_spm=MEASURED_SPM).filter(measured_spm__isnull=False)
    return measured.values_list("measured_spm", flat=True).first()


@dataclass(frozen=True, slots=True)
class LogDay:
    """One entry as a list shows it; distance and cadence are those of a run."""

    kind: str
    pk: int
    local_on: date
    pain: int | None
    distance_m: int | None = None
    cadence_spm: int | None = None
    site: str = ""
    side: str = ""
    logged_at: datetime | None = None


def days_between(enrollment: Enrollment, *, first: date, last: date) -> list[LogDay]:
    """Return runs, strength sessions and mornings of these local days, oldest first, in one query."""
    return log_days(enrollment, Q(local_on__range=(first, last)))


def log_days(enrollment: Enrollment, chosen: Q) -> list[LogDay]:
    """Return the runner's runs, strength sessions and mornings with these fields, oldest first, in one query."""
    return [day for _, day in log_days_of([enrollment.pk], chosen)]


def log_days_of(enrollments: Collection[int], chosen: Q) -> list[tuple[int, LogDay]]:
    """Return the same of several runners, each with its enrollment id."""
    runs_of_days = _day_rows(Run, enrollments, chosen, F("distance_m"), F("cadence_spm"))
    others = [_day_rows(model, enrollments, chosen) for model in (StrengthSession, Morning)]
    rows = runs_of_days.union(*others, all=True).order_by("local_on", "entry_kind", "pk")
    return [(row[0], LogDay(*row[1:])) for row in rows]


def months_with_entries(enrollment: Enrollment) -> list[date]:
    """Return the first day of each month with an entry, newest first, in one query."""
    months = [
        model.objects.filter(ALIVE, enrollment=enrollment)
        .annotate(month=TruncMonth("local_on"))
        .values_list("month", flat=True)
        for model in (Run, StrengthSession, Morning)
    ]
    return sorted(months[0].union(*months[1:]), reverse=True)


NO_NUMBER = Value(None, output_field=IntegerField())


def _day_rows(
    model: type[Run | StrengthSession | Morning],
    enrollments: Collection[int],
    chosen: Q,
    distance_m: F | Value = NO_NUMBER,
    cadence_spm: F | Value = NO_NUMBER,
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the rows of one table with the columns of `LogDay`, so that three tables make one union."""
    kind = Value(model.kind.value, output_field=CharField())
    entries_of_days = model.objects.filter(ALIVE, chosen, enrollment__in=enrollments)
    # A run's own columns already have the plain names; an annotation must not clash with them.
    columns = entries_of_days.annotate(entry_kind=kind, meters=distance_m, steps_per_min=cadence_spm)
    names = ("entry_kind", "pk", "local_on", "pain", "meters", "steps_per_min", "site", "side", "logged_at")
    return columns.values_list("enrollment_id", *names)


def missed_morning(sessions: set[date], answered: set[date], *, today: date) -> date | None:
    """Return the latest unanswered morning after a day with a session, at most `MORNINGS_REMEMBERED` days back."""
    for back in range(MORNINGS_REMEMBERED):
        morning = today - timedelta(days=back)
        if morning - timedelta(days=1) in sessions and morning not in answered:
            return morning
    return None


def missed_morning_among(days: Iterable[LogDay], *, today: date) -> date | None:
    """Return the `missed_morning` of these entries."""
    logged = [*days]
    sessions = {day.local_on for day in logged if day.kind != Morning.kind}
    answered = {day.local_on for day in logged if day.kind == Morning.kind}
    return missed_morning(sessions, answered, today=today)


def morning_to_ask(enrollment: Enrollment, *, today: date) -> date | None:
    """Return the runner's `missed_morning`, in one query."""
    days = days_between(enrollment, first=today - timedelta(days=MORNINGS_REMEMBERED), last=today)
    return missed_morning_among(days, today=today)


def morning_after(enrollment: Enrollment, *, day: date, today: date) -> Morning | date | None:
    """Return the entry of the morning after a session, else that day while it can still be asked, else None."""
    morning = day + timedelta(days=1)
    if answer := mornings(enrollment).filter(local_on=morning).first():
        return answer
    return morning if today - timedelta(days=MORNINGS_REMEMBERED) < morning <= today else None


def import_jobs(enrollment: Enrollment, *, batch: uuid.UUID) -> QuerySet[ImportJob]:
    """Return the files of one upload, without their bytes."""
    return ImportJob.objects.filter(enrollment=enrollment, batch=batch).defer("content").order_by("number")
