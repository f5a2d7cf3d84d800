"""Reading the log, always of one runner."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from challenge.enrollment.models import Enrollment
from challenge.protocol import entries
from challenge.protocol.local_week import monday_of
from challenge.protocol.snapshot import CorrectionInput
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FootStrike,
    Side,
    Site,
    Surface,
    Symptom,
    Term,
)
from challenge.workouts.models import (
    ALIVE,
    DailyLife,
    EntryRevision,
    ImportJob,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)

MORNINGS_REMEMBERED = 3  # days; asked any later, the answer would be a guess
T = TypeVar("T", bound=Term)

_DAYS = """
SELECT 'run', id, local_on, pain, distance_m, cadence_spm FROM challenge_run
WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND local_on BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'strength', id, local_on, pain, NULL, NULL FROM challenge_strengthsession
WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND local_on BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'morning', id, local_on, pain, NULL, NULL FROM challenge_morning
WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND local_on BETWEEN %(first)s AND %(last)s
ORDER BY 3, 1, 2
"""


def runs(enrollment: Enrollment) -> QuerySet[Run]:
    """The runner's runs, newest first."""
    return Run.objects.filter(ALIVE, enrollment=enrollment).order_by("-local_on", "-logged_at", "-pk")


def strength_sessions(enrollment: Enrollment) -> QuerySet[StrengthSession]:
    """The runner's strength sessions, newest first."""
    found = StrengthSession.objects.filter(ALIVE, enrollment=enrollment)
    return found.order_by("-local_on", "-logged_at", "-pk")


def mornings(enrollment: Enrollment) -> QuerySet[Morning]:
    """The runner's mornings, newest first."""
    return Morning.objects.filter(ALIVE, enrollment=enrollment).order_by("-local_on")


def daily_life(enrollment: Enrollment) -> QuerySet[DailyLife]:
    """The weekly answers on daily life, newest first."""
    return DailyLife.objects.filter(ALIVE, enrollment=enrollment).order_by("-week_starts_on")


def rest_weeks(enrollment: Enrollment) -> QuerySet[RestWeek]:
    """The weeks in which the runner did nothing and said so, newest first."""
    return RestWeek.objects.filter(ALIVE, enrollment=enrollment).order_by("-week_starts_on")


def revisions(enrollment: Enrollment, *, kind: str, entry_id: int) -> QuerySet[EntryRevision]:
    """What one entry said over time, oldest first."""
    return EntryRevision.objects.filter(enrollment=enrollment, kind=kind, entry_id=entry_id).order_by(
        "number"
    )


