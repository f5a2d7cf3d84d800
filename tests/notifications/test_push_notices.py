"""Which pushes are due: one a day, at the time one chose, never in quiet hours, nothing while stopped or paused."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, pause, raise_flag
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.mail.push_addresses import save_address
from challenge.messages.actions import mark_read, send_message, set_emails
from challenge.messages.models import Message
from challenge.notifications.models import ReminderChoice
from challenge.notifications.notices import alert_clinicians
from challenge.notifications.on_call import is_quiet, next_quiet
from challenge.notifications.push_notices import FLAG, MESSAGE, MORNING, STRENGTH, send_pushes
from challenge.protocol.vocabulary import FlagKind, PauseReason
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_strength
from tests.factories.people import make_clinician, make_runner_user
from tests.factories.weekly import make_target
from tests.mail.push_service import AUTH, PUSH_KEY, encode

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
MONDAY = date(2026, 1, 5)
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"


def at(hour: float, day: date = MONDAY) -> datetime:
    """The moment of this hour on the runner's clock."""
    return datetime.combine(day, time(int(hour), int(hour % 1 * 60)), tzinfo=CHICAGO)


def add_device(user: User, name: str = "phone") -> None:
    endpoint = f"https://fcm.googleapis.com/fcm/send/{user.pk}-{name}"
    save_address(owner=user.about, endpoint=endpoint, p256dh=POINT, auth=encode(AUTH), device=name, at=at(1))


def choose(user: User, **values: Any) -> None:
    ReminderChoice.objects.update_or_create(user=user, defaults=values)


def write_message(runner: Enrollment, moment: datetime, number: int = 1) -> Message:
    return send_message(enrollment=runner, text=f"Words {number}", by=make_clinician(), at=moment)


def words() -> list[str]:
    pushes = OutboxMessage.objects.filter(kind=MessageKind.PUSH).order_by("pk")
    return list(pushes.values_list("text", flat=True))


@pytest.fixture
def runner(settings: Any) -> Enrollment:
    settings.PUSH_KEY = PUSH_KEY
    enrollment = enroll(user=make_runner_user(time_zone="America/Chicago"))
    make_target(enrollment)
    assert enrollment.seat.user is not None
    add_device(enrollment.seat.user)
    return enrollment


@pytest.fixture
def user(runner: Enrollment) -> User:
    assert runner.seat.user is not None
    return runner.seat.user


def test_strength_is_named_once_a_day_at_the_chosen_time(runner: Enrollment, user: User) -> None:
    choose(user, strength_at=time(18, 30))
    assert [send_pushes(at=at(hour)) for hour in (9, 17, 18.4, 18.5, 18.6, 20.4)] == [0, 0, 0, 1, 0, 0]
    push = OutboxMessage.objects.get(kind=MessageKind.PUSH)
    assert (push.subject, push.text, push.headers["path"]) == ("Pain-Free Runner", STRENGTH, "/log/strength/")
    assert push.expires_at == at(20.5)
    assert push.to_email == push.html == ""


def test_a_reminder_expires_when_the_quiet_hours_begin(runner: Enrollment, user: User) -> None:
    choose(user, strength_at=time(20), quiet_from=time(21))
    send_pushes(at=at(20))
    assert OutboxMessage.objects.get(kind=MessageKind.PUSH).expires_at == at(21)


def test_nothing_is_due_where_a_session_was_done(runner: Enrollment, user: User) -> None:
    log_strength(runner, on=MONDAY)
    assert send_pushes(at=at(17)) == 0
    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    assert send_pushes(at=at(17, tuesday)) == 0, "a day between"
    assert send_pushes(at=at(17, wednesday)) == 1


def test_the_morning_after_a_session_is_asked_for(runner: Enrollment, user: User) -> None:
    tuesday = MONDAY + timedelta(days=1)
    log_strength(runner, on=MONDAY)
    assert send_pushes(at=at(7.5, tuesday)) == 1
    assert send_pushes(at=at(17, tuesday)) == 0
    assert words() == [MORNING]


def test_one_a_day_whatever_comes(runner: Enrollment, user: User) -> None:
    add_device(user, "laptop")
    write_message(runner, at(10))
    assert send_pushes(at=at(10)) == 2, "to each device"
    assert send_pushes(at=at(17)) == 0
    write_message(runner, at(18), 2)
    assert send_pushes(at=at(18)) == 0
    assert send_pushes(at=at(7.1, MONDAY + timedelta(days=1))) == 2, "the second message, the next morning"
    assert words() == [MESSAGE] * 4


