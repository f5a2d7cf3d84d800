"""State the longest run of a week that stays inside every limit (`load.long_run`, `load.return`). In meters."""

from __future__ import annotations

from datetime import date

from challenge.protocol.decision import LongestRun
from challenge.protocol.local_week import DAY
from challenge.protocol.long_run import Credit, Longest, LongRuns, limit_m
from challenge.protocol.reasons import reason_for
from challenge.protocol.return_limit import break_ahead, return_limit
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.vocabulary import Rule


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
