"""Warn about load: tendons adapt in months, lungs in weeks. Warnings block nothing. Distances are in meters.

A decision warns of the week; `warnings_now` warns of one run when it is logged (`load.now`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput, median
from challenge.protocol.exercises import has_kind
from challenge.protocol.local_week import DAY, WEEK
from challenge.protocol.log_view import LogView, usual_morning
from challenge.protocol.long_run import LongRuns, limit_m, sore_days
from challenge.protocol.longest_run import length_warning, return_limit
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import LoadWarning, Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import Effort, ExerciseKind, Rule, Surface


def run_warnings(
    run: RunInput,
    log: Sequence[RunInput],
    length_and_recovery: tuple[Reason | None, Reason | None],
    intake: IntakeInput,
    starts_on: date,
    parameters: Parameters,
) -> tuple[LoadWarning, ...]:
    """Return a run's warnings; `log` holds the run, and two of the reasons are known already."""
    long, tired = length_and_recovery
    reasons = (long, _stacked(run, log, intake, starts_on, parameters), tired)
    serious = block_week(intake, run.local_on, parameters) is not None
    return tuple(LoadWarning(reason, serious=serious) for reason in reasons if reason is not None)


def week_warnings(history: LogView, longest: LongRuns, parameters: Parameters) -> tuple[LoadWarning, ...]:
    """Return the week's warnings, most important first, one of each kind: that of the latest run."""
    s = history.snapshot
    # One look back for each training day, shared by all runs and sessions of that day.
    trained = {run.local_on for run in history.new_runs} | {s.local_on for s in history.new_strength}
    tired = recovery(trained, history.runs, history.strength, parameters)
    by_rule: dict[Rule, LoadWarning] = {}
    # Later runs overwrite earlier ones of the same kind: the runner reads about the latest.
    for run in history.new_runs:
        known = length_warning(longest, run), tired[run.local_on]
        for warning in run_warnings(run, history.runs, known, s.intake, s.starts_on, parameters):
            by_rule[warning.reason.rule] = warning
    for session in history.new_strength:
        if (reason := tired[session.local_on]) is not None:
            by_rule[Rule.LOAD_RECOVERY] = LoadWarning(reason, serious=_serious(history, parameters))
    jump = _weekly_jump(history, parameters)
    # Information only: the evidence for weekly jumps was not significant (Nielsen 2014).
    if jump is not None:
        by_rule[Rule.LOAD_WEEKLY_JUMP] = LoadWarning(jump, information=True)
    return tuple(by_rule[rule] for rule in _ORDER if rule in by_rule)


def with_new_limit(
    warnings: Sequence[LoadWarning], limit_m: int | None, parameters: Parameters
) -> tuple[LoadWarning, ...]:
    """Return the warnings, with a fact where a long run is within the limit of the week that follows.

    A page that now allows as much must not ask to keep the next runs shorter.
    """
    return tuple(
        replace(warning, reason=_allowed(warning.reason, parameters))
        if warning.reason.rule is Rule.LOAD_LONG_RUN
        and int(warning.reason.fact("distance_m") or 0) <= (limit_m or 0)
        else warning
        for warning in warnings
    )


def _allowed(reason: Reason, parameters: Parameters) -> Reason:
    return reason_for(reason.rule, parameters, **{**dict(reason.facts), "allowed": True})


def block_week(intake: IntakeInput, day: date, parameters: Parameters = CLINIC) -> int | None:
    """Return the week of the training block in which warnings weigh more, or None outside (`load.window`)."""
    if intake.block_started_on is None:
        return None
    week = (day - intake.block_started_on).days // 7 + 1
    return week if parameters.window_first_week <= week <= parameters.window_last_week else None


def advice(history: LogView, warnings: Sequence[LoadWarning], parameters: Parameters) -> tuple[Reason, ...]:
    """Return `load.window` where there is a warning, and `load.treadmill`, which is never a warning."""
    advised = []
    week = block_week(history.snapshot.intake, history.snapshot.week_on - DAY, parameters)
    # The window only makes a warning weigh more; alone it would warn every runner in week 4.
    if week is not None and any(not warning.information for warning in warnings):
        advised.append(reason_for(Rule.LOAD_WINDOW, parameters, week=week))
    treadmill = sum(run.surface is Surface.TREADMILL for run in history.new_runs)
    if treadmill:
        advised.append(reason_for(Rule.LOAD_TREADMILL, treadmill_runs=treadmill, runs=len(history.new_runs)))
    return tuple(advised)


