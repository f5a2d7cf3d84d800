"""The strength work of /progress/: sets of each week and the heaviest load, exercise by exercise."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import monday_of
from challenge.protocol.vocabulary import ExerciseId
from challenge.workouts.charts import ChartFrame, ChartPoint, WeekBar, day_text
from challenge.workouts.models import StrengthSet
from challenge.workouts.prescribed_sets import in_load_unit
from challenge.workouts.progress import Progress

TOP, BOTTOM = 20, 62
RECENT = timedelta(weeks=5)  # exercises of an earlier phase are in the table alone


@dataclass(frozen=True, slots=True)
class ExerciseWeek:
    """One week of one exercise: sets done and the heaviest load in grams, None for body weight."""

    starts_on: date
    sets: int
    load_g: int | None


@dataclass(frozen=True, slots=True)
class ExerciseProgress:
    """One exercise: a bar of sets for each week, a point for each week's heaviest load."""

    exercise: ExerciseId
    weeks: list[ExerciseWeek]
    bars: list[WeekBar]
    line: str
    marks: list[ChartPoint]
    loads: str
    recent: bool

    @property
    def sets(self) -> int:
        return sum(week.sets for week in self.weeks)


def strength_progress(enrollment: Enrollment, progress: Progress, unit: str) -> list[ExerciseProgress]:
    """Return the exercises of the log, the latest first, loads in `unit` (lb or kg); one query."""
    rows = StrengthSet.objects.filter(
        session__enrollment=enrollment,
        session__deleted_at__isnull=True,
        session__local_on__range=(progress.first, progress.last),
    ).values_list("exercise", "session__local_on", "load_g")
    done: dict[str, dict[date, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for exercise, on, load in rows:
        done[exercise][monday_of(on)].append(load)
    latest = sorted(done, key=lambda exercise: (max(done[exercise]), exercise), reverse=True)
    return [_exercise(ExerciseId(name), done[name], progress, unit) for name in latest]


def _exercise(
    exercise: ExerciseId, done: dict[date, list[int | None]], progress: Progress, unit: str
) -> ExerciseProgress:
    weeks = [
        ExerciseWeek(monday, len(loads), max((one for one in loads if one), default=None))
        for monday, loads in sorted(done.items())
    ]
    loads = [week.load_g for week in weeks if week.load_g]
    sets_frame = _frame(progress, max(week.sets for week in weeks))
    load_frame = _frame(progress, max(loads, default=1) * 1.15)
    marks = [
        ChartPoint(load_frame.x(week.starts_on + timedelta(days=3)), load_frame.y(week.load_g), strong=True)
        for week in weeks
        if week.load_g
    ]
    return ExerciseProgress(
        exercise=exercise,
        weeks=weeks,
        bars=[_bar(week, sets_frame, progress.today, unit) for week in weeks],
        line="M" + "L".join(f"{mark.x} {mark.y}" for mark in marks) if len(marks) > 1 else "",
        marks=marks,
        loads=_loads_text(loads, unit),
        recent=weeks[-1].starts_on > progress.today - RECENT,
    )


def _frame(progress: Progress, high: float) -> ChartFrame:
    return ChartFrame(progress.first, progress.last, 0, high, TOP, BOTTOM)


def _bar(week: ExerciseWeek, frame: ChartFrame, today: date, unit: str) -> WeekBar:
    left = frame.x(week.starts_on, middle=False)
    width = frame.x(week.starts_on + timedelta(weeks=1), middle=False) - left
    top = frame.y(week.sets)
    load = f", up to {in_load_unit(week.load_g, unit)} {unit}" if week.load_g else ""
    return WeekBar(
        round(left + width * 0.14, 1),
        top,
        round(width * 0.72, 1),
        round(BOTTOM - top, 1),
        says=f"Week of {day_text(week.starts_on, today)}: {week.sets} set{'' if week.sets == 1 else 's'}{load}",
    )


def _loads_text(loads: list[int], unit: str) -> str:
    """Return `20 to 35 lb`, one load alone, or `body weight`."""
    if not loads:
        return "body weight"
    first, last = in_load_unit(loads[0], unit), in_load_unit(loads[-1], unit)
    return f"{last} {unit}" if first == last else f"{first} to {last} {unit}"
