"""Read planned cadences and the messages that staff may see."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from challenge.accounts.models import User
from challenge.care.models import Flag, WeeklyTarget
from challenge.care.stop import RUNNING_INSTRUCTIONS, open_stop
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runners_visible_to
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.mail.queries import readable_messages
from challenge.weekly.models import PlannedCadence


def messages_of(user: User) -> QuerySet[OutboxMessage]:
    """Return messages to a clinician's runners and to themselves; a superuser also what is about no runner's weeks."""
    runners = runners_visible_to(user).values_list("pk", flat=True)
    visible = Q(about__in=[f"enrollment:{pk}" for pk in runners]) | Q(to_email=user.email)
    if user.is_superuser:
        visible |= ~Q(about__startswith="enrollment:")
    return readable_messages().filter(visible)


def runner_of(message: OutboxMessage) -> Enrollment | None:
    """Return the runner whom a message is about, if it is about one."""
    pk = _number_in(message, "enrollment")
    if pk is None:
        return None
    return Enrollment.objects.filter(pk=pk).select_related("seat__cohort", "seat__user").first()


def planned_cadences(*, week_starts_on: date) -> QuerySet[PlannedCadence]:
    """Return the cadences that clinicians planned for this week and did not take back."""
    return PlannedCadence.objects.filter(week_starts_on=week_starts_on, taken_back_at__isnull=True)


def is_superseded(message: OutboxMessage, *, at: datetime) -> bool:
    """Return whether a message must not be sent any more.

    True for a weekly email whose week was revised, is over, or is about to be put on hold; for an alert about a flag
    that was taken or closed, or that has a later alert; and for an instruction to run to a runner who may not.
    """
    if message.kind == MessageKind.STAFF_ALERT:
        return _is_alert_superseded(message)
    if message.kind in RUNNING_INSTRUCTIONS:
        runner = runner_of(message)
        return runner is not None and open_stop(runner) is not None
    target = WeeklyTarget.objects.filter(message=message).first()
    if target is None:
        return False
    if message.expires_at is not None and message.expires_at <= at:
        return True
    # The stop flag is open and its hold not yet decided: the next pass of the weekly job writes it.
    if not target.on_hold and open_stop(target.enrollment) is not None:
        return True
    later = Q(week_starts_on__gt=target.week_starts_on) | Q(
        week_starts_on=target.week_starts_on, revision__gt=target.revision
    )
    return WeeklyTarget.objects.filter(later, enrollment=target.enrollment_id).exists()


def _is_alert_superseded(message: OutboxMessage) -> bool:
    pk = _number_in(message, "flag")
    if pk is None:
        return False
    waiting = Flag.objects.filter(pk=pk, taken_at__isnull=True, closed_at__isnull=True)
    later = OutboxMessage.objects.filter(
        kind=message.kind, about=message.about, to_email=message.to_email, pk__gt=message.pk
    )
    return not waiting.exists() or later.exists()


def _number_in(message: OutboxMessage, kind: str) -> int | None:
    """Return the id in `about` if it names a row of this kind, such as `enrollment:12` or `flag:3`."""
    named, _, number = message.about.partition(":")
    return int(number) if named == kind and number.isdecimal() else None
