"""The notices: each to the right people, at a decent hour, once, and without a health word."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, close_flag, pause, raise_flag
from challenge.care.models import Flag
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import CohortClinician, EndReason, Enrollment
from challenge.mail.delivery import deliver_due
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.messages.actions import send_message, write_message
from challenge.notifications.flag_checks import is_inactive, raise_scheduled_flags
from challenge.notifications.notices import alert_clinicians, send_notices
from challenge.privacy.actions import erase_account
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.weekly.actions import resend
from challenge.weekly.decide import TooLate, decide_due
from challenge.weekly.queries import is_superseded
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_clinician
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
TEN = SIX + timedelta(hours=4)  # Monday, 10:00 in Chicago


def written(kind: MessageKind) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("pk"))


@pytest.fixture
def cared_for(enrolled: Enrollment, clinician: User) -> Enrollment:
    CohortClinician.objects.create(cohort=enrolled.cohort, user=clinician)
    return enrolled


def stop(enrollment: Enrollment) -> Flag:
    return raise_flag(
        enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=TEN
    )


def test_a_stop_flag_reaches_the_clinicians_immediately_without_naming_the_runner(
    cared_for: Enrollment, clinician: User
) -> None:
    stop(cared_for)
    assert alert_clinicians(at=TEN) == 1
    assert alert_clinicians(at=TEN + timedelta(minutes=1)) == 0
    alert = written(MessageKind.STAFF_ALERT)[0]
    assert alert.to_email == clinician.email
    user = cared_for.seat.user
    assert user is not None
    assert user.name not in alert.subject + alert.text + alert.html
    assert "pain" not in alert.text.lower()


def test_alerts_escalate_until_a_clinician_takes_the_flag(cared_for: Enrollment, clinician: User) -> None:
    flag = stop(cared_for)
    alert_clinicians(at=TEN)
    alert_clinicians(at=TEN + timedelta(hours=2))
    assert {row.to_email for row in written(MessageKind.STAFF_ALERT)[1:]} == {
        clinician.email,
        "clinicians@clinic.test",
    }
    acknowledge_flag(flag=flag, by=clinician, at=TEN)
    assert alert_clinicians(at=TEN + timedelta(days=2)) == 0


def to_each(messages: list[EmailMessage]) -> list[tuple[str, str]]:
    return sorted((message.to[0], message.subject.partition(" ")[0]) for message in calls_among(messages))


def calls_among(messages: list[EmailMessage]) -> list[EmailMessage]:
    return [message for message in messages if "runner needs a call" in message.subject]


def test_after_the_mail_server_was_away_for_hours_each_address_gets_the_last_notice_alone(
    cared_for: Enrollment, clinician: User, mailoutbox: list[EmailMessage]
) -> None:
    stop(cared_for)
    for hours in (0, 2, 6):
        alert_clinicians(at=TEN + timedelta(hours=hours))
    deliver_due(now=lambda: TEN + timedelta(hours=7))
    told = sorted([clinician.email, "clinicians@clinic.test", "hello@clinic.test"])
    assert to_each(mailoutbox) == [(email, "Still") for email in told]
    assert [row.state for row in written(MessageKind.STAFF_ALERT)] == [MessageState.WITHDRAWN] * 3 + [
        MessageState.SENT
    ] * 3


def test_after_the_worker_was_away_only_the_last_notice_is_written(
    cared_for: Enrollment, clinician: User
) -> None:
    stop(cared_for)
    assert alert_clinicians(at=TEN + timedelta(hours=25)) == 3
    assert alert_clinicians(at=TEN + timedelta(hours=25, minutes=1)) == 0
    for row in written(MessageKind.STAFF_ALERT):
        assert row.subject.startswith("Still waiting")
        for told in (row.text, row.html):
            assert "this email comes again every day." in told
            assert "to more people" not in told


def test_a_flag_that_waits_for_days_is_escalated_daily_until_it_is_taken(
    cared_for: Enrollment, clinician: User
) -> None:
    flag = stop(cared_for)
    for day in range(1, 15):
        assert alert_clinicians(at=TEN + timedelta(days=day, minutes=-1)) == (1 if day == 1 else 0) * 3
        assert alert_clinicians(at=TEN + timedelta(days=day)) == 3
    acknowledge_flag(flag=flag, by=clinician, at=TEN + timedelta(days=14))
    assert alert_clinicians(at=TEN + timedelta(days=30)) == 0


def test_runners_who_left_are_alerted_about_for_stops_only_and_erased_ones_never(
    cared_for: Enrollment, clinician: User
) -> None:
    stop(cared_for)
    raise_flag(enrollment=cared_for, kind=FlagKind.ASK, rule="pain.ask", source="run:1", facts={}, at=TEN)
    user = cared_for.seat.user
    assert user is not None
    withdraw(seat=cared_for.seat, reason=EndReason.WITHDREW, by=user, at=TEN)
    send_notices(at=TEN + timedelta(hours=1))
    assert "1 open on the board, 1 of them urgent" in written(MessageKind.DIGEST)[0].text
    assert alert_clinicians(at=TEN + timedelta(hours=1)) == 1
    erase_account(user=user, by=user, at=TEN + timedelta(hours=2))
    assert alert_clinicians(at=TEN + timedelta(days=3)) == 0
    send_notices(at=TEN + timedelta(days=1))
    assert len(written(MessageKind.DIGEST)) == 1


def test_a_notice_that_was_sent_is_followed_by_the_next_one(
    cared_for: Enrollment, clinician: User, mailoutbox: list[EmailMessage]
) -> None:
    stop(cared_for)
    for hours in (0, 2):
        alert_clinicians(at=TEN + timedelta(hours=hours))
        deliver_due(now=lambda hours=hours: TEN + timedelta(hours=hours))  # type: ignore[misc]
    theirs = [message for message in mailoutbox if message.to == [clinician.email]]
    assert to_each(theirs) == [(clinician.email, "A"), (clinician.email, "Still")]


def test_the_last_alert_is_never_withdrawn_while_the_flag_waits(cared_for: Enrollment) -> None:
    """Neither a pass with an older clock (its level is lower), nor a second pass, nor a new clinician withdraws it."""
    stop(cared_for)
    alert_clinicians(at=TEN + timedelta(hours=25))
    alert_clinicians(at=TEN + timedelta(hours=1))
    CohortClinician.objects.create(cohort=cared_for.cohort, user=make_clinician())
    assert alert_clinicians(at=TEN + timedelta(hours=26)) == 1
    assert alert_clinicians(at=TEN + timedelta(hours=27)) == 0
    last = OutboxMessage.objects.filter(kind=MessageKind.STAFF_ALERT, dedupe_key__contains=":3:")
    assert set(last.values_list("state", flat=True)) == {MessageState.QUEUED}
    assert last.count() == 4


def test_a_notice_that_cannot_be_written_takes_none_back(
    cared_for: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(cared_for)
    alert_clinicians(at=TEN)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError

    monkeypatch.setattr("challenge.notifications.notices.put_all_in_outbox", refuse)
    with pytest.raises(OSError):
        alert_clinicians(at=TEN + timedelta(hours=2))
    assert [row.state for row in written(MessageKind.STAFF_ALERT)] == [MessageState.QUEUED]


@pytest.mark.parametrize("end", ["take", "close"])
def test_unsent_alerts_are_withdrawn_once_the_flag_is_taken_or_closed(
    cared_for: Enrollment, clinician: User, mailoutbox: list[EmailMessage], end: str
) -> None:
    flag, other = stop(cared_for), stop(enroll(cohort=cared_for.cohort))
    alert_clinicians(at=TEN)
    if end == "take":
        acknowledge_flag(flag=flag, by=clinician, at=TEN)
    else:
        close_flag(flag=flag, note="Called.", by=clinician, at=TEN)
    deliver_due(now=lambda: TEN)
    assert len(calls_among(mailoutbox)) == 1
    sent = OutboxMessage.objects.get(state=MessageState.SENT, kind=MessageKind.STAFF_ALERT)
    assert sent.about == other.about


def test_a_failed_notice_is_sent_again_only_while_it_says_what_is_so(
    cared_for: Enrollment, clinician: User
) -> None:
    flag = stop(cared_for)
    alert_clinicians(at=TEN)
    first = written(MessageKind.STAFF_ALERT)[0]
    OutboxMessage.objects.update(state=MessageState.FAILED)
    assert not is_superseded(first, at=TEN)
    alert_clinicians(at=TEN + timedelta(hours=2))
    later = OutboxMessage.objects.get(to_email=clinician.email, state=MessageState.QUEUED)
    assert (is_superseded(first, at=TEN), is_superseded(later, at=TEN)) == (True, False)
    with pytest.raises(TooLate, match="someone has taken it, or a later notice"):
        resend(message=first, at=TEN)
    acknowledge_flag(flag=flag, by=clinician, at=TEN)
    assert is_superseded(later, at=TEN)


def test_a_cohort_without_clinicians_reaches_the_shared_address(enrolled: Enrollment) -> None:
    stop(enrolled)
    alert_clinicians(at=TEN)
    assert written(MessageKind.STAFF_ALERT)[0].to_email == "clinicians@clinic.test"


def test_the_digest_counts_on_working_mornings_when_something_waits(
    cared_for: Enrollment, clinician: User
) -> None:
    assert send_notices(at=SIX + timedelta(hours=1, days=1)) == 0
    stop(cared_for)
    tuesday = SIX + timedelta(days=1)
    send_notices(at=tuesday)
    assert written(MessageKind.DIGEST) == []
    for _ in range(2):
        send_notices(at=tuesday + timedelta(hours=1))
    digest = written(MessageKind.DIGEST)
    assert [row.to_email for row in digest] == [clinician.email]
    assert "1 open on the board, 1 of them urgent" in digest[0].text
    send_notices(at=SIX + timedelta(days=5, hours=1))
    assert len(written(MessageKind.DIGEST)) == 1


def test_the_digest_counts_who_waits_for_an_answer_and_says_nothing_of_it(
    cared_for: Enrollment, clinician: User
) -> None:
    user = cared_for.seat.user
    assert user is not None
    for text in ("My left heel", "And the stairs?"):
        write_message(enrollment=cared_for, key=uuid4(), text=text, by=user, at=TEN)
    tuesday = SIX + timedelta(days=1, hours=1)
    send_notices(at=tuesday)
    (digest,) = written(MessageKind.DIGEST)
    assert "0 open on the board; messages waiting for an answer: 1" in digest.text
    assert "heel" not in digest.text + digest.html
    send_message(enrollment=cared_for, text="Rest.", by=clinician, at=tuesday)
    send_notices(at=tuesday + timedelta(days=1))
    assert len(written(MessageKind.DIGEST)) == 1, "nothing is waiting"


def test_the_week_before_the_start_is_announced_once_at_a_decent_hour(db: None) -> None:
    runner = enroll(cohort=make_cohort(starts_on=date(2026, 1, 19)))
    send_notices(at=SIX + timedelta(days=7))
    assert written(MessageKind.BEFORE_START) == []
    for _ in range(2):
        send_notices(at=TEN + timedelta(days=7))
    assert [row.to_email for row in written(MessageKind.BEFORE_START)] == [runner.seat.email]


def surveys() -> list[OutboxMessage]:
    """The requests for the end survey; the questions of week 12 have emails of their own."""
    return [row for row in written(MessageKind.SURVEY) if row.dedupe_key.startswith("survey:")]


def test_the_survey_follows_the_finish(enrolled: Enrollment) -> None:
    finish = SIX + timedelta(weeks=12)
    decide_due(now=lambda: finish)
    send_notices(at=finish + timedelta(days=2, hours=4))
    assert surveys() == []
    send_notices(at=finish + timedelta(days=3, hours=4))
    assert len(surveys()) == 1


def test_silence_is_reminded_of_once_a_week(enrolled: Enrollment) -> None:
    log_run(enrolled, on=MONDAY)
    send_notices(at=TEN + timedelta(days=3))
    assert written(MessageKind.REMINDER) == []
    send_notices(at=TEN + timedelta(days=5))
    send_notices(at=TEN + timedelta(days=6))
    assert len(written(MessageKind.REMINDER)) == 1
    send_notices(at=TEN + timedelta(days=8))
    assert len(written(MessageKind.REMINDER)) == 2


def test_no_runner_is_reminded_while_paused_or_on_hold(enrolled: Enrollment) -> None:
    pause(
        enrollment=enrolled,
        reason=PauseReason.ILLNESS,
        starts_on=MONDAY,
        ends_on=None,
        by=None,  # type: ignore[arg-type]
        at=SIX,
    )
    send_notices(at=TEN + timedelta(days=10))
    assert written(MessageKind.REMINDER) == []


def test_who_comes_back_from_a_break_or_a_hold_is_not_reminded_of_the_days_away(
    enrolled: Enrollment, clinician: User
) -> None:
    log_run(enrolled, on=MONDAY)
    pause(
        enrollment=enrolled,
        reason=PauseReason.TRAVEL,
        starts_on=MONDAY + timedelta(days=1),
        ends_on=MONDAY + timedelta(days=11),
        by=clinician,
        at=SIX,
    )
    back = TEN + timedelta(days=12)
    send_notices(at=back)
    assert raise_scheduled_flags(at=back) == 0
    flag = raise_flag(
        enrollment=enrolled, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=back
    )
    freed = back + timedelta(days=10)
    close_flag(flag=flag, note="All well again.", by=clinician, at=freed)
    send_notices(at=freed)
    assert raise_scheduled_flags(at=freed) == 0
    assert written(MessageKind.REMINDER) == []
    send_notices(at=freed + timedelta(days=5))
    assert len(written(MessageKind.REMINDER)) == 1


@pytest.mark.parametrize(
    ("days", "today", "silent"),
    [
        ([5, 7, 9], 13, False),
        ([5, 7, 9], 14, True),
        ([5, 12], 19, False),
        ([5, 12], 20, True),
        ([], 11, False),
        ([], 12, True),
    ],
)
def test_usual_is_the_runners_own_longest_gap(days: list[int], today: int, silent: bool) -> None:
    logged = {date(2026, 1, day) for day in days}
    assert is_inactive(logged, begun_on=MONDAY, today=date(2026, 1, today)) is silent
