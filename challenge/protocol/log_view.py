"""Select the entries that a decision may see, those that count for the first time, and the usual morning.

The usual morning (`pain.morning`) is a baseline for each site.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Protocol, TypeVar

from challenge.protocol.clinical_record import ComplaintRecord
from challenge.protocol.complaints import (
    OPEN,
    ComplaintProposal,
    SiteReport,
    proposals,
    recorded_complaints,
    sites_in,
    unanswered,
)
from challenge.protocol.decision import PastDecision
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput, median
from challenge.protocol.local_week import WEEK, monday_of
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import CorrectionInput, FlagInput, IntakeInput, PhaseInput, Snapshot
from challenge.protocol.vocabulary import GUARDED_JOINTS, ComplaintStatus, FlagKind, Phase, Site, WeekState


@dataclass(frozen=True, slots=True)
class UsualMorning:
    """Morning pain before the program changed it; `own` holds the sites that the intake's answer is not about."""

    stated: int | None
    own: dict[Site, int] = field(default_factory=dict)

    def at(self, site: Site | None) -> int | None:
        """Return the baseline of mornings at this site; where it has none yet, that of all mornings."""
        return self.stated if site is None else self.own.get(site, self.stated)


def usual_morning(
    mornings: Sequence[MorningInput], intake: IntakeInput, parameters: Parameters, *, per_site: bool = True
) -> UsualMorning:
    """Return the intake's answer, else the median of the first mornings; for other sites that of their own first."""
    # The intake's answer is from before the program, so the program cannot have changed it.
    stated = intake.pain_morning
    pains = [m.pain for m in mornings if m.pain is not None]
    general = stated if stated is not None else _first_median(pains, parameters)
    if not per_site:
        return UsualMorning(general)
    named = {complaint.site for complaint in intake.complaints if complaint.present and stated is not None}
    at_site: dict[Site, list[int]] = defaultdict(list)
    for morning in mornings:
        if morning.pain is not None and morning.site is not None and morning.site not in named:
            at_site[morning.site].append(morning.pain)
    medians = {site: _first_median(values, parameters) for site, values in at_site.items()}
    return UsualMorning(general, {site: usual for site, usual in medians.items() if usual is not None})


def _first_median(pains: Sequence[int], parameters: Parameters) -> int | None:
    first = pains[: parameters.baseline_mornings]
    return median(first) if len(first) == parameters.baseline_mornings else None


class DatedEntry(Protocol):
    @property
    def local_on(self) -> date: ...

    @property
    def logged_at(self) -> datetime: ...


E = TypeVar("E", bound=DatedEntry)


def between(entries: Sequence[E], start: date, end: date) -> Sequence[E]:
    """Return the entries from `start` up to, not including, `end`; a snapshot's entries are in order of their days."""
    by_day = attrgetter("local_on")
    return entries[bisect_left(entries, start, key=by_day) : bisect_left(entries, end, key=by_day)]


def guarded_sites(
    reports: Iterable[tuple[Site | None, int | None]], parameters: Parameters = CLINIC
) -> frozenset[Site]:
    """Return the knee and hip with amber or red pain in these reports (`exercise.approval`, `strike.never`)."""
    return frozenset(
        site for site, pain in reports if site in GUARDED_JOINTS and (pain or 0) >= parameters.amber_from
    )


