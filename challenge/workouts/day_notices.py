"""What today asks of a runner because of a run or a pain report: said when it is logged, kept for the day.

`load.now` looks at one run, `pain.today` at the last red report. Both are read live, so a corrected entry is judged as
it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_inputs_of
from challenge.protocol.entries import RunInput
from challenge.protocol.load import _of_run, _recovery
from challenge.protocol.local_week import DAY
from challenge.protocol.long_run import LongRuns, sore_days
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import LoadWarning, Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import JOINTS, PainColor, Rule, Side, Site
from challenge.workouts.models import EntryKind, Morning, Run, StrengthSession
from challenge.workouts.queries import LogDay, LogSpan, RunnerLog, logs_for_snapshot

LOOKED_BACK = timedelta(days=60)  # the longest span that a load rule looks back
FAR = 2  # times the longest run: the largest step of the study behind `load.long_run`
OF_KIND: dict[str, type[Run | StrengthSession | Morning]] = {
    EntryKind.RUN: Run,
    EntryKind.STRENGTH: StrengthSession,
    EntryKind.MORNING: Morning,
}


@dataclass(frozen=True, slots=True)
class LoadNotice:
    """What the runs of one day warn of: `now` says what follows (`load.now`), `reasons` are the rules behind it."""

    on: date
    now: Reason
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RedNotice:
    """A red report that no report of a later day has followed. `place` reads "left Achilles", or is empty."""

    on: date
    pain: int
    place: str
    joint: bool

    @property
    def reason(self) -> Reason:
        return reason_for(Rule.PAIN_TODAY, CLINIC, pain=self.pain)


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
    enrollment: Enrollment, days: Iterable[LogDay], *, today: date, at: datetime, held: bool
) -> DayNotices:
    """Return the notices of `today` from the entries of the last days.

    A runner on hold reads the stop and nothing beside it. No query on a day without a run or red pain.
    """
    logged = [] if held else list(days)
    return DayNotices(today, _load_notice(enrollment, logged, today, at), _red_notice(logged))


def _load_notice(enrollment: Enrollment, days: list[LogDay], today: date, at: datetime) -> LoadNotice | None:
    """Return what the runs of today warn of, else of yesterday: then today is the day off."""
    for day in (today, today - DAY):
        runs = {one.pk for one in days if one.kind == EntryKind.RUN and one.local_on == day}
        notice = load_notice(enrollment, runs, on=day, at=at) if runs else None
        if notice is not None:
            return notice
    return None


def load_notice(enrollment: Enrollment, runs: set[int], *, on: date, at: datetime) -> LoadNotice | None:
    """Return what these runs of one local day warn of, or None. Eight queries."""
    span = LogSpan(on - LOOKED_BACK, on, at)
    log = logs_for_snapshot({enrollment.pk: span})[enrollment.pk]
    intake = intake_inputs_of([enrollment]).get(enrollment.pk) or IntakeInput(
        answered_on=enrollment.created_at.date()
    )
    found: dict[Rule, tuple[RunInput, Reason]] = {}
    for run in log.runs:
        if run.key in {f"run:{pk}" for pk in runs}:
            warnings = _run_warnings(run, log, intake, enrollment.cohort.starts_on)
            found |= {warning.reason.rule: (run, warning.reason) for warning in warnings}
    if not found:
        return None
    # The engine's order: a run that went too far before everything else.
    run, first = next(iter(found.values()))
    facts: dict[str, Fact] = {"red": (run.pain or 0) >= CLINIC.red_from}
    if first.rule is Rule.LOAD_LONG_RUN:
        longest = first.fact("longest_m")
        far = isinstance(longest, int) and run.distance_m > FAR * longest
        facts |= {"distance_m": run.distance_m, "limit_m": first.fact("limit_m"), "far": far}
    elif first.rule is Rule.LOAD_STACKED:
        facts |= {"stacked": True}
    return LoadNotice(
        on, reason_for(Rule.LOAD_NOW, CLINIC, **facts), tuple(reason for _, reason in found.values())
    )


def _run_warnings(
    run: RunInput, log: RunnerLog, intake: IntakeInput, starts_on: date
) -> tuple[LoadWarning, ...]:
    """Return the warnings of one run of the log (`load.now`)."""
    # The run must not be measured against itself.
    others = [other for other in log.runs if other.key != run.key]
    tired = _recovery(run.local_on, log.runs, log.strength, CLINIC)
    sore = sore_days((*others, *log.strength, *log.daily_life), CLINIC)
    longest = LongRuns(tuple(others), intake, starts_on, CLINIC, sore_sessions=sore)
    return _of_run(run, others, (longest.warning(run), tired), intake, starts_on, CLINIC)


def _red_notice(days: list[LogDay]) -> RedNotice | None:
    """Return the latest red report (`pain.today`), unless a later day has a report."""
    reported = [day for day in days if day.pain is not None]
    last = max((day.local_on for day in reported), default=None)
    reds = [day for day in reported if day.local_on == last and pain_color(day.pain or 0) is PainColor.RED]
    if not reds:
        return None
    worst = max(reds, key=lambda day: day.pain or 0)
    entry = OF_KIND[worst.kind].objects.only("site", "side").get(pk=worst.pk)
    place = _place(entry.site, entry.side)
    return RedNotice(worst.local_on, worst.pain or 0, place, joint=entry.site in JOINTS)


def _place(site: str, side: str) -> str:
    """Return "left Achilles", "calf" or, without a site, an empty text."""
    if not site:
        return ""
    # Achilles is a name, the other sites are common nouns.
    name = Site(site).label if site == Site.ACHILLES else Site(site).label.lower()
    return f"{side} {name}" if side in (Side.LEFT, Side.RIGHT) else name
