"""Cadence, load, strength, pain, complaints, decisions, a questionnaire on one time axis: coordinates for an SVG."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import IntegerField, Max, Value
from django.utils.timezone import localtime

from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import Flag, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.outcomes.results import ScoredAnswer
from challenge.protocol.local_week import WEEK, monday_of
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.vocabulary import ComplaintStatus
from challenge.review.tags import miles
from challenge.review.timeline import TimelineEvent
from challenge.workouts.models import ALIVE, EntryKind, Morning, Run, StrengthSession
from challenge.workouts.prescribed_sets import in_load_unit
from challenge.workouts.queries import MEASURED_SPM

WIDTH = 720
LEFT = 44
CADENCE = (16, 116)  # top and bottom of each band, in the drawing's units
LOAD = (152, 216)
STRENGTH = (260, 304)
PAIN = (336, 416)
COMPLAINTS = 448  # the first line; one below the other
LINE = 16
SCORE_HEIGHT = 60
SPM = (140, 190)
MEASURED_RUNS = 3
DATES = 8  # at most so many dates on the axis


class RecordedEntry(NamedTuple):
    """A run, a strength session or a morning. `amount`: meters of a run, or grams of a session's heaviest set."""

    kind: str
    pk: int
    local_on: date
    pain: int | None
    cadence_spm: int | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class RecordedEntries:
    """What a runner logged in the shown time, oldest first."""

    entries: list[RecordedEntry]

    def of(self, kind: EntryKind) -> list[RecordedEntry]:
        """Return the entries of one kind, oldest first."""
        return [entry for entry in self.entries if entry.kind == kind]

    @property
    def cadence_now(self) -> int | None:
        """Return the median cadence of the last measured runs, in steps a minute."""
        measured = [entry.cadence_spm for entry in self.entries if entry.cadence_spm][-MEASURED_RUNS:]
        return sorted(measured)[len(measured) // 2] if measured else None


def read_recorded(enrollment: Enrollment, *, since: date) -> RecordedEntries:
    """Return what the runner logged since a day, in one query."""
    mine: dict[str, Any] = {"enrollment": enrollment, "local_on__gte": since}
    none = Value(None, output_field=IntegerField())
    columns = ("pk", "local_on", "pain")
    runs = Run.objects.filter(ALIVE, **mine).order_by()
    sessions = StrengthSession.objects.filter(ALIVE, **mine).order_by().annotate(heaviest=Max("sets__load_g"))
    mornings = Morning.objects.filter(ALIVE, **mine).order_by()
    found = runs.values_list(Value(EntryKind.RUN.value), *columns, MEASURED_SPM, "distance_m").union(
        sessions.values_list(Value(EntryKind.STRENGTH.value), *columns, none, "heaviest"),
        mornings.values_list(Value(EntryKind.MORNING.value), *columns, none, none),
        all=True,
    )
    entries = [RecordedEntry(*row) for row in found]
    return RecordedEntries(sorted(entries, key=lambda entry: (entry.local_on, entry.pk)))


@dataclass(frozen=True)
class RunDot:
    """A run's cadence, a report of pain or a score at its place. `flagged`: the reading that raised a flag."""

    x: float
    y: float
    title: str
    band: str = ""
    flagged: bool = False


@dataclass(frozen=True)
class LoadBar:
    """A week's distance or its strength sessions as a bar, with its number."""

    x: float
    y: float
    width: float
    height: float
    title: str
    number: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class TargetStep:
    """A week's target: a level line from Monday to Sunday. Also a complaint, from its opening to its end."""

    x1: float
    x2: float
    y: float
    label: str


@dataclass(frozen=True)
class ChartMark:
    """A decision or a date: a labeled line where the phase changed, else a mark with a title."""

    x: float
    label: str
    title: str


class RunnerChart:
    """The recent weeks of one runner; `first` is the day at the left edge."""

    def __init__(
        self,
        *,
        recorded: RecordedEntries,
        targets: list[WeeklyTarget],
        decisions: list[TimelineEvent],
        scores: list[ScoredAnswer],
        today: date,
        flags: Iterable[Flag] = (),
        complaint_changes: Iterable[ComplaintChange] = (),
        parameters: Parameters = CLINIC,
    ) -> None:
        """`targets` come newest week and revision first; the last revision of a week is drawn."""
        self.parameters = parameters
        # Newest first, reversed: the last revision of a week overwrites the earlier ones.
        weeks = list({week.week_starts_on: week for week in reversed(targets)}.values())
        days = [run.local_on for run in recorded.of(EntryKind.RUN)] + [week.week_starts_on for week in weeks]
        self.first = monday_of(min(days, default=today - timedelta(days=13)))
        self.last = max(today, self.first + timedelta(days=13))
        self._place_entries(recorded, {flag.source for flag in flags})
        self.steps = [self._target(week) for week in weeks if week.cadence_spm]
        marks = [self._mark(one) for one in reversed(decisions) if one.mark]
        self.phases = [mark for mark in marks if mark.label.startswith("phase ")]
        self.marks = [mark for mark in marks if mark not in self.phases]
        self.complaints = self._complaints(complaint_changes)
        self.decided_y = COMPLAINTS + LINE * len(self.complaints)
        self.score_band = self.decided_y + 72, self.decided_y + 72 + SCORE_HEIGHT
        self.scores = [self._score(score) for score in scores]
        self.score_name = scores[0].title if scores else ""
        self.dates_y = self.score_band[1] + 24 if scores else self.decided_y + 44
        self.height = self.dates_y + 10
        self.dates = self._dates()
        self.spm_lines = [(spm, self._spm(spm)) for spm in (150, 165, 180)]
        self.pain_lines = [(pain, self._pain(pain)) for pain in (0, 5, 10)]
        self.score_lines = (
            [(n, self._height(n, 100, self.score_band)) for n in (0, 50, 100)] if scores else []
        )
        self.score_path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in self.scores) if scores else ""

    def _place_entries(self, recorded: RecordedEntries, flagged: set[str]) -> None:
        """Place the log's entries; a reading that raised a flag is known by the flag's source."""
        runs, sessions = recorded.of(EntryKind.RUN), recorded.of(EntryKind.STRENGTH)
        self.dots = [self._run(run) for run in runs if run.cadence_spm]
        self.bars = self._load(runs)
        self.strength = self._strength(sessions)
        mornings = recorded.of(EntryKind.MORNING)
        self.pains = [self._report(one, flagged) for one in mornings if one.pain is not None]
        self.session_pains = [
            self._report(one, flagged) for one in (*runs, *sessions) if one.pain is not None
        ]

    def x(self, day: date) -> float:
        """Return the place of a day on the time axis; days outside are moved to the edge."""
        span = max(1, (self.last - self.first).days)
        # Runs before the first target would otherwise fall outside the drawing.
        inside = min(max((day - self.first).days, 0), span)
        return round(LEFT + (WIDTH - LEFT - 12) * inside / span, 1)

    def _spm(self, spm: int) -> float:
        low, high = SPM
        return self._height(min(max(spm, low), high) - low, high - low, CADENCE)

    def _pain(self, pain: int) -> float:
        return self._height(pain, 10, PAIN)

    @staticmethod
    def _height(value: float, most: int, band: tuple[int, int]) -> float:
        return round(band[1] - value / most * (band[1] - band[0]), 1)

    def _dates(self) -> list[ChartMark]:
        """Return Mondays along the axis, few enough to be read."""
        weeks = (self.last - self.first).days // 7 + 1
        every = -(-weeks // DATES)
        days = [self.first + WEEK * n for n in range(0, weeks, every)]
        return [ChartMark(self.x(day), f"{day:%b} {day.day}", "") for day in days]

    def _mark(self, one: TimelineEvent) -> ChartMark:
        by = f", {one.by}" if one.by else ""
        day = localtime(one.at).date()
        return ChartMark(self.x(day), one.mark, f"{day:%b} {day.day}: {one.what}{by}")

    def _score(self, one: ScoredAnswer) -> RunDot:
        title = f"{one.on:%b} {one.on.day}: {one.text}"
        return RunDot(self.x(one.on), self._height(float(one.score or 0), 100, self.score_band), title)

    def _run(self, run: RecordedEntry) -> RunDot:
        spm, day = run.cadence_spm or 0, run.local_on
        return RunDot(self.x(day), self._spm(spm), f"{day:%b} {day.day}: {spm} steps a minute")

    def _target(self, week: WeeklyTarget) -> TargetStep:
        start, spm = week.week_starts_on, week.cadence_spm or 0
        return TargetStep(self.x(start), self.x(start + WEEK), self._spm(spm), f"week {week.week}: {spm}")

    def _load(self, runs: list[RecordedEntry]) -> list[LoadBar]:
        weekly: dict[date, int] = defaultdict(int)
        for run in runs:
            weekly[monday_of(run.local_on)] += run.amount or 0
        words = {monday: miles(meters) for monday, meters in weekly.items()}
        return self._bars(
            weekly, LOAD, words, {monday: text.removesuffix(" mi") for monday, text in words.items()}
        )

    def _strength(self, sessions: list[RecordedEntry]) -> list[LoadBar]:
        """Return the sessions of each week; the title has their heaviest set."""
        weekly: dict[date, int] = defaultdict(int)
        heaviest: dict[date, int] = defaultdict(int)
        for session in sessions:
            monday = monday_of(session.local_on)
            weekly[monday] += 1
            heaviest[monday] = max(heaviest[monday], session.amount or 0)
        numbers = {
            monday: f"{count}" + (f" · {in_load_unit(heaviest[monday], 'lb')}" if heaviest[monday] else "")
            for monday, count in weekly.items()
        }
        words = {monday: f"{text} (sessions, heaviest set in lb)" for monday, text in numbers.items()}
        return self._bars(weekly, STRENGTH, words, numbers)

    def _bars(
        self, weekly: dict[date, int], band: tuple[int, int], words: dict[date, str], numbers: dict[date, str]
    ) -> list[LoadBar]:
        most, bars = max(weekly.values(), default=1) or 1, []
        for monday, value in sorted(weekly.items()):
            height = round((band[1] - band[0]) * value / most, 1)
            left, right = self.x(monday), self.x(monday + WEEK)
            title = f"week of {monday:%b} {monday.day}: {words[monday]}"
            width = max(2.0, round(right - left - 4, 1))
            bars.append(LoadBar(left + 2, round(band[1] - height, 1), width, height, title, numbers[monday]))
        return bars

    def _report(self, entry: RecordedEntry, flagged: set[str]) -> RunDot:
        pain, day = entry.pain or 0, entry.local_on
        source = f"{entry.kind}:{entry.pk}"
        hit = any(name == source or name.startswith(f"{source}:") for name in flagged)
        title = f"{day:%b} {day.day}: {pain}{', raised a flag' if hit else ''}"
        return RunDot(self.x(day), self._pain(pain), title, pain_color(pain, self.parameters).value, hit)

    def _complaints(self, changes: Iterable[ComplaintChange]) -> list[TargetStep]:
        """Return a line for each complaint, from its opening to its end or to the right edge."""
        spans: dict[int, tuple[date, date | None, str]] = {}
        for change in changes:  # oldest first
            if change.complaint.taken_back:
                continue
            begun = spans[change.complaint_id][0] if change.complaint_id in spans else change.on
            ended = change.on if change.status == ComplaintStatus.PAST else None
            spans[change.complaint_id] = begun, ended, change.complaint.place
        shown = [span for span in spans.values() if span[1] is None or span[1] > self.first]
        return [
            TargetStep(self.x(begun), self.x(ended or self.last), COMPLAINTS + LINE * n, place)
            for n, (begun, ended, place) in enumerate(shown)
        ]