def test_a_message_is_pushed_once(runner: Enrollment, user: User) -> None:
    write_message(runner, at(10))
    send_pushes(at=at(10))
    assert send_pushes(at=at(9, MONDAY + timedelta(days=1))) == 0


def test_a_message_that_was_read_is_not_pushed(runner: Enrollment, user: User) -> None:
    message = write_message(runner, at(6))
    mark_read(enrollment=runner, last=message.pk, by=user, at=at(6.5))
    assert send_pushes(at=at(8)) == 0


def test_a_message_is_pushed_to_someone_who_wants_no_email(runner: Enrollment, user: User) -> None:
    set_emails(enrollment=runner, wanted=False, at=at(1))
    write_message(runner, at(10))
    assert send_pushes(at=at(10)) == 1
    assert "Words" not in str(OutboxMessage.objects.filter(kind=MessageKind.PUSH).values().get())


def test_a_kind_that_is_off_is_not_sent(runner: Enrollment, user: User) -> None:
    choose(user, strength=False, morning=False, message=False)
    write_message(runner, at(10))
    log_strength(runner, on=MONDAY - timedelta(days=1))
    assert [send_pushes(at=at(hour)) for hour in (7.5, 10, 17)] == [0, 0, 0]


def test_nothing_is_sent_in_quiet_hours(runner: Enrollment, user: User) -> None:
    write_message(runner, at(21.5))
    assert [send_pushes(at=at(hour)) for hour in (21, 22, 23.9)] == [0, 0, 0]
    tuesday = MONDAY + timedelta(days=1)
    assert [send_pushes(at=at(hour, tuesday)) for hour in (0, 6.9, 7)] == [0, 0, 1]


def test_no_reminder_while_stopped_and_none_on_its_way(runner: Enrollment, user: User) -> None:
    send_pushes(at=at(17))
    raise_flag(enrollment=runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=at(17.1))
    assert OutboxMessage.objects.get(kind=MessageKind.PUSH).state == MessageState.WITHDRAWN
    assert send_pushes(at=at(17, MONDAY + timedelta(days=1))) == 0
    write_message(runner, at(18, MONDAY + timedelta(days=1)))
    assert send_pushes(at=at(18, MONDAY + timedelta(days=1))) == 1, "a message is no instruction"


def test_a_message_on_its_way_outlives_a_stop(runner: Enrollment, user: User) -> None:
    write_message(runner, at(10))
    send_pushes(at=at(10))
    raise_flag(enrollment=runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=at(10.1))
    assert OutboxMessage.objects.get(kind=MessageKind.PUSH).state == MessageState.QUEUED


def test_no_reminder_while_paused_and_none_on_its_way(runner: Enrollment, user: User) -> None:
    send_pushes(at=at(17))
    pause(enrollment=runner, reason=PauseReason.TRAVEL, starts_on=MONDAY, ends_on=None, by=user, at=at(17.1))
    assert OutboxMessage.objects.get(kind=MessageKind.PUSH).state == MessageState.WITHDRAWN
    assert send_pushes(at=at(17, MONDAY + timedelta(days=1))) == 0


