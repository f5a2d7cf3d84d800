"""What the record of complaints and the log together spare between two decisions, and which places they propose.

Pages and the weekly decision both ask `protocol.complaints`, so that a page spares what the next decision will spare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord
from challenge.protocol.complaints import OPEN, SiteReport, proposals, sites_in, unanswered
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.runner_plan import Guards, heel_bone_hurts, tracks_of
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import GUARDED_JOINTS, JOINTS, ExerciseId, Side, Site

SiteAndSide = tuple[Site, Side | None]


@dataclass(frozen=True, slots=True)
class PainRecord:
    """A runner's complaints, the pain they reported by place, and what a clinician declined, all as of one moment.

    Pages ask it between two decisions, so that they spare what the next decision will spare.
    """

    complaints: tuple[ComplaintRecord, ...] = ()
    reports: tuple[JointReport, ...] = ()
    dismissals: tuple[ComplaintDismissal, ...] = ()

    def spared_joints(self, parameters: Parameters = CLINIC) -> frozenset[Site]:
        """Return the knees and hips to spare: an open complaint, or a report that no clinician has answered."""
        return GUARDED_JOINTS & self.sore_joints(parameters)

    def sore_joints(self, parameters: Parameters = CLINIC) -> frozenset[Site]:
        """Return every joint with an open complaint or an unanswered report: the scale of tendons is not theirs."""
        recorded = sites_in(self.complaints, *OPEN)
        proposed = {p.site for p in proposals(self._unanswered(parameters), parameters)}
        return JOINTS & (recorded | proposed)

    def guards(self, approved: Iterable[str] = (), parameters: Parameters = CLINIC) -> Guards:
        """Return what guards each exercise now, as the next decision would see it."""
        opened = [record for record in self.complaints if record.status in OPEN]
        return Guards(
            joints=self.spared_joints(parameters),
            tracks=tracks_of(opened),
            approved=frozenset(ExerciseId(name) for name in approved),
            heel_bone=heel_bone_hurts(opened),
        )

    def proposed(self, parameters: Parameters = CLINIC) -> frozenset[SiteAndSide]:
        """Return the places to ask about: once at a joint, elsewhere on several days within the window."""
        reports = self._unanswered(parameters)
        sites = {proposal.site for proposal in proposals(reports, parameters)}
        return frozenset((report.site, report.side) for report in reports if report.site in sites)

    def _unanswered(self, parameters: Parameters) -> tuple[SiteReport, ...]:
        reports = (
            SiteReport(report.site, report.side, report.on, report.pain, report.logged_at)
            for report in self.reports
            if report.pain >= parameters.amber_from
        )
        return unanswered(reports, self.complaints, self.dismissals)
