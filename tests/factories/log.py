"""Entries of an invented runner's log, made by the actions that the pages use."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource, ExerciseId
from challenge.workouts import actions
from challenge.workouts.actions import SetValues
from challenge.workouts.models import DailyLife, Morning, Run, StrengthSession

DAY = date(2026, 1, 6)  # the Tuesday of week 1


def evening(day: date) -> datetime:
    """18:00 in Chicago in winter."""
    return datetime.combine(day, time(23, 59), UTC)


def log_run(enrollment: Enrollment, on: date = DAY, **values: Any) -> Run:
    """Five kilometers in half an hour, 165 steps a minute by the watch, no pain."""
    defaults: dict[str, Any] = {
        "distance_m": 5000,
        "duration_s": 1800,
        "cadence_spm": 165,
        "cadence_source": CadenceSource.WATCH,
        "surface": "road",
        "effort": "easy",
        "pain": 0,
    }
    defaults |= {"key": uuid.uuid4(), "at": evening(on)} | values
    return actions.log_run(enrollment=enrollment, local_on=on, by=enrollment.seat.user, **defaults).entry


def sets_of(
    exercise: ExerciseId, *, sets: int = 3, reps: int = 8, load_g: int | None = None
) -> list[SetValues]:
    return [
        {"exercise": exercise, "number": number, "reps": reps, "load_g": load_g}
        for number in range(1, sets + 1)
    ]


def log_strength(enrollment: Enrollment, on: date = DAY, **values: Any) -> StrengthSession:
    """Three sets of eight heavy calf raises, no pain."""
    defaults: dict[str, Any] = {"sets": sets_of(ExerciseId.HEAVY_CALF_RAISE), "pain": 0}
    defaults |= {"key": uuid.uuid4(), "at": evening(on)} | values
    return actions.log_strength(enrollment=enrollment, local_on=on, by=enrollment.seat.user, **defaults).entry


def log_morning(enrollment: Enrollment, on: date = DAY, **values: Any) -> Morning:
    """A morning without pain."""
    defaults: dict[str, Any] = {"pain": 0, "key": uuid.uuid4(), "at": evening(on)} | values
    return actions.log_morning(enrollment=enrollment, local_on=on, by=enrollment.seat.user, **defaults).entry


def log_daily_life(enrollment: Enrollment, on: date = DAY, **values: Any) -> DailyLife:
    """The week's answer about daily life: no pain."""
    defaults: dict[str, Any] = {"pain": 0, "key": uuid.uuid4(), "at": evening(on)} | values
    monday = on - timedelta(days=on.weekday())
    user = enrollment.seat.user
    return actions.log_daily_life(
        enrollment=enrollment, week_starts_on=monday, local_on=on, by=user, **defaults
    ).entry