def usual_week_m(
    runs: Sequence[RunInput], before: date, intake: IntakeInput, starts_on: date, parameters: Parameters
) -> int | None:
    """Return the median of the weeks before `before`. The intake's usual week is used for weeks before the log."""
    # Imported runs may be older than the program; both count as the beginning of the log.
    begins = min((run.local_on for run in runs), default=before)
    begins = min(begins, starts_on)
    weeks = []
    for back in range(1, parameters.usual_weeks + 1):
        start = before - back * WEEK
        if start >= begins:
            weeks.append(distance_m(runs, start, start + WEEK))
        elif intake.usual_week_m is not None:
            weeks.append(intake.usual_week_m)
    # A median of zero means that nothing was logged, not that the runner usually rests.
    return (median(weeks) or None) if weeks else None


def distance_m(runs: Sequence[RunInput], start: date, end: date) -> int:
    """Return the meters run from `start` up to, not including, `end`."""
    return sum(run.distance_m for run in runs if start <= run.local_on < end)


def _serious(history: LogView, parameters: Parameters) -> bool:
    return block_week(history.snapshot.intake, history.snapshot.week_on - DAY, parameters) is not None


def _stacked(
    run: RunInput, log: Sequence[RunInput], intake: IntakeInput, starts_on: date, parameters: Parameters
) -> Reason | None:
    """Return the reason where new stresses meet in the days that end with this run (`load.stacked`)."""
    end = run.local_on + DAY
    start = end - timedelta(days=parameters.stacked_days)
    hills = not intake.used_to_hills and _first([r for r in log if r.hills], start, end)
    tempo = not intake.used_to_tempo and _first([r for r in log if r.effort is Effort.TEMPO], start, end)
    # The miles can be one stress of several: where they would not make it enough, their usual week is not asked.
    if 1 + hills + tempo < parameters.stacked_stresses:
        return None
    # The usual week ends where the stacked days begin, so that these days do not raise their own yardstick.
    usual = usual_week_m(log, start, intake, starts_on, parameters)
    extra = 0 if usual is None else distance_m(log, start, end) - usual
    # Both sides were rounded to the meter, so half a meter is forgiven on each: 18 miles are 2 above 16.
    farther = extra + 1 >= parameters.stacked_extra_m
    if farther + hills + tempo < parameters.stacked_stresses:
        return None
    extra_m = max(extra, parameters.stacked_extra_m) if farther else 0
    return reason_for(Rule.LOAD_STACKED, parameters, extra_m=extra_m, first_hills=hills, first_tempo=tempo)


def _first(stressed: Sequence[RunInput], start: date, end: date) -> bool:
    """Return whether the first run of the log with a stress lies in these days."""
    return bool(stressed) and start <= min(run.local_on for run in stressed) < end


def _weekly_jump(history: LogView, parameters: Parameters) -> Reason | None:
    s = history.snapshot
    now = distance_m(history.runs, s.week_on - WEEK, s.week_on)
    before = distance_m(history.runs, s.week_on - 2 * WEEK, s.week_on - WEEK)
    # Before the first week there is no log, only the intake's usual week.
    if s.week_on - 2 * WEEK < s.starts_on and not before:
        before = s.intake.usual_week_m or 0
    if not before or now * 100 <= before * parameters.jump_percent:
        return None
    return reason_for(Rule.LOAD_WEEKLY_JUMP, parameters, now_m=now, before_m=before)


def recovery(
    days: Iterable[date], runs: Sequence[RunInput], strength: Sequence[StrengthInput], parameters: Parameters
) -> dict[date, Reason | None]:
    """Return the reason for each of these days up to which there was too little rest (`load.recovery`), else None."""
    by_day: dict[date, list[RunInput]] = defaultdict(list)
    for run in runs:
        by_day[run.local_on].append(run)
    heavy = {s.local_on for s in strength if has_kind(s, ExerciseKind.HEAVY)}
    jumps = {s.local_on for s in strength if has_kind(s, ExerciseKind.PLYOMETRIC)}
    return {day: _too_little_rest(day, by_day, heavy, jumps, parameters) for day in days}


