"""What today asks of a runner because of a run or a pain report: shown when it is logged, kept for the day.

`load.now` looks at one run, `pain.today` at the last red report. Both are read live, so a corrected entry is judged as
it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from challenge.care.models import ClinicianOverride
from challenge.enrollment.cohort_parameters import parameters_for
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_inputs_of
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput
from challenge.protocol.load import LogNow, load_now
from challenge.protocol.local_week import DAY
from challenge.protocol.pain import pain_color, pain_today
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import JOINTS, PainColor
from challenge.protocol.wording import place_text
from challenge.workouts.models import EntryKind, Run
from challenge.workouts.queries import LogDay
from challenge.workouts.runner_log import LogSpan, logged_entries

E = TypeVar("E", RunInput, StrengthInput, MorningInput, DailyLifeInput)
LOOKED_BACK = timedelta(days=60)  # the longest span that a load rule looks back


@dataclass(frozen=True, slots=True)
class LoadNotice:
    """What the runs of one day warn of: `now` is what follows (`load.now`), `reasons` are the rules behind it."""

    on: date
    now: Reason
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RedNotice:
    """A red report that no report of a later day has followed. `place` reads "left Achilles", or is empty.

    `on_waking`: reported of a morning, so that its own day is still to come.
    """

    on: date
    pain: int
    place: str
    joint: bool
    reason: Reason
    on_waking: bool = False


@dataclass(frozen=True, slots=True)
class DayNotices:
    """The notices of /today/. Both are empty on most days."""

    today: date
    load: LoadNotice | None = None
    red: RedNotice | None = None

    @property
    def rest_on(self) -> date | None:
        """The day to take off: after a red report or a run that warned, today or tomorrow."""
        days = [notice.on + DAY for notice in (self.red, self.load) if notice is not None]
        return max((max(day, self.today) for day in days), default=None)


def day_notices(
    enrollment: Enrollment,
    days: Iterable[LogDay],
    *,
    today: date,
    at: datetime,
    held: bool,
    parameters: Parameters,
) -> DayNotices:
    """Return the notices of `today` from the entries of the last days.

    A runner on hold reads the stop and nothing next to it. No query on a day without a run or red pain.
    """
    logged = [] if held else list(days)
    load = _load_notice(enrollment, logged, today, at, parameters)
    return DayNotices(today, load, red_notice(logged, parameters, today=today))


def _load_notice(
    enrollment: Enrollment, days: list[LogDay], today: date, at: datetime, parameters: Parameters
) -> LoadNotice | None:
    """Return what the runs of today warn of, else of yesterday: then today is the day off."""
    runs = {
        day: {one.pk for one in days if one.kind == EntryKind.RUN and one.local_on == day}
        for day in (today, today - DAY)
    }
    if not any(runs.values()):
        return None
    log = _log_now(enrollment, since=today - DAY - LOOKED_BACK, until=today, at=at)
    found = (_warned(_as_on(log, day), pks, day, parameters) for day, pks in runs.items() if pks)
    return next((notice for notice in found if notice is not None), None)


def _as_on(log: LogNow, day: date) -> LogNow:
    """Return the log as it is read for the runs of one day: that day and what a load rule looks back on."""

    def near(entries: Iterable[E]) -> tuple[E, ...]:
        return tuple(one for one in entries if day - LOOKED_BACK <= one.local_on <= day)

    return replace(
        log,
        runs=near(log.runs),
        strength=near(log.strength),
        mornings=near(log.mornings),
        daily_life=near(log.daily_life),
    )


def load_notice(
    enrollment: Enrollment, runs: set[int], *, on: date, at: datetime, parameters: Parameters
) -> LoadNotice | None:
    """Return what these runs of one local day warn of, or None. Seven queries, eight with complaints in the intake."""
    log = _log_now(enrollment, since=on - LOOKED_BACK, until=on, at=at)
    return _warned(log, runs, on, parameters)


def _warned(log: LogNow, runs: set[int], on: date, parameters: Parameters) -> LoadNotice | None:
    keys = {f"run:{pk}" for pk in runs}
    warned = [reasons for run in log.runs if run.key in keys and (reasons := load_now(run, log, parameters))]
    if not warned:
        return None
    # Of several runs on one day the one that went beyond the longest decides what follows.
    now, *rules = max(warned, key=lambda given: given[0].fact("distance_m") is not None)
    return LoadNotice(on, now, tuple(rules))


def counts_already(enrollment: Enrollment, run: Run, *, on: date, at: datetime) -> bool:
    """Return whether a run counts for the longest run on the day `on` without a clinician's word (`load.long_run`)."""
    log = replace(_log_now(enrollment, since=on - LOOKED_BACK, until=on, at=at), by_hand=frozenset())
    return log.long_runs(parameters_for(enrollment, at=at)).counts(f"run:{run.pk}", on)


def _log_now(enrollment: Enrollment, *, since: date, until: date, at: datetime) -> LogNow:
    log = logged_entries({enrollment.pk: LogSpan(since, until, at)})[enrollment.pk]
    intake = intake_inputs_of([enrollment]).get(enrollment.pk) or IntakeInput(
        answered_on=enrollment.created_at.date()
    )
    counted = ClinicianOverride.objects.filter(
        enrollment=enrollment, what=ClinicianOverride.OverrideKind.LONG_RUN, ended_at__isnull=True
    )
    return LogNow(
        log.runs,
        intake,
        enrollment.cohort.starts_on,
        log.strength,
        log.mornings,
        log.daily_life,
        by_hand=frozenset(counted.values_list("exercise", flat=True)),
    )


def red_notice(days: list[LogDay], parameters: Parameters, *, today: date) -> RedNotice | None:
    """Return the latest red report (`pain.today`), unless a later day has a report."""
    reported = [day for day in days if day.pain is not None]
    last = max((day.local_on for day in reported), default=None)
    reds = [
        day
        for day in reported
        if day.local_on == last and pain_color(day.pain or 0, parameters) is PainColor.RED
    ]
    if not reds:
        return None
    worst = max(reds, key=lambda day: day.pain or 0)
    reason = pain_today(worst.pain or 0, parameters, days_ago=(today - worst.local_on).days)
    if reason is None:
        return None
    return RedNotice(
        worst.local_on,
        worst.pain or 0,
        place_text(worst.site, worst.side),
        joint=worst.site in JOINTS,
        reason=reason,
        on_waking=all(day.kind == EntryKind.MORNING for day in reds),
    )
