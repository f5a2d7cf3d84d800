"""Open, change and answer complaints. Every change is one row with who, when and why; guards read the record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q, QuerySet

from challenge.accounts.models import User
from challenge.care.actions import close_flag, raise_flag
from challenge.care.complaint_models import (
    NO_SIDE,
    ONLY_ACHILLES,
    SITES_WITHOUT_SIDE,
    ComplaintChange,
    DismissedProposal,
    RunnerComplaint,
)
from challenge.care.models import COMPLAINT_SOURCE, Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import TRACK_PLAN
from challenge.protocol.vocabulary import ComplaintStatus, FlagKind, Rule, Site

ChangeSource = ComplaintChange.ChangeSource
RUNNER_SOURCE = "runner:"  # the source of what a runner wrote about a complaint starts with this
TRACK_SITES = tuple(TRACK_PLAN)  # the engine asks about these, so each must have its answer


class ComplaintRefused(Exception):
    """The complaint cannot be opened or changed so; `str()` is the reason, `field` the input it is about."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """A body site and side, with the kind of an Achilles complaint; side and kind may be empty."""

    site: str
    side: str = ""
    kind: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Return site and side, by which a question knows its place."""
        return self.site, self.side

    def check(self) -> None:
        """Raise ComplaintRefused for a side or a kind that the site does not have."""
        if self.side and self.site in SITES_WITHOUT_SIDE:
            raise ComplaintRefused(NO_SIDE, "side")
        if self.kind and self.site != Site.ACHILLES:
            raise ComplaintRefused(ONLY_ACHILLES, "kind")


class ChangeSignature(TypedDict):
    """The author of a change to a complaint, with moment, reason and first local day."""

    source: ChangeSource
    reason: str
    on: date
    by: User | None
    at: datetime


def complaints_of(enrollment: Enrollment) -> QuerySet[RunnerComplaint]:
    """Return the runner's complaints, the latest changed first; none that was opened by mistake."""
    return RunnerComplaint.objects.filter(enrollment=enrollment, taken_back=False).order_by(
        "-changed_on", "-pk"
    )


def complaint_changes_of(enrollment: Enrollment) -> QuerySet[ComplaintChange]:
    """Return every change of the runner's complaints with its complaint and author, oldest first."""
    rows = ComplaintChange.objects.filter(complaint__enrollment=enrollment)
    return rows.select_related("complaint", "by").order_by("at", "pk")


def open_proposals(enrollment: Enrollment) -> QuerySet[Flag]:
    """Return the open questions of the log and of the runner about a place, oldest first."""
    return Flag.objects.filter(
        enrollment=enrollment, rule=Rule.COMPLAINT_OPEN.value, closed_at__isnull=True
    ).order_by("raised_at", "pk")


def is_proposal(flag: Flag) -> bool:
    """Return whether a flag asks about a place: it is answered by a complaint or by "no complaint"."""
    return flag.rule == Rule.COMPLAINT_OPEN


def open_complaint(
    *,
    enrollment: Enrollment,
    place: BodyPlace,
    status: ComplaintStatus,
    **signed: Unpack[ChangeSignature],
) -> RunnerComplaint:
    """Open a complaint, or open a past one of the same place again. Raise ComplaintRefused.

    It answers the open questions about this place: they are closed with the reason as their note.
    """
    place.check()
    with transaction.atomic():
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        known = RunnerComplaint.objects.filter(
            enrollment=enrollment, site=place.site, side=place.side
        ).first()
        if known is None:
            known = _open_first(enrollment, place, status, **signed)
        else:
            change_complaint(complaint=known, status=status, kind=place.kind or None, **signed)
        if (by := signed["by"]) is not None:
            key = f"complaint:{known.changes.latest('pk').pk}"
            answer_proposals(enrollment, place, note=signed["reason"], key=key, by=by, at=signed["at"])
        return known


def _open_first(
    enrollment: Enrollment,
    place: BodyPlace,
    status: ComplaintStatus,
    **signed: Unpack[ChangeSignature],
) -> RunnerComplaint:
    """Open a complaint of a place that had none before. The caller has locked the runner."""
    row = RunnerComplaint.objects.create(
        enrollment=enrollment,
        site=place.site,
        side=place.side,
        kind=place.kind,
        status=status,
        opened_on=signed["on"],
        changed_on=signed["on"],
        changed_at=signed["at"],
    )
    ComplaintChange.objects.create(complaint=row, status=status, kind=place.kind, **signed)
    return row


def change_complaint(
    *,
    complaint: RunnerComplaint,
    status: ComplaintStatus,
    track_approved: bool | None = None,
    kind: str | None = None,
    **signed: Unpack[ChangeSignature],
) -> ComplaintChange:
    """Change a complaint from the local day `on`; None leaves its kind or the approval of its track as it is.

    Raise ComplaintRefused if nothing would change, or the day lies before the last change. The approval of a track ends
    with the complaint: one that comes back is approved again.
    """
    BodyPlace(complaint.site, complaint.side, kind or "").check()
    with transaction.atomic():
        locked = RunnerComplaint.objects.select_for_update(no_key=True).get(pk=complaint.pk)
        approved = locked.track_approved if track_approved is None else track_approved
        approved = approved and status != ComplaintStatus.PAST
        kind = locked.kind if kind is None else kind
        same = (status, approved, kind) == (locked.status, locked.track_approved, locked.kind)
        if same and not locked.taken_back:
            raise ComplaintRefused(f"It is {status.label.lower()} already: choose another state.", "status")
        _check_day(locked, signed["on"])
        RunnerComplaint.objects.filter(pk=locked.pk).update(
            status=status,
            track_approved=approved,
            kind=kind,
            changed_on=signed["on"],
            changed_at=signed["at"],
            taken_back=False,
        )
        complaint.refresh_from_db()
        return ComplaintChange.objects.create(
            complaint=locked, status=status, track_approved=approved, kind=kind, **signed
        )


