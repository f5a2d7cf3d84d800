"""The smaller letters: each to the right people, at a decent hour, once, and without a health word."""

from datetime import date, timedelta

import pytest

from challenge.accounts.models import User
from challenge.care.actions import pause, raise_flag, take_flag
from challenge.care.models import Flag, Pause
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.models import Kind, OutboxMessage
from challenge.targets.actions import decide_due
from challenge.targets.notices import alert_clinicians, send_notices
from challenge.targets.silence import is_silent
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.targets.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
TEN = SIX + timedelta(hours=4)  # Monday, 10:00 in Chicago


def written(kind: Kind) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("pk"))


@pytest.fixture
def cared_for(enrolled: Enrollment, clinician: User) -> Enrollment:
    CohortClinician.objects.create(cohort=enrolled.cohort, user=clinician)
    return enrolled


def stop(enrollment: Enrollment) -> Flag:
    return raise_flag(
        enrollment=enrollment, kind=Flag.Kind.STOP, rule="pain.stop", source="run:1", facts={}, at=TEN
    )


def test_a_stop_flag_reaches_the_clinicians_at_once_and_says_nothing_of_the_runner(
    cared_for: Enrollment, clinician: User
) -> None:
    stop(cared_for)
    assert alert_clinicians(at=TEN) == 1
    assert alert_clinicians(at=TEN + timedelta(minutes=1)) == 0
    alert = written(Kind.STAFF_ALERT)[0]
    assert alert.to_email == clinician.email
    user = cared_for.seat.user
    assert user is not None
    assert user.name not in alert.subject + alert.text + alert.html
    assert "pain" not in alert.text.lower()


def test_it_escalates_until_somebody_takes_it(cared_for: Enrollment, clinician: User) -> None:
    flag = stop(cared_for)
    alert_clinicians(at=TEN)
    alert_clinicians(at=TEN + timedelta(hours=2))
    assert {row.to_email for row in written(Kind.STAFF_ALERT)[1:]} == {
        clinician.email,
        "clinicians@clinic.test",
    }
    take_flag(flag=flag, by=clinician, at=TEN)
    assert alert_clinicians(at=TEN + timedelta(days=2)) == 0


def test_a_cohort_without_clinicians_reaches_the_shared_address(enrolled: Enrollment) -> None:
    stop(enrolled)
    alert_clinicians(at=TEN)
    assert written(Kind.STAFF_ALERT)[0].to_email == "clinicians@clinic.test"


def test_the_digest_counts_on_working_mornings_when_something_waits(
    cared_for: Enrollment, clinician: User
) -> None:
    assert send_notices(at=SIX + timedelta(hours=1, days=1)) == 0
    stop(cared_for)
    tuesday = SIX + timedelta(days=1)
    send_notices(at=tuesday)
    assert written(Kind.DIGEST) == []
    for _ in range(2):
        send_notices(at=tuesday + timedelta(hours=1))
    digest = written(Kind.DIGEST)
    assert [row.to_email for row in digest] == [clinician.email]
    assert "1 open, 1 of them urgent" in digest[0].text
    send_notices(at=SIX + timedelta(days=5, hours=1))
    assert len(written(Kind.DIGEST)) == 1


def test_the_week_before_the_start_is_announced_once_at_a_decent_hour(db: None) -> None:
    runner = enroll(cohort=make_cohort(starts_on=date(2026, 1, 19)))
    send_notices(at=SIX + timedelta(days=7))
    assert written(Kind.BEFORE_START) == []
    for _ in range(2):
        send_notices(at=TEN + timedelta(days=7))
    assert [row.to_email for row in written(Kind.BEFORE_START)] == [runner.seat.email]


def test_the_survey_follows_the_finish(enrolled: Enrollment) -> None:
    finish = SIX + timedelta(weeks=12)
    decide_due(now=lambda: finish)
    send_notices(at=finish + timedelta(days=2, hours=4))
    assert written(Kind.SURVEY) == []
    send_notices(at=finish + timedelta(days=3, hours=4))
    assert len(written(Kind.SURVEY)) == 1


def test_silence_is_reminded_of_once_a_week(enrolled: Enrollment) -> None:
    log_run(enrolled, on=MONDAY)
    send_notices(at=TEN + timedelta(days=3))
    assert written(Kind.REMINDER) == []
    send_notices(at=TEN + timedelta(days=5))
    send_notices(at=TEN + timedelta(days=6))
    assert len(written(Kind.REMINDER)) == 1
    send_notices(at=TEN + timedelta(days=8))
    assert len(written(Kind.REMINDER)) == 2


def test_nobody_is_reminded_while_paused_or_on_hold(enrolled: Enrollment) -> None:
    pause(
        enrollment=enrolled,
        reason=Pause.Reason.ILLNESS,
        starts_on=MONDAY,
        ends_on=None,
        by=None,  # type: ignore[arg-type]
        at=SIX,
    )
    send_notices(at=TEN + timedelta(days=10))
    assert written(Kind.REMINDER) == []


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
    assert is_silent(logged, begun_on=MONDAY, today=date(2026, 1, today)) is silent
