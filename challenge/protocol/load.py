"""Load: tendons adapt in months, lungs in weeks. A warning blocks and holds nothing. Distances in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.protocol.catalogue.form import Kind
from challenge.protocol.decision import LongestRun
from challenge.protocol.entries import Run, StrengthSession
from challenge.protocol.exercises import has_kind
from challenge.protocol.history import WEEK, History, median
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import LoadWarning, Reason, because
from challenge.protocol.rules import Rule
from challenge.protocol.snapshot import Intake
from challenge.protocol.terms import Effort, Surface

DAY = timedelta(days=1)


def limit_m(longest_m: int, parameters: Parameters = CLINIC) -> int:
    """`load.long_run`: the longest whole distance that does not warn.

    Both distances were rounded to the metre, so each may be half a metre off: 10.0 mi is stored as 16,093 m
    and 11.0 mi as 17,703 m, and 11.0 after 10.0 stays inside.
    """
    percent = parameters.long_run_percent
    return (2 * longest_m * percent + percent + 100) // 200


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest run that counts on a day, in metres. `told`: from the intake, not from the log."""

    metres: int
    told: bool


def longest_before(
    runs: Sequence[Run], day: date, intake: Intake, starts_on: date, parameters: Parameters
) -> Longest | None:
    """The longest run of the 30 days before `day`; the intake's answer stands in until the log has them."""
    since = day - timedelta(days=parameters.long_run_days)
    logged = max((run.distance_m for run in runs if since <= run.local_on < day), default=0)
    no_log = not any(run.local_on < day for run in runs)
    stands_in = no_log or max(intake.answered_on, starts_on) > since
    told = intake.longest_run_m if stands_in and intake.longest_run_m is not None else 0
    return Longest(max(told, logged), told > logged) if told or logged else None


def longest_run(history: History, parameters: Parameters, weekly_limit_m: int | None = None) -> LongestRun:
    """The longest run that stays inside on every day of the week; never more than the week is allowed.

    By Sunday the oldest days of Monday's thirty no longer count, so the number is Sunday's, or that of the last day
    that has one: who keeps to it is not warned for it on Saturday.
    """
    s = history.snapshot

    def on(ahead: int) -> Longest | None:
        return longest_before(history.runs, s.week_on + ahead * DAY, s.intake, s.starts_on, parameters)

    last, longest = next(((ahead, found) for ahead in range(6, -1, -1) if (found := on(ahead))), (0, None))
    if longest is None:
        return LongestRun(None, None, because(Rule.LOAD_LONG_RUN, limit_m=None, longest_m=None))
    limit, metres = limit_m(longest.metres, parameters), longest.metres
    if weekly_limit_m is not None and weekly_limit_m < limit:
        cut = because(Rule.LOAD_LONG_RUN, limit_m=weekly_limit_m, longest_m=metres, cut=True)
        return LongestRun(weekly_limit_m, metres, cut)
    before = None if longest == on(0) else _DAYS[last]
    why = because(Rule.LOAD_LONG_RUN, limit_m=limit, longest_m=metres, told=longest.told, before_day=before)
    return LongestRun(limit, metres, why)


def run_warnings(
    run: Run,
    runs: Sequence[Run],
    strength: Sequence[StrengthSession],
    intake: Intake,
    starts_on: date,
    parameters: Parameters = CLINIC,
) -> tuple[LoadWarning, ...]:
    """What one run warns of, given the log (with or without it): for the screen after logging."""
    log = [other for other in runs if other.key != run.key]
    tired = _recovery(run.local_on, [*log, run], strength, parameters)
    return _of_run(run, log, tired, intake, starts_on, parameters)


def _of_run(
    run: Run, log: list[Run], tired: Reason | None, intake: Intake, starts_on: date, parameters: Parameters
) -> tuple[LoadWarning, ...]:
    """`log` is without the run."""
    found = (
        _long_run(run, log, intake, starts_on, parameters),
        _stacked(run, [*log, run], intake, starts_on, parameters),
        tired,
    )
    serious = block_week(intake, run.local_on, parameters) is not None
    return tuple(LoadWarning(reason, serious=serious) for reason in found if reason is not None)


def week_warnings(history: History, parameters: Parameters) -> tuple[LoadWarning, ...]:
    """The week's warnings, most important first, one of each kind (the latest run speaks)."""
    s = history.snapshot
    trained = {run.local_on for run in history.new_runs} | {s.local_on for s in history.new_strength}
    tired = {day: _recovery(day, history.runs, history.strength, parameters) for day in trained}
    by_rule: dict[Rule, LoadWarning] = {}
    for run in history.new_runs:
        log = [other for other in history.runs if other is not run]
        for warning in _of_run(run, log, tired[run.local_on], s.intake, s.starts_on, parameters):
            by_rule[warning.reason.rule] = warning
    for session in history.new_strength:
        if (reason := tired[session.local_on]) is not None:
            by_rule[Rule.LOAD_RECOVERY] = LoadWarning(reason, serious=_serious(history, parameters))
    jump = _weekly_jump(history, parameters)
    if jump is not None:
        by_rule[Rule.LOAD_WEEKLY_JUMP] = LoadWarning(jump, information=True)
    return tuple(by_rule[rule] for rule in _ORDER if rule in by_rule)


def block_week(intake: Intake, day: date, parameters: Parameters = CLINIC) -> int | None:
    """`load.window`: the week of the runner's own training block, where warnings weigh more; None outside."""
    if intake.block_started_on is None:
        return None
    week = (day - intake.block_started_on).days // 7 + 1
    return week if parameters.window_first_week <= week <= parameters.window_last_week else None


