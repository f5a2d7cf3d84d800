"""State the longest run of a week that stays inside every limit (`load.long_run`, `load.return`). In meters.

The first weeks after a break from running have a limit of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from challenge.protocol.absence import days_since, gap_before
from challenge.protocol.decision import LongestRun
from challenge.protocol.entries import RunInput, percent_m
from challenge.protocol.local_week import DAY, WEEK, monday_of
from challenge.protocol.long_run import Credit, Longest, LongRuns, limit_m
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.vocabulary import Rule


@dataclass(frozen=True, slots=True)
class ReturnLimit:
    """The longest run of a week after a break: `percent` of the longest that counted before it."""

    percent: int
    longest_m: int

    @property
    def limit_m(self) -> int:
        return percent_m(self.longest_m, self.percent)

    def broken_by(self, run: RunInput) -> bool:
        return run.distance_m > self.limit_m

    def reason(self, parameters: Parameters, distance_m: int | None = None) -> Reason:
        """Return the reason for the week's limit or, with a distance, for a run that broke it."""
        return reason_for(
            Rule.LOAD_RETURN,
            parameters,
            percent=self.percent,
            limit_m=self.limit_m,
            longest_m=self.longest_m,
            distance_m=distance_m,
        )


def return_limit(log: LongRuns, day: date) -> ReturnLimit | None:
    """Return the limit of the week of `day`, by the runs before it; None where there was no break.

    The first week lasts until the runner runs again; the second follows one that kept to its limit and stayed quiet.
    A break may reach its days in mid-week: then the first week begins with that day.
    """
    p, days = log.parameters, log.days
    away = days_since(days, day)
    # Before version 4 there was no way back: the log's thirty days alone decided.
    if away is None or not log.gated:
        return None
    if away >= p.run_return_days:
        return _limit(log, day - away * DAY, p.first_week_percent)
    monday = monday_of(day)
    # Who came back earlier in this week is in the first week still.
    if (left := gap_before(days, monday, day, p.run_return_days)) is not None:
        return _limit(log, left, p.first_week_percent)
    left = gap_before(days, monday - WEEK, monday, p.run_return_days)
    if left is None:
        return None
    first = _limit(log, left, p.first_week_percent)
    return _limit(log, left, p.second_week_percent) if _kept(log, monday - WEEK, first) else first


def break_ahead(log: LongRuns, monday: date) -> tuple[date, ReturnLimit] | None:
    """Return the day of the week on which the days without a run become a break, with its limit; None where none does.

    It lies after `monday`: a break that is one already has its limit from Monday on.
    """
    away = days_since(log.days, monday)
    if away is None or not log.gated:
        return None
    day = monday + (log.parameters.run_return_days - away) * DAY
    if not monday < day < monday + WEEK:
        return None
    return day, _limit(log, monday - away * DAY, log.parameters.first_week_percent)


def length_warning(log: LongRuns, run: RunInput) -> Reason | None:
    """Return the reason where a run was too long for the last weeks (`load.long_run`) or after a break, else None.

    Where it broke both limits, it is measured by the lower one, which is the one that the runner was given.
    """
    back = return_limit(log, run.local_on)
    if back is None or not back.broken_by(run):
        return log.warning(run)
    return log.warning(run, back.limit_m) or back.reason(log.parameters, run.distance_m)


def _limit(log: LongRuns, left: date, percent: int) -> ReturnLimit:
    """Return a share of the longest run that counted when the runner left, on `left`."""
    before = log.longest_before(left + DAY, as_of=left + DAY)
    return ReturnLimit(percent, before.meters if before is not None else 0)


def _kept(log: LongRuns, week_on: date, limit: ReturnLimit) -> bool:
    week = [run for run in log.runs if week_on <= run.local_on < week_on + WEEK]
    quiet = not any(week_on <= day < week_on + WEEK for day in log.sore_sessions | log.sore_mornings)
    return quiet and not any(limit.broken_by(run) for run in week)


def longest_run(log: LongRuns, monday: date, weekly_limit_m: int | None = None) -> LongestRun:
    """Return the longest run that stays inside on every day of the week, at most the week's own limit."""
    inside, back = _inside(log, monday), return_limit(log, monday)
    if back is not None and (inside.limit_m is None or back.limit_m < inside.limit_m):
        inside = LongestRun(back.limit_m, back.longest_m, back.reason(log.parameters))
    return _with_break_ahead(_cut(inside, log, weekly_limit_m), log, monday)


def _cut(inside: LongestRun, log: LongRuns, weekly_limit_m: int | None) -> LongestRun:
    """Return the limit, at most that of the whole week: one run may not use up more (`strike.volume`)."""
    if weekly_limit_m is None or inside.limit_m is None or weekly_limit_m >= inside.limit_m:
        return inside
    longest_m = inside.longest_m
    cut = reason_for(
        Rule.LOAD_LONG_RUN, log.parameters, limit_m=weekly_limit_m, longest_m=longest_m, cut=True
    )
    return LongestRun(weekly_limit_m, longest_m, cut)


def _with_break_ahead(inside: LongestRun, log: LongRuns, monday: date) -> LongestRun:
    """Return the limit with the lower one that holds from a day in mid-week on, if no run comes before it."""
    ahead = break_ahead(log, monday)
    if ahead is None or ahead[1].limit_m >= (inside.limit_m or 0):
        return inside
    day, back = ahead
    more: dict[str, Fact] = {
        "break_on": day.isoformat(),
        "break_m": back.limit_m,
        "break_days": log.parameters.run_return_days,
    }
    why = reason_for(inside.reason.rule, log.parameters, **{**dict(inside.reason.facts), **more})
    return LongestRun(inside.limit_m, inside.longest_m, why)


def _inside(log: LongRuns, monday: date) -> LongestRun:
    """Return what does not warn on any day of the week.

    By Sunday the oldest days that Monday looks back on no longer count. So the number is Sunday's, or that of the last
    day that has one: a runner who keeps to it must not be warned about it on Saturday.
    """

    def on(ahead: int) -> Longest | None:
        return log.longest_before(monday + ahead * DAY, as_of=monday)

    p = log.parameters
    last, longest = next(((ahead, run) for ahead in range(6, -1, -1) if (run := on(ahead))), (0, None))
    if longest is None:
        return LongestRun(None, None, reason_for(Rule.LOAD_LONG_RUN, p, limit_m=None, longest_m=None))
    limit, meters = limit_m(longest.meters, p), longest.meters
    # Name the day only where it makes a difference: on most weeks all seven days agree.
    before = None if longest == on(0) else _DAYS[last]
    why = reason_for(
        Rule.LOAD_LONG_RUN,
        p,
        limit_m=limit,
        longest_m=meters,
        from_intake=longest.from_intake,
        before_day=before,
        **_beyond(log.waiting(monday), meters),
    )
    return LongestRun(limit, meters, why)


def _beyond(waiting: Credit | None, longest_m: int) -> dict[str, Fact]:
    """Return facts about a longer run that does not count yet, so that no page calls another one the longest."""
    if waiting is None or waiting.meters <= longest_m:
        return {}
    return {
        "beyond_m": waiting.meters,
        "beyond_on": waiting.on.isoformat(),
        "sore": waiting.counts_on is None,
    }


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
