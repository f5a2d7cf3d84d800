"""Every kind of flag is raised: by an entry, a Monday or the clock. Only a silence closes without a person."""

import uuid
from datetime import timedelta

import pytest

from challenge.accounts.models import User
from challenge.care.actions import close_flag, pause
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import mark_refused
from challenge.mail.models import MessageState, OutboxMessage
from challenge.notifications.flag_checks import raise_scheduled_flags
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.workouts.actions import log_daily_life, log_rest_week
from tests.factories.log import log_morning, log_run
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def kinds(enrollment: Enrollment) -> list[str]:
    rows = Flag.objects.filter(enrollment=enrollment, closed_at__isnull=True)
    return sorted(rows.values_list("kind", flat=True))


def flag(enrollment: Enrollment, kind: FlagKind) -> Flag:
    return Flag.objects.get(enrollment=enrollment, kind=kind)


def decide(enrollment: Enrollment, week: int) -> None:
    decide_week(enrollment=enrollment, week_starts_on=MONDAY + (week - 1) * WEEK, at=SIX + (week - 1) * WEEK)


def test_pain_above_five_raises_red_immediately_and_five_does_not(enrolled: Enrollment) -> None:
    log_run(enrolled, MONDAY, pain=5, site="achilles", side="left")
    assert kinds(enrolled) == []
    log_run(enrolled, MONDAY + DAY, pain=6, site="achilles", side="left")
    assert kinds(enrolled) == ["complaint", "red"]
    assert flag(enrolled, FlagKind.RED).text == "Pain 6 of 10, left Achilles tendon, Jan 6."


def test_two_worse_mornings_in_a_week_raise_a_worse_week_once(enrolled: Enrollment) -> None:
    decide(enrolled, 1)
    for day in range(5):
        log_morning(enrolled, MONDAY + day * DAY, pain=1, site="achilles", side="left")
    decide(enrolled, 2)
    assert kinds(enrolled) == []
    for day in (7, 8):
        log_morning(enrolled, MONDAY + day * DAY, pain=4, site="achilles", side="left")
    decide(enrolled, 3)
    assert kinds(enrolled) == ["complaint", "worse_week"]
    assert "week of Jan 12" in flag(enrolled, FlagKind.WORSE_WEEK).text
    decide(enrolled, 4)
    assert kinds(enrolled).count("worse_week") == 1


def test_red_pain_in_daily_life_is_red_pain_on_monday(enrolled: Enrollment) -> None:
    decide(enrolled, 1)
    log_daily_life(
        enrollment=enrolled,
        key=uuid.uuid4(),
        week_starts_on=MONDAY,
        local_on=MONDAY + 5 * DAY,
        pain=7,
        by=enrolled.seat.user,
        at=SIX + 5 * DAY,
    )
    decide(enrolled, 2)
    assert "red" in kinds(enrolled)


def test_a_run_far_beyond_the_longest_raises_a_load_warning(enrolled: Enrollment) -> None:
    decide(enrolled, 1)
    log_run(enrolled, MONDAY + DAY, distance_m=5000)
    log_run(enrolled, MONDAY + 3 * DAY, distance_m=12000, duration_s=4300)
    decide(enrolled, 2)
    assert "load" in kinds(enrolled)
    assert Flag.objects.filter(kind=FlagKind.LOAD)[0].text != "load warning"


def test_runs_below_the_target_for_three_weeks_raise_a_stuck_cadence(enrolled: Enrollment) -> None:
    for week in range(1, 8):
        decide(enrolled, week)
        for day in (1, 3):
            spm = 160 if week == 1 else 158
            log_run(enrolled, MONDAY + (week - 1) * WEEK + day * DAY, cadence_spm=spm)
    assert "stuck" in kinds(enrolled)


