"""What clinicians decide about complaints: open, change, decline a proposal, approve a track; and close a stop flag.

A stop is closed with what was found, and what holds now.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care import complaints
from challenge.care.answers import DecisionKind, MadeDecision
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.complaints import BodyPlace
from challenge.care.models import Flag, Pause, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import AfterStop, ComplaintStatus, PauseReason, StopFinding
from challenge.review.actions import record_decision, revise_and_notify

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
        record_decision(enrollment, COMPLAINT, _made(row.changes.latest("pk")), reason=reason, by=by, at=at)
    return row


def _made(change: ComplaintChange) -> MadeDecision:
    """Return a change of a complaint as the questions see it."""
    complaint = change.complaint
    past = change.status == ComplaintStatus.PAST
    others = (
        complaints.complaints_of(complaint.enrollment).filter(site=complaint.site).exclude(pk=complaint.pk)
    )
    return MadeDecision(
        kind=DecisionKind.COMPLAINT_PAST if past else DecisionKind.COMPLAINT,
        key=f"complaint:{change.pk}",
        words=f"Complaint, {complaint.place}: {change.get_status_display().lower()}",
        place=(complaint.site, complaint.side),
        still_sore=past and others.exclude(status=ComplaintStatus.PAST).exists(),
    )


def _still_sore(enrollment: Enrollment, site: str) -> bool:
    """Return whether this site has an open complaint, or another open question about a place there."""
    opened = complaints.complaints_of(enrollment).filter(site=site).exclude(status=ComplaintStatus.PAST)
    return opened.exists() or any(
        complaints.place_of(flag)[0] == site for flag in complaints.open_proposals(enrollment)
    )


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
        record_decision(enrollment, COMPLAINT, _made(change), reason=reason, by=by, at=at)
    return change


def approve_track(
    *, complaint: RunnerComplaint, approved: bool, on: date, reason: str, by: User, at: datetime
) -> ComplaintChange:
    """Let the exercises of a complaint's track begin, or end them. Raise complaints.ComplaintRefused."""
    with transaction.atomic():
        change = complaints.approve_track(
            complaint=complaint, approved=approved, reason=reason, on=on, by=by, at=at
        )
        made = MadeDecision(
            kind=DecisionKind.TRACK,
            key=f"complaint:{change.pk}",
            words=f"Exercises for the {complaint.get_site_display().lower()}: {'begin' if approved else 'not now'}",
            place=(complaint.site, complaint.side),
        )
        record_decision(complaint.enrollment, COMPLAINT, made, reason=reason, by=by, at=at)
    return change


def dismiss_proposal(*, flag: Flag, reason: str, by: User, at: datetime) -> None:
    """Answer "no complaint" to a question about a place: its guard ends with the answer."""
    site, side = complaints.place_of(flag)
    with transaction.atomic():
        row = complaints.dismiss_proposal(
            enrollment=flag.enrollment, place=BodyPlace(site, side), reason=reason, by=by, at=at
        )
        made = MadeDecision(
            DecisionKind.NO_COMPLAINT,
            f"dismissed:{row.pk}",
            "No complaint",
            place=(site, side),
            still_sore=_still_sore(flag.enrollment, site),
        )
        record_decision(flag.enrollment, COMPLAINT, made, reason=reason, by=by, at=at)


RevisionReason = WeeklyTarget.RevisionReason


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """What was found when a stop was looked at, and what holds now; `paused_until` for no running yet, by day."""

    found: StopFinding
    holds_now: AfterStop
    note: str
    paused_until: date | None = None


def close_stop(*, flag: Flag, answer: StopAnswer, today: date, by: User, at: datetime) -> None:
    """Close a stop flag, which may issue this week's target. Raise care.AlreadyClosed.

    Without running yet, the runner is paused in the same transaction: no moment between lets them run.
    """
    enrollment = flag.enrollment
    with transaction.atomic():
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        because, key = RevisionReason.CLOSED_STOP, flag.about
        if answer.holds_now is AfterStop.NOT_YET:
            because, key = RevisionReason.PAUSE, f"pause:{_pause(enrollment, answer, today, by, at).pk}"
        care.close_flag(
            flag=flag,
            note=answer.note,
            by=by,
            at=at,
            # Taking back the pause asks the stop again: without it they might run.
            answered_with=key,
            found=answer.found.value,
            holds_now=answer.holds_now.value,
        )
        revise_and_notify(enrollment, because, by=by, at=at, key=flag.about)


def _pause(enrollment: Enrollment, answer: StopAnswer, today: date, by: User, at: datetime) -> Pause:
    """Pause the runner for as long as the answer sets, whatever break they are on: theirs may be over tomorrow."""
    # Two pauses without an end cannot run immediately; the one of this answer takes the place of the other.
    for running in Pause.objects.filter(enrollment=enrollment, ends_on__isnull=True, ended_at__isnull=True):
        care.end_pause(pause=running, last_day=today, at=at)
    return care.pause(
        enrollment=enrollment,
        reason=PauseReason.CLINICIAN,
        starts_on=today,
        ends_on=answer.paused_until,
        note=answer.note,
        by=by,
        at=at,
    )
