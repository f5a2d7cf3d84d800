"""The report of a cohort up to now: retention, adherence, pain and cadence with their spread, and after reminders.

What a kind of reminder was followed by is an entry within two days, or none. It shows what followed, not what a
reminder caused: a runner may have logged without it.
"""

import csv
import io
import statistics
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Case

from challenge.care.models import PhaseChange, WeeklyTarget
from challenge.db.export import escape_formula
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.local_week import WEEK, monday_of
from challenge.workouts.models import ALIVE, Morning, Run, StrengthSession
from challenge.workouts.queries import MEASURED_SPM

PAIN_DAYS = timedelta(days=14)
LAST_RUNS = 3


@dataclass
class ReportLine:
    """What the report counts of one runner. Pain is the median of the first and of the last 14 days."""

    enrollment: Enrollment
    active: bool
    phase: int = 1
    weeks: int = 0
    weeks_logged: int = 0
    runs: int = 0
    sessions: int = 0
    prescribed: int = 0
    pain_start: float | None = None
    pain_now: float | None = None
    cadence_start: int | None = None
    cadence_now: float | None = None

    @property
    def adherence(self) -> float | None:
        """Return the strength sessions done of those prescribed in past weeks, out of 100."""
        return 100 * self.sessions / self.prescribed if self.prescribed else None


@dataclass(frozen=True)
class ReportSpread:
    """Minimum, quartiles and maximum of a value. `empty` is the sentence for no values."""

    label: str
    values: tuple[float, ...]
    scale: tuple[float, float]
    empty: str = "nothing reported yet"

    @property
    def box(self) -> tuple[str, ...]:
        """Return the x coordinates of the five numbers on `scale`, and the width of the middle half.

        The unit is that of a drawing 176 wide.
        """
        low, high = self.scale
        places = [2 + 172 * (min(max(value, low), high) - low) / (high - low) for value in self.five]
        return tuple(f"{x:.1f}" for x in (*places, max(1.0, places[3] - places[1]))) if places else ()

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def five(self) -> tuple[float, ...]:
        """Return minimum, lower quartile, median, upper quartile, maximum; empty without values."""
        if not self.values:
            return ()
        if len(self.values) == 1:
            return (self.values[0],) * 5
        # Inclusive: the runners are the whole cohort, not a sample of one.
        quartiles = statistics.quantiles(self.values, n=4, method="inclusive")
        return (min(self.values), *quartiles, max(self.values))


@dataclass
class CohortReport:
    """The cohort's lines, ordered by bib."""

    cohort: Cohort
    today: date
    lines: list[ReportLine] = field(default_factory=list)

    @property
    def stayed(self) -> int:
        return sum(line.active for line in self.lines)

    @property
    def stayed_percent(self) -> int | None:
        return round(100 * self.stayed / len(self.lines)) if self.lines else None

    @property
    def logging(self) -> int:
        """Return the number of active runners with an entry in every past week."""
        return sum(line.active and line.weeks_logged == line.weeks for line in self.lines)

    @property
    def phases(self) -> list[tuple[int, int]]:
        return [(n, sum(line.active and line.phase == n for line in self.lines)) for n in (1, 2, 3)]

    @property
    def hint(self) -> str:
        """Return how much weight the numbers bear."""
        return "So few runners are enough for hints, not proof."

    @property
    def spreads(self) -> list[ReportSpread]:
        wanted = (
            ("Cadence at the start, steps a minute", "cadence_start", (140, 190)),
            ("Cadence now, steps a minute", "cadence_now", (140, 190)),
            ("Pain in the first 14 days, 0 to 10", "pain_start", (0, 10)),
            ("Pain in the last 14 days, 0 to 10", "pain_now", (0, 10)),
            ("Strength sessions done of prescribed, %", "adherence", (0, 120)),
            ("Runs logged", "runs", (0, 60)),
        )
        changes = (("Change of cadence", "cadence", (-10, 40)), ("Change of pain", "pain", (-10, 10)))
        return [
            *(ReportSpread(label, self._values(name), scale) for label, name, scale in wanted),
            *(
                ReportSpread(
                    f"{label}, each from start to now", self._changes(name), scale, "no one has both yet"
                )
                for label, name, scale in changes
            ),
        ]

    def _values(self, name: str) -> tuple[float, ...]:
        return tuple(v for v in (getattr(line, name) for line in self.lines) if v is not None)

    def _changes(self, name: str) -> tuple[float, ...]:
        pairs = [(getattr(line, f"{name}_start"), getattr(line, f"{name}_now")) for line in self.lines]
        return tuple(now - start for start, now in pairs if start is not None and now is not None)


def build_report(cohort: Cohort, *, today: date) -> CohortReport:
    """Return the report as of a day, in seven queries; withdrawn runners keep what they logged."""
    active = set(active_enrollments().filter(seat__cohort=cohort).values_list("pk", flat=True))
    rows = (
        Enrollment.objects.filter(seat__cohort=cohort).select_related("seat").order_by("seat__number", "pk")
    )
    lines = {row.pk: ReportLine(row, row.pk in active) for row in rows}
    changes = PhaseChange.objects.filter(enrollment__in=lines).order_by("at", "pk")
    for pk, phase in changes.values_list("enrollment_id", "to_phase"):
        lines[pk].phase = phase
    over = _add_targets(lines, today=today)
    _add_log(lines, over, starts_on=cohort.starts_on, today=today)
    return CohortReport(cohort, today, list(lines.values()))


