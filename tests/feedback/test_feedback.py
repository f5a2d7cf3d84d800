"""We build this with you."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.feedback import actions
from challenge.feedback.models import EndFeedback, WeekFeedback
from challenge.feedback.queries import cohort_feedback, question_of_week
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_owner, make_superuser, use_second_factor

LAST_WEEK = datetime.fromisoformat("2026-03-25T15:00+00:00")  # the Wednesday of week 12
AFTER = LAST_WEEK + timedelta(weeks=1)


@pytest.fixture
def enrollment(db: None) -> Enrollment:
    return enroll()


@pytest.fixture
def phone(client: Client, enrollment: Enrollment, now: datetime) -> Iterator[Client]:
    """The runner's browser on the Wednesday of week 1."""
    assert enrollment.seat.user is not None
    client.force_login(enrollment.seat.user)
    with time_machine.travel(now, tick=False):
        yield client


@contextmanager
def later(phone: Client, enrollment: Enrollment, at: datetime) -> Iterator[None]:
    """Signed in again, weeks later."""
    assert enrollment.seat.user is not None
    with time_machine.travel(at, tick=False):
        phone.logout()
        phone.force_login(enrollment.seat.user)
        yield


def week(**changed: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "week": "", "ease": "3", "text": "The number was clear."} | changed


def end(**changed: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "end": "", "recommend": "9", "worked": "The Monday email."} | changed


def test_each_week_has_its_own_question(phone: Client) -> None:
    assert question_of_week(1).asks in phone.get("/feedback/").content.decode()
    assert question_of_week(0).name == "joining"
    assert question_of_week(40) == question_of_week(8)


def test_an_answer_is_kept_with_its_week_and_question(phone: Client, enrollment: Enrollment) -> None:
    page = phone.post("/feedback/", week(), follow=True).content.decode()
    said = WeekFeedback.objects.get()
    assert (said.enrollment, said.week, said.question, said.ease) == (enrollment, 1, "first_number", 3)
    assert "Thank you." in page
    assert "The number was clear." in page


def test_a_form_sent_twice_is_one_answer(phone: Client) -> None:
    values = week()
    phone.post("/feedback/", values)
    phone.post("/feedback/", values)
    assert WeekFeedback.objects.count() == 1


def test_thinking_again_adds_an_answer_and_the_last_one_counts(phone: Client, enrollment: Enrollment) -> None:
    phone.post("/feedback/", week(ease="1"))
    phone.post("/feedback/", week(ease="4", text="Better now."))
    assert WeekFeedback.objects.count() == 2
    (only,) = cohort_feedback(enrollment.cohort).weeks
    assert (only.marks, only.texts) == ({1: 0, 2: 0, 3: 0, 4: 1}, ("Better now.",))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ease": ""}, "Tap the one that fits best."),
        ({"ease": "7"}, "Tap one of the four."),
        ({"ease": "NaN"}, "Tap one of the four."),
        ({"text": "🙂" * 2001}, "Please shorten it to 2,000 characters."),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(
    phone: Client, values: dict[str, str], sentence: str
) -> None:
    answer = phone.post("/feedback/", week(**values))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert WeekFeedback.objects.count() == 0


def test_the_long_form_opens_in_the_last_week_and_stays(phone: Client, enrollment: Enrollment) -> None:
    assert "Looking back" not in phone.get("/feedback/").content.decode()
    for moment, short in ((LAST_WEEK, True), (AFTER, False)):
        with later(phone, enrollment, moment):
            page = phone.get("/feedback/").content.decode()
        assert "Looking back" in page
        assert ('name="ease"' in page) is short


def test_the_long_form_is_kept(phone: Client, enrollment: Enrollment) -> None:
    with later(phone, enrollment, AFTER):
        phone.post("/feedback/", end(recommend="8"))
        phone.post("/feedback/", end(recommend="10", log="4", may_quote="on"))
        assert "we have your answers" in phone.get("/feedback/").content.decode()
    said = cohort_feedback(enrollment.cohort)
    assert (said.recommend, len(said.ends), said.ends[0].log) == (10, 1, 4)


def test_the_long_form_cannot_be_sent_early(phone: Client) -> None:
    assert phone.post("/feedback/", end()).status_code == 422
    assert not EndFeedback.objects.exists()


def test_answers_are_written_once(enrollment: Enrollment, now: datetime) -> None:
    said = actions.answer_week(enrollment=enrollment, key=uuid.uuid4(), week=1, ease=2, text="", at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeekFeedback.objects.filter(pk=said.pk).update(ease=4)


@pytest.mark.parametrize("make", [make_owner, make_superuser])
def test_an_owner_reads_the_marks_of_every_cohort_and_no_words(
    client: Client, enrollment: Enrollment, now: datetime, make: Any
) -> None:
    """Runners write about their pain here too."""
    said = actions.answer_week(
        enrollment=enrollment, key=uuid.uuid4(), week=1, ease=2, text="It hurts.", at=now
    )
    owner = make()
    client.force_login(owner)
    use_second_factor(client, owner)
    for page in ("", f"{said.pk}/change/"):
        shown = client.get(f"/admin/challenge/weekfeedback/{page}")
        assert shown.status_code == 200
        assert "So-so" in shown.content.decode()
        assert "It hurts." not in shown.content.decode()


def test_a_clinician_of_the_cohort_reads_the_words(
    client: Client, enrollment: Enrollment, now: datetime
) -> None:
    actions.answer_week(enrollment=enrollment, key=uuid.uuid4(), week=1, ease=2, text="It hurts.", at=now)
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    client.force_login(clinician)
    use_second_factor(client, clinician)
    assert "It hurts." in client.get("/admin/challenge/weekfeedback/").content.decode()


def test_a_cohort_without_answers_has_said_nothing(enrollment: Enrollment) -> None:
    said = cohort_feedback(enrollment.cohort)
    assert (said.weeks, said.ends, said.recommend) == ([], [], None)
    assert date(2026, 1, 5) == enrollment.cohort.starts_on


def test_only_the_first_runners_are_called_the_first(phone: Client, enrollment: Enrollment) -> None:
    assert "You’re one of the first twenty." in phone.get("/feedback/").content.decode()
    earlier = enrollment.cohort.starts_on - timedelta(weeks=20)
    make_cohort(starts_on=earlier, slug="before", name="Before", is_public=False)
    assert "one of the first" not in phone.get("/feedback/").content.decode()
