"""Read the conversation: a thread, what the runner has not read, which runners wait for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, Enrollment, SeatState
from challenge.messages.models import (
    Conversation,
    Message,
    MessageMark,
    MessagePicture,
    MessageTemplate,
)

PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A runner's messages without an answer: when the first and the last were written, and the last one's id."""

    since: datetime
    last_at: datetime
    last: int
    count: int


def thread(enrollment: Enrollment, *, before: int | None = None) -> list[Message]:
    """Return at most PAGE messages, newest first, with their pictures and marks; `before` is the id to go on from.

    The pictures come without their content. Pictures and marks are read only where there are any: two queries more.
    """
    rows = Message.objects.filter(enrollment=enrollment)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    beside: dict[str, QuerySet[Any]] = {
        "pictures": MessagePicture.objects.defer("content", "sealed_key").order_by("place"),
        "marks": MessageMark.objects.select_related("by"),
    }
    has_any = {
        f"has_{name}": Exists(found.filter(message=OuterRef("pk")).order_by())
        for name, found in beside.items()
    }
    messages = list(rows.select_related("by", "notice").annotate(**has_any).order_by("-pk")[:PAGE])
    for name, found in beside.items():
        # Django's own prefetch, with no rows to ask for where no message has any.
        there = found if any(getattr(message, f"has_{name}") for message in messages) else found.none()
        prefetch_related_objects(messages, Prefetch(name, there))
    return messages


def unread_by_runner(enrollment: Enrollment) -> QuerySet[Message]:
    """Return the clinic's messages that the runner has neither marked as read nor answered."""
    return _unread().filter(enrollment=enrollment)


def unread_by_person(user: User) -> QuerySet[Message]:
    """Return the same of all their challenges: an answer may come after the next one has begun."""
    return _unread().filter(enrollment__seat__user=user)


def unread_by_challenge(user: User, *, but: Enrollment) -> list[dict[str, Any]]:
    """Return slug and name of the person's other challenges with unread messages, and how many there are."""
    cohort = "enrollment__seat__cohort"
    rows = unread_by_person(user).exclude(enrollment=but).order_by()
    found = rows.values(slug=F(f"{cohort}__slug"), name=F(f"{cohort}__name")).annotate(unread=Count("pk"))
    return [dict(row) for row in found.order_by(f"-{cohort}__starts_on")]


def _unread() -> QuerySet[Message]:
    read = MessageMark.objects.filter(
        kind=MessageMark.MarkKind.READ,
        message__enrollment=OuterRef("enrollment"),
        message__gte=OuterRef("pk"),
    )
    answered = Message.objects.filter(
        enrollment=OuterRef("enrollment"), from_runner=True, pk__gt=OuterRef("pk")
    )
    return Message.objects.filter(~Exists(read), ~Exists(answered), from_runner=False)


def unanswered() -> QuerySet[Message]:
    """Return every runner's messages that no clinician has answered or closed; no one answers an erased person."""
    answered = Message.objects.filter(
        enrollment=OuterRef("enrollment"), from_runner=False, pk__gt=OuterRef("pk")
    )
    closed = MessageMark.objects.filter(
        kind=MessageMark.MarkKind.CLOSED,
        message__enrollment=OuterRef("enrollment"),
        message__gte=OuterRef("pk"),
    )
    return Message.objects.filter(
        ~Exists(answered), ~Exists(closed), from_runner=True, enrollment__seat__user__isnull=False
    )


def waiting_runners(enrollments: Iterable[int] | QuerySet[Enrollment]) -> dict[int, Waiting]:
    """Return what waits for an answer, by enrollment id; one query for all of them."""
    rows = unanswered().filter(enrollment__in=enrollments).order_by().values("enrollment")
    found = rows.annotate(since=Min("at"), last_at=Max("at"), last=Max("pk"), count=Count("pk"))
    return {
        row["enrollment"]: Waiting(row["since"], row["last_at"], row["last"], row["count"]) for row in found
    }


