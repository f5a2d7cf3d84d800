"""The charts of /progress/: plain numbers for the SVG of its templates, in units of one picture 360 wide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.protocol.local_week import WEEK
from challenge.workouts.distances import METERS, distance_text
from challenge.workouts.progress import Progress, ProgressRun, ProgressWeek

WIDTH, HEIGHT = 360, 210
# Above TOP is room for the line with the value of the point in focus.
LEFT, RIGHT, TOP, BOTTOM = 30, 352, 26, 184
DOT = "session"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A point of a chart; `kind` chooses its shape, `strong` fills it, `says` holds its value in words."""

    x: float
    y: float
    kind: str = DOT
    strong: bool = False
    says: str = ""


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
    says: str = ""

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
    top: float = TOP
    bottom: float = BOTTOM

    def x(self, day: date, *, middle: bool = True) -> float:
        days = (self.last - self.first).days + 1
        passed = (day - self.first).days + (0.5 if middle else 0)
        return round(LEFT + (RIGHT - LEFT) * passed / days, 1)

    def y(self, value: float) -> float:
        height = (self.bottom - self.top) * (value - self.low) / (self.high - self.low)
        return round(self.bottom - height, 1)


def day_text(day: date, today: date) -> str:
    """Return `Jan 6`; of another year than today's `Jan 6, 2025`."""
    return f"{day:%b} {day.day}" + (f", {day.year}" if day.year != today.year else "")


def week_labels(progress: Progress, frame: ChartFrame) -> list[AxisLabel]:
    """Return the labels below a chart: week 1 and every third week after it."""
    shown = [week for week in progress.weeks if week.number >= 1 and week.number % 3 == 1]
    return [
        AxisLabel(frame.x(week.starts_on, middle=False), frame.bottom + 16, f"week {week.number}")
        for week in shown
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
    bottom: float = BOTTOM


def cadence_chart(progress: Progress) -> CadenceChart | None:
    """Return runs as dots, filled where they met the target, and targets as steps; None without either."""
    values = [run.cadence_spm for run in progress.runs if run.cadence_spm is not None]
    values += [week.target_spm for week in progress.weeks if week.target_spm is not None]
    if not values:
        return None
    cap = progress.parameters.cap_spm
    frame = ChartFrame(progress.first, progress.last, min(*values, cap) - 4, max(*values, cap) + 4)
    marks = [
        ChartPoint(
            frame.x(run.local_on),
            frame.y(run.cadence_spm),
            strong=run.on_target,
            says=f"{day_text(run.local_on, progress.today)}: {run.cadence_spm}"
            + (", on target" if run.on_target else ""),
        )
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
class LoadChart:
    """The distance of each week as a bar with its total."""

    bars: list[WeekBar]
    across: list[AxisLabel]
    up: list[AxisLabel]
    bottom: float = BOTTOM


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
            bars.append(
                WeekBar(
                    round(left + inset, 1),
                    top,
                    width,
                    round(BOTTOM - top, 1),
                    bool(week.warnings),
                    # In a bar a whole number is enough; the words have the tenth.
                    text=f"{height:.0f}" if height >= 1 else "",
                    says=_week_in_words(week, unit, progress.today),
                )
            )
    up = [AxisLabel(LEFT - 5, frame.y(value), str(value)) for value in range(0, int(frame.high) + 1, step)]
    return LoadChart(bars, week_labels(progress, frame), up)


def _week_in_words(week: ProgressWeek, unit: str, today: date) -> str:
    runs = f"{week.runs} run{'' if week.runs == 1 else 's'}"
    return f"Week of {day_text(week.starts_on, today)}: {distance_text(week.distance_m, unit)}, {runs}"


@dataclass(frozen=True, slots=True)
class SessionColumn:
    """One week's strength sessions as a column of marks; `away` is why a week has none, if it has a reason."""

    x: float
    marks: list[ChartPoint]
    says: str
    away: str = ""


@dataclass(frozen=True, slots=True)
class SessionChart:
    """The strength sessions of each week: filled for done, a ring for still open."""

    columns: list[SessionColumn]
    across: list[AxisLabel]
    bottom: float
    up: tuple[AxisLabel, ...] = ()

    @property
    def height(self) -> float:
        return self.bottom + 26


MARK_STEP, MOST_MARKS = 17, 5


def done_chart(progress: Progress) -> SessionChart | None:
    """Return the strength sessions of the weeks so far, or None before the first week."""
    weeks = [week for week in progress.weeks_so_far if week.number >= 1]
    if not weeks:
        return None
    rows = min(MOST_MARKS, max(max(week.strength, week.planned) for week in weeks) or 1)
    bottom = TOP + rows * MARK_STEP + 6
    frame = ChartFrame(progress.first, progress.last, 0, 1, bottom=bottom)
    columns = [_session_column(week, frame) for week in weeks]
    return SessionChart(columns, week_labels(progress, frame), bottom)


def _session_column(week: ProgressWeek, frame: ChartFrame) -> SessionColumn:
    x = frame.x(week.starts_on + timedelta(days=3))
    count = min(MOST_MARKS, max(week.strength, week.planned))
    marks = [
        ChartPoint(x, frame.bottom - 10 - place * MARK_STEP, strong=place < week.strength)
        for place in range(count)
    ]
    away = "paused" if week.paused else "on hold" if week.held else ""
    away = away or ("nothing this week" if week.nothing and not week.runs else "")
    planned = f" of {week.planned}" if week.planned else ""
    says = f"Week {week.number}: {week.strength}{planned} strength, {week.runs} run{'' if week.runs == 1 else 's'}"
    return SessionColumn(x, marks, f"{says} ({away})" if away else says, away)


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
