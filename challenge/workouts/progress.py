"""A runner's weeks as /progress/ shows them, read in eight queries, whatever the length of the log."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from challenge.care.models import Pause, PhaseChange, WeeklyTarget
from challenge.care.queries import current_targets, latest_targets
from challenge.enrollment.models import Enrollment
from challenge.protocol import entries, measured_cadence
from challenge.protocol.local_week import monday_of
from challenge.protocol.measured_cadence import averages_walking
from challenge.protocol.parameters import Parameters
from challenge.workouts import queries
from challenge.workouts.runner_log import run_for_engine

WEEK = timedelta(weeks=1)
BEFORE_THE_START = timedelta(weeks=4)
AFTER_THE_END = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class ProgressRun:
    """One run: meters, steps a minute, and whether it met its week's target."""

    local_on: date
    distance_m: int
    cadence_spm: int | None
    on_target: bool


@dataclass(frozen=True, slots=True)
class ProgressPain:
    """One pain report, 0 to 10. `kind` is session, morning or daily."""

    local_on: date
    kind: str
    pain: int


@dataclass(frozen=True, slots=True)
class ProgressWeek:
    """One local week: the plan and what was done. `warnings` are stored reasons about this week's running."""

    starts_on: date
    number: int
    target_spm: int | None
    held: bool
    phase: int | None
    runs: int
    measured: int
    on_target: int
    distance_m: int
    strength: int
    planned: int
    paused: bool
    nothing: bool
    warnings: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseStretch:
    """A phase from one local day to another, both included; `what` names the decision that began it."""

    phase: int
    first: date
    last: date
    what: str


@dataclass(frozen=True)
class Progress:
    """The contents of the page, in local days from `first` to `last`; `parameters` are the cohort's numbers."""

    first: date
    last: date
    today: date
    starts_on: date
    held: bool
    parameters: Parameters
    runs: list[ProgressRun] = field(default_factory=list)
    pain: list[ProgressPain] = field(default_factory=list)
    weeks: list[ProgressWeek] = field(default_factory=list)
    stretches: list[PhaseStretch] = field(default_factory=list)

    @property
    def weeks_so_far(self) -> list[ProgressWeek]:
        """Return the weeks that have begun."""
        return [week for week in self.weeks if week.starts_on <= self.today]

    def _week_of(self, day: date) -> ProgressWeek | None:
        return next((week for week in self.weeks if week.starts_on == monday_of(day)), None)

    @property
    def this_week(self) -> ProgressWeek | None:
        return self._week_of(self.today)

    @property
    def last_week(self) -> ProgressWeek | None:
        return self._week_of(self.today - WEEK)


