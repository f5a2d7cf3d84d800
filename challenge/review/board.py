"""The cohort board: every runner of a cohort in one row, worst first, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, SmallIntegerField, Value

from challenge.care.models import Flag, Pause, PhaseChange, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.review.queries import words_of
from challenge.workouts.models import ALIVE, DailyLife, Morning, NothingThisWeek, Run, StrengthSession

DAYS = 14
LONG_RUN_DAYS = 30
SILENT_AFTER = 7
# Worst first: what a person must look at today, then what can wait, then calm.
WEIGHT = {
    Flag.Kind.STOP: 1000,
    Flag.Kind.ASK: 300,
    Flag.Kind.RED: 250,
    Flag.Kind.WORSE_WEEK: 200,
    Flag.Kind.STUCK: 80,
    Flag.Kind.SILENCE: 70,
    Flag.Kind.MAIL: 60,
    Flag.Kind.QUESTION: 40,
    Flag.Kind.REVIEW: 30,
    Flag.Kind.LOAD: 20,
}
UNTAKEN = 2
PROPOSAL_WEIGHT = 50


@dataclass(frozen=True)
class Why:
    """The open flags of one kind: the words of the first untaken one, and how many there are."""

    kind: str
    label: str
    words: str
    count: int
    untaken: bool


@dataclass
class Row:
    """One runner at one moment."""

    enrollment: Enrollment
    today: date
    week: int
    phase: int
    target: WeeklyTarget | None = None
    flags: list[Flag] = field(default_factory=list)
    pause: Pause | None = None
    pain: dict[date, int] = field(default_factory=dict)
    cadence_now: int | None = None
    sessions_done: int = 0
    longest_m: int | None = None
    last_entry_on: date | None = None

    @property
    def name(self) -> str:
        user = self.enrollment.seat.user
        return user.get_full_name() if user is not None else "Somebody who left"

    @property
    def decision(self) -> dict[str, Any]:
        return self.target.decision if self.target is not None else {}

    @property
    def baseline_spm(self) -> int | None:
        value: int | None = self.decision.get("cadence", {}).get("baseline_spm")
        return value

    @property
    def sessions_planned(self) -> int:
        return max((e["sessions_per_week"] for e in self.decision.get("exercises", [])), default=0)

    @property
    def safe_m(self) -> int | None:
        longest = self.decision.get("longest_run")
        return longest["limit_m"] if longest else None

    @property
    def over_safe(self) -> bool:
        return bool(self.longest_m and self.safe_m and self.longest_m > self.safe_m)

    @property
    def proposed(self) -> int | None:
        """The phase the engine proposes, where it is another one and still stands."""
        phase = self.decision.get("phase", {})
        proposed: int | None = phase.get("proposed")
        stands = phase.get("present") == self.phase and proposed != self.phase
        return proposed if proposed is not None and stands else None

    @property
    def missing(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.decision.get("phase", {}).get("missing", [])
        return found

    @property
    def silent_days(self) -> int | None:
        return (self.today - self.last_entry_on).days if self.last_entry_on else None

    @property
    def is_silent(self) -> bool:
        return self.week > 1 and (self.silent_days is None or self.silent_days >= SILENT_AFTER)

    @property
    def can_approve(self) -> bool:
        return self.proposed is not None and not self.flags

    @property
    def weight(self) -> int:
        """How urgently a person must look; an untaken flag counts twice."""
        flags = sum(WEIGHT[Flag.Kind(f.kind)] * (1 if f.taken_at else UNTAKEN) for f in self.flags)
        return flags + (PROPOSAL_WEIGHT if self.proposed else 0) + (self.silent_days or 0)

    @property
    def days(self) -> list[tuple[date, int | None]]:
        """The worst pain of each of the last 14 days, oldest first; None where nothing was told."""
        first = self.today - timedelta(days=DAYS - 1)
        return [(day, self.pain.get(day)) for day in (first + timedelta(days=n) for n in range(DAYS))]

    @property
    def reasons(self) -> list[Why]:
        """The open flags by kind, worst first."""
        by_kind: dict[str, list[Flag]] = defaultdict(list)
        for flag in self.flags:
            by_kind[flag.kind].append(flag)
        return [
            Why(
                kind=kind,
                label=flags[0].get_kind_display(),
                words=words_of(min(flags, key=lambda flag: flag.taken_at is not None)),
                count=len(flags),
                untaken=any(flag.taken_at is None for flag in flags),
            )
            for kind, flags in by_kind.items()
        ]


def board(cohort: Cohort, *, at: datetime) -> list[Row]:
    """The cohort's rows at `at`, worst first; seven queries, whatever the number of runners, weeks and entries."""
    runners = list(active_enrollments().filter(seat__cohort=cohort).order_by("pk"))
    ids = [runner.pk for runner in runners]
    targets = _newest_targets(ids)
    phases = _phases(ids)
    flags = _open_flags(ids)
    rows = {runner.pk: _row(runner, targets, phases, flags, at) for runner in runners}
    today = at.date()
    for pause in pauses_covering(on=today).filter(enrollment__in=ids):
        rows[pause.enrollment_id].pause = pause
    _add_runs(rows, since=today - timedelta(days=LONG_RUN_DAYS + 1))
    _add_other_entries(rows, since=today - timedelta(days=LONG_RUN_DAYS + 1))
    return sorted(rows.values(), key=lambda row: (-row.weight, row.name))


