"""Take back a decision while its email still waits (`decision.quiet`). Both rows stay: the decision and its undoing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care import complaints, overrides
from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange, WeeklyTarget
from challenge.care.overrides import TAKEN_BACK
from challenge.enrollment.cohort_parameters import parameters_for
from challenge.enrollment.models import Enrollment
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.review.actions import revise_and_notify
from challenge.review.timeline import override_text


class CannotUndo(Exception):
    """The decision cannot be taken back any more; `str()` is the reason."""


@dataclass(frozen=True, slots=True)
class RecentDecision:
    """A decision that can still be taken back. `key` names its row, e.g. `phase:12`.

    Once it is taken back, `asks_again` is true if it had answered a question, which is open again.
    """

    key: str
    words: str
    by: str
    at: datetime
    asks_again: bool = False


def recent_decisions(care: Mapping[str, Iterable[Any]], *, since: datetime) -> list[RecentDecision]:
    """Return what was decided after `since` and can be taken back, newest first.

    `care` has the runner's rows by the names that `runner_page` reads them under.
    """
    rows: list[tuple[str, Any, Any, datetime]] = []
    last = max(care["changes"], key=lambda row: (row.at, row.pk), default=None)
    if last is not None and last.by_id is not None and last.undoes_id is None:
        rows.append((f"phase:{last.pk}", last, last.by, last.at))
    rows += [
        (f"hand:{row.pk}", f"{row.get_what_display()}: {override_text(row)}", row.by, row.at)
        for row in _decided_overrides(list(care["overrides"]))
    ]
    rows += [
        (f"strike:{row.pk}", "heel strike for a while", row.by, row.at)
        for row in care["spells"]
        if row.ended_on is None
    ]
    rows += [
        (f"pause:{row.pk}", f"pause from {row.starts_on:%b} {row.starts_on.day}", row.by, row.at)
        for row in care["pauses"]
        if row.reason == PauseReason.CLINICIAN and row.ended_at is None
    ]
    # Oldest first: the last change of each complaint stays.
    newest = {row.complaint_id: row for row in care["complaint_changes"]}
    rows += [
        (f"complaint:{row.pk}", f"{row.complaint.place}: {row.get_status_display().lower()}", row.by, row.at)
        for row in newest.values()
        if row.by_id is not None and row.reason != TAKEN_BACK
    ]
    rows += [
        (flag.about, f"{flag.get_kind_display()}: {flag.closing_note}", flag.closed_by, flag.closed_at)
        for flag in care["flags"]
        if flag.closed_at is not None and flag.answered_with == flag.about
    ]
    found = [RecentDecision(key, str(what), str(by or ""), at) for key, what, by, at in rows if at > since]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _decided_overrides(rows: list[ClinicianOverride]) -> list[ClinicianOverride]:
    """Return the values in force that someone set; not what came back when a later one was taken back."""
    restored = {(row.what, row.exercise, row.ended_at) for row in rows if row.end_reason == TAKEN_BACK}
    return [row for row in rows if row.ended_at is None and (row.what, row.exercise, row.at) not in restored]


def recent_decisions_of(enrollment: Enrollment, *, at: datetime) -> list[RecentDecision]:
    """Return the runner's decisions whose email still waits, newest first."""
    mine = {"enrollment": enrollment}
    care_rows: dict[str, Iterable[Any]] = {
        "changes": PhaseChange.objects.filter(**mine),
        "overrides": ClinicianOverride.objects.filter(**mine).select_related("by"),
        "spells": HeelStrikePeriod.objects.filter(**mine).select_related("by"),
        "pauses": Pause.objects.filter(**mine).select_related("by"),
        "flags": Flag.objects.filter(**mine).select_related("closed_by"),
        "complaint_changes": complaints.complaint_changes_of(enrollment),
    }
    quiet = timedelta(minutes=parameters_for(enrollment, at=at).quiet_minutes)
    return recent_decisions(care_rows, since=at - quiet)


