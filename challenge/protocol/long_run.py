"""Limit long runs (`load.long_run`): how long a run may be, and when one beyond the limit counts. In meters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput, percent_m
from challenge.protocol.local_week import DAY
from challenge.protocol.log_view import LogView, UsualMorning
from challenge.protocol.pain import worse
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import STOP_SYMPTOMS, Rule


def limit_m(longest_m: int, parameters: Parameters = CLINIC) -> int:
    """Return the longest whole distance that does not warn.

    Both distances were rounded to the meter, so each may be half a meter off: 10.0 mi is stored as 16,093 m
    and 11.0 mi as 17,703 m, and 11.0 after 10.0 stays inside.
    """
    return percent_m(longest_m, parameters.long_run_percent)


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest run that counts on a day, in meters. `from_intake`: stated, not logged."""

    meters: int
    from_intake: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """What one run counts for. `beyond`: the longest that it exceeded, in force until `counts_on` (None: always)."""

    on: date
    meters: int
    beyond: Longest | None = None
    counts_on: date | None = None

    def waits(self, day: date) -> bool:
        return self.beyond is not None and (self.counts_on is None or self.counts_on > day)

    def at(self, day: date) -> Longest:
        """Return the run's own distance or, while it waits, the longest that it exceeded."""
        if self.beyond is not None and self.waits(day):
            return self.beyond
        return Longest(self.meters, False)

    def meters_at(self, day: date) -> int:
        return self.meters if self.beyond is None else self.at(day).meters