def last_run(enrollment: Enrollment) -> Run | None:
    """The run that was logged last: its distance, surface and effort are the next form's defaults."""
    return Run.objects.filter(ALIVE, enrollment=enrollment).order_by("-logged_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class LogDay:
    """One thing that was logged, as a list shows it."""

    kind: str
    pk: int
    local_on: date
    pain: int | None
    distance_m: int | None = None
    cadence_spm: int | None = None


def days_between(enrollment: Enrollment, *, first: date, last: date) -> list[LogDay]:
    """Runs, strength sessions and mornings of these local days, oldest first, in one query.

    Written as SQL: /today/ asks it each time, and building it from three querysets costs ten times the query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"runner": enrollment.pk, "first": first, "last": last})
        return [LogDay(*row) for row in cursor.fetchall()]


def missed_morning(sessions: set[date], told: set[date], *, today: date) -> date | None:
    """The latest morning after a day with a session that nobody was told of, while it is remembered."""
    for back in range(MORNINGS_REMEMBERED):
        morning = today - timedelta(days=back)
        if morning - timedelta(days=1) in sessions and morning not in told:
            return morning
    return None


def morning_to_ask(enrollment: Enrollment, *, today: date) -> date | None:
    """`missed_morning` for a runner, in one query."""
    days = days_between(enrollment, first=today - timedelta(days=MORNINGS_REMEMBERED), last=today)
    sessions = {day.local_on for day in days if day.kind != Morning.kind}
    told = {day.local_on for day in days if day.kind == Morning.kind}
    return missed_morning(sessions, told, today=today)


def morning_after(enrollment: Enrollment, *, day: date, today: date) -> Morning | date | None:
    """The morning after a session: as it was told, else its day where it can still be asked."""
    morning = day + timedelta(days=1)
    if told := mornings(enrollment).filter(local_on=morning).first():
        return told
    return morning if today - timedelta(days=MORNINGS_REMEMBERED) < morning <= today else None


def import_jobs(enrollment: Enrollment, *, batch: uuid.UUID) -> QuerySet[ImportJob]:
    """The files of one upload, without their bytes."""
    return ImportJob.objects.filter(enrollment=enrollment, batch=batch).defer("content").order_by("number")


@dataclass(frozen=True, slots=True)
class RunnerLog:
    """The log as the method's engine takes it."""

    runs: tuple[entries.RunInput, ...]
    strength: tuple[entries.StrengthInput, ...]
    mornings: tuple[entries.MorningInput, ...]
    daily_life: tuple[entries.DailyLifeInput, ...]
    nothing_weeks: tuple[date, ...]
    corrections: tuple[CorrectionInput, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSpan:
    """Which entries: of the local days `since` to `until` (both included), logged by `as_of`."""

    since: date
    until: date
    as_of: datetime

    def holds(self, local_on: date, logged_at: datetime) -> bool:
        return self.since <= local_on <= self.until and logged_at <= self.as_of


def log_for_snapshot(enrollment: Enrollment, *, since: date, until: date, as_of: datetime) -> RunnerLog:
    """Entries of the local days `since` to `until` (both included) that were logged by `as_of`; seven queries."""
    return logs_for_snapshot({enrollment.pk: LogSpan(since, until, as_of)})[enrollment.pk]


def logs_for_snapshot(spans: Mapping[int, LogSpan]) -> dict[int, RunnerLog]:
    """The logs of several runners, by enrollment id, each of its own span; seven queries for all of them."""
    entries_of = partial(_entries, spans)
    weeks: dict[int, list[date]] = defaultdict(list)
    for nothing in RestWeek.objects.filter(ALIVE, enrollment__in=spans).order_by("week_starts_on"):
        span, week = spans[nothing.enrollment_id], nothing.week_starts_on
        if monday_of(span.since) <= week <= span.until and nothing.logged_at <= span.as_of:
            weeks[nothing.enrollment_id].append(week)
    of_runs = entries_of(Run, _RUN, run_for_engine)
    sets = _sets_of(spans)
    of_strength = entries_of(StrengthSession, _PAINFUL, lambda session: _strength(session, sets[session.pk]))
    of_mornings = entries_of(Morning, (*_PAINFUL, "stiffness_min"), _morning)
    of_daily = entries_of(DailyLife, ("pain",), _daily)
    corrections = _corrections(spans)
    return {
        pk: RunnerLog(
            runs=tuple(of_runs[pk]),
            strength=tuple(of_strength[pk]),
            mornings=tuple(of_mornings[pk]),
            daily_life=tuple(of_daily[pk]),
            nothing_weeks=tuple(weeks[pk]),
            corrections=tuple(corrections[pk]),
        )
        for pk in spans
    }


_PAINFUL = ("pain", "site", "side", "symptoms")
_RUN = (
    *("distance_m", "duration_s", "started_at", "running_s", "cadence_spm", "cadence_source"),
    *("surface", "hills", "effort", "strike", *_PAINFUL),
)


def _entries(
    spans: Mapping[int, LogSpan], model: type[Any], names: Sequence[str], make: Callable[[Any], Any]
) -> dict[int, list[Any]]:
    """Rows as named tuples: a Monday reads tens of thousands, and to build a model of each costs more than the rest."""
    found: dict[int, list[Any]] = defaultdict(list)
    first = min((span.since for span in spans.values()), default=date.min)
    rows = model.objects.filter(ALIVE, enrollment__in=spans, local_on__gte=first).order_by("local_on", "pk")
    for row in rows.values_list("enrollment_id", "pk", "local_on", "logged_at", *names, named=True):
        if spans[row.enrollment_id].holds(row.local_on, row.logged_at):
            found[row.enrollment_id].append(make(row))
    return found


def _corrections(spans: Mapping[int, LogSpan]) -> dict[int, list[CorrectionInput]]:
    """What entries said of pain before each correction that changed it, oldest first."""
    changed = EntryRevision.objects.filter(enrollment__in=spans, change=EntryRevision.Change.CHANGED)
    before = EntryRevision.objects.filter(
        kind=OuterRef("kind"), entry_id=OuterRef("entry_id"), number=OuterRef("number") - 1
    )
    rows = changed.annotate(before=Subquery(before.values("values")[:1])).order_by("at", "pk")
    found: dict[int, list[CorrectionInput]] = defaultdict(list)
    for row in rows.values_list("enrollment_id", "kind", "entry_id", "at", "values", "before", named=True):
        said, says = _of_pain(row.before), _of_pain(row.values)
        if said != says:
            found[row.enrollment_id].append(CorrectionInput(f"{row.kind}:{row.entry_id}", row.at, *said))
    return found


def _of_pain(values: dict[str, Any]) -> tuple[int | None, tuple[Symptom, ...]]:
    return values.get("pain"), tuple(Symptom(symptom) for symptom in values.get("symptoms", ()))


def run_for_engine(run: Any) -> entries.RunInput:
    """A stored run, or a row with its names, in the engine's words."""
    return entries.RunInput(
        key=f"run:{run.pk}",
        local_on=run.local_on,
        logged_at=run.logged_at,
        distance_m=run.distance_m,
        duration_s=run.duration_s,
        started_at=run.started_at,
        running_s=run.running_s,
        cadence_spm=run.cadence_spm,
        cadence_source=_term(CadenceSource, run.cadence_source),
        surface=_term(Surface, run.surface),
        hills=run.hills,
        effort=_term(Effort, run.effort),
        strike=_term(FootStrike, run.strike),
        pain=run.pain,
        site=_term(Site, run.site),
        side=_term(Side, run.side),
        symptoms=tuple(Symptom(symptom) for symptom in run.symptoms),
    )


def _sets_of(spans: Mapping[int, LogSpan]) -> dict[int, list[Any]]:
    """The sets by session, grouped here: a prefetch builds a query for every session to hang its sets on."""
    found: dict[int, list[Any]] = defaultdict(list)
    first = min((span.since for span in spans.values()), default=date.min)
    of_these = StrengthSet.objects.filter(session__enrollment__in=spans, session__local_on__gte=first)
    names = ("session_id", "exercise", "reps", "seconds", "load_g")
    for one in of_these.order_by("pk").values_list(*names, named=True):
        found[one.session_id].append(one)
    return found


def _strength(session: Any, sets: list[Any]) -> entries.StrengthInput:
    return entries.StrengthInput(
        key=f"strength:{session.pk}",
        local_on=session.local_on,
        logged_at=session.logged_at,
        done=_sets_done(sets),
        pain=session.pain,
        site=_term(Site, session.site),
        side=_term(Side, session.side),
        symptoms=tuple(Symptom(symptom) for symptom in session.symptoms),
    )


def _sets_done(sets: list[Any]) -> tuple[entries.SetsInput, ...]:
    """One line per exercise: how many sets, the fewest reps or seconds of them, the heaviest load."""
    by_exercise: dict[str, list[Any]] = {}
    for one in sets:
        by_exercise.setdefault(one.exercise, []).append(one)
    return tuple(
        entries.SetsInput(
            exercise=ExerciseId(exercise),
            sets=min(len(done), 20),
            reps=min((s.reps for s in done if s.reps is not None), default=None),
            seconds=min((s.seconds for s in done if s.seconds is not None), default=None),
            load_g=max((s.load_g for s in done if s.load_g is not None), default=None),
        )
        for exercise, done in by_exercise.items()
    )


def _morning(morning: Any) -> entries.MorningInput:
    return entries.MorningInput(
        key=f"morning:{morning.pk}",
        local_on=morning.local_on,
        logged_at=morning.logged_at,
        pain=morning.pain,
        site=_term(Site, morning.site),
        side=_term(Side, morning.side),
        stiffness_min=morning.stiffness_min,
        symptoms=tuple(Symptom(symptom) for symptom in morning.symptoms),
    )


def _daily(answer: Any) -> entries.DailyLifeInput:
    return entries.DailyLifeInput(
        key=f"daily_life:{answer.pk}",
        local_on=answer.local_on,
        logged_at=answer.logged_at,
        pain=answer.pain,
    )


def _term(kind: type[T], value: str) -> T | None:
    return kind(value) if value else None
