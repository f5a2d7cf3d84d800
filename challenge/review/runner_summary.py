"""The present state of every runner of a cohort, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import (
    CharField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    SmallIntegerField,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Concat, JSONObject

from challenge.calls.queries import next_call_at
from challenge.care.flag_kinds import When
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.questions import is_about_safety, looked_at, weight_of
from challenge.enrollment.models import Cohort, Enrollment, SeatState
from challenge.mail.queries import readable_messages
from challenge.messages.queries import Waiting, waiting_runners
from challenge.protocol.local_week import WEEK, days_on_earth, local_day, monday_of
from challenge.protocol.phases import STOP_IS_OPEN
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.models import ALIVE, DailyLife, Morning, RestWeek, Run, StrengthSession
from challenge.workouts.queries import MEASURED_SPM

LOOKED_BACK = timedelta(days=31)
SILENT_AFTER = 7
UNASSIGNED = 2
PROPOSAL_WEIGHT = 50
MESSAGE_WEIGHT = 150  # after everything about safety


class LastEmail(NamedTuple):
    """The last email to a runner, of any kind, and its state."""

    kind: str
    state: str


class LastTarget(NamedTuple):
    """What the board shows of the newest decision."""

    on_hold: bool
    cadence_spm: int | None
    baseline_spm: int | None
    phase: dict[str, Any]
    safe_m: int | None
    sessions: int


NO_TARGET = LastTarget(on_hold=False, cadence_spm=None, baseline_spm=None, phase={}, safe_m=None, sessions=0)


@dataclass(slots=True)
class RunnerSummary:
    """One runner. `longest_m` is the longest run of seven days, `pain` the worst of each day with a report."""

    pk: int
    user_id: int
    name: str
    today: date
    week: int
    phase: int
    email: LastEmail | None
    target: LastTarget
    left: bool = False
    flags: list[Flag] = field(default_factory=list)
    paused: bool = False
    pain: dict[date, int] = field(default_factory=dict)
    cadence_now: int | None = None
    sessions_done: int = 0
    longest_m: int | None = None
    last_entry_on: date | None = None
    address: str = ""
    message: Waiting | None = None
    next_call: datetime | None = None

    @property
    def over_safe(self) -> bool:
        """Return whether the longest run is beyond the limit of the target."""
        return bool(self.longest_m and self.target.safe_m and self.longest_m > self.target.safe_m)

    @property
    def proposed(self) -> int | None:
        """Return the phase that the engine proposes, if it differs from the present one and is up to date."""
        proposed: int | None = self.target.phase.get("proposed")
        # A clinician may have moved the phase since the decision: then its proposal is out of date.
        current = self.target.phase.get("present") == self.phase and proposed != self.phase
        return proposed if current and not self.left else None

    @property
    def missing(self) -> list[dict[str, Any]]:
        """Return what the proposal still waits for; nothing where the decision is about an earlier phase."""
        found: list[dict[str, Any]] = self.target.phase.get("missing", [])
        if self.target.phase.get("present") != self.phase:
            return []
        stopped = any(flag.kind == FlagKind.STOP for flag in self.flags)
        return [one for one in found if stopped or one["what"] != STOP_IS_OPEN]

    @property
    def silent_days(self) -> int | None:
        """Return the days since the last entry, or None without any."""
        return (self.today - self.last_entry_on).days if self.last_entry_on else None

    @property
    def is_silent(self) -> bool:
        """Return whether the runner is flagged as silent or has logged nothing for a week.

        Paused runners need not log.
        """
        if any(flag.kind == FlagKind.SILENCE for flag in self.flags):
            return True
        silent = self.silent_days is None or self.silent_days >= SILENT_AFTER
        return silent and self.week > 1 and not self.paused and not self.left

    @property
    def can_approve(self) -> bool:
        """Return whether the proposal can be followed from the board: nothing about safety is open."""
        safe = not any(is_about_safety(flag, today=self.today) for flag in self.flags)
        return self.proposed is not None and safe

    @property
    def waits(self) -> bool:
        """Return whether a clinician has something to answer: a flag, a proposal or a message."""
        return bool(self.flags) or self.message is not None or self.proposed is not None

    @property
    def when(self) -> When:
        """Return by when a clinician must look at this runner."""
        flags = [looked_at(flag, today=self.today) for flag in self.flags]
        waits = When.THIS_WEEK if self.proposed is not None or self.is_silent else When.GOING_WELL
        if self.message is not None:
            waits = When.TODAY  # what `reading_hours` promises
        return min([waits, *flags])

    @property
    def urgency(self) -> tuple[int, int]:
        """Return the worst flag's weight, then the sum of all: many small flags never hide a stop.

        Unassigned flags weigh double.
        """
        flags = [weight_of(f, today=self.today) * (1 if f.taken_at else UNASSIGNED) for f in self.flags]
        rest = (PROPOSAL_WEIGHT if self.proposed else 0) + (self.silent_days or 0)
        message = MESSAGE_WEIGHT if self.message is not None else 0
        return max([message, *flags]), sum(flags) + message + rest


def runner_summaries(cohort: Cohort, *, at: datetime) -> list[RunnerSummary]:
    """Return the active runners, and former ones with an open stop flag: by when to look, then worst first.

    Seven queries, however many runners, weeks and entries.
    """
    flags = _open_flags(cohort)
    rows = {row.pk: row for row in _runners(cohort, flags, at=at)}
    since = at.date() - LOOKED_BACK
    _add_targets(rows)
    _add_messages(rows)
    _add_runs(rows, since=since)
    _add_other_entries(rows, since=since)
    by_name = sorted(rows.values(), key=lambda row: row.name)
    by_urgency = sorted(by_name, key=lambda row: row.urgency, reverse=True)
    return sorted(by_urgency, key=lambda row: row.when)


def _last_email() -> Subquery:
    """Return kind and state of the newest email about the enrollment of the outer row."""
    # Messages know a runner only by this key: `mail` imports nothing of enrollment.
    about = Concat(Value("enrollment:"), Cast(OuterRef("pk"), CharField()))
    emails = (
        readable_messages()
        .filter(about=about)
        .order_by("-created_at")
        .values(it=JSONObject(kind="kind", state="state"))
    )
    return Subquery(emails[:1])


def _open_flags(cohort: Cohort) -> dict[int, list[Flag]]:
    """Return the open flags of each enrollment that has some, oldest first."""
    flags = Flag.objects.filter(enrollment__seat__cohort=cohort, closed_at__isnull=True)
    found: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags.annotate(taker=F("taken_by__name")).order_by("raised_at"):
        found[flag.enrollment_id].append(flag)
    return found


def _runners(cohort: Cohort, flags: dict[int, list[Flag]], *, at: datetime) -> Iterator[RunnerSummary]:
    """Yield every runner with flags, phase, last email and next call, and whether they are on a break."""
    phase = PhaseChange.objects.filter(enrollment=OuterRef("pk")).order_by("-at", "-pk").values("to_phase")
    columns = (
        "pk",
        "seat__user",
        "seat__user__name",
        "seat__user__email",
        "seat__user__time_zone",
        "seat__state",
    )
    stopped = [pk for pk, found in flags.items() if any(flag.kind == FlagKind.STOP for flag in found)]
    # A stop flag has to be answered even after its runner has left.
    shown = Q(seat__state=SeatState.CONFIRMED) | Q(pk__in=stopped)
    rows = Enrollment.objects.filter(shown, seat__cohort=cohort, seat__user__isnull=False)
    call = next_call_at(OuterRef("seat__user__email"), at=at)
    # Whether a break covers each of the days that a runner's own may be.
    near = days_on_earth(at)
    breaks = [Exists(pauses_covering(on=day).filter(enrollment=OuterRef("pk"))) for day in near]
    values = rows.values_list(*columns, Subquery(phase[:1]), _last_email(), call, *breaks).order_by("pk")
    for pk, user, name, address, zone, seat, present_phase, last, next_call, *paused in values:
        today = local_day(at, ZoneInfo(zone))
        yield RunnerSummary(
            pk=pk,
            user_id=user,
            name=name or address,
            address=address,
            today=today,
            week=(today - cohort.starts_on).days // 7 + 1,
            phase=present_phase or 1,
            email=LastEmail(**last) if last else None,
            target=NO_TARGET,
            left=seat != SeatState.CONFIRMED,
            flags=sorted(flags.get(pk, ()), key=lambda flag: -weight_of(flag, today=today)),
            paused=paused[near.index(today)],
            next_call=next_call,
        )


def _add_targets(rows: dict[int, RunnerSummary]) -> None:
    """Add each runner's newest decision."""
    # Chosen by key first: the database would otherwise unpack the decision of every week to keep one.
    keys = (
        WeeklyTarget.objects.filter(enrollment__in=rows)
        .order_by("enrollment_id", "-week_starts_on", "-revision")
        .distinct("enrollment_id")
        .values("pk")
    )
    newest = WeeklyTarget.objects.filter(pk__in=keys).values_list(
        "enrollment_id",
        "on_hold",
        "cadence_spm",
        "decision__cadence__baseline_spm",
        "decision__phase",
        "decision__longest_run__limit_m",
        "decision__exercises",
    )
    for pk, on_hold, cadence, baseline, phase, safe_m, exercises in newest:
        rows[pk].target = LastTarget(
            on_hold,
            cadence,
            baseline,
            phase or {},
            safe_m,
            max((row["sessions_per_week"] for row in exercises or ()), default=0),
        )