@dataclass(frozen=True)
class LongRuns:
    """The runs of a log, and the days that keep a run beyond the limit from counting.

    A sore session speaks against a run on its own day and the days before it, a sore morning only against the days
    before it. `gated` is false for decisions older than engine version 4, where every run counts immediately, as do
    the runs that a clinician chose `by_hand`.
    """

    runs: tuple[RunInput, ...]
    intake: IntakeInput
    starts_on: date
    parameters: Parameters
    gated: bool = True
    sore_sessions: frozenset[date] = frozenset()
    sore_mornings: frozenset[date] = frozenset()
    by_hand: frozenset[str] = frozenset()

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days of the runs, in order."""
        return tuple(sorted(run.local_on for run in self.runs))

    @cached_property
    def _span(self) -> timedelta:
        return timedelta(days=self.parameters.long_run_days)

    @cached_property
    def credits(self) -> tuple[Credit, ...]:
        """Oldest first; each run is measured against what the runs before its day counted for on that day."""
        earlier: list[Credit] = []
        for run in sorted(self.runs, key=lambda run: run.local_on):
            beyond = self._exceeded(run, earlier) if self.gated else None
            # A run beyond its limit must prove itself first: else one reckless run would allow the next.
            if beyond is None or run.key in self.by_hand:
                earlier.append(Credit(run.local_on, run.distance_m))
            else:
                counts_on = self._counts_on(run.local_on)
                earlier.append(Credit(run.local_on, run.distance_m, beyond, counts_on))
        return tuple(earlier)

    def _exceeded(self, run: RunInput, earlier: Sequence[Credit]) -> Longest | None:
        """Return the longest that this run exceeded, None where it stayed inside."""
        day, p = run.local_on, self.parameters
        # Mostly one of the last runs allows this one already; only where none does, the longest of all is looked for.
        for credit in self._within(earlier, day):
            if run.distance_m <= limit_m(credit.meters_at(day), p):
                return None
        longest = self._longest(earlier, day, day)
        return None if longest is None or run.distance_m <= limit_m(longest.meters, p) else longest

    def longest_before(self, day: date, *, as_of: date) -> Longest | None:
        """Return the longest run of the `long_run_days` before `day`; before the log covers them, also the intake's.

        `as_of` is the day of asking: whether the days after it stay quiet is not known yet.
        """
        # A week ahead is judged by what is known on `as_of`: the days between have not come yet.
        return self._longest(self.credits, day, min(day, as_of))

    def waiting(self, day: date) -> Credit | None:
        """Return the longest run of the `long_run_days` before `day` that does not count in full on that day."""
        waits = [credit for credit in self._within(self.credits, day) if credit.waits(day)]
        return max(waits, key=lambda credit: credit.meters, default=None)

    def counts(self, key: str, day: date) -> bool:
        """Return whether this run counts in full on `day`, or is too old to be in the log."""
        ordered = sorted(self.runs, key=lambda run: run.local_on)
        return not any(
            run.key == key and credit.waits(day) for run, credit in zip(ordered, self.credits, strict=True)
        )

    def warning(self, run: RunInput, at_most_m: int | None = None) -> Reason | None:
        """Return the reason where the run went beyond its limit, else None; it names `at_most_m` if that is lower."""
        longest = self._exceeded(run, self.credits)
        if longest is None:
            return None
        meters = longest.meters
        limit = limit_m(meters, self.parameters)
        # A longer run in the log that does not count yet: the sentence must not call a shorter one the longest.
        waiting = self.waiting(run.local_on)
        held: dict[str, Fact] = {"held": True} if waiting and waiting.meters > meters else {}
        return reason_for(
            Rule.LOAD_LONG_RUN,
            self.parameters,
            distance_m=run.distance_m,
            limit_m=limit if at_most_m is None else min(limit, at_most_m),
            longest_m=meters,
            from_intake=longest.from_intake,
            **held,
        )

    def _longest(self, earlier: Sequence[Credit], day: date, as_of: date) -> Longest | None:
        longest = self._stated(day)
        for credit in self._within(earlier, day):
            meters = credit.meters_at(as_of)
            # Of equal distances the logged one, which is surer than the stated one.
            if (
                longest is None
                or meters > longest.meters
                or (meters == longest.meters and longest.from_intake)
            ):
                longest = credit.at(as_of)
        return longest

    def _stated(self, day: date) -> Longest | None:
        """Return the intake's answer until the log covers the whole span that is looked back on."""
        stated = self.intake.longest_run_m
        since = day - self._span
        in_intake = max(self.intake.answered_on, self.starts_on) > since
        before_the_log = not self.days or self.days[0] >= day
        return Longest(stated, True) if stated and (in_intake or before_the_log) else None

    def _within(self, earlier: Sequence[Credit], day: date) -> Iterable[Credit]:
        since = day - self._span
        for credit in reversed(earlier):
            # Oldest last: the first one outside ends the search.
            if credit.on < since:
                return
            if credit.on < day:
                yield credit

    def _counts_on(self, day: date) -> date | None:
        """Return the day after the quiet days that must follow, or None where one of them was not quiet."""
        quiet = range(1, self.parameters.long_run_quiet_days + 1)
        # A tendon answers the next morning, so the day of the run asks only sessions, the days after ask both.
        after = {day + ahead * DAY for ahead in quiet}
        if (after | {day}) & self.sore_sessions or after & self.sore_mornings:
            return None
        return max(after) + DAY


def long_runs(history: LogView, parameters: Parameters) -> LongRuns:
    """Return the runs of the log as a decision sees them."""
    s = history.snapshot
    return LongRuns(
        history.runs,
        s.intake,
        s.starts_on,
        parameters,
        gated=history.by_version_4,
        sore_sessions=sore_days((*history.runs, *history.strength, *history.daily_life), parameters),
        sore_mornings=sore_days(history.mornings, parameters, usual=history.usual_morning),
        by_hand=frozenset(s.long_runs_by_hand),
    )


def sore_days(
    reports: Iterable[RunInput | StrengthInput | MorningInput | DailyLifeInput],
    parameters: Parameters,
    *,
    usual: UsualMorning | None = None,
) -> frozenset[date]:
    """Return the days with a red report, a stop symptom or, against the `usual` morning, a worse one."""
    return frozenset(
        report.local_on
        for report in reports
        if (report.pain or 0) >= parameters.red_from
        or (usual is not None and _worse_morning(report, usual, parameters))
        or (not isinstance(report, DailyLifeInput) and report.symptoms and STOP_SYMPTOMS & {*report.symptoms})
    )


def _worse_morning(
    report: RunInput | StrengthInput | MorningInput | DailyLifeInput,
    usual: UsualMorning,
    parameters: Parameters,
) -> bool:
    return isinstance(report, MorningInput) and worse(report.pain, usual.at(report.site), parameters)
