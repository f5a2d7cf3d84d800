"""The log as the method reads it: several runners' entries in the types of `protocol.entries`, of one span each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from django.db.models import OuterRef, Q, QuerySet, Subquery

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
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
    entry_fields,
)

T = TypeVar("T", bound=Term)


@dataclass(frozen=True, slots=True)
class RunnerLog:
    """One runner's log in the types of `protocol.entries`, as the engine takes it."""

    runs: tuple[entries.RunInput, ...]
    strength: tuple[entries.StrengthInput, ...]
    mornings: tuple[entries.MorningInput, ...]
    daily_life: tuple[entries.DailyLifeInput, ...]
    nothing_weeks: tuple[date, ...] = ()
    corrections: tuple[CorrectionInput, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A choice of entries: of the local days `since` to `until` (both included), logged by `as_of`."""

    since: date
    until: date
    as_of: datetime

    def contains(self, local_on: date, logged_at: datetime) -> bool:
        """Return whether an entry of this day, logged at this moment, is in the span."""
        return self.since <= local_on <= self.until and logged_at <= self.as_of


def logs_for_snapshot(spans: Mapping[int, LogSpan]) -> dict[int, RunnerLog]:
    """Return the logs of several runners by enrollment id, each of its own span, in seven queries for all."""
    weeks, corrections = _rest_weeks(spans), _corrections(spans)
    return {
        pk: replace(log, nothing_weeks=tuple(weeks[pk]), corrections=tuple(corrections[pk]))
        for pk, log in logged_entries(spans).items()
    }


def logged_entries(spans: Mapping[int, LogSpan]) -> dict[int, RunnerLog]:
    """Return the same without rest weeks and corrections, which a weekly decision alone reads, in five queries."""
    entries_of = partial(_entries, spans)
    of_runs = entries_of(Run, run_for_engine)
    of_strength = sessions_with_sets(spans)
    of_mornings = entries_of(Morning, _morning)
    of_daily = entries_of(DailyLife, _daily)
    return {
        pk: RunnerLog(
            runs=tuple(of_runs[pk]),
            strength=tuple(of_strength[pk]),
            mornings=tuple(of_mornings[pk]),
            daily_life=tuple(of_daily[pk]),
        )
        for pk in spans
    }


def sessions_with_sets(spans: Mapping[int, LogSpan]) -> dict[int, list[entries.StrengthInput]]:
    """Return the strength sessions of each runner's span by enrollment id, in two queries."""
    sets = _sets_of(spans)
    return _entries(spans, StrengthSession, lambda session: _strength(session, sets[session.pk]))


def _rest_weeks(spans: Mapping[int, LogSpan]) -> dict[int, list[date]]:
    weeks: dict[int, list[date]] = defaultdict(list)
    for rest in RestWeek.objects.filter(ALIVE, enrollment__in=spans).order_by("week_starts_on"):
        span, week = spans[rest.enrollment_id], rest.week_starts_on
        # A span may begin in the middle of a week; the answer belongs to the whole week.
        if monday_of(span.since) <= week <= span.until and rest.logged_at <= span.as_of:
            weeks[rest.enrollment_id].append(week)
    return weeks


def _entries(
    spans: Mapping[int, LogSpan], model: type[Any], make: Callable[[Any], Any]
) -> dict[int, list[Any]]:
    """Return what `make` builds of each entry in its runner's span, by enrollment id."""
    built: dict[int, list[Any]] = defaultdict(list)
    first = min((span.since for span in spans.values()), default=date.min)
    rows = model.objects.filter(ALIVE, enrollment__in=spans, local_on__gte=first).order_by("local_on", "pk")
    names = [name for name in entry_fields(model) if name != "note"]
    # Named tuples, not model instances: a Monday reads tens of thousands of rows, and building the instances
    # would take longer than everything else in this function.
    for row in rows.values_list("enrollment_id", "pk", "logged_at", *names, named=True):
        if spans[row.enrollment_id].contains(row.local_on, row.logged_at):
            built[row.enrollment_id].append(make(row))
    return built


def _corrections(spans: Mapping[int, LogSpan]) -> dict[int, list[CorrectionInput]]:
    """Return pain and symptoms as they were before each correction that changed them, oldest first."""
    rows = changed_entries(spans).order_by("at", "pk")
    corrections: dict[int, list[CorrectionInput]] = defaultdict(list)
    for row in rows.values_list("enrollment_id", "kind", "entry_id", "at", "values", "before", named=True):
        old = _pain_and_symptoms(row.before)
        if old != _pain_and_symptoms(row.values):
            corrections[row.enrollment_id].append(CorrectionInput(f"{row.kind}:{row.entry_id}", row.at, *old))
    return corrections


def changed_entries(enrollments: Iterable[int]) -> QuerySet[Any]:
    """Return the corrections of these runners' entries, each with the values `before` it.

    Several corrections of one entry may fall into different weeks.
    """
    before = EntryRevision.objects.filter(
        kind=OuterRef("kind"), entry_id=OuterRef("entry_id"), number=OuterRef("number") - 1
    )
    changed = EntryRevision.objects.filter(enrollment__in=enrollments, change=EntryRevision.Change.CHANGED)
    return changed.annotate(before=Subquery(before.values("values")[:1]))


def _pain_and_symptoms(values: dict[str, Any]) -> tuple[int | None, tuple[Symptom, ...]]:
    return values.get("pain"), tuple(Symptom(symptom) for symptom in values.get("symptoms", ()))


def run_for_engine(run: Any) -> entries.RunInput:
    """Return a stored run, or a named tuple of its columns, in the engine's type."""
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
        walk_breaks=run.walk_breaks,
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
    """Return the sets by session id.

    Grouped here because `prefetch_related` would build a model instance of every session and set.
    """
    by_session: dict[int, list[Any]] = defaultdict(list)
    first = min((span.since for span in spans.values()), default=date.min)
    rows = StrengthSet.objects.filter(session__enrollment__in=spans, session__local_on__gte=first)
    # `because` without `instead_of` means the easier form was done: it does not count toward the next dose.
    rows = rows.exclude(~Q(because=""), instead_of="")
    names = ("session_id", "exercise", "reps", "seconds", "load_g")
    for row in rows.order_by("pk").values_list(*names, named=True):
        by_session[row.session_id].append(row)
    return by_session


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
    """Return one input per exercise: the number of sets, their fewest reps or seconds, the heaviest load."""
    by_exercise: dict[str, list[Any]] = {}
    for row in sets:
        by_exercise.setdefault(row.exercise, []).append(row)
    return tuple(
        entries.SetsInput(
            exercise=ExerciseId(exercise),
            # A progression needs what every set reached, hence the minimum of repetitions and seconds.
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