def _add_messages(rows: dict[int, RunnerSummary]) -> None:
    """Add which messages wait for an answer."""
    for pk, waiting in waiting_runners(list(rows)).items():
        rows[pk].message = waiting


def _add_runs(rows: dict[int, RunnerSummary], *, since: date) -> None:
    """Add the median cadence of the last three measured runs and the longest run of seven days."""
    measured: dict[int, list[int]] = defaultdict(list)
    runs = Run.objects.filter(ALIVE, enrollment__in=rows, local_on__gte=since).order_by("-local_on", "-pk")
    for pk, day, pain, cadence, meters in runs.values_list(
        "enrollment_id", "local_on", "pain", MEASURED_SPM, "distance_m"
    ):
        row = rows[pk]
        _add_entry(row, day, pain)
        if cadence and len(measured[pk]) < 3:
            measured[pk].append(cadence)
        if day > row.today - WEEK:
            row.longest_m = max(row.longest_m or 0, meters)
    for pk, values in measured.items():
        rows[pk].cadence_now = sorted(values)[len(values) // 2]


def _add_other_entries(rows: dict[int, RunnerSummary], *, since: date) -> None:
    """Add sessions, mornings and answers since `since`, and the last run at any time, in one query."""
    mine = {"enrollment__in": rows}
    none, session = Value(None, output_field=SmallIntegerField()), Value("session")
    other = Value("other")
    sessions = StrengthSession.objects.filter(ALIVE, **mine, local_on__gte=since)
    mornings = Morning.objects.filter(ALIVE, **mine, local_on__gte=since)
    daily = DailyLife.objects.filter(ALIVE, **mine, local_on__gte=since)
    nothing = RestWeek.objects.filter(ALIVE, **mine, week_starts_on__gte=since)
    last_runs = Run.objects.filter(ALIVE, **mine).values("enrollment_id").annotate(last=Max("local_on"))
    entries = sessions.values_list("enrollment_id", "local_on", "pain", session).union(
        mornings.values_list("enrollment_id", "local_on", "pain", other),
        daily.values_list("enrollment_id", "local_on", none, other),
        nothing.values_list("enrollment_id", "week_starts_on", none, other),
        last_runs.values_list("enrollment_id", "last", none, other),
        all=True,
    )
    for pk, day, pain, kind in entries:
        row = rows[pk]
        _add_entry(row, day, pain)
        if kind == "session" and day >= monday_of(row.today):
            row.sessions_done += 1


def _add_entry(row: RunnerSummary, day: date, pain: int | None) -> None:
    if row.last_entry_on is None or day > row.last_entry_on:
        row.last_entry_on = day
    # Entries may be dated a day ahead of the clinic; the chart ends today.
    if pain is not None and day <= row.today:
        row.pain[day] = max(pain, row.pain.get(day, 0))
