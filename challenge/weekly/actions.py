"""What staff do with weeks and their emails: plan a cadence, send again, write to a cohort."""

import contextlib
import logging
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.care.stop import RUNNING_INSTRUCTIONS, stopped_among
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import clear_refused, put_all_in_outbox, send_again
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.mail.queries import has_opted_out
from challenge.protocol.local_week import week_decided_at
from challenge.protocol.validation import ProtocolError
from challenge.weekly.decide import TooLate, lock_runner, revise_week
from challenge.weekly.due import never_written
from challenge.weekly.email.messages import clinic_message
from challenge.weekly.models import PlannedCadence
from challenge.weekly.queries import is_superseded, planned_cadences

log = logging.getLogger(__name__)

WEEK_OVERTAKEN = "What it says is out of date: the week was decided again, or is over."
OPTED_OUT = "The reader of this address has unsubscribed from weekly emails, or marked them as spam. Call them instead."
CALL_OVERTAKEN = "What it says is out of date: someone has taken it, or a later notice was written."
RUNNING_IS_OFF = "It tells them to run, and running is off for this runner. Call them instead."
OVERTAKEN = {MessageKind.STAFF_ALERT: CALL_OVERTAKEN} | dict.fromkeys(RUNNING_INSTRUCTIONS, RUNNING_IS_OFF)


def write_unwritten(*, at: datetime) -> int:
    """Write this week's email to runners who have none and take mail again, and return how many.

    Their address was marked as refused and the mark is cleared, or they subscribed again. The week is decided once
    more, as its next revision.
    """
    written = 0
    for runners in never_written(at=at):
        for runner in runners:
            because = runner.weekly_targets.order_by("-week_starts_on", "-revision")[0].because
            try:
                revise_week(enrollment=runner, because=WeeklyTarget.RevisionReason(because), by=None, at=at)
                written += 1
            except ProtocolError:
                log.exception("a week could not be revised", extra={"enrollment": runner.pk})
    return written


def write_again(*, email: str, at: datetime) -> None:
    """Clear the mark of a refused address, and send again the weekly email of this week that failed.

    A week without any email is written by the next `write_unwritten`.
    """
    with transaction.atomic():
        clear_refused(emails=[email])
        failed = OutboxMessage.objects.filter(
            to_email=email, kind=MessageKind.WEEKLY, state=MessageState.FAILED
        )
        for message in failed.filter(expires_at__gt=at, unsure=False):
            with contextlib.suppress(TooLate):
                resend(message=message, at=at)


def change_coming_week(
    *, enrollment: Enrollment, week_starts_on: date, cadence_spm: int, reason: str, by: User, at: datetime
) -> PlannedCadence:
    """Set the cadence of a week that has not begun, in place of an earlier change.

    Raise TooLate from Monday 06:00 on, or once the week is decided.
    """
    with transaction.atomic():
        # The weekly job locks the same row: the change comes before the decision, or is refused.
        runner = lock_runner(enrollment)
        user = runner.seat.user
        begun = user is None or at >= week_decided_at(week_starts_on, user.zone)
        if begun or target_of_week(runner, week_starts_on=week_starts_on) is not None:
            raise TooLate("This week is decided. Set the value by hand on the runner’s page instead.")
        take_back_change(enrollment=runner, week_starts_on=week_starts_on, at=at)
        return PlannedCadence.objects.create(
            enrollment=runner,
            week_starts_on=week_starts_on,
            cadence_spm=cadence_spm,
            reason=reason,
            by=by,
            at=at,
        )


def take_back_change(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> bool:
    """Take back the planned cadence of a week, so that the rules decide it; return False if there was none."""
    planned = planned_cadences(week_starts_on=week_starts_on).filter(enrollment=enrollment)
    return bool(planned.update(taken_back_at=at))


def resend(*, message: OutboxMessage, at: datetime) -> bool:
    """Send a failed message again; return False if it is not failed.

    Raise TooLate for a message that is superseded (see `queries.is_superseded`), and for a weekly email to a reader who
    has opted out: no stale target is ever sent.
    """
    with transaction.atomic():
        # Lock the runner: a stop flag is raised before this check, or withdraws the message after it.
        runners = Enrollment.objects.filter(weekly_targets__message=message)
        list(runners.select_for_update(no_key=True, of=("self",)))
        if message.kind == MessageKind.WEEKLY and has_opted_out(message.to_email):
            raise TooLate(OPTED_OUT)
        if is_superseded(message, at=at):
            raise TooLate(OVERTAKEN.get(MessageKind(message.kind), WEEK_OVERTAKEN))
        return send_again(message=message, at=at)


def write_to_cohort(*, cohort: Cohort, subject: str, text: str, key: str, by: User, at: datetime) -> int:
    """Write one message to every runner of the cohort, once per key and words, and return how many."""
    runners = list(active_enrollments().filter(seat__cohort=cohort))
    stopped = stopped_among(runners)
    # `key` comes with the form: the same form sent twice is one message, the same words in a new form are two.
    key = sha256("\n".join((key, subject, text)).encode()).hexdigest()[:40]
    with transaction.atomic():
        put_all_in_outbox(
            [
                clinic_message(
                    runner=runner, subject=subject, text=text, key=key, look_first=runner.pk in stopped
                )
                for runner in runners
            ],
            at=at,
        )
    return len(runners)
