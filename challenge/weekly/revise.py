"""Decide the present week again after something changed, as a new revision."""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.care.stored_decisions import decision_of
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import current_week_start
from challenge.protocol.parameters import Parameters
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import HeelStrikeStep
from challenge.protocol.weekly import decide
from challenge.weekly.decide import lock_active_runner
from challenge.weekly.due import out_of_date
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.weekly.save import DecidedWeek, save_weeks

log = logging.getLogger(__name__)


def revise_week(
    *,
    enrollment: Enrollment,
    because: WeeklyTarget.RevisionReason,
    by: User | None,
    at: datetime,
    if_state_differs: bool = False,
) -> WeeklyTarget | None:
    """Decide the present week again (`decision.now`) and return the new revision.

    Return None if the week is not decided yet, or the runner has left. With `if_state_differs`, return the last
    revision if it has the same state and hold. Call it inside the transaction of what changed. The unsent email of the
    old revision is withdrawn; the runner gets a new one if the last one sent is no longer right.
    """
    with transaction.atomic():
        runner = lock_active_runner(enrollment)
        last = _present_week(runner, at=at) if runner is not None else None
        if runner is None or last is None:
            return None
        monday = last.week_starts_on
        parameters = parameters_of(runner.seat.cohort, week_starts_on=monday)
        least_pain = parameters.amber_from
        snapshot = gather_snapshots([runner], week_starts_on=monday, at=at, least_pain=least_pain)[runner.pk]
        decision = decide(snapshot, parameters)
        if if_state_differs and (decision.state, decision.on_hold) == (decision_of(last).state, last.on_hold):
            return last
        # Withdraw before looking for the last sent email: what can still be recalled was never sent.
        withdraw_unsent(about=runner.about, kind=MessageKind.WEEKLY, at=at)
        sent = _last_sent(runner, monday)
        week = DecidedWeek(
            runner,
            snapshot,
            decision,
            parameters,
            because,
            emailed=sent is None or _email_facts(decision_of(sent)) != _email_facts(decision),
            replaces=sent is not None,
            # The engine's own revisions, a stop above all, are sent immediately.
            send_at=quiet_until(parameters, at=at) if by is not None else None,
        )
        return save_weeks([week], at=at, by=by)[0]


def quiet_until(parameters: Parameters, *, at: datetime) -> datetime:
    """Return the moment until which the email of a person's decision waits for their next one (`decision.quiet`)."""
    return at + timedelta(minutes=parameters.quiet_minutes)


def _present_week(runner: Enrollment, *, at: datetime) -> WeeklyTarget | None:
    """Return the latest revision of the runner's present week; None if it is not decided."""
    user = runner.seat.user
    if user is None:
        return None
    return target_of_week(runner, week_starts_on=current_week_start(at, user.zone))


def _last_sent(runner: Enrollment, week_starts_on: date) -> WeeklyTarget | None:
    """Return the latest revision whose email was sent, or is being sent and cannot be recalled."""
    emailed = WeeklyTarget.objects.filter(
        enrollment=runner, week_starts_on=week_starts_on, message__isnull=False
    )
    gone = emailed.exclude(message__state__in=[MessageState.WITHDRAWN, MessageState.FAILED])
    return gone.order_by("-revision").first()


def _email_facts(decision: Decision) -> tuple[object, ...]:
    """Return the facts of the week's email: a second decision with the same facts needs no second email."""
    return (
        decision.state,
        decision.cadence.target_spm,
        [
            # The step of the ladder and the reason may change without a word of the email changing.
            replace(dose, step=0, since_on=decision.week_on, reason=decision.cadence.reason)
            for dose in decision.exercises
        ],
        decision.longest_run and decision.longest_run.limit_m,
        decision.strike.step is HeelStrikeStep.NEVER,
    )


def revise_out_of_date(*, at: datetime) -> int:
    """Revise the weeks that no page revised, and return how many: see `due.out_of_date`."""
    revised = 0
    for runner, because in out_of_date(at=at):
        try:
            # A sore place changes exercises, not the state: revise without comparing.
            differs = because != WeeklyTarget.RevisionReason.COMPLAINT
            revise_week(enrollment=runner, because=because, by=None, at=at, if_state_differs=differs)
            revised += 1
        except ProtocolError:
            log.exception("a week could not be revised", extra={"enrollment": runner.pk})
    return revised
