"""Complaints as of deciding: the clinicians' record, and what the log reports beyond it (`complaint.open`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import GUARDED_JOINTS, JOINTS, ComplaintStatus, Side, Site

OPEN = (ComplaintStatus.PRESENT, ComplaintStatus.SETTLING)


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One report of amber or red pain at a site. `logged_at` is None where only the day is known."""

    site: Site
    side: Side | None
    on: date
    pain: int
    logged_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComplaintProposal:
    """A site that hurts in the log and is no present complaint: a clinician is asked to open one.

    `days` counts the days of the reports within the span that proposes, `since_on` is the first unanswered report.
    """

    site: Site
    side: Side | None
    pain: int
    days: int
    since_on: date

    @property
    def guarded(self) -> bool:
        """Whether exercises and heel strike spare the site until the question is answered."""
        return self.site in GUARDED_JOINTS


def recorded_complaints(snapshot: Snapshot) -> tuple[ComplaintRecord, ...]:
    """Return the record; documents from before there was one have the intake's complaints, unchanged since."""
    if snapshot.complaints is not None:
        return snapshot.complaints
    answered_on = snapshot.intake.answered_on
    return tuple(
        ComplaintRecord(
            key=f"intake-{number}",
            site=stated.site,
            side=stated.side,
            status=ComplaintStatus.PRESENT if stated.present else ComplaintStatus.PAST,
            opened_on=answered_on,
            since_on=answered_on,
        )
        for number, stated in enumerate(snapshot.intake.complaints)
    )


def sites_in(records: Iterable[ComplaintRecord], *states: ComplaintStatus) -> frozenset[Site]:
    """Return the sites of the complaints in these states."""
    return frozenset(record.site for record in records if record.status in states)


def unanswered(
    reports: Iterable[SiteReport],
    records: Sequence[ComplaintRecord],
    dismissals: Sequence[ComplaintDismissal],
) -> tuple[SiteReport, ...]:
    """Return the reports that no complaint and no answer of a clinician covers yet."""
    return tuple(
        report
        for report in reports
        if not any(_covers(record, report) for record in records)
        and not any(_dismisses(dismissal, report) for dismissal in dismissals)
    )


def proposals(reports: Iterable[SiteReport], parameters: Parameters) -> tuple[ComplaintProposal, ...]:
    """Return what unanswered reports propose: one report at a joint, several days within a span elsewhere."""
    ordered = sorted(reports, key=attrgetter("site"))
    found = (
        _proposal(site, list(group), parameters) for site, group in groupby(ordered, key=attrgetter("site"))
    )
    return tuple(proposal for proposal in found if proposal is not None)


def _proposal(site: Site, reports: list[SiteReport], parameters: Parameters) -> ComplaintProposal | None:
    days = sorted({report.on for report in reports})
    span = parameters.complaint_days
    within = max(sum(0 <= (day - first).days < span for day in days) for first in days)
    if site not in JOINTS and within < parameters.complaint_reports:
        return None
    sides = {report.side for report in reports}
    side = sides.pop() if len(sides) == 1 else None
    return ComplaintProposal(site, side, max(report.pain for report in reports), within, days[0])


def _covers(record: ComplaintRecord, report: SiteReport) -> bool:
    """Return whether the record speaks of this report: a present complaint, or a change made after the report."""
    if record.site is not report.site or not _same_side(record.side, report.side):
        return False
    if record.status is ComplaintStatus.PRESENT:
        return True
    if report.on > record.since_on:
        return False
    # The clinician did not know of what was logged after the change, even for a day before it.
    if record.changed_at is not None and report.logged_at is not None:
        return report.logged_at <= record.changed_at
    # On the day of the change only the moments tell which came first; where one is unknown, the report counts.
    return report.on < record.since_on


def _dismisses(dismissal: ComplaintDismissal, report: SiteReport) -> bool:
    if dismissal.site is not report.site or not _same_side(dismissal.side, report.side):
        return False
    if report.logged_at is None:
        return report.on < dismissal.at.date()
    return report.logged_at <= dismissal.at


def _same_side(recorded: Side | None, reported: Side | None) -> bool:
    # A side that is not named may be either one.
    return None in (recorded, reported) or Side.BOTH in (recorded, reported) or recorded is reported