def test_nothing_without_a_key_or_a_device_or_a_seat(runner: Enrollment, user: User, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert send_pushes(at=at(17)) == 0
    settings.PUSH_KEY = PUSH_KEY
    make_target(enroll(user=make_runner_user(time_zone="America/Chicago")))
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert send_pushes(at=at(17)) == 0
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert send_pushes(at=at(17)) == 1


def test_a_clinician_reads_that_a_stop_flag_waits_and_nothing_more(runner: Enrollment) -> None:
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    add_device(clinician)
    flag = raise_flag(
        enrollment=runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=at(10)
    )
    assert send_pushes(at=at(10)) == 0, "it follows the email"
    alert_clinicians(at=at(10))
    assert [send_pushes(at=at(10)), send_pushes(at=at(10.1))] == [1, 0]
    push = OutboxMessage.objects.get(kind=MessageKind.PUSH)
    assert (push.text, push.headers["path"]) == (FLAG, "/admin/review/")
    assert runner.seat.user is not None
    assert runner.seat.user.name not in f"{push.subject}{push.text}{push.headers}{push.dedupe_key}"
    acknowledge_flag(flag=flag, by=clinician, at=at(10.2))
    push.refresh_from_db()
    assert push.state == MessageState.WITHDRAWN


def test_a_flag_that_was_taken_is_not_pushed(runner: Enrollment) -> None:
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    add_device(clinician)
    flag = raise_flag(
        enrollment=runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=at(10)
    )
    alert_clinicians(at=at(10))
    OutboxMessage.objects.update(state=MessageState.SENT, sent_at=at(10))
    acknowledge_flag(flag=flag, by=clinician, at=at(10.1))
    assert send_pushes(at=at(10.2)) == 0


# Clocks in Chicago: forward on March 8, 2026, at 2:00 AM; back on November 1, 2026, at 2:00 AM.
FORWARD, BACK = datetime(2026, 3, 8, 8, 0, tzinfo=UTC), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)


def quiet(moment: datetime, begin: time, end: time) -> bool:
    return is_quiet(moment, CHICAGO, quiet_from=begin, quiet_until=end)


def test_quiet_hours_where_the_clock_is_set_forward() -> None:
    minutes = [FORWARD + timedelta(minutes=n) for n in (-1, 0, 29, 30)]  # 1:59, then 3:00, 3:29, 3:30
    assert [quiet(one, time(21), time(7)) for one in minutes] == [True] * 4
    assert [quiet(one, time(22), time(2, 30)) for one in minutes] == [True, False, False, False]
    assert [quiet(one, time(2, 30), time(3, 30)) for one in minutes] == [False, True, True, False]
    seven = datetime(2026, 3, 8, 7, 0, tzinfo=CHICAGO)
    assert [quiet(seven + timedelta(minutes=n), time(21), time(7)) for n in (-1, 0)] == [True, False]


def test_quiet_hours_where_the_clock_is_turned_back() -> None:
    passes = [BACK + timedelta(minutes=n) for n in (-30, 30)]  # 1:30, and 1:30 again
    assert {one.astimezone(CHICAGO).time() for one in passes} == {time(1, 30)}
    for begin, end in ((time(21), time(7)), (time(1), time(2)), (time(2), time(1)), (time(22), time(1, 45))):
        assert quiet(passes[0], begin, end) == quiet(passes[1], begin, end)
    seven = datetime(2026, 11, 1, 7, 0, tzinfo=CHICAGO)
    assert [quiet(seven + timedelta(minutes=n), time(21), time(7)) for n in (-1, 0)] == [True, False]


@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31), date(2026, 11, 1)])
def test_the_next_quiet_hours_begin_on_the_wall_clock(day: date) -> None:
    noon = datetime.combine(day, time(12), tzinfo=CHICAGO)
    begins = next_quiet(noon, CHICAGO, quiet_from=time(21))
    assert begins.astimezone(CHICAGO) == datetime.combine(day, time(21), tzinfo=CHICAGO)
    assert quiet(begins, time(21), time(7))
    assert not quiet(begins.astimezone(UTC) - timedelta(minutes=1), time(21), time(7))


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_over_both_changes_of_the_clock_one_reminder_comes_at_its_time(day: date, settings: Any) -> None:
    """Each minute of the day is asked; the reminder's time lies in the hour that is left out or comes twice."""
    settings.PUSH_KEY = PUSH_KEY
    monday = day - timedelta(days=6)
    cohort = make_cohort(starts_on=monday)
    enrollment = enroll(cohort=cohort, user=make_runner_user(time_zone="America/Chicago"))
    make_target(enrollment, monday=monday)
    user = enrollment.seat.user
    assert user is not None
    add_device(user)
    chosen = time(1, 30) if day.month == 11 else time(2, 30)
    choose(user, strength_at=chosen, quiet_from=time(5), quiet_until=time(0, 30))
    midnight = datetime.combine(day, time(0), tzinfo=CHICAGO).astimezone(UTC)
    sent = [n for n in range(0, 6 * 60, 5) if send_pushes(at=midnight + timedelta(minutes=n))]
    # 1:30 is ninety minutes after midnight, the first time; 2:30 is left out, and 3:00 comes instead.
    assert sent == [90 if day.month == 11 else 120]
