"""Close a stop flag: what was found, and what holds now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care.models import Flag, Pause, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import AfterStop, PauseReason, StopFinding
from challenge.review.actions import revise_and_notify

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
    """Pause the runner for as long as the answer says, whatever break they are on: theirs may be over tomorrow."""
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
