"""What the record of complaints and the log together spare, and which places the log proposes (`complaint.open`).

Pages and the weekly decision both ask here, so that a page spares what the next decision will spare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import GUARDED_JOINTS, JOINTS, ComplaintStatus, Side, Site

Place = tuple[Site, Side | None]


@dataclass(frozen=True, slots=True)
class PainRecord:
    """A runner's complaints, the pain they reported by place, and what a clinician declined, all as of one moment."""

    complaints: tuple[ComplaintRecord, ...] = ()
    reports: tuple[JointReport, ...] = ()
    dismissals: tuple[ComplaintDismissal, ...] = ()

    def spared_joints(self, parameters: Parameters = CLINIC) -> frozenset[Site]:
        """Return the knees and hips to spare: an open complaint, or a report that nobody has answered."""
        open_now = {c.site for c in self.complaints if c.status is not ComplaintStatus.PAST}
        reported = {report.site for report in self.unanswered(parameters)}
        return GUARDED_JOINTS & (open_now | reported)

    def unanswered(self, parameters: Parameters = CLINIC) -> tuple[JointReport, ...]:
        """Return the amber and red reports at places that are no present complaint and have had no answer since."""
        return tuple(
            report
            for report in self.reports
            if report.pain >= parameters.amber_from and not self._is_answered(report)
        )

    def proposed(self, parameters: Parameters = CLINIC) -> frozenset[Place]:
        """Return the places to ask about: once at a joint, elsewhere on several days within the window."""
        days: dict[Place, set[date]] = defaultdict(set)
        for report in self.unanswered(parameters):
            days[report.site, report.side].add(report.on)
        return frozenset(
            place for place, on in days.items() if place[0] in JOINTS or _are_close(on, parameters)
        )

    def _is_answered(self, report: JointReport) -> bool:
        if any(_covers(complaint, report) for complaint in self.complaints):
            return True
        return any(
            (dismissal.site, dismissal.side) == (report.site, report.side)
            and report.logged_at is not None
            and report.logged_at <= dismissal.at
            for dismissal in self.dismissals
        )


def _covers(complaint: ComplaintRecord, report: JointReport) -> bool:
    """Return whether a complaint answers a report: present, or changed on the day of the report or later."""
    if complaint.site is not report.site or not _same_side(complaint.side, report.side):
        return False
    return complaint.status is ComplaintStatus.PRESENT or report.on <= complaint.since_on


def _same_side(complaint: Side | None, report: Side | None) -> bool:
    # A complaint on both sides, or without a side, is about either; so is a report that names none.
    return complaint in (None, Side.BOTH) or report is None or complaint is report


def _are_close(days: Iterable[date], parameters: Parameters) -> bool:
    """Return whether enough of the days lie within the window of `complaint.open`."""
    ordered, need = sorted(days), parameters.complaint_reports
    window = timedelta(days=parameters.complaint_days)
    spans = zip(ordered, ordered[need - 1 :], strict=False)
    return any(last - first < window for first, last in spans)
