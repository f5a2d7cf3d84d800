"""Writes of the conversation. Each locks the runner, so that messages have one order and nothing is stored twice."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction

from challenge.accounts.models import User
from challenge.care.actions import raise_flag
from challenge.care.models import Flag
from challenge.db.sealed import seal_bytes
from challenge.enrollment.models import Enrollment
from challenge.messages import emails
from challenge.messages.models import Conversation, Message, MessageMark, MessagePicture, MessageTemplate
from challenge.messages.picture_child import RedrawnPicture
from challenge.messages.queries import written_since
from challenge.protocol.local_week import local_day
from challenge.protocol.sentences.stop import stop_words
from challenge.protocol.vocabulary import FlagKind, Rule, Symptom

DOUBLE_SUBMIT = timedelta(minutes=2)
MOST_A_DAY = 20
WORDS = "message.words"
DAY = timedelta(days=1)


class TooManyMessages(Exception):
    """The runner wrote MOST_A_DAY messages within a day."""


class NothingToClose(Exception):
    """A colleague answered or closed it, or the runner wrote again since the page was opened."""


class ConversationMoved(Exception):
    """Another message came since the page was opened."""

    def __str__(self) -> str:
        return "Another message came since you opened this page. Read it first; we kept what you wrote."


class Written(NamedTuple):
    """A stored message, and the words in it that may mean a stop symptom."""

    message: Message
    words: tuple[str, ...]


@transaction.atomic
def write_message(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    text: str,
    pictures: Sequence[RedrawnPicture] = (),
    by: User,
    at: datetime,
) -> Written:
    """Store a runner's message with its pictures; the same form again, with the same words, is the same message.

    Words that may mean a stop symptom raise a question for a clinician. Raises TooManyMessages.
    """
    _lock(enrollment)
    stored_key = _key_of(key, text, pictures)
    words = stop_words(text)
    if earlier := Message.objects.filter(enrollment=enrollment, key=stored_key).first():
        return Written(earlier, words)
    if written_since(enrollment, since=at - DAY) >= MOST_A_DAY:
        raise TooManyMessages
    message = Message.objects.create(
        enrollment=enrollment, text=text, from_runner=True, key=stored_key, by=by, at=at
    )
    for place, picture in enumerate(pictures):
        _save_picture(message, place, picture)
    # Also where no draft was saved before: a phone that kept one sees from the moment that it was sent.
    Conversation.objects.update_or_create(enrollment=enrollment, defaults={"draft": "", "draft_at": at})
    if words:
        facts = {"words": list(words), "on": local_day(at, by.zone).isoformat()}
        raise_flag(
            enrollment=enrollment, kind=FlagKind.ASK, rule=WORDS, source=_source(message), facts=facts, at=at
        )
    return Written(message, words)


def _key_of(key: uuid.UUID, text: str, pictures: Sequence[RedrawnPicture]) -> uuid.UUID:
    """Return the key of this form with these words: a form that was changed and sent again is another message."""
    digest = sha256(text.encode())
    for picture in pictures:
        digest.update(sha256(picture.jpeg).digest())
    return uuid.uuid5(key, digest.hexdigest())


def _save_picture(message: Message, place: int, picture: RedrawnPicture) -> None:
    sealed_key, content = seal_bytes(picture.jpeg)
    MessagePicture.objects.create(
        message=message,
        place=place,
        sealed_key=sealed_key,
        content=content,
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def report_stop(*, message: Message, symptoms: Sequence[Symptom], on: date, at: datetime) -> Flag:
    """Raise the stop flag of symptoms that a runner confirmed after a message, `on` their local day; once."""
    facts = {"symptoms": [symptom.value for symptom in symptoms], "on": on.isoformat()}
    with transaction.atomic():
        return raise_flag(
            enrollment=message.enrollment,
            kind=FlagKind.STOP,
            rule=Rule.PAIN_STOP.value,
            source=_source(message),
            facts=facts,
            at=at,
        )


def _source(message: Message) -> str:
    return f"message:{message.pk}"


@transaction.atomic
def send_message(
    *, enrollment: Enrollment, text: str, by: User, at: datetime, seen: int | None = None
) -> Message:
    """Store a clinician's message for the runner's page and announce it. The same words within minutes are one.

    `seen` is the id of the newest message that their page showed: the same words from a page that showed the first of
    them are another message. Raises ConversationMoved if there is a newer one.
    """
    _lock(enrollment)
    # Compare the words, not a key: a page that came back after signing in again has another key.
    lately = Message.objects.filter(enrollment=enrollment, by=by, text=text, from_runner=False)
    if earlier := lately.filter(at__gt=at - DOUBLE_SUBMIT, at__lte=at, pk__gt=seen or 0).first():
        return earlier
    newest = _newest(enrollment)
    before = newest.pk if newest is not None else 0
    if seen is not None and before > seen:
        raise ConversationMoved
    notice = emails.announce(enrollment=enrollment, after=before, at=at)
    return Message.objects.create(enrollment=enrollment, text=text, notice=notice, by=by, at=at)


@transaction.atomic
def close_conversation(*, enrollment: Enrollment, last: int, by: User, at: datetime) -> MessageMark:
    """Record that a runner's messages need no answer; the same press again changes nothing.

    Raises NothingToClose if `last` is not the newest one, or a colleague closed it.
    """
    _lock(enrollment)
    newest = _newest(enrollment)
    if newest is None or not newest.from_runner or newest.pk != last:
        raise NothingToClose
    mark = _mark(newest, MessageMark.MarkKind.CLOSED, by=by, at=at)
    if mark.by_id != by.pk:
        raise NothingToClose
    return mark


@transaction.atomic
def mark_read(*, enrollment: Enrollment, last: int, by: User, at: datetime) -> None:
    """Record that the runner read the clinic's messages up to `last`; an unknown id changes nothing."""
    _lock(enrollment)
    message = Message.objects.filter(enrollment=enrollment, pk=last, from_runner=False).first()
    if message is not None:
        _mark(message, MessageMark.MarkKind.READ, by=by, at=at)


