"""The owner loads a questionnaire; a clinician reads a runner's answers and types one from paper."""

import json
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.accounts.models import AccessEntry, User
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.outcomes.models import LoadedQuestionnaire, QuestionnaireAnswer
from challenge.workouts.models import DailyLife
from tests.factories.cohorts import enroll
from tests.factories.outcomes import give_answer, tendon_file
from tests.factories.people import make_clinician, make_owner, use_second_factor

LOAD = "/admin/questionnaires/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(make_owner())


@pytest.fixture
def runner(db: None) -> Enrollment:
    return enroll()


@pytest.fixture
def desk(runner: Enrollment) -> Client:
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    return signed_in(clinician)


def file_of(data: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("questions.json", json.dumps(data).encode(), "application/json")


def test_a_file_is_checked_shown_and_then_loaded(owner: Client) -> None:
    page = owner.post(LOAD, {"file": file_of(tendon_file()), "check": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "Can you walk down stairs?" in text
    assert "A change of 6.5 points or more is a clear change" in text
    assert not LoadedQuestionnaire.objects.exists()
    kept = page.context["form"]["text"].value()
    assert owner.post(LOAD, {"text": kept, "load": "1"})["Location"] == LOAD
    row = LoadedQuestionnaire.objects.get()
    assert (row.code, row.version) == ("lake-tendon", 1)
    again = owner.post(LOAD, {"text": kept, "load": "1"})
    assert again.status_code == 422
    assert "Raise the version" in again.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (tendon_file(code="weekly"), "is built in"),
        (tendon_file(score={}), "“score” lacks “method”"),
        ([], "must be an object"),
        ({"\ud800": 1}, "which the format does not know"),
    ],
)
def test_what_is_wrong_is_beside_the_field_and_the_text_stays(
    owner: Client, data: Any, sentence: str
) -> None:
    for sends in ({"file": file_of(data)}, {"text": json.dumps(data)}):
        page = owner.post(LOAD, sends | {"load": "1"})
        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert page.context["form"]["text"].value() == json.dumps(data)
    assert not LoadedQuestionnaire.objects.exists()


def test_nothing_chosen_and_a_file_of_bytes_are_refused(owner: Client) -> None:
    assert "Choose a file" in owner.post(LOAD, {"check": "1"}).content.decode()
    for content in (b"", b"\x89PNG\x00\xff", b" " * 200_001):
        page = owner.post(LOAD, {"file": SimpleUploadedFile("x.json", content)})
        assert page.status_code == 422, content[:5]


def paper(**changed: Any) -> dict[str, Any]:
    about = {"key": str(uuid.uuid4()), "version": "1", "answered_on": "2026-01-06", "week": "0"}
    return about | changed


def test_paper_is_typed_and_corrected(desk: Client, runner: Enrollment) -> None:
    address = f"{LOAD}runners/{runner.pk}/running/"
    assert desk.get(address).status_code == 200
    assert desk.post(address, paper(answer_normal="40"))["Location"] == f"{LOAD}runners/{runner.pk}/"
    desk.post(address, paper(answer_normal="45"))
    desk.post(address, paper(answer_normal="60", week=""))
    first, second, other = QuestionnaireAnswer.objects.order_by("pk")
    assert (second.corrects, other.corrects, other.week) == (first, None, None)
    assert first.on_paper
    page = desk.get(f"{LOAD}runners/{runner.pk}/").content.decode()
    assert "Clearly better" in page
    assert "corrected" in page
    assert AccessEntry.objects.filter(runner=runner.seat.user, what="questionnaires").exists()


def test_a_week_from_paper_reaches_the_log(desk: Client, runner: Enrollment) -> None:
    week = {"answer_participation": "0", "answer_days": "0", "answer_performance": "0", "answer_pain": "6"}
    desk.post(f"{LOAD}runners/{runner.pk}/weekly/", paper(week="1", answered_on="2026-01-10", **week))
    assert DailyLife.objects.get(enrollment=runner).pain == 6


def test_a_day_mistyped_from_paper_is_corrected(desk: Client, runner: Enrollment) -> None:
    address = f"{LOAD}runners/{runner.pk}/running/"
    for day in ("2026-01-07", "2026-01-06", "2026-01-06"):
        desk.post(address, paper(answer_normal="40", answered_on=day))
    first, second = QuestionnaireAnswer.objects.order_by("pk")
    assert (second.corrects, second.answered_on) == (first, date(2026, 1, 6))


def test_a_week_to_come_is_not_taken_from_paper(desk: Client, runner: Enrollment) -> None:
    week = {"answer_participation": "0", "answer_days": "0", "answer_performance": "0", "answer_pain": "6"}
    address = f"{LOAD}runners/{runner.pk}/weekly/"
    with time_machine.travel(datetime(2026, 1, 9, 18, tzinfo=UTC), tick=False):
        desk.logout()
        desk.force_login(User.objects.get(cohorts_cared_for__cohort=runner.cohort))
        use_second_factor(desk, User.objects.get(cohorts_cared_for__cohort=runner.cohort))
        page = desk.post(address, paper(week="2", answered_on="2026-01-08", **week))
        assert page.status_code == 422
        assert page.context["form"].errors["week"]
        desk.post(address, paper(week="1", answered_on="2025-12-30", **week))
    entry = DailyLife.objects.get(enrollment=runner)
    assert (entry.week_starts_on, entry.local_on) == (date(2026, 1, 5), date(2026, 1, 5))


def test_names_of_another_day_on_paper_stay(desk: Client, runner: Enrollment) -> None:
    address = f"{LOAD}runners/{runner.pk}/activities/"
    desk.post(address, paper(week="", answer_first="3", name_first="The hill", leave_open="on"))
    desk.post(address, paper(week="", answer_first="6", name_first="The stairs", leave_open="on"))
    assert [row.names for row in QuestionnaireAnswer.objects.all()] == [{"first": "The hill"}] * 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"answered_on": "2999-01-01"}, "answered_on"),
        ({"answered_on": "0001-01-01"}, "answered_on"),
        ({"answered_on": "yesterday"}, "answered_on"),
        ({"week": "3"}, "week"),
        ({"week": "9" * 30}, "week"),
        ({"answer_normal": "101"}, "answer_normal"),
    ],
)
def test_wrong_paper_is_refused_beside_its_field(
    desk: Client, runner: Enrollment, changed: dict[str, str], field: str
) -> None:
    page = desk.post(f"{LOAD}runners/{runner.pk}/running/", paper(answer_normal="40") | changed)
    assert page.status_code == 422
    assert page.context["form"].errors[field]
    assert not QuestionnaireAnswer.objects.exists()


def test_another_version_of_the_page_is_refused(desk: Client, runner: Enrollment) -> None:
    page = desk.post(f"{LOAD}runners/{runner.pk}/running/", paper(version="7", answer_normal="40"))
    assert page.status_code == 422
    assert "These questions have changed" in page.content.decode()
    assert page.context["form"]["answer_normal"].value() == "40"


def test_the_runners_page_and_the_report_show_the_change(desk: Client, runner: Enrollment) -> None:
    for week, score in ((0, 40), (4, 80)):
        give_answer(runner, "running", week, {"normal": score})
    base = f"/admin/review/{runner.cohort.slug}/"
    assert "Clearly better" in desk.get(f"{base}runners/{runner.pk}/").content.decode()
    report = desk.get(f"{base}report/").content.decode()
    assert "Did it help?" in report
    assert "1 of 1" in report


def test_other_cohorts_and_roles_see_nothing(owner: Client, runner: Enrollment) -> None:
    other = signed_in(make_clinician())
    assert other.get(f"{LOAD}runners/{runner.pk}/").status_code == 404
    assert owner.get(f"{LOAD}runners/{runner.pk}/").status_code == 403
    assert other.get(LOAD).status_code == 403
