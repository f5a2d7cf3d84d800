"""The charts of /progress/: plain numbers for the SVG of its templates, in units of one picture 360 wide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.protocol.local_week import WEEK
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC
from challenge.workouts.distances import METERS
from challenge.workouts.progress import Progress, ProgressRun, ProgressWeek

WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 30, 352, 12, 184
DOT, DIAMOND, SQUARE = "session", "morning", "daily"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A point of a chart; `kind` chooses its shape, `strong` fills it."""

    x: float
    y: float
    kind: str = DOT
    strong: bool = False


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """A label of an axis at its place in the picture."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A rectangle; `warned` puts the mark of a warning above it."""

    x: float
    y: float
    width: float
    height: float
    warned: bool = False
    kind: str = ""
    text: str = ""

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """The coordinates of a chart: local days across, values up."""

    first: date
    last: date
    low: float
    high: float

    def x(self, day: date, *, middle: bool = True) -> float:
        days = (self.last - self.first).days + 1
        passed = (day - self.first).days + (0.5 if middle else 0)
        return round(LEFT + (RIGHT - LEFT) * passed / days, 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low), 1)


def week_labels(progress: Progress, frame: ChartFrame) -> list[AxisLabel]:
    """Return the labels below a chart: week 1 and every third week after it."""
    shown = [week for week in progress.weeks if week.number >= 1 and week.number % 3 == 1]
    return [
        AxisLabel(frame.x(week.starts_on, middle=False), BOTTOM + 16, f"week {week.number}") for week in shown
    ]


@dataclass(frozen=True, slots=True)
class CadenceChart:
    """The targets as an SVG path, the measured runs as points, and the goal as a line."""

    goal_y: float
    goal_spm: int
    targets: str
    marks: list[ChartPoint]
    across: list[AxisLabel]
    up: list[AxisLabel]


def cadence_chart(progress: Progress) -> CadenceChart | None:
    """Return runs as dots, filled where they met the target, and targets as steps; None without either."""
    values = [run.cadence_spm for run in progress.runs if run.cadence_spm is not None]
    values += [week.target_spm for week in progress.weeks if week.target_spm is not None]
    if not values:
        return None
    cap = CLINIC.cap_spm
    frame = ChartFrame(progress.first, progress.last, min(*values, cap) - 4, max(*values, cap) + 4)
    marks = [
        ChartPoint(frame.x(run.local_on), frame.y(run.cadence_spm), strong=run.on_target)
        for run in progress.runs
        if run.cadence_spm is not None
    ]
    tens = range(-(-int(frame.low) // 10) * 10, int(frame.high) + 1, 10)
    return CadenceChart(
        goal_y=frame.y(cap),
        goal_spm=cap,
        targets=_steps(progress.weeks, frame),
        marks=marks,
        across=week_labels(progress, frame),
        up=[AxisLabel(LEFT - 5, frame.y(ten), str(ten)) for ten in tens],
    )


def _steps(weeks: Iterable[ProgressWeek], frame: ChartFrame) -> str:
    """Return the targets as an SVG path of level steps; a week without a target leaves a gap."""
    path, joined = "", False
    for week in weeks:
        if week.target_spm is None:
            joined = False
            continue
        y, left = frame.y(week.target_spm), frame.x(week.starts_on, middle=False)
        path += f"V{y}" if joined else f"M{left} {y}"
        path += f"H{frame.x(week.starts_on + WEEK, middle=False)}"
        joined = True
    return path


@dataclass(frozen=True, slots=True)
class PainChart:
    """The bands of `pain.scale` with every report as a point."""

    bands: list[WeekBar]
    marks: list[ChartPoint]
    across: list[AxisLabel]
    up: list[AxisLabel]


def pain_chart(progress: Progress) -> PainChart | None:
    """Return every pain report on the three bands of `pain.scale`; None without a report."""
    if not progress.pain:
        return None
    frame = ChartFrame(progress.first, progress.last, -0.5, 10.5)
    words = {"green": "fine", "amber": "acceptable", "red": "too much"}
    bands = []
    for name, word in words.items():
        # The bands come from the method, so that a changed parameter moves them here too.
        inside = [value for value in range(11) if pain_color(value).value == name]
        top, bottom = frame.y(inside[-1] + 0.5), frame.y(inside[0] - 0.5)
        bands.append(WeekBar(LEFT, top, RIGHT - LEFT, round(bottom - top, 1), kind=f"band-{name}", text=word))
    marks = [ChartPoint(frame.x(one.local_on), frame.y(one.pain), one.kind) for one in progress.pain]
    up = [AxisLabel(LEFT - 5, frame.y(value), str(value)) for value in (0, 2, 4, 6, 8, 10)]
    return PainChart(bands, marks, week_labels(progress, frame), up)


@dataclass(frozen=True, slots=True)
class LoadChart:
    """The distance of each week as a bar."""

    bars: list[WeekBar]
    across: list[AxisLabel]
    up: list[AxisLabel]


def load_chart(progress: Progress, unit: str) -> LoadChart | None:
    """Return the distance of each week, marked where a load rule warned; None before the first run."""
    most = max((week.distance_m for week in progress.weeks), default=0) / float(METERS[unit])
    if not most:
        return None
    # The smallest step with at most four grid lines.
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 500) if most <= 4 * size or size == 500)
    frame = ChartFrame(progress.first, progress.last, 0, (int(most / step) + 1.2) * step)
    bars = []
    for week in progress.weeks:
        height = week.distance_m / float(METERS[unit])
        left, right = (frame.x(day, middle=False) for day in (week.starts_on, week.starts_on + WEEK))
        top = frame.y(height)
        if height:
            width = round((right - left) * 0.72, 1)
            inset = round((right - left - width) / 2, 1)
            bars.append(WeekBar(left + inset, top, width, round(BOTTOM - top, 1), bool(week.warnings)))
    up = [AxisLabel(LEFT - 5, frame.y(value), str(value)) for value in range(0, int(frame.high) + 1, step)]
    return LoadChart(bars, week_labels(progress, frame), up)


def done_chart(progress: Progress) -> list[tuple[ProgressWeek, list[bool]]]:
    """Return the weeks so far, newest last, each with its strength sessions: True for done, False for open."""
    return [
        (week, [True] * week.strength + [False] * max(0, week.planned - week.strength))
        for week in progress.weeks_so_far
        if week.number >= 1
    ]


def stretches(progress: Progress) -> list[WeekBar]:
    """Return the phases as stretches of one line."""
    frame = ChartFrame(progress.first, progress.last, 0, 1)
    bars = []
    for stretch in progress.stretches:
        left = max(LEFT, frame.x(stretch.first, middle=False))
        right = frame.x(stretch.last + timedelta(days=1), middle=False)
        bars.append(WeekBar(left, 20, round(max(4.0, right - left), 1), 26, text=str(stretch.phase)))
    return bars


def cadence_then_and_now(runs: list[ProgressRun]) -> tuple[int, int] | None:
    """Return the medians of the first three and the last three measured runs; None with fewer than six."""
    measured = [run.cadence_spm for run in runs if run.cadence_spm is not None]
    if len(measured) < 6:
        return None
    return sorted(measured[:3])[1], sorted(measured[-3:])[1]
