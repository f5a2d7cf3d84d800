"""What reminders were followed by, and how long messages waited, on the cohort report."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.messages.actions import close_conversation, send_message, write_message
from challenge.notifications.messages import quiet_days
from challenge.notifications.notices import write_new
from challenge.review.report import ReminderEffect, reminder_effects
from challenge.review.response_times import message_times
from tests.factories.log import log_run
from tests.review.conftest import monday

pytestmark = pytest.mark.django_db


def test_a_reminder_is_followed_by_an_entry_within_two_days_or_not(
    care: SimpleNamespace, desk: Client
) -> None:
    at = timezone.now() - timedelta(days=9)
    for number, days_before in enumerate((9, 5)):
        week = monday(number)
        write_new([quiet_days(runner=care.runner, week_starts_on=week)], at)
        sent = timezone.now() - timedelta(days=days_before)
        OutboxMessage.objects.filter(kind=MessageKind.REMINDER, sent_at=None).update(
            state=MessageState.SENT, sent_at=sent
        )
    log_run(care.runner, at=at + timedelta(days=1))
    assert reminder_effects(care.cohort) == [ReminderEffect("Email after quiet days", 2, 1)]
    page = desk.get(f"/admin/review/{care.cohort.slug}/report/").content.decode()
    assert "2 sent, 1 followed by an entry within two days" in page


def test_a_message_waits_from_the_first_to_an_answer_or_a_closing(care: SimpleNamespace) -> None:
    runner, at = care.runner, timezone.now() - timedelta(days=3)

    def ask(hours: int) -> int:
        asked = at + timedelta(hours=hours)
        return write_message(
            enrollment=runner, key=uuid.uuid4(), text=f"{hours}?", by=runner.seat.user, at=asked
        ).message.pk

    ask(0)
    ask(1)
    send_message(enrollment=runner, text="Yes.", by=care.clinician, at=at + timedelta(hours=2))
    last = ask(10)
    close_conversation(enrollment=runner, last=last, by=care.clinician, at=at + timedelta(hours=14))
    ask(48)
    times = message_times(care.cohort, at=at + timedelta(hours=72))
    assert (times.answered, times.median, times.longest, times.waiting) == (
        2,
        "3 h",
        "4 h",
        "1, for up to 24 h",
    )
