"""Several decisions of people within ten minutes make one email (`decision.quiet`); a stop is sent at once."""

from datetime import datetime, timedelta

import pytest

from challenge.accounts.models import User
from challenge.care.actions import raise_flag
from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.mail.delivery import deliver_due
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.vocabulary import FlagKind
from challenge.review.actions import decide_phase, set_cadence
from challenge.review.program_actions import set_dose
from challenge.weekly.decide import revise_out_of_date
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
NOON = SIX + timedelta(hours=6)
MINUTE = timedelta(minutes=1)
ABOUT_THE_PLAN = (MessageKind.WEEKLY, MessageKind.PHASE)
DOSE = {"sets": 2, "seconds": 30, "sessions_per_week": 3}


@pytest.fixture
def runner(enrolled: Enrollment) -> Enrollment:
    decide_week(enrollment=enrolled, week_starts_on=MONDAY, at=SIX)
    deliver(SIX)
    return enrolled


def deliver(at: datetime) -> None:
    deliver_due(now=lambda: at)


def sent_since_monday() -> list[OutboxMessage]:
    plan = OutboxMessage.objects.filter(kind__in=ABOUT_THE_PLAN, state=MessageState.SENT)
    return list(plan.filter(created_at__gt=SIX).order_by("pk"))


def cadence(runner: Enrollment, by: User, at: datetime, spm: int = 158) -> None:
    set_cadence(enrollment=runner, cadence_spm=spm, reason="Seen.", by=by, at=at)


def dose(runner: Enrollment, by: User, at: datetime) -> None:
    set_dose(enrollment=runner, exercise="isometric_calf_hold", dose=DOSE, reason="Less.", by=by, at=at)


def test_the_email_waits_ten_minutes_after_the_last_decision(runner: Enrollment, clinician: User) -> None:
    cadence(runner, clinician, NOON)
    dose(runner, clinician, NOON + 8 * MINUTE)
    deliver(NOON + 12 * MINUTE)
    assert not sent_since_monday()
    deliver(NOON + 18 * MINUTE)
    (email,) = sent_since_monday()
    last = WeeklyTarget.objects.latest("revision")
    assert (last.revision, last.message) == (3, email)
    assert "158" in email.text


def test_the_page_has_each_decision_at_once(runner: Enrollment, clinician: User) -> None:
    cadence(runner, clinician, NOON)
    assert WeeklyTarget.objects.latest("revision").cadence_spm == 158
    cadence(runner, clinician, NOON + MINUTE, spm=162)
    assert WeeklyTarget.objects.latest("revision").cadence_spm == 162


def test_a_decision_after_ten_minutes_is_an_email_of_its_own(runner: Enrollment, clinician: User) -> None:
    cadence(runner, clinician, NOON)
    deliver(NOON + 11 * MINUTE)
    cadence(runner, clinician, NOON + 12 * MINUTE, spm=162)
    deliver(NOON + 30 * MINUTE)
    assert ["158" in email.text for email in sent_since_monday()] == [True, False]


def test_a_notice_of_the_page_and_the_weekly_email_are_one(runner: Enrollment, clinician: User) -> None:
    """A decision that changes nothing of the email gives a short notice; the next one replaces it."""
    decide_phase(enrollment=runner, expected_phase=1, to_phase=1, reason="Not yet.", by=clinician, at=NOON)
    assert OutboxMessage.objects.get(kind=MessageKind.PHASE).state == MessageState.QUEUED
    cadence(runner, clinician, NOON + MINUTE)
    deliver(NOON + 30 * MINUTE)
    assert [email.kind for email in sent_since_monday()] == [MessageKind.WEEKLY]


def test_of_two_notices_one_is_sent(runner: Enrollment, clinician: User) -> None:
    for minute in (0, 5):
        decide_phase(
            enrollment=runner,
            expected_phase=1,
            to_phase=1,
            reason="Not yet.",
            by=clinician,
            at=NOON + minute * MINUTE,
        )
    deliver(NOON + 30 * MINUTE)
    assert [email.kind for email in sent_since_monday()] == [MessageKind.PHASE]


def test_a_stop_is_sent_at_once_and_takes_the_waiting_email_back(runner: Enrollment, clinician: User) -> None:
    cadence(runner, clinician, NOON)
    raise_flag(
        enrollment=runner,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={"symptoms": ["limp"]},
        at=NOON + MINUTE,
    )
    revise_out_of_date(at=NOON + MINUTE)
    deliver(NOON + 2 * MINUTE)
    (email,) = sent_since_monday()
    assert "158" not in email.text
    deliver(NOON + 30 * MINUTE)
    assert len(sent_since_monday()) == 1


def test_without_the_wait_each_decision_is_an_email(
    runner: Enrollment, clinician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what the wait prevents."""
    monkeypatch.setattr("challenge.weekly.decide.quiet_until", lambda parameters, at: at)
    for minute, spm in ((0, 158), (2, 162)):
        cadence(runner, clinician, NOON + minute * MINUTE, spm=spm)
        deliver(NOON + minute * MINUTE)
    assert len(sent_since_monday()) == 2
