"""Decide which pushes are due. Neutral words, one a day at most for a runner, never in quiet hours.

A push is about something that the program has already mailed or already shows: a strength session that is due, a
morning to answer, a message, a stop flag that waits. Email goes out all the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from challenge.accounts.models import User
from challenge.care.models import Flag
from challenge.care.queries import pauses_covering
from challenge.care.stop import open_stop, open_stops
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.mail.actions import Push, put_pushes_in_outbox
from challenge.mail.models import MessageKind, MessageState, OutboxMessage, PushAddress
from challenge.messages.queries import unread_by_person
from challenge.notifications.models import ReminderChoice
from challenge.notifications.on_call import is_quiet, next_quiet
from challenge.protocol.local_week import local_day, monday_of
from challenge.workouts.current_week import CurrentWeek, current_week
from challenge.workouts.day_notices import day_notices

TITLE = "Pain-Free Runner"
STRENGTH = "Strength is due today."
MORNING = "How was this morning?"
MESSAGE = "There’s a new message."
FLAG = "A stop flag waits."
REMINDED_FOR = timedelta(hours=2)  # a reminder that comes later than this after its time is not sent
MESSAGE_IS_NEW_FOR = timedelta(hours=24)

Devices = list[PushAddress]


def send_pushes(*, at: datetime) -> int:
    """Put every push that is due in the outbox, once; return how many. Nothing without PUSH_KEY."""
    if not settings.PUSH_KEY:
        return 0
    devices: dict[str, Devices] = defaultdict(list)
    for address in PushAddress.objects.order_by("pk"):
        devices[address.owner].append(address)
    if not devices:
        return 0
    people = User.objects.filter(pk__in=[int(owner.partition(":")[2]) for owner in devices], is_active=True)
    every = list(people.select_related("reminder_choice").order_by("pk"))
    written = 0
    for user in every:
        if user.is_staff:
            continue
        with transaction.atomic():
            written += put_pushes_in_outbox(list(_to_runner(user, devices[user.about], at)), at=at)
    with transaction.atomic():
        flags = [
            push for user in every if user.is_staff for push in _to_clinician(user, devices[user.about], at)
        ]
        return written + put_pushes_in_outbox(flags, at=at)


def choice_of(user: User) -> ReminderChoice:
    """Return what the person chose, or what is so without a choice; that one is not stored."""
    return getattr(user, "reminder_choice", None) or ReminderChoice(user=user)


def _to_runner(user: User, devices: Devices, at: datetime) -> Iterator[Push]:
    """Yield the one push of the runner's day, to each device."""
    choice, zone = choice_of(user), user.zone
    if is_quiet(at, zone, quiet_from=choice.quiet_from, quiet_until=choice.quiet_until):
        return
    today = local_day(at, zone)
    day_key = f"push:{user.pk}:{today.isoformat()}:"
    if OutboxMessage.objects.filter(dedupe_key__startswith=day_key).exists():
        return
    runner = enrollment_of(user)
    due = _due(user, runner, choice, today=today, at=at) if runner is not None else None
    if due is None:
        return
    words, path, tag, about, worth_until = due
    worth_until = min(worth_until, next_quiet(at, zone, quiet_from=choice.quiet_from))
    for device in devices:
        # The key has no kind: whatever comes second on this day finds it taken.
        yield Push(device, TITLE, words, path, tag, f"{day_key}{device.pk}", about, worth_until)


Due = tuple[str, str, str, str, datetime]


def _due(user: User, runner: Enrollment, choice: ReminderChoice, *, today: date, at: datetime) -> Due | None:
    """Return what the runner is to be reminded of now: words, page, tag, what it is about, until when it is of use."""
    if choice.message and (message := _new_message(user, at)) is not None:
        # Not about the enrollment: a stop withdraws reminders, and not the word that someone has written.
        return MESSAGE, reverse("messages"), f"message-{message}", user.about, at + MESSAGE_IS_NEW_FOR
    wants_strength = choice.strength and _is_time(at, user, choice.strength_at)
    wants_morning = choice.morning and _is_time(at, user, choice.morning_at)
    if not (wants_strength or wants_morning):
        return None
    if pauses_covering(on=today).filter(enrollment=runner).exists() or open_stop(runner) is not None:
        return None
    week = _week(runner, today)
    if wants_morning and week.goes_on and week.morning_to_ask == today:
        return MORNING, reverse("log_morning"), "morning", runner.about, at + REMINDED_FOR
    if wants_strength and week.goes_on and week.session_due and not _rests(runner, week, today, at):
        return STRENGTH, reverse("log_strength"), "strength", runner.about, at + REMINDED_FOR
    return None


def _is_time(at: datetime, user: User, chosen: time) -> bool:
    """Return whether the chosen time came within the last two hours, on the clock that the runner reads."""
    local = at.astimezone(user.zone)
    minutes = local.hour * 60 + local.minute - (chosen.hour * 60 + chosen.minute)
    return 0 <= minutes < REMINDED_FOR.total_seconds() / 60


def _week(runner: Enrollment, today: date) -> CurrentWeek:
    parameters = parameters_of(runner.cohort, week_starts_on=monday_of(today))
    return current_week(runner, today=today, stop=None, parameters=parameters)


def _rests(runner: Enrollment, week: CurrentWeek, today: date, at: datetime) -> bool:
    """Return whether the log asks for a day off, as /today/ shows it."""
    parameters = parameters_of(runner.cohort, week_starts_on=monday_of(today))
    notices = day_notices(runner, week.recent, today=today, at=at, held=week.held, parameters=parameters)
    return notices.rest_on is not None


def _new_message(user: User, at: datetime) -> int | None:
    """Return the newest unread message of the last day, unless a push has followed it.

    The message itself counts, not its email: someone without emails about messages may still want this.
    """
    unread = unread_by_person(user).filter(at__gt=at - MESSAGE_IS_NEW_FOR, at__lte=at)
    newest = unread.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return None
    pushed = OutboxMessage.objects.filter(about=user.about, kind=MessageKind.PUSH)
    return None if pushed.filter(headers__tag=f"message-{newest}").exists() else newest


def _to_clinician(user: User, devices: Devices, at: datetime) -> Iterator[Push]:
    """Yield a push for each alert that was mailed to the clinician and whose flag no one has taken.

    Who is on call, and when, was decided for the email: see `on_call`.
    """
    alerts = OutboxMessage.objects.filter(
        kind=MessageKind.STAFF_ALERT,
        dedupe_key__startswith="stop:",
        to_email=user.email.lower(),
        created_at__gt=at - MESSAGE_IS_NEW_FOR,
        created_at__lte=at,
    ).exclude(state=MessageState.WITHDRAWN)
    mine = dict(alerts.values_list("dedupe_key", "pk"))
    for flag in _waiting(mine):
        for key, pk in mine.items():
            if key.startswith(f"stop:{flag.pk}:"):
                for device in devices:
                    yield Push(
                        device, TITLE, FLAG, reverse("review:cohorts"), "flag",
                        f"push:alert:{pk}:{device.pk}", flag.about, at + MESSAGE_IS_NEW_FOR,
                    )  # fmt: skip


def _waiting(keys: Iterable[str]) -> Iterable[Flag]:
    return open_stops().filter(pk__in={int(key.split(":")[1]) for key in keys}, taken_at__isnull=True)