@dataclass(frozen=True)
class LogView:
    """A snapshot seen from its week.

    `known` entries were logged by the cut-off and lie before the week. `counted` entries count in this decision,
    once: those of the week just ended, and late ones for weeks that were already decided. `pain.new_reports` adds the
    entries that a correction made worse since the last decision.
    """

    snapshot: Snapshot
    parameters: Parameters = CLINIC

    @property
    def by_version_4(self) -> bool:
        """Whether the rules of engine version 4 apply: an older decision replays without them."""
        # Replay promises the decision that was sent, by the rules of its day.
        return int(self.snapshot.engine_version) >= 4

    def known(self, entries: Sequence[E]) -> tuple[E, ...]:
        week_on, log_as_of = self.snapshot.week_on, self.snapshot.log_as_of
        # Both bounds: an entry of the new week or one logged after the cut-off waits for the next decision.
        return tuple(e for e in entries if e.local_on < week_on and e.logged_at <= log_as_of)

    def counted(self, known: Sequence[E]) -> tuple[E, ...]:
        last = self.last_look
        starts_on, ended_on = self.snapshot.starts_on, self.snapshot.week_on - WEEK
        return tuple(
            e
            for e in known
            if e.local_on >= starts_on
            # Late means that the decision which should have counted it had already read the log.
            and (
                e.local_on >= ended_on
                or (last is not None and e.logged_at > last.log_as_of and e.local_on < last.week_on)
            )
        )

    @cached_property
    def last_look(self) -> PastDecision | None:
        """The last decision of an earlier week that judged the log."""
        # A paused week decides nothing, so it has not counted anything either.
        looked = [past for past in self._earlier if past.state not in (WeekState.PAUSED, WeekState.WITHDRAWN)]
        return looked[-1] if looked else None

    @cached_property
    def before_correction(self) -> dict[str, CorrectionInput]:
        """What the last decision read of entries that were corrected since, by entry key.

        All revisions of a week share the reading of its first one, whatever was corrected between them.
        """
        last = self.last_look
        if last is None:
            return {}
        # Revisions decide again from the first reading: a correction between them counts in the next week.
        read_at = min(past.as_of for past in self._earlier if past.week_on == last.week_on)
        since = [correction for correction in self.snapshot.corrections if correction.at > read_at]
        # Reversed, so that of several corrections of one entry the oldest, the one that was read, is kept.
        return {correction.key: correction for correction in reversed(since)}

    @cached_property
    def _earlier(self) -> tuple[PastDecision, ...]:
        return tuple(past for past in self.snapshot.past if past.week_on < self.snapshot.week_on)

    @cached_property
    def before(self) -> PastDecision | None:
        """The last decision of an earlier week, which this one starts from."""
        return self._earlier[-1] if self._earlier else None

    @cached_property
    def this_week(self) -> tuple[PastDecision, ...]:
        """Earlier revisions of the same week, oldest first."""
        s = self.snapshot
        return tuple(past for past in s.past if past.week_on == s.week_on and past.revision < s.revision)

    @cached_property
    def latest(self) -> PastDecision | None:
        return self.this_week[-1] if self.this_week else self.before

    @cached_property
    def runs(self) -> tuple[RunInput, ...]:
        return self.known(self.snapshot.runs)

    @cached_property
    def new_runs(self) -> tuple[RunInput, ...]:
        return self.counted(self.runs)

    @cached_property
    def strength(self) -> tuple[StrengthInput, ...]:
        return self.known(self.snapshot.strength)

    @cached_property
    def strength_days(self) -> tuple[date, ...]:
        """The days of strength work, in order."""
        return tuple(session.local_on for session in self.strength)

    @cached_property
    def new_strength(self) -> tuple[StrengthInput, ...]:
        return self.counted(self.strength)

    @cached_property
    def mornings(self) -> tuple[MorningInput, ...]:
        return self.known(self.snapshot.mornings)

    @cached_property
    def new_mornings(self) -> tuple[MorningInput, ...]:
        return self.counted(self.mornings)

    @cached_property
    def usual_morning(self) -> UsualMorning:
        """The usual morning, per site; version 3 knew one for all sites."""
        s = self.snapshot
        return usual_morning(self.mornings, s.intake, self.parameters, per_site=self.by_version_4)

    @cached_property
    def daily_life(self) -> tuple[DailyLifeInput, ...]:
        return self.known(self.snapshot.daily_life)

    @property
    def nothing_logged(self) -> bool:
        return not (self.new_runs or self.new_strength or self.new_mornings)

    @cached_property
    def phase(self) -> PhaseInput:
        """The phase in force today; without any recorded, phase 1 since the start."""
        begun = [spell for spell in self.snapshot.phases if spell.since_on <= self.snapshot.today_on]
        return begun[-1] if begun else PhaseInput(Phase.SETTLE, self.snapshot.starts_on)

    @cached_property
    def stop_flags(self) -> tuple[FlagInput, ...]:
        return tuple(flag for flag in self.snapshot.flags if flag.kind is FlagKind.STOP)

    @cached_property
    def complaints(self) -> tuple[ComplaintRecord, ...]:
        """The clinicians' record of complaints at the moment of deciding."""
        return recorded_complaints(self.snapshot)

    @cached_property
    def present(self) -> frozenset[Site]:
        """Sites of present complaints."""
        return sites_in(self.complaints, ComplaintStatus.PRESENT)

    @cached_property
    def complained(self) -> frozenset[Site]:
        """Sites that hurt: present or settling complaints, and joints that the log guards since."""
        return self.recorded | self.guarded

    @cached_property
    def recorded(self) -> frozenset[Site]:
        """Sites of present and settling complaints."""
        return sites_in(self.complaints, *OPEN)

    @cached_property
    def past_sites(self) -> frozenset[Site]:
        """Sites complained of only in the past."""
        return sites_in(self.complaints, ComplaintStatus.PAST) - self.recorded

    @cached_property
    def proposals(self) -> tuple[ComplaintProposal, ...]:
        """Complaints that the log proposes and no clinician has answered yet."""
        # Guarding and proposing by the log came with version 4.
        if not self.by_version_4:
            return ()
        reports = unanswered(self._site_reports(), self.complaints, self.snapshot.dismissals)
        return proposals(reports, self.parameters)

    @cached_property
    def guarded(self) -> frozenset[Site]:
        """Knees and hips that hurt in the log, from the first report on, where no complaint names them."""
        return frozenset(p.site for p in self.proposals if p.guarded) - self.recorded

    def _site_reports(self) -> Iterator[SiteReport]:
        """Yield the amber and red reports that name a site; those of knee and hip up to this moment."""
        least = self.parameters.amber_from
        for entries in (self.runs, self.strength, self.mornings):
            for entry in entries:
                if entry.site is not None and (entry.pain or 0) >= least:
                    yield SiteReport(entry.site, entry.side, entry.local_on, entry.pain or 0, entry.logged_at)
        for joint in self.snapshot.joint_reports:
            if joint.pain >= least:
                yield SiteReport(joint.site, joint.side, joint.on, joint.pain, joint.logged_at)

    def complained_since(self, site: Site) -> date:
        """Return the day from which questions about a site count as asked: when its complaint began."""
        opened = [c.opened_on for c in self.complaints if c.site is site and c.status in OPEN]
        opened += [p.since_on for p in self.proposals if p.site is site]
        return min(opened, default=self.snapshot.starts_on)

    def asked_since(self, subject: str, day: date) -> bool:
        """Return whether a week from that of this day on asked this question."""
        # Version 3 asked only once.
        if not self.by_version_4:
            return self.asked(subject)
        return self.asked(subject, (self.snapshot.week_on - monday_of(day)).days + 1)

    def asked(self, subject: str, within_days: int | None = None) -> bool:
        """Return whether an earlier week asked this question, or one of the last `within_days` days."""
        return any(
            # A key is subject@week, so that the same question in another week is a new one.
            key.partition("@")[0] == subject
            for past in self._earlier
            if within_days is None or (self.snapshot.week_on - past.week_on).days < within_days
            for key in past.asked
        )

    def key(self, subject: str) -> str:
        """Return a question's key: its subject and the week that asks."""
        return f"{subject}@{self.snapshot.week_on.isoformat()}"