def _row(
    runner: Enrollment,
    targets: dict[int, WeeklyTarget],
    phases: dict[int, int],
    flags: dict[int, list[Flag]],
    at: datetime,
) -> Row:
    user = runner.seat.user
    today = at.astimezone(user.zone).date() if user is not None else at.date()
    return Row(
        enrollment=runner,
        today=today,
        week=(today - runner.cohort.starts_on).days // 7 + 1,
        phase=phases.get(runner.pk, 1),
        target=targets.get(runner.pk),
        flags=sorted(flags[runner.pk], key=lambda flag: -WEIGHT[Flag.Kind(flag.kind)]),
    )


def _newest_targets(ids: list[int]) -> dict[int, WeeklyTarget]:
    newest = (
        WeeklyTarget.objects.filter(enrollment__in=ids)
        .order_by("enrollment_id", "-week_starts_on", "-revision")
        .distinct("enrollment_id")
        .select_related("message")
        .defer("snapshot", "parameters", "message__html", "message__text")
    )
    return {target.enrollment_id: target for target in newest}


def _phases(ids: list[int]) -> dict[int, int]:
    rows = PhaseChange.objects.filter(enrollment__in=ids).order_by("enrollment_id", "-at", "-pk")
    return dict(rows.distinct("enrollment_id").values_list("enrollment_id", "to_phase"))


def _open_flags(ids: list[int]) -> dict[int, list[Flag]]:
    found: dict[int, list[Flag]] = defaultdict(list)
    rows = Flag.objects.filter(enrollment__in=ids, closed_at__isnull=True).select_related("taken_by")
    for flag in rows.order_by("raised_at"):
        found[flag.enrollment_id].append(flag)
    return found


def _add_runs(rows: dict[int, Row], *, since: date) -> None:
    """Cadence now is the median of the last three measured runs; the longest run is that of seven days."""
    measured: dict[int, list[int]] = defaultdict(list)
    runs = Run.objects.filter(ALIVE, enrollment__in=rows.keys(), local_on__gte=since).order_by(
        "-local_on", "-pk"
    )
    for pk, day, pain, cadence, metres in runs.values_list(
        "enrollment_id", "local_on", "pain", "cadence_spm", "distance_m"
    ):
        row = rows[pk]
        _seen(row, day, pain)
        if cadence and len(measured[pk]) < 3:
            measured[pk].append(cadence)
        if day > row.today - timedelta(days=7):
            row.longest_m = max(row.longest_m or 0, metres)
    for pk, values in measured.items():
        rows[pk].cadence_now = sorted(values)[len(values) // 2]


def _add_other_entries(rows: dict[int, Row], *, since: date) -> None:
    """Sessions, mornings and answers since `since`, and the last run whenever it was, in one query."""
    mine = {"enrollment__in": rows.keys()}
    none, session = Value(None, output_field=SmallIntegerField()), Value("session")
    other = Value("other")
    sessions = StrengthSession.objects.filter(ALIVE, **mine, local_on__gte=since)
    mornings = Morning.objects.filter(ALIVE, **mine, local_on__gte=since)
    daily = DailyLife.objects.filter(ALIVE, **mine, local_on__gte=since)
    nothing = NothingThisWeek.objects.filter(ALIVE, **mine, week_starts_on__gte=since)
    last_runs = Run.objects.filter(ALIVE, **mine).values("enrollment_id").annotate(last=Max("local_on"))
    found = sessions.values_list("enrollment_id", "local_on", "pain", session).union(
        mornings.values_list("enrollment_id", "local_on", "pain", other),
        daily.values_list("enrollment_id", "local_on", none, other),
        nothing.values_list("enrollment_id", "week_starts_on", none, other),
        last_runs.values_list("enrollment_id", "last", none, other),
        all=True,
    )
    for pk, day, pain, kind in found:
        row = rows[pk]
        _seen(row, day, pain)
        if kind == "session" and day >= row.today - timedelta(days=row.today.weekday()):
            row.sessions_done += 1


def _seen(row: Row, day: date, pain: int | None) -> None:
    if row.last_entry_on is None or day > row.last_entry_on:
        row.last_entry_on = day
    if pain is not None and day <= row.today:
        row.pain[day] = max(pain, row.pain.get(day, 0))