def test_a_target_ten_percent_over_baseline_raises_a_review(enrolled: Enrollment) -> None:
    spm = 150
    for week in range(1, 9):
        decide(enrolled, week)
        for day in (1, 3, 5):
            log_run(enrolled, MONDAY + (week - 1) * WEEK + day * DAY, cadence_spm=spm)
        spm = min(spm + 6, 180)
    assert "review" in kinds(enrolled)


def test_a_silence_is_raised_once_and_closes_with_the_next_entry(enrolled: Enrollment) -> None:
    log_run(enrolled, MONDAY)
    assert raise_scheduled_flags(at=SIX + 3 * DAY) == 0
    assert raise_scheduled_flags(at=SIX + 6 * DAY) == 1
    assert raise_scheduled_flags(at=SIX + 7 * DAY) == 0
    assert flag(enrolled, FlagKind.SILENCE).text == "The last day logged was Jan 5; nothing since."
    log_run(enrolled, MONDAY + 7 * DAY)
    raise_scheduled_flags(at=SIX + 8 * DAY)
    assert kinds(enrolled) == []
    assert flag(enrolled, FlagKind.SILENCE).closed_by is None


def test_a_silence_that_goes_on_after_an_answer_is_raised_again_until_a_person_closes_it(
    enrolled: Enrollment, clinician: User
) -> None:
    log_run(enrolled, MONDAY)
    raise_scheduled_flags(at=SIX + 6 * DAY)
    log_rest_week(enrollment=enrolled, key=uuid.uuid4(), week_starts_on=MONDAY, by=None, at=SIX + 6 * DAY)
    raise_scheduled_flags(at=SIX + 6 * DAY)
    assert kinds(enrolled) == []
    raise_scheduled_flags(at=SIX + 10 * DAY)
    assert kinds(enrolled) == ["silence"]
    again = Flag.objects.get(enrollment=enrolled, closed_at__isnull=True)
    close_flag(flag=again, note="Called: back next week.", by=clinician, at=SIX + 11 * DAY)
    raise_scheduled_flags(at=SIX + 12 * DAY)
    assert kinds(enrolled) == []


def test_a_paused_runner_is_not_silent(enrolled: Enrollment) -> None:
    user = enrolled.seat.user
    assert user is not None
    pause(enrollment=enrolled, reason=PauseReason.ILLNESS, starts_on=MONDAY, ends_on=None, by=user, at=SIX)
    raise_scheduled_flags(at=SIX + 10 * DAY)
    assert kinds(enrolled) == []


def test_no_other_flag_closes_itself(enrolled: Enrollment) -> None:
    log_run(enrolled, MONDAY, pain=7, site="achilles", side="left")
    for day in range(1, 20):
        log_run(enrolled, MONDAY + day * DAY)
        raise_scheduled_flags(at=SIX + day * DAY)
    assert kinds(enrolled) == ["red"]


def test_an_email_given_up_is_flagged_and_after_closing_only_a_later_one_again(
    enrolled: Enrollment, clinician: User
) -> None:
    decide(enrolled, 1)
    message = OutboxMessage.objects.filter(about=enrolled.about)
    message.update(state=MessageState.FAILED, send_at=SIX)
    for _ in range(2):
        raise_scheduled_flags(at=SIX + DAY)
    assert kinds(enrolled) == ["mail"]
    found = flag(enrolled, FlagKind.MAIL)
    close_flag(flag=found, note="Called; the address is right.", by=clinician, at=SIX + DAY)
    raise_scheduled_flags(at=SIX + 2 * DAY)
    assert "mail" not in kinds(enrolled)
    message.update(send_at=SIX + 2 * DAY)
    raise_scheduled_flags(at=SIX + 2 * DAY)
    assert "mail" in kinds(enrolled)


def test_an_address_that_refuses_us_is_flagged(enrolled: Enrollment) -> None:
    mark_refused(email=enrolled.seat.email, at=SIX)
    raise_scheduled_flags(at=SIX + DAY)
    assert kinds(enrolled) == ["mail"]