def progress_of(enrollment: Enrollment, *, today: date, stopped: bool, parameters: Parameters) -> Progress:
    """Return the runner's progress from the first entry, at most four weeks before the start, to the last week."""
    cohort = enrollment.cohort
    earliest, latest = cohort.starts_on - BEFORE_THE_START, cohort.starts_on + cohort.weeks * WEEK
    # Runners who go on logging after the last week see those weeks too, up to two months.
    latest = min(max(latest, monday_of(today) + WEEK), latest + AFTER_THE_END) - timedelta(days=1)
    span = {"local_on__gte": earliest, "local_on__lte": latest}
    targets = {target.week_starts_on: target for target in _targets(enrollment)}
    runs = list(queries.runs(enrollment).filter(**span))
    strength = list(queries.strength_sessions(enrollment).filter(**span).only("local_on", "pain"))
    pain = [
        *_pain_reports("session", [*runs, *strength]),
        *_pain_reports("morning", queries.mornings(enrollment).filter(**span)),
        *_pain_reports("daily", queries.daily_life(enrollment).filter(**span)),
    ]
    days = [run.local_on for run in runs] + [report.local_on for report in pain]
    first = min([cohort.starts_on, *map(monday_of, days)])
    done = [_run(run_for_engine(run), targets, parameters) for run in reversed(runs)]
    week_of = _WeekBuilder(enrollment, targets, done, [session.local_on for session in strength])
    mondays = [first + number * WEEK for number in range((latest - first).days // 7 + 1)]
    return Progress(
        first=first,
        last=latest,
        today=today,
        starts_on=cohort.starts_on,
        held=stopped,
        parameters=parameters,
        runs=done,
        pain=sorted(pain, key=lambda report: report.local_on),
        weeks=[week_of(monday, held=stopped and monday == monday_of(today)) for monday in mondays],
        stretches=_stretches(enrollment, until=min(today, latest)),
    )


def _pain_reports(kind: str, answers: Iterable[Any]) -> list[ProgressPain]:
    return [ProgressPain(one.local_on, kind, one.pain) for one in answers if one.pain is not None]


def _targets(enrollment: Enrollment) -> QuerySet[Any]:
    """Return each week's latest revision, with the last number that the week had as `numbered_spm`."""
    numbered = current_targets(enrollment).filter(
        week_starts_on=OuterRef("week_starts_on"), on_hold=False, cadence_spm__isnull=False
    )
    return (
        latest_targets(enrollment)
        .defer("snapshot")
        .annotate(numbered_spm=Subquery(numbered.values("cadence_spm")[:1]))
    )


def _run(run: entries.RunInput, targets: dict[date, Any], parameters: Parameters) -> ProgressRun:
    target = targets.get(monday_of(run.local_on))
    # As in the decision (`cadence.baseline`): an average over walking as well measures no running.
    if averages_walking(run, parameters):
        return ProgressRun(run.local_on, run.distance_m, None, on_target=False)
    # A stop puts the week on hold later: the runs before it met the number that the week had then.
    met = measured_cadence.on_target(run, target.numbered_spm if target is not None else None, parameters)
    return ProgressRun(run.local_on, run.distance_m, run.cadence_spm, met)


class _WeekBuilder:
    """Builds the weeks of one runner from rows that were read once."""

    def __init__(
        self,
        enrollment: Enrollment,
        targets: dict[date, WeeklyTarget],
        runs: list[ProgressRun],
        strength_days: list[date],
    ) -> None:
        self.starts_on, self.weeks = enrollment.cohort.starts_on, enrollment.cohort.weeks
        self.targets = targets
        self.runs: dict[date, list[ProgressRun]] = defaultdict(list)
        for run in runs:
            self.runs[monday_of(run.local_on)].append(run)
        self.strength = [monday_of(day) for day in strength_days]
        self.nothing = set(queries.rest_weeks(enrollment).values_list("week_starts_on", flat=True))
        self.pauses = list(Pause.objects.filter(enrollment=enrollment, undone_at__isnull=True))

    def __call__(self, monday: date, *, held: bool) -> ProgressWeek:
        target, runs = self.targets.get(monday), self.runs[monday]
        held = held or (target is not None and target.on_hold)
        decision = target.decision if target is not None and not held else {}
        after = self.targets.get(monday + WEEK)
        number = (monday - self.starts_on).days // 7 + 1
        # What the finish gives to go on with is not owed.
        asked = decision.get("exercises", []) if number <= self.weeks else []
        return ProgressWeek(
            starts_on=monday,
            number=number,
            target_spm=target.cadence_spm if target is not None and not held else None,
            held=held,
            phase=target.phase if target is not None else None,
            runs=len(runs),
            measured=sum(run.cadence_spm is not None for run in runs),
            on_target=sum(run.on_target for run in runs),
            distance_m=sum(run.distance_m for run in runs),
            strength=self.strength.count(monday),
            planned=max((one["sessions_per_week"] for one in asked), default=0),
            paused=any(_covers(pause, monday) for pause in self.pauses),
            nothing=monday in self.nothing,
            warnings=tuple(one["reason"] for one in (after.decision.get("warnings", []) if after else [])),
        )


def _covers(pause: Pause, monday: date) -> bool:
    """Return whether the pause has a day in the week; ending a pause sets its last day."""
    sunday = monday + WEEK - timedelta(days=1)
    return pause.starts_on <= sunday and (pause.ends_on is None or pause.ends_on >= monday)


def _stretches(enrollment: Enrollment, *, until: date) -> list[PhaseStretch]:
    """Return the phases by the decisions of clinicians, in the runner's local days; a hold begins no new one."""
    zone = enrollment.seat.user.zone if enrollment.seat.user is not None else None
    changes = list(
        PhaseChange.objects.filter(enrollment=enrollment)
        .exclude(kind=PhaseChange.PhaseChangeKind.HOLD)
        .filter(undoes__isnull=True, undone_by__isnull=True)
        .order_by("at", "pk")
    )
    begun = [change.at.astimezone(zone).date() for change in changes]
    if not begun:
        return []
    # The first phase is decided at enrollment, often weeks before the cohort starts.
    begun[0] = min(max(begun[0], enrollment.cohort.starts_on), until)
    ends = [*(day - timedelta(days=1) for day in begun[1:]), until]
    return [
        PhaseStretch(change.to_phase, first, max(first, last), change.get_kind_display())
        for change, first, last in zip(changes, begun, ends, strict=True)
    ]