def _add_targets(lines: dict[int, ReportLine], *, today: date) -> dict[int, set[date]]:
    """Add what was prescribed in past weeks; return those weeks by runner."""
    over: dict[int, set[date]] = defaultdict(set)
    newest = WeeklyTarget.objects.filter(enrollment__in=lines).order_by(
        "enrollment_id", "week_starts_on", "-revision"
    )
    rows = newest.distinct("enrollment_id", "week_starts_on").values_list(
        "enrollment_id",
        "week_starts_on",
        "decision__exercises",
        "decision__cadence__baseline_spm",
        "decision__state",
    )
    for pk, monday, exercises, baseline, state in rows:
        line = lines[pk]
        line.cadence_start = baseline if baseline is not None else line.cadence_start
        # Paused weeks and the running week count neither for nor against adherence.
        if state not in {"active", "on_hold"} or monday + WEEK > today:
            continue
        over[pk].add(monday)
        line.weeks += 1
        line.prescribed += max((one["sessions_per_week"] for one in exercises or ()), default=0)
    return over


def _add_log(
    lines: dict[int, ReportLine], over: dict[int, set[date]], *, starts_on: date, today: date
) -> None:
    """Add what was logged since the start of the cohort."""
    mine = {"enrollment__in": lines, "local_on__gte": starts_on, "local_on__lte": today}
    logged: dict[int, set[date]] = defaultdict(set)
    pain: dict[int, list[tuple[date, int]]] = defaultdict(list)
    cadence: dict[int, list[int]] = defaultdict(list)
    for model in (Run, StrengthSession, Morning):
        names: list[str | Case] = ["enrollment_id", "local_on", "pain"]
        names += [MEASURED_SPM] if model is Run else []
        rows = model.objects.filter(ALIVE, **mine).order_by("local_on", "pk")
        for pk, day, pain_level, *spm in rows.values_list(*names):
            monday = monday_of(day)
            logged[pk].add(monday)
            lines[pk].runs += model is Run
            # Sessions in a week without a prescription must not raise adherence above what was asked.
            lines[pk].sessions += model is StrengthSession and monday in over[pk]
            if pain_level is not None:
                pain[pk].append((day, pain_level))
            if spm and spm[0] is not None:
                cadence[pk].append(spm[0])
    for pk, line in lines.items():
        line.weeks_logged = len(logged[pk] & over[pk])
        line.pain_start = _median(level for day, level in pain[pk] if day < starts_on + PAIN_DAYS)
        line.pain_now = _median(level for day, level in pain[pk] if day > today - PAIN_DAYS)
        line.cadence_now = _median(cadence[pk][-LAST_RUNS:])


def _median(values: Iterable[int]) -> float | None:
    numbers = list(values)
    return float(statistics.median(numbers)) if numbers else None


def report_csv(report: CohortReport) -> str:
    """Return a header and one line a runner, by bib and without a name; formulas are escaped."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = (
        "phase",
        "weeks",
        "weeks_logged",
        "runs",
        "sessions",
        "prescribed",
        "adherence",
        "pain_start",
        "pain_now",
    )
    cadences = ("cadence_start", "cadence_now")
    writer.writerow(["bib", "active", *names, *(f"{name}_spm" for name in cadences)])
    for line in report.lines:
        cells = [str(line.enrollment.seat.number), "yes" if line.active else "no"]
        values = (getattr(line, name) for name in (*names, *cadences))
        row = [*cells, *("" if v is None else f"{v:g}" for v in values)]
        writer.writerow(map(escape_formula, row))
    return out.getvalue()


FOLLOWS_WITHIN = timedelta(days=2)
PUSHES = {
    "strength": "On the phone: strength is due",
    "morning": "On the phone: how is the morning?",
}
LABELS = {MessageKind.REMINDER.value: "Email after quiet days", **PUSHES}


@dataclass(frozen=True, slots=True)
class ReminderEffect:
    """One kind of reminder: how many were sent, and how many were followed by an entry within two days."""

    label: str
    sent: int
    followed: int


def reminder_effects(cohort: Cohort) -> list[ReminderEffect]:
    """Return each kind of reminder that the cohort's runners were sent, in five queries."""
    runners = {one.about: one.pk for one in Enrollment.objects.filter(seat__cohort=cohort).only("pk")}
    logged = _logged(list(runners.values()))
    # Several devices of one runner get the same reminder on the same day.
    sent = {
        (kind, runners[about], at.date()): at for kind, about, at in _sent(list(runners)) if kind in LABELS
    }
    counts: dict[str, list[bool]] = defaultdict(list)
    for (kind, runner, _), at in sent.items():
        moments = logged[runner]
        place = bisect_right(moments, at)
        counts[kind].append(place < len(moments) and moments[place] <= at + FOLLOWS_WITHIN)
    return [
        ReminderEffect(label, len(counts[kind]), sum(counts[kind]))
        for kind, label in LABELS.items()
        if counts[kind]
    ]


def _sent(about: list[str]) -> Iterator[tuple[str, str, datetime]]:
    rows = OutboxMessage.objects.filter(
        about__in=about, kind__in=[MessageKind.REMINDER, MessageKind.PUSH], state=MessageState.SENT
    )
    for kind, name, headers, at in rows.values_list("kind", "about", "headers", "sent_at"):
        if at is not None:
            yield (headers.get("tag", "") if kind == MessageKind.PUSH else kind), name, at


def _logged(runners: list[int]) -> dict[int, list[datetime]]:
    """Return the moments at which each runner logged something, in their order."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for model in (Run, StrengthSession, Morning):
        rows = model.objects.filter(ALIVE, enrollment__in=runners)
        for runner, at in rows.values_list("enrollment_id", "logged_at"):
            found[runner].append(at)
    for moments in found.values():
        moments.sort()
    return found
