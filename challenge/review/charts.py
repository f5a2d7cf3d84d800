"""Cadence, load, morning pain, decisions and one questionnaire on one time axis, as coordinates for an SVG."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localtime

from challenge.care.models import WeeklyTarget
from challenge.outcomes.results import ScoredAnswer
from challenge.protocol.local_week import monday_of
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.review.tags import miles
from challenge.review.timeline import TimelineEvent
from challenge.workouts.models import Morning, Run

WIDTH = 960
LEFT = 44
CADENCE = (12, 132)  # top and bottom of each band, in the drawing's units
LOAD = (156, 232)
PAIN = (256, 336)
SCORE = (416, 476)
HEIGHT, HEIGHT_WITH_SCORES = 392, 490
SPM = (140, 190)


@dataclass(frozen=True)
class RunDot:
    """A run's cadence, a morning's pain or a score at its place."""

    x: float
    y: float
    title: str
    band: str = ""


@dataclass(frozen=True)
class LoadBar:
    """The distance of a week as a bar."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class TargetStep:
    """A week's target: a level line from Monday to Sunday."""

    x1: float
    x2: float
    y: float
    label: str


@dataclass(frozen=True)
class ChartMark:
    """A decision: a labeled line where the phase changed, else a mark with a title."""

    x: float
    label: str
    title: str


class RunnerChart:
    """The recent weeks of one runner; `first` is the day at the left edge."""

    def __init__(
        self,
        *,
        runs: list[Run],
        mornings: list[Morning],
        targets: list[WeeklyTarget],
        decisions: list[TimelineEvent],
        scores: list[ScoredAnswer],
        today: date,
        parameters: Parameters = CLINIC,
    ) -> None:
        """`targets` come newest week and revision first; the last revision of a week is drawn."""
        self.parameters = parameters
        # Newest first, reversed: the last revision of a week overwrites the earlier ones.
        weeks = list({week.week_starts_on: week for week in reversed(targets)}.values())
        days = [run.local_on for run in runs] + [week.week_starts_on for week in weeks]
        first = min(days, default=today - timedelta(days=13))
        self.first = monday_of(first)
        self.last = max(today, self.first + timedelta(days=13))
        self.dots = [self._run(run) for run in reversed(runs) if run.cadence_spm]
        self.steps = [self._target(week) for week in weeks if week.cadence_spm]
        self.bars = self._load(runs)
        self.pains = [self._morning(morning) for morning in reversed(mornings) if morning.pain is not None]
        marks = [self._mark(one) for one in reversed(decisions) if one.mark]
        self.phases = [mark for mark in marks if mark.label.startswith("phase ")]
        self.marks = [mark for mark in marks if mark not in self.phases]
        self.scores = [self._score(score) for score in scores]
        self.score_name = scores[0].title if scores else ""
        self.height = HEIGHT_WITH_SCORES if scores else HEIGHT
        self.spm_lines = [(spm, self._spm(spm)) for spm in (150, 165, 180)]
        self.pain_lines = [(pain, self._pain(pain)) for pain in (0, 5, 10)]
        self.score_lines = (
            [(score, self._height(score, 100, SCORE)) for score in (0, 50, 100)] if scores else []
        )
        self.score_path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in self.scores) if scores else ""

    def x(self, day: date) -> float:
        """Return the place of a day on the time axis; days outside are moved to the edge."""
        span = max(1, (self.last - self.first).days)
        # Runs before the first target would otherwise fall outside the drawing.
        inside = min(max((day - self.first).days, 0), span)
        return round(LEFT + (WIDTH - LEFT - 12) * inside / span, 1)

    def _spm(self, spm: int) -> float:
        low, high = SPM
        share = (min(max(spm, low), high) - low) / (high - low)
        return round(CADENCE[1] - share * (CADENCE[1] - CADENCE[0]), 1)

    def _pain(self, pain: int) -> float:
        return self._height(pain, 10, PAIN)

    @staticmethod
    def _height(value: float, most: int, band: tuple[int, int]) -> float:
        return round(band[1] - value / most * (band[1] - band[0]), 1)

    def _mark(self, one: TimelineEvent) -> ChartMark:
        by = f", {one.by}" if one.by else ""
        day = localtime(one.at).date()
        return ChartMark(self.x(day), one.mark, f"{day:%b} {day.day}: {one.what}{by}")

    def _score(self, one: ScoredAnswer) -> RunDot:
        title = f"{one.on:%b} {one.on.day}: {one.text}"
        return RunDot(self.x(one.on), self._height(float(one.score or 0), 100, SCORE), title)

    def _run(self, run: Run) -> RunDot:
        spm = run.cadence_spm or 0
        return RunDot(
            self.x(run.local_on),
            self._spm(spm),
            f"{run.local_on:%b} {run.local_on.day}: {spm} steps a minute",
        )

    def _target(self, week: WeeklyTarget) -> TargetStep:
        start, spm = week.week_starts_on, week.cadence_spm or 0
        return TargetStep(
            self.x(start), self.x(start + timedelta(days=7)), self._spm(spm), f"week {week.week}: {spm}"
        )

    def _load(self, runs: list[Run]) -> list[LoadBar]:
        weekly: dict[date, int] = defaultdict(int)
        for run in runs:
            weekly[monday_of(run.local_on)] += run.distance_m
        most = max(weekly.values(), default=1)
        bars = []
        for monday, meters in sorted(weekly.items()):
            height = round((LOAD[1] - LOAD[0]) * meters / most, 1)
            left, right = self.x(monday), self.x(monday + timedelta(days=7))
            title = f"week of {monday:%b} {monday.day}: {miles(meters)}"
            bars.append(LoadBar(left + 2, LOAD[1] - height, max(2.0, right - left - 4), height, title))
        return bars

    def _morning(self, morning: Morning) -> RunDot:
        pain = morning.pain or 0
        return RunDot(
            self.x(morning.local_on),
            self._pain(pain),
            f"{morning.local_on:%b} {morning.local_on.day}: {pain}",
            pain_color(pain, self.parameters).value,
        )