def undo_decision(*, enrollment: Enrollment, key: str, by: User, at: datetime) -> RecentDecision:
    """Take back a decision, ask again what it answered, and decide the week again. Raise CannotUndo."""
    with transaction.atomic():
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        waiting = {one.key: one for one in recent_decisions_of(enrollment, at=at)}
        if key not in waiting:
            raise CannotUndo(
                "It was already taken back or changed, or its email is on its way. Make a new decision instead."
            )
        kind, _, pk = key.partition(":")
        try:
            _UNDOES[kind](enrollment, int(pk), by, at)
        except (care.PhaseNotReady, complaints.ComplaintRefused) as refusal:
            raise CannotUndo(str(refusal)) from refusal
        asks_again = _ask_again(enrollment, key, at)
        revise_and_notify(
            enrollment,
            WeeklyTarget.RevisionReason.UNDONE,
            by=by,
            at=at,
            key=f"undo:{key}",
            # Another decision lost its email to this one, which now has to announce it.
            announced=len(waiting) > 1 or _other_is_unannounced(enrollment),
        )
        return replace(waiting[key], asks_again=asks_again)


def _other_is_unannounced(enrollment: Enrollment) -> bool:
    """Return whether a person decided more since the last email left than what was taken back, this one included.

    Not every decision can be taken back, and in a row of them the first may be older than `quiet_minutes`.
    """
    emails = OutboxMessage.objects.filter(
        about=enrollment.about, kind__in=[MessageKind.PHASE, MessageKind.WEEKLY]
    )
    last = (
        emails.exclude(state__in=[MessageState.QUEUED, MessageState.WITHDRAWN])
        .order_by("-created_at")
        .first()
    )
    revisions = WeeklyTarget.objects.filter(enrollment=enrollment, by__isnull=False)
    if last is not None:
        revisions = revisions.filter(at__gt=last.created_at)
    undone = revisions.filter(because=WeeklyTarget.RevisionReason.UNDONE).count()
    return revisions.count() - undone > undone + 1


def _ask_again(enrollment: Enrollment, key: str, at: datetime) -> bool:
    """Raise once more each flag that the decision closed, which stays with its note; return whether there was one."""
    closed = list(Flag.objects.filter(enrollment=enrollment, answered_with=key).order_by("pk"))
    for flag in closed:
        care.raise_flag(
            enrollment=enrollment,
            kind=FlagKind(flag.kind),
            rule=flag.rule,
            # The first part stays: what a question came from decides how it is answered.
            source=f"{flag.source[:60]}:undo:{flag.pk}",
            facts=flag.facts,
            at=at,
        )
    return bool(closed)


def _undo_phase(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    change = PhaseChange.objects.get(pk=pk, enrollment=enrollment)
    assert change.from_phase is not None, "a start has no author and is never recent"
    care.change_phase(
        enrollment=enrollment,
        expected_phase=change.to_phase,
        to_phase=change.from_phase,
        reason=TAKEN_BACK,
        shown={},
        undoes=change,
        by=by,
        at=at,
    )


def _undo_override(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    """End the value, and set again the one that it replaced."""
    row = ClinicianOverride.objects.get(pk=pk, enrollment=enrollment)
    overrides.end_override(override=row, reason=TAKEN_BACK, by=by, at=at)
    replaced = ClinicianOverride.objects.filter(
        enrollment=enrollment, what=row.what, exercise=row.exercise, ended_at=row.at
    ).first()
    if replaced is not None:
        replaced.pk, replaced.ended_at, replaced.ended_by, replaced.end_reason = None, None, None, ""
        replaced.by, replaced.at = by, at
        replaced.save(force_insert=True)


def _undo_heel_strike(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    period = HeelStrikePeriod.objects.get(pk=pk, enrollment=enrollment)
    overrides.end_heel_strike_period(period=period, ended_on=period.starts_on, reason=TAKEN_BACK, by=by)


def _undo_pause(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    Pause.objects.filter(pk=pk, enrollment=enrollment, ended_at__isnull=True).update(
        ended_at=at, undone_at=at
    )


def _undo_complaint(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    """Restore the state before, with what guarded the runner then."""
    change = ComplaintChange.objects.select_related("complaint").get(pk=pk, complaint__enrollment=enrollment)
    user = enrollment.seat.user
    today = local_day(at, user.zone) if user is not None else at.date()
    complaints.take_back_change(change=change, reason=TAKEN_BACK, on=today, by=by, at=at)


def _undo_answer(enrollment: Enrollment, pk: int, by: User, at: datetime) -> None:
    """Nothing was decided but the answer itself; asking again is all."""


_UNDOES: dict[str, Callable[[Enrollment, int, User, datetime], None]] = {
    "phase": _undo_phase,
    "hand": _undo_override,
    "strike": _undo_heel_strike,
    "pause": _undo_pause,
    "complaint": _undo_complaint,
    "flag": _undo_answer,
}
