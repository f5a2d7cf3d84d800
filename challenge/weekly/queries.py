"""Read planned changes and the messages that staff may see."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from challenge.accounts.models import User
from challenge.care.models import Flag, WeeklyTarget
from challenge.care.stop import RUNNING_INSTRUCTIONS, open_stop
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runners_visible_to
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.mail.queries import readable_messages
from challenge.weekly.due import _running_is_off
from challenge.weekly.models import PlannedCadence


def messages_of(user: User) -> QuerySet[OutboxMessage]:
    """Messages of the runners in one's care, and those to oneself; a superuser reads all but sign-in codes."""
    if user.is_superuser:
        return readable_messages()
    runners = runners_visible_to(user).values_list("pk", flat=True)
    return readable_messages().filter(
        Q(about__in=[f"enrollment:{pk}" for pk in runners]) | Q(to_email=user.email)
    )


def runner_of(message: OutboxMessage) -> Enrollment | None:
    """The runner a message is about, where it is about one."""
    kind, _, pk = message.about.partition(":")
    if kind != "enrollment" or not pk.isdigit():
        return None
    return Enrollment.objects.filter(pk=int(pk)).select_related("seat__cohort", "seat__user").first()


def changes_in_force(*, week_starts_on: date) -> QuerySet[PlannedCadence]:
    """What clinicians decided beforehand for this week."""
    return PlannedCadence.objects.filter(week_starts_on=week_starts_on, taken_back_at__isnull=True)


def is_superseded(message: OutboxMessage, *, at: datetime) -> bool:
    """Whether a message says what is no longer so.

    A weekly email whose week was decided anew, or is over; a call for help that somebody has taken, or that a later
    one to the same address stands for; a letter that tells a runner to run whose running is off by now.
    """
    if message.kind == MessageKind.STAFF_ALERT:
        return _is_call_superseded(message)
    if message.kind in RUNNING_INSTRUCTIONS:
        return _running_is_off(message)
    told = WeeklyTarget.objects.filter(message=message).first()
    if told is None:
        return False
    later = Q(week_starts_on__gt=told.week_starts_on) | Q(
        week_starts_on=told.week_starts_on, revision__gt=told.revision
    )
    over = message.expires_at is not None and message.expires_at <= at
    over |= not told.on_hold and open_stop(told.enrollment) is not None  # the hold is on its way
    return over or WeeklyTarget.objects.filter(later, enrollment=told.enrollment_id).exists()


def _is_call_superseded(message: OutboxMessage) -> bool:
    kind, _, pk = message.about.partition(":")
    if kind != "flag" or not pk.isdecimal():
        return False
    waits = Flag.objects.filter(pk=int(pk), taken_at__isnull=True, closed_at__isnull=True)
    later = OutboxMessage.objects.filter(
        kind=message.kind, about=message.about, to_email=message.to_email, pk__gt=message.pk
    )
    return not waits.exists() or later.exists()
