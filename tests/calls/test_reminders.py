"""Reminders a day and an hour before: at most once each, and only while the call keeps its time."""

from datetime import UTC, datetime, timedelta

import pytest

from challenge.calls.actions import cancel, move
from challenge.calls.after_call import record_outcome
from challenge.calls.models import Booking, BookingState
from challenge.calls.periodic import remind
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.mail.models import MessageState as MailState
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 1, 9, 16, 0, tzinfo=UTC)  # 10:00 in Chicago, two days after NOW
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def waiting() -> list[str]:
    rows = OutboxMessage.objects.filter(kind=MessageKind.REMINDER, state=MailState.QUEUED).order_by("pk")
    return [row.dedupe_key.split(":")[2] for row in rows]


@pytest.fixture
def call() -> Booking:
    return make_call(availability=make_availability(), starts_at=FRIDAY, at=NOW)


def test_a_day_and_an_hour_before_once_each(call: Booking) -> None:
    for at in (NOW, FRIDAY - DAY - MINUTE):
        assert remind(at=at) == 0
    assert [remind(at=FRIDAY - DAY + n * MINUTE) for n in range(3)] == [1, 0, 0]
    assert [remind(at=FRIDAY - HOUR + n * MINUTE) for n in range(3)] == [1, 0, 0]
    assert remind(at=FRIDAY + MINUTE) == 0
    assert waiting() == ["call_tomorrow", "call_soon"]


def test_a_canceled_call_is_not_reminded_of_and_takes_back_what_waits(call: Booking) -> None:
    remind(at=FRIDAY - DAY)
    cancel(booking=call, by=None, at=FRIDAY - DAY)
    assert waiting() == []
    assert remind(at=FRIDAY - HOUR) == 0


def test_a_moved_call_is_reminded_of_at_its_new_time_alone(call: Booking) -> None:
    remind(at=FRIDAY - DAY)
    later = FRIDAY + timedelta(days=3)
    move(booking=call, starts_at=later, staff_id=call.staff_id, by=None, at=FRIDAY - DAY)
    assert remind(at=FRIDAY - HOUR) == 0
    assert remind(at=later - DAY) == 1
    assert waiting() == ["call_tomorrow"]


def test_who_books_within_the_day_is_reminded_an_hour_before_only() -> None:
    make_call(availability=make_availability(), starts_at=FRIDAY, at=FRIDAY - 20 * HOUR)
    assert remind(at=FRIDAY - 19 * HOUR) == 0
    assert remind(at=FRIDAY - HOUR) == 1


def test_after_a_long_stop_no_reminder_calls_today_tomorrow(call: Booking) -> None:
    assert remind(at=FRIDAY - 6 * HOUR) == 0


def test_no_one_comes_one_kind_message_that_a_slip_of_the_hand_takes_back(call: Booking) -> None:
    staff = call.staff
    for _ in "twice":
        record_outcome(booking=call, outcome=BookingState.NO_SHOW, by=staff, at=FRIDAY + HOUR)
    missed = OutboxMessage.objects.get(dedupe_key__endswith=":missed")
    assert missed.send_at == FRIDAY + HOUR + 10 * MINUTE
    record_outcome(booking=call, outcome=BookingState.HELD, by=staff, at=FRIDAY + HOUR + MINUTE)
    missed.refresh_from_db()
    assert missed.state == MailState.WITHDRAWN