def _check_day(complaint: RunnerComplaint, on: date) -> None:
    """Raise ComplaintRefused for a day before the last change of the complaint."""
    if on < complaint.changed_on:
        what = "opened" if complaint.changed_on == complaint.opened_on else "last changed"
        day = f"{complaint.changed_on:%B} {complaint.changed_on.day}"
        raise ComplaintRefused(f"This complaint was {what} on {day}: choose that day or a later one.", "on")


def take_back_change(*, change: ComplaintChange, reason: str, on: date, by: User, at: datetime) -> None:
    """Put the state before this change in force again; a complaint that it opened counts as never opened.

    Reports of pain are answered up to the moment of the state in force: what the change answered is unanswered again.
    Raise ComplaintRefused if the change has no other state before it.
    """
    before = change.complaint.changes.filter(pk__lt=change.pk).order_by("pk").last()
    with transaction.atomic():
        change_complaint(
            complaint=change.complaint,
            status=ComplaintStatus(before.status) if before else ComplaintStatus.PAST,
            source=ChangeSource.CLINICIAN,
            reason=reason,
            on=max(on, change.complaint.changed_on),
            by=by,
            at=at,
            track_approved=before.track_approved if before else False,
            kind=before.kind if before else None,
        )
        restored: dict[str, Any] = {"taken_back": True}
        if before is not None:
            restored = {"changed_on": before.on, "changed_at": before.at}
        RunnerComplaint.objects.filter(pk=change.complaint_id).update(**restored)
        change.complaint.refresh_from_db()


def approve_track(
    *, complaint: RunnerComplaint, approved: bool, reason: str, on: date, by: User, at: datetime
) -> ComplaintChange:
    """Approve the track of a complaint, or end its approval. Raise ComplaintRefused where there is no track."""
    if complaint.site not in TRACK_SITES:
        raise ComplaintRefused("Only a knee, hip or foot has exercises of its own to approve.", "complaint")
    if approved and complaint.status == ComplaintStatus.PAST:
        raise ComplaintRefused(
            "This complaint is past: open it again before you approve a track.", "complaint"
        )
    return change_complaint(
        complaint=complaint,
        status=ComplaintStatus(complaint.status),
        track_approved=approved,
        source=ChangeSource.CLINICIAN,
        reason=reason,
        on=on,
        by=by,
        at=at,
    )


def dismiss_proposal(
    *, enrollment: Enrollment, place: BodyPlace, reason: str, by: User, at: datetime
) -> DismissedProposal:
    """Answer "no complaint": what was reported of this place up to now guards and proposes nothing more."""
    with transaction.atomic():
        row = DismissedProposal.objects.create(
            enrollment=enrollment, site=place.site, side=place.side, reason=reason, by=by, at=at
        )
        answer_proposals(enrollment, place, note=reason, key=f"dismissed:{row.pk}", by=by, at=at)
        return row


def answer_proposals(
    enrollment: Enrollment, place: BodyPlace, *, note: str, key: str, by: User, at: datetime
) -> None:
    """Close the open questions about this place with the note and the key of the decision that answers them."""
    for flag in open_proposals(enrollment):
        if place_of(flag) == place.name:
            close_flag(flag=flag, note=note, by=by, at=at, answered_with=key)


def place_of(flag: Flag) -> tuple[str, str]:
    """Return site and side of a question; the facts of an erased person are empty."""
    return flag.facts.get("site") or "", flag.facts.get("side") or ""


def propose_complaint(*, enrollment: Enrollment, source: str, facts: dict[str, Any], at: datetime) -> Flag:
    """Ask a clinician whether a place that began to hurt is a complaint (`complaint.open`)."""
    return raise_flag(
        enrollment=enrollment,
        kind=FlagKind.COMPLAINT,
        rule=Rule.COMPLAINT_OPEN.value,
        source=f"{COMPLAINT_SOURCE}{source}",
        facts=facts,
        at=at,
    )


def ask_about_complaint(*, enrollment: Enrollment, key: str, facts: dict[str, Any], at: datetime) -> Flag:
    """Pass on what a runner wrote: "this has settled" or "something new". It changes nothing by itself."""
    return raise_flag(
        enrollment=enrollment,
        kind=FlagKind.COMPLAINT,
        rule=Rule.COMPLAINT_OPEN.value,
        source=f"{RUNNER_SOURCE}{key}",
        facts=facts,
        at=at,
    )


def asked_by_log(enrollment: Enrollment) -> QuerySet[Flag]:
    """Return the places that hurt in the log and wait for a clinician's answer, oldest first."""
    return open_proposals(enrollment).filter(source__startswith=COMPLAINT_SOURCE)


def asked_of_reports(enrollment: Enrollment) -> QuerySet[Flag]:
    """Return the open questions that reports of pain at a place led to, and nothing else, oldest first."""
    about_place = Q(rule=Rule.COMPLAINT_OPEN.value) & ~Q(source__startswith=RUNNER_SOURCE)
    spared = Q(rule__in=[Rule.EXERCISE_APPROVAL.value, Rule.STRIKE_NEVER.value], facts__logged=True)
    waiting = Flag.objects.filter(about_place | spared, enrollment=enrollment, closed_at__isnull=True)
    return waiting.order_by("raised_at", "pk")


def asked_by_runner(enrollment: Enrollment) -> QuerySet[Flag]:
    """Return what the runner asked about complaints and no clinician has answered, oldest first."""
    return open_proposals(enrollment).filter(source__startswith=RUNNER_SOURCE)
