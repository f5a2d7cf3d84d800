"""/today/ before the first week and after the last."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from challenge.care.actions import raise_flag
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.intake.models import Intake
from challenge.protocol.vocabulary import FlagKind
from tests.factories.clinic import make_member, make_picture
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run, log_strength
from tests.factories.people import make_clinician
from tests.factories.weekly import make_target
from tests.repository.instructions import words_of

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
BEFORE = datetime(2025, 12, 24, 15, tzinfo=UTC)
AFTER = datetime(2026, 2, 10, 18, tzinfo=UTC)


@pytest.fixture
def runner() -> Enrollment:
    cohort = make_cohort(starts_on=START, weeks=4, opens_at=BEFORE - timedelta(weeks=2))
    return enroll(cohort=cohort, at=BEFORE)


def today_of(runner: Enrollment, at: datetime) -> str:
    return words_of(page_of(runner, at))


def page_of(runner: Enrollment, at: datetime, path: str = "/today/") -> str:
    assert runner.seat.user is not None
    with time_machine.travel(at, tick=False):
        client = Client()
        client.force_login(runner.seat.user)
        answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_start_the_days_are_counted_and_the_list_is_short(runner: Enrollment) -> None:
    CohortClinician.objects.create(cohort=runner.cohort, user=make_clinician(name="Ada Moor"))
    words = today_of(runner, BEFORE)
    assert "You start in 12 " in words
    assert "days · Monday, January 5" in words
    for step in ("Measure your cadence", "Try the first exercises", "Set up a passkey", "home screen"):
        assert step in words
    assert "Ada Moor looks after you." in words


def test_before_the_start_the_first_questionnaire_is_asked_and_the_clinicians_have_faces(
    runner: Enrollment,
) -> None:
    CohortClinician.objects.create(cohort=runner.cohort, user=make_clinician(name="Ada Moor"))
    theirs = make_picture(make_member(name="Ada Moor, PT, DPT"))
    someone = make_picture(make_member(name="Bram Lund"))
    hidden = make_picture(make_member(name="Ada Moor", is_shown=False))
    html = page_of(runner, BEFORE)
    assert 'href="/questions/' in html
    assert f"/team/{theirs.member_id}/{theirs.digest}.jpg" in html
    assert f"/team/{someone.member_id}/" not in html
    assert f"/team/{hidden.member_id}/" not in html


def answer_the_intake(runner: Enrollment) -> None:
    Intake.objects.create(
        enrollment=runner,
        answered_at=runner.created_at,
        answered_on=runner.created_at.date(),
        is_adult=True,
        baseline_cadence_spm=158,
        baseline_cadence_source="watch",
    )


def test_before_the_start_the_first_exercises_are_tried_in_the_guided_session(runner: Enrollment) -> None:
    answer_the_intake(runner)
    assert 'href="/log/strength/">Try the first exercises' in page_of(runner, BEFORE)
    html = page_of(runner, BEFORE, "/log/strength/")
    assert "data-session" in html
    words = words_of(html)
    assert "You start on Monday, January 5. Until then it’s just practice" in words
    assert "Standing calf hold" in words
    assert "something heavy" not in words
    assert "as prescribed" not in words
    assert '"weighted": true' not in html


def test_before_the_start_nothing_is_led_through_without_answers_or_with_a_stop(runner: Enrollment) -> None:
    assert 'href="/guide/sheet/1/">Try the first exercises' in page_of(runner, BEFORE)
    assert "data-session" not in page_of(runner, BEFORE, "/log/strength/")
    answer_the_intake(runner)
    raise_flag(
        enrollment=runner,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:0",
        facts={"symptoms": ["pop"]},
        at=BEFORE,
    )
    assert "data-session" not in page_of(runner, BEFORE, "/log/strength/")


def test_what_is_done_is_ticked(runner: Enrollment) -> None:
    log_run(runner, BEFORE.date(), cadence_source="counted")
    log_strength(runner, BEFORE.date())
    words = today_of(runner, BEFORE)
    assert "Measure your cadence" not in words
    assert "Your cadence" in words
    assert "First exercises tried" in words


def test_a_stated_cadence_is_there_from_the_first_day(runner: Enrollment) -> None:
    answer_the_intake(runner)
    assert "Your cadence: 158" in today_of(runner, BEFORE)


def test_the_day_before_is_tomorrow(runner: Enrollment) -> None:
    words = today_of(runner, datetime(2026, 1, 4, 18, tzinfo=UTC))
    assert "You start tomorrow 1 " in words
    assert "day · Monday" in words


def test_after_the_last_week_it_says_what_stays_and_how_to_go_on(runner: Enrollment) -> None:
    make_target(runner, monday=START + timedelta(weeks=3))
    words = today_of(runner, AFTER)
    assert "That’s all 4 weeks" in words
    assert "Your cadence: 168." in words
    assert "How to keep going" in words
    assert "10% more is plenty" in words


def test_after_the_last_week_no_page_waits_for_a_monday(runner: Enrollment) -> None:
    make_target(runner, monday=START + timedelta(weeks=3))
    in_the_weeks = datetime(2026, 1, 28, 18, tzinfo=UTC)
    for path, only_then in (("/plan/", "comes that Monday morning"), ("/log/", "Nothing this week")):
        assert only_then in words_of(page_of(runner, in_the_weeks, path))
        assert only_then not in words_of(page_of(runner, AFTER, path))
    assert "how to keep going" in words_of(page_of(runner, AFTER, "/plan/"))


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_a_stop_leaves_neither(runner: Enrollment, at: datetime) -> None:
    raise_flag(enrollment=runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=BEFORE)
    words = today_of(runner, at)
    assert "A good start" not in words
    assert "How to keep going" not in words