def _too_little_rest(
    day: date,
    runs: Mapping[date, Sequence[RunInput]],
    heavy: set[date],
    jumps: set[date],
    parameters: Parameters,
) -> Reason | None:
    since = day - timedelta(days=parameters.long_run_days)
    # Light strength work (isometric holds) is meant for daily use and does not break a rest day.
    trained = _streak(lambda one: one in runs or one in heavy or one in jumps, since, day)
    # A hard day is a training day too: a shorter row of those cannot hold enough of these.
    if trained < min(parameters.days_without_off, parameters.hard_days):
        return None
    distances = [run.distance_m for on, group in runs.items() if since <= on <= day for run in group]
    # Long is relative to the runner: half as long again as the usual run.
    usual = median(distances) if distances else 0
    hard = _streak(
        lambda one: one in heavy or any(_hard(run, usual, parameters) for run in runs.get(one, ())),
        since,
        day,
    )
    if trained < parameters.days_without_off and hard < parameters.hard_days:
        return None
    return reason_for(Rule.LOAD_RECOVERY, parameters, training_streak=trained, hard_streak=hard)


def _streak(holds: Callable[[date], bool], since: date, last: date) -> int:
    """Return for how many days in a row up to `last`, none of them before `since`, this holds."""
    one = last
    while one >= since and holds(one):
        one -= DAY
    return (last - one).days


def _hard(run: RunInput, usual_m: int, parameters: Parameters) -> bool:
    long = run.distance_m * 100 >= usual_m * parameters.long_session_percent
    return run.hills or run.effort in (Effort.TEMPO, Effort.RACE) or long


_ORDER = (Rule.LOAD_LONG_RUN, Rule.LOAD_RETURN, Rule.LOAD_STACKED, Rule.LOAD_RECOVERY, Rule.LOAD_WEEKLY_JUMP)


@dataclass(frozen=True, slots=True)
class LogNow:
    """A runner's log at this moment, and what it is measured by. It may hold the run that is asked about.

    `by_hand` are keys of long runs that a clinician lets count.
    """

    runs: tuple[RunInput, ...]
    intake: IntakeInput
    starts_on: date
    strength: tuple[StrengthInput, ...] = ()
    mornings: tuple[MorningInput, ...] = ()
    daily_life: tuple[DailyLifeInput, ...] = ()
    by_hand: frozenset[str] = frozenset()

    def without(self, run: RunInput) -> LogNow:
        """Return the log without this run, which must not be measured against itself or its own pain."""
        return replace(self, runs=tuple(other for other in self.runs if other.key != run.key))

    def long_runs(self, parameters: Parameters) -> LongRuns:
        """Return the runs as `load.long_run` sees them."""
        return LongRuns(
            self.runs,
            self.intake,
            self.starts_on,
            parameters,
            sore_sessions=sore_days((*self.runs, *self.strength, *self.daily_life), parameters),
            sore_mornings=sore_days(
                self.mornings, parameters, usual=usual_morning(self.mornings, self.intake, parameters)
            ),
            by_hand=self.by_hand,
        )


def load_now(run: RunInput, log: LogNow, parameters: Parameters = CLINIC) -> tuple[Reason, ...]:
    """Return what follows from a run that warns (`load.now`), then its warnings; nothing for any other run."""
    warnings = warnings_now(run, log, parameters)
    if not warnings:
        return ()
    rules = {warning.reason.rule for warning in warnings}
    facts: dict[str, Fact] = {"red": (run.pain or 0) >= parameters.red_from}
    if rules & {Rule.LOAD_LONG_RUN, Rule.LOAD_RETURN}:
        facts |= _how_far(run, log.without(run).long_runs(parameters))
    elif Rule.LOAD_STACKED in rules:
        facts["stacked"] = True
    return (reason_for(Rule.LOAD_NOW, **facts), *(warning.reason for warning in warnings))


def warnings_now(run: RunInput, log: LogNow, parameters: Parameters = CLINIC) -> tuple[LoadWarning, ...]:
    """Return the warnings of one run, the most important first."""
    others = log.without(run)
    longest = others.long_runs(parameters)
    runs = [*others.runs, run]
    tired = recovery([run.local_on], runs, log.strength, parameters)[run.local_on]
    long = length_warning(longest, run)
    return run_warnings(run, runs, (long, tired), log.intake, log.starts_on, parameters)


def _how_far(run: RunInput, log: LongRuns) -> dict[str, Fact]:
    """Return the distance, the limit it broke, and whether it was more than twice the longest run."""
    longest, back = (
        log.longest_before(run.local_on, as_of=run.local_on),
        return_limit(log, run.local_on),
    )
    limits = [] if longest is None else [(limit_m(longest.meters, log.parameters), longest.meters)]
    limits += [] if back is None else [(back.limit_m, back.longest_m)]
    limit, meters = min(limits)
    return {"distance_m": run.distance_m, "limit_m": limit, "far": run.distance_m > 2 * meters + 1}
