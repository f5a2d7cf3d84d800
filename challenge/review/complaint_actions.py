"""What clinicians decide about complaints: open, change, decline a proposal, approve a track."""

from datetime import date, datetime

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import complaints
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.complaints import BodyPlace
from challenge.care.models import Flag, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ComplaintStatus
from challenge.review.actions import revise_and_notify

COMPLAINT = WeeklyTarget.RevisionReason.COMPLAINT


def open_complaint(
    *,
    enrollment: Enrollment,
    place: BodyPlace,
    status: ComplaintStatus,
    on: date,
    reason: str,
    by: User,
    at: datetime,
) -> RunnerComplaint:
    """Open a complaint and answer the questions about its place. Raise complaints.ComplaintRefused."""
    asked = [
        flag for flag in complaints.open_proposals(enrollment) if complaints.place_of(flag) == place.name
    ]
    with transaction.atomic():
        row = complaints.open_complaint(
            enrollment=enrollment,
            place=place,
            status=status,
            source=_source(asked),
            reason=reason,
            on=on,
            by=by,
            at=at,
        )
        change = row.changes.latest("pk")
        revise_and_notify(enrollment, COMPLAINT, by=by, at=at, key=f"complaint:{change.pk}")
    return row


def _source(asked: list[Flag]) -> ComplaintChange.ChangeSource:
    """Return what led to the complaint: the runner's own words, the log, or the clinician alone."""
    if any(flag.source.startswith(complaints.RUNNER_SOURCE) for flag in asked):
        return ComplaintChange.ChangeSource.RUNNER
    return ComplaintChange.ChangeSource.LOG if asked else ComplaintChange.ChangeSource.CLINICIAN


def change_complaint(
    *,
    complaint: RunnerComplaint,
    status: ComplaintStatus,
    on: date,
    reason: str,
    by: User,
    at: datetime,
    kind: str | None = None,
) -> ComplaintChange:
    """Change a complaint to present, settling or past, or its kind. Raise complaints.ComplaintRefused."""
    enrollment = complaint.enrollment
    with transaction.atomic():
        change = complaints.change_complaint(
            complaint=complaint,
            status=status,
            source=ComplaintChange.ChangeSource.CLINICIAN,
            reason=reason,
            on=on,
            by=by,
            at=at,
            kind=kind,
        )
        complaints.answer_proposals(
            enrollment, BodyPlace(complaint.site, complaint.side), note=reason, by=by, at=at
        )
        revise_and_notify(enrollment, COMPLAINT, by=by, at=at, key=f"complaint:{change.pk}")
    return change


def approve_track(
    *, complaint: RunnerComplaint, approved: bool, on: date, reason: str, by: User, at: datetime
) -> ComplaintChange:
    """Let the exercises of a complaint's track begin, or end them. Raise complaints.ComplaintRefused."""
    with transaction.atomic():
        change = complaints.approve_track(
            complaint=complaint, approved=approved, reason=reason, on=on, by=by, at=at
        )
        revise_and_notify(complaint.enrollment, COMPLAINT, by=by, at=at, key=f"complaint:{change.pk}")
    return change


def dismiss_proposal(*, flag: Flag, reason: str, by: User, at: datetime) -> None:
    """Answer "no complaint" to a question about a place: its guard ends with the answer."""
    site, side = complaints.place_of(flag)
    with transaction.atomic():
        row = complaints.dismiss_proposal(
            enrollment=flag.enrollment, place=BodyPlace(site, side), reason=reason, by=by, at=at
        )
        revise_and_notify(flag.enrollment, COMPLAINT, by=by, at=at, key=f"dismissed:{row.pk}")
