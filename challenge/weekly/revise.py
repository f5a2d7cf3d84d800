"""Decide the present week again after something changed, as a new revision."""

import logging
from datetime import date, datetime
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.local_week import current_week_start
from challenge.protocol.parameters import CLINIC
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
    """`decision.now`: the present week decided anew, as one more revision; None where it is not decided yet, and for
    a runner who has left.

    Call it inside the transaction of what changed. An email of the old revision that has not gone out is taken back;
    the runner is told where what they were told last is no longer so.
    """
    with transaction.atomic():
        runner = lock_active_runner(enrollment)
        user = runner.seat.user if runner is not None else None
        if runner is None or user is None:
            return None
        last = target_of_week(runner, week_starts_on=current_week_start(at, user.zone))
        if last is None:
            return None
        snapshot = gather_snapshots([runner], week_starts_on=last.week_starts_on, at=at)[runner.pk]
        made = DecidedWeek(runner, snapshot, decide(snapshot, CLINIC))
        same = (made.decision.state, made.decision.on_hold) == (last.decision["state"], last.on_hold)
        if if_state_differs and same:
            return last
        withdraw_unsent(about=runner.about, kind=MessageKind.WEEKLY, at=at)
        said = _last_sent(runner, last.week_starts_on)
        tell = said is None or _email_facts(said.decision) != _email_facts(made.decision.to_data())
        told = {runner.pk: said is not None} if tell else {}
        return save_weeks([made], because={runner.pk: because}, told=told, at=at, by=by)[0]


def _last_sent(runner: Enrollment, week_starts_on: date) -> WeeklyTarget | None:
    """The latest revision whose email went out, or is on its way beyond recall."""
    gone = WeeklyTarget.objects.filter(enrollment=runner, week_starts_on=week_starts_on).exclude(
        message__state__in=[MessageState.WITHDRAWN, MessageState.FAILED]
    )
    return gone.filter(message__isnull=False).order_by("-revision").first()


def _email_facts(decision: dict[str, Any]) -> tuple[Any, ...]:
    """What an email tells: two decisions alike in this need no second one."""
    cadence, longest = decision["cadence"], decision["longest_run"]
    doses = ("exercise", "form", "sets", "reps", "seconds", "sessions_per_week")
    return (
        decision["state"],
        cadence["target_spm"],
        [[line[name] for name in doses] for line in decision["exercises"]],
        longest and longest["limit_m"],
        decision["strike"]["step"] == HeelStrikeStep.NEVER,
    )


def revise_out_of_date(*, at: datetime) -> int:
    """Catches what no page revised: stop flags and sore joints of the log, pauses that the calendar began or ended."""
    revised = 0
    for runner, because in out_of_date(at=at):
        try:
            differs = because != WeeklyTarget.RevisionReason.JOINT
            revise_week(enrollment=runner, because=because, by=None, at=at, if_state_differs=differs)
            revised += 1
        except ProtocolError:
            log.exception("a week could not be decided anew", extra={"enrollment": runner.pk})
    return revised