def _mark(message: Message, kind: MessageMark.MarkKind, *, by: User, at: datetime) -> MessageMark:
    mark, _ = MessageMark.objects.get_or_create(message=message, kind=kind, defaults={"by": by, "at": at})
    return mark


@transaction.atomic
def save_draft(*, enrollment: Enrollment, text: str, sent: uuid.UUID | None, at: datetime) -> None:
    """Keep what a runner is typing. A draft that arrives after its form `sent` the same words is dropped."""
    _lock(enrollment)
    if sent is not None and _was_sent(enrollment, sent, text):
        return
    Conversation.objects.update_or_create(enrollment=enrollment, defaults={"draft": text, "draft_at": at})


def _was_sent(enrollment: Enrollment, key: uuid.UUID, text: str) -> bool:
    if Message.objects.filter(enrollment=enrollment, key=_key_of(key, text, ())).exists():
        return True
    # With pictures the key differs, but the newest message has the words.
    newest = Message.objects.filter(enrollment=enrollment, from_runner=True).order_by("-pk").first()
    return newest is not None and newest.text == text.strip()


def set_emails(*, enrollment: Enrollment, wanted: bool, at: datetime) -> None:
    """Switch the emails about messages on or off."""
    off_at = None if wanted else at
    Conversation.objects.update_or_create(enrollment=enrollment, defaults={"emails_off_at": off_at})


def save_template(*, user: User, title: str, text: str) -> MessageTemplate:
    """Store a clinician's template; one of the same title is replaced."""
    row, _ = MessageTemplate.objects.update_or_create(user=user, title=title, defaults={"text": text})
    return row


def _newest(enrollment: Enrollment) -> Message | None:
    return Message.objects.filter(enrollment=enrollment).order_by("-pk").first()


def _lock(enrollment: Enrollment) -> None:
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