def waiting_in(enrollment: Enrollment, messages: list[Message]) -> Waiting | None:
    """Return the same of one runner from the newest page of their thread; None where nothing waits.

    One query where every message of the page waits: then the first of them may be on an earlier page.
    """
    if enrollment.seat.user is None:
        return None
    # An answer and a closing are both about every message before them.
    waits = [*takewhile(lambda message: message.from_runner and not _is_closed(message), messages)]
    if waits and len(waits) == PAGE:
        return waiting_runners([enrollment.pk]).get(enrollment.pk)
    return Waiting(waits[-1].at, waits[0].at, waits[0].pk, len(waits)) if waits else None


def _is_closed(message: Message) -> bool:
    return any(mark.kind == MessageMark.MarkKind.CLOSED for mark in message.marks.all())


def waiting_by_cohort(*, started_after: date) -> dict[int, int]:
    """Return how many runners wait for an answer, by id of the cohort, among those that began after this day."""
    # Lists, not subqueries: the planner then reads seats and messages of these few by index.
    cohorts = list(Cohort.objects.filter(starts_on__gt=started_after).values_list("pk", flat=True))
    recent = Enrollment.objects.filter(seat__state=SeatState.CONFIRMED, seat__cohort__in=cohorts)
    numbers = list(recent.values_list("pk", flat=True))
    rows = unanswered().filter(enrollment__in=numbers).order_by().values_list("enrollment__seat__cohort")
    return dict(rows.annotate(runners=Count("enrollment", distinct=True)))


def answer_waits(cohort: Cohort) -> tuple[list[timedelta], list[datetime]]:
    """Return how long each of a cohort's questions waited for an answer or its closing, and since when others wait.

    Messages that a runner writes before an answer are one question, which waits since the first of them.
    """
    mine = {"enrollment__seat__cohort": cohort}
    closings = MessageMark.objects.filter(
        kind=MessageMark.MarkKind.CLOSED, message__enrollment__seat__cohort=cohort
    )
    closed = dict(closings.values_list("message", "at"))
    rows = Message.objects.filter(**mine).order_by("enrollment", "pk")
    waits: list[timedelta] = []
    since: dict[int, datetime] = {}
    for runner, pk, from_runner, at in rows.values_list("enrollment", "pk", "from_runner", "at"):
        if from_runner:
            since.setdefault(runner, at)
        ended = closed.get(pk) if from_runner else at
        if ended is not None and runner in since:
            waits.append(max(ended - since.pop(runner), timedelta()))
    erased = Enrollment.objects.filter(seat__cohort=cohort, seat__user__isnull=True)
    for runner in erased.values_list("pk", flat=True):
        since.pop(runner, None)
    return waits, list(since.values())


def conversation_of(enrollment: Enrollment) -> Conversation:
    """Return the runner's draft and wish about emails; an unsaved row before there is one."""
    return Conversation.objects.filter(enrollment=enrollment).first() or Conversation(enrollment=enrollment)


def draft_saved_ms(enrollment: Enrollment) -> int:
    """Return when the draft was last saved or sent, in milliseconds since the epoch; 0 if never."""
    saved_at = conversation_of(enrollment).draft_at
    return int(saved_at.timestamp() * 1000) if saved_at is not None else 0


def written_since(enrollment: Enrollment, *, since: datetime) -> int:
    """Return how many messages the runner has written since this moment."""
    return Message.objects.filter(enrollment=enrollment, from_runner=True, at__gt=since).count()


def templates_of(user: User) -> QuerySet[MessageTemplate]:
    """Return the clinician's own templates, by title."""
    return MessageTemplate.objects.filter(user=user).order_by("title")


def pictures_in(enrollments: QuerySet[Enrollment]) -> QuerySet[MessagePicture]:
    """Return the pictures of these runners' messages."""
    return MessagePicture.objects.filter(message__enrollment__in=enrollments).select_related(
        "message__enrollment__seat__user"
    )


def notice_is_due(enrollment: Enrollment, *, at: datetime, quiet: timedelta) -> bool:
    """Return whether a message should be announced: emails are on, and no unread one was announced just now."""
    if Conversation.objects.filter(enrollment=enrollment, emails_off_at__isnull=False).exists():
        return False
    announced = unread_by_runner(enrollment).filter(Q(notice__isnull=False), at__gt=at - quiet)
    return not announced.exists()