def advice(history: History, warnings: Sequence[LoadWarning], parameters: Parameters) -> tuple[Reason, ...]:
    """`load.window` beside a warning; `load.treadmill`, which is never a warning."""
    said = []
    week = block_week(history.snapshot.intake, history.snapshot.week_on - DAY, parameters)
    if week is not None and any(not warning.information for warning in warnings):
        said.append(because(Rule.LOAD_WINDOW, week=week))
    treadmill = sum(run.surface is Surface.TREADMILL for run in history.new_runs)
    if treadmill:
        said.append(because(Rule.LOAD_TREADMILL, treadmill_runs=treadmill, runs=len(history.new_runs)))
    return tuple(said)


def usual_week_m(
    runs: Sequence[Run], before: date, intake: Intake, starts_on: date, parameters: Parameters
) -> int | None:
    """The median of the 4 weeks before `before`; weeks older than the log are the intake's usual week."""
    begins = min((run.local_on for run in runs), default=before)
    begins = min(begins, starts_on)
    weeks = []
    for back in range(1, parameters.usual_weeks + 1):
        start = before - back * WEEK
        if start >= begins:
            weeks.append(distance_m(runs, start, start + WEEK))
        elif intake.usual_week_m is not None:
            weeks.append(intake.usual_week_m)
    # Weeks without a logged run say nothing about what is usual: a usual week of nothing is not known.
    return (median(weeks) or None) if weeks else None


def distance_m(runs: Sequence[Run], start: date, end: date) -> int:
    """Metres run from `start` up to, and without, `end`."""
    return sum(run.distance_m for run in runs if start <= run.local_on < end)


def _serious(history: History, parameters: Parameters) -> bool:
    return block_week(history.snapshot.intake, history.snapshot.week_on - DAY, parameters) is not None


def _long_run(
    run: Run, log: Sequence[Run], intake: Intake, starts_on: date, parameters: Parameters
) -> Reason | None:
    longest = longest_before(log, run.local_on, intake, starts_on, parameters)
    if longest is None or run.distance_m <= limit_m(longest.metres, parameters):
        return None
    return because(
        Rule.LOAD_LONG_RUN,
        distance_m=run.distance_m,
        limit_m=limit_m(longest.metres, parameters),
        longest_m=longest.metres,
        told=longest.told,
    )


def _stacked(
    run: Run, log: Sequence[Run], intake: Intake, starts_on: date, parameters: Parameters
) -> Reason | None:
    """`load.stacked`, in the days that end with this run."""
    end = run.local_on + DAY
    start = end - timedelta(days=parameters.stacked_days)
    usual = usual_week_m(log, start, intake, starts_on, parameters)
    extra = 0 if usual is None else distance_m(log, start, end) - usual
    hills = not intake.used_to_hills and _first([r for r in log if r.hills], start, end)
    tempo = not intake.used_to_tempo and _first([r for r in log if r.effort is Effort.TEMPO], start, end)
    # Both sides are rounded to the metre, so half a metre is forgiven on each: 18 miles are 2 above 16.
    farther = extra + 1 >= parameters.stacked_extra_m
    if farther + hills + tempo < parameters.stacked_stresses:
        return None
    said_m = max(extra, parameters.stacked_extra_m) if farther else 0
    return because(Rule.LOAD_STACKED, extra_m=said_m, first_hills=hills, first_tempo=tempo)


def _first(stressed: Sequence[Run], start: date, end: date) -> bool:
    """Whether the first run ever with a stress lies in these days."""
    return bool(stressed) and start <= min(run.local_on for run in stressed) < end


def _weekly_jump(history: History, parameters: Parameters) -> Reason | None:
    s = history.snapshot
    now = distance_m(history.runs, s.week_on - WEEK, s.week_on)
    before = distance_m(history.runs, s.week_on - 2 * WEEK, s.week_on - WEEK)
    if s.week_on - 2 * WEEK < s.starts_on and not before:
        before = s.intake.usual_week_m or 0
    if not before or now * 100 <= before * parameters.jump_percent:
        return None
    return because(Rule.LOAD_WEEKLY_JUMP, now_m=now, before_m=before)


def _recovery(
    day: date, runs: Sequence[Run], strength: Sequence[StrengthSession], parameters: Parameters
) -> Reason | None:
    """`load.recovery`, looking back from `day`."""
    near = day - timedelta(days=parameters.long_run_days)
    recent = [run for run in runs if near <= run.local_on <= day]
    heavy = {s.local_on for s in strength if near <= s.local_on <= day and has_kind(s, Kind.HEAVY)}
    jumps = {s.local_on for s in strength if near <= s.local_on <= day and has_kind(s, Kind.PLYOMETRIC)}
    training = _streak({run.local_on for run in recent} | heavy | jumps, day)
    usual = median([run.distance_m for run in recent]) if recent else 0
    hard = _streak({run.local_on for run in recent if _hard(run, usual, parameters)} | heavy, day)
    if training < parameters.days_without_off and hard < parameters.hard_days:
        return None
    return because(Rule.LOAD_RECOVERY, days_without_off=training, hard_days=hard)


def _streak(days: set[date], last: date) -> int:
    count = 0
    while last - count * DAY in days:
        count += 1
    return count


def _hard(run: Run, usual_m: int, parameters: Parameters) -> bool:
    long = run.distance_m * 100 >= usual_m * parameters.long_session_percent
    return run.hills or run.effort in (Effort.TEMPO, Effort.RACE) or long


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDER = (Rule.LOAD_LONG_RUN, Rule.LOAD_STACKED, Rule.LOAD_RECOVERY, Rule.LOAD_WEEKLY_JUMP)
