"""Invented runners for the tests of the method: a log written in a line, weeks played one after the other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from challenge.protocol.decision import Decision
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, SetsInput, StrengthInput
from challenge.protocol.parameters import CLINIC, ENGINE_VERSION, Parameters
from challenge.protocol.phases import MOVES
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import IntakeInput, Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import CadenceSource, Effort, ExerciseId, Phase, Rule
from challenge.protocol.weekly import decide

START = date(2026, 1, 5)
MILE = 1609.344

# No gap in a short log counts as a break (`load.return`), so that a test may look at `load.long_run` alone.
NO_BREAK = CLINIC.altered(run_return_days=60)


def check_can_move(origin: Phase, to: Phase, *, stop_flag_open: bool) -> None:
    """Check a clinician's move. Raises ProtocolError where it skips a phase or a stop flag is open."""
    if to is origin:
        raise ProtocolError("phase", f"is {origin.value} already")
    if to > origin and stop_flag_open:
        raise ProtocolError("phase", "cannot advance while a stop flag is open")
    if not any(move.origin is origin and move.to is to for move in MOVES):
        raise ProtocolError(
            "phase", f"must go one step at a time: {origin.value} does not lead to {to.value}"
        )


def monday(week: int) -> date:
    """The Monday of week 1, 2, ..."""
    return START + timedelta(weeks=week - 1)


def at(day: date, hour: int = 6) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def miles(number: float) -> int:
    return round(number * MILE)


def intake(**values: Any) -> IntakeInput:
    return IntakeInput(**{"answered_on": START - timedelta(days=5), "baseline_spm": 160, **values})


def run(
    day: date, cadence: int | None = None, *, key: str = "", distance: float = 4, **values: Any
) -> RunInput:
    distance_m = miles(distance)
    source = CadenceSource.WATCH if cadence is not None else None
    made = {
        "key": key or f"run-{day.isoformat()}",
        "local_on": day,
        "logged_at": at(day, 20),
        "distance_m": distance_m,
        "duration_s": distance_m * 6 // 16,
        "cadence_spm": cadence,
        "cadence_source": source,
        "effort": Effort.EASY,
    }
    return RunInput(**{**made, **values})


def week_of_runs(week: int, cadence: int | None, count: int = 3, **values: Any) -> tuple[RunInput, ...]:
    """Runs on Tuesday, Thursday, Saturday, Sunday, ... of a week."""
    days = (1, 3, 5, 6, 2, 4, 0)[:count]
    return tuple(run(monday(week) + timedelta(days=day), cadence, **values) for day in days)


def morning(day: date, pain: int | None, **values: Any) -> MorningInput:
    made = {"key": f"morning-{day}", "local_on": day, "logged_at": at(day, 8), "pain": pain}
    return MorningInput(**{**made, **values})


def daily(day: date, pain: int) -> DailyLifeInput:
    return DailyLifeInput(key=f"daily-{day}", local_on=day, logged_at=at(day, 20), pain=pain)


def strength(
    day: date, exercise: ExerciseId, sets: int = 3, reps: int | None = 8, **values: Any
) -> StrengthInput:
    done = SetsInput(exercise, sets, reps, values.pop("seconds", None), values.pop("load_g", None))
    made = {"key": f"strength-{day}-{exercise}", "local_on": day, "logged_at": at(day, 19), "done": (done,)}
    return StrengthInput(**{**made, **values})


def snapshot(week: int = 1, **values: Any) -> Snapshot:
    """Return the snapshot of a week's Monday 06:00, changed by `values`."""
    made = {
        "week_on": monday(week),
        "starts_on": START,
        "weeks": 12,
        "as_of": at(monday(week)),
        "today_on": monday(week),
        "log_as_of": at(monday(week)),
        "intake": intake(),
        "engine_version": ENGINE_VERSION,
    }
    return Snapshot(**{**made, **values})


def later(day: date, week: int, **values: Any) -> dict[str, Any]:
    """A moment later in the week, for a new revision: the log still counts as of Monday."""
    return {"week": week, "as_of": at(day, 12), "today_on": day, "revision": 2, **values}


Weeks = Callable[[int, Decision], dict[str, Any]]


def play(weeks: int, live: Weeks, parameters: Parameters = CLINIC, /, **fixed: Any) -> list[Decision]:
    """Decide week 1, live it, decide week 2, ... `live(week, decision)` returns what the week adds to the log."""
    log: dict[str, Any] = {}
    decisions: list[Decision] = []
    for week in range(1, weeks + 1):
        past = tuple(decision.past() for decision in decisions)
        decision = decide(replace(snapshot(week, **fixed), **log, past=past), parameters)
        decisions.append(decision)
        for name, entries in live(week, decision).items():
            log[name] = (*log.get(name, ()), *entries)
    return decisions


def targets(decisions: list[Decision]) -> list[int | None]:
    return [decision.cadence.target_spm for decision in decisions]


def on_target(count: int = 3, **values: Any) -> Weeks:
    """Lives every week with so many runs at the target of the week."""
    return lambda week, decision: {"runs": week_of_runs(week, decision.cadence.target_spm, count, **values)}


def rule_of(reason: Reason | None) -> Rule | None:
    return None if reason is None else reason.rule


def may_move(origin: Phase, to: Phase, *, stop_flag_open: bool) -> bool:
    """Return whether a clinician's move is allowed."""
    try:
        check_can_move(origin, to, stop_flag_open=stop_flag_open)
    except ProtocolError:
        return False
    return True
