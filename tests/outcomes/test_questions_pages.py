"""`/questions/`: what waits, one questionnaire, its draft, its correction, and what came too late."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.enrollment.models import Enrollment
from challenge.outcomes.actions import load, save_draft
from challenge.outcomes.models import AnswerDraft, QuestionnaireAnswer
from challenge.outcomes.queries import definitions, in_force, open_occasions
from challenge.workouts.actions import change_entry
from challenge.workouts.models import DailyLife, EntryRevision
from tests.factories.cohorts import enroll
from tests.factories.log import log_daily_life
from tests.factories.outcomes import QUIET_WEEK, give_answer, tendon_file
from tests.factories.people import make_owner

WEEKLY = "/questions/weekly/1/"


def sign_in(phone: Client, enrollment: Enrollment) -> None:
    """Sign the runner in again, weeks later."""
    assert enrollment.seat.user is not None
    phone.logout()
    phone.force_login(enrollment.seat.user)


def sent(answers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    values = {f"answer_{item}": str(value) for item, value in answers.items()}
    return {"key": str(uuid.uuid4()), "version": "1", **values, **changed}


def test_what_is_due_waits_on_today_and_on_its_page(phone: Client) -> None:
    today, page = phone.get("/today/").content.decode(), phone.get("/questions/").content.decode()
    assert 'href="/questions/"' in today
    for path in (WEEKLY, "/questions/activities/0/", "/questions/running/0/"):
        assert path in page
    assert "/questions/change/" not in page


def test_one_due_questionnaire_leads_straight_to_it(phone: Client, enrollment: Enrollment) -> None:
    give_answer(enrollment, "activities", 0, {"first": 3}, names={"first": "Hills"})
    give_answer(enrollment, "running", 0, {"normal": 40})
    assert f'href="{WEEKLY}"' in phone.get("/today/").content.decode()
    give_answer(enrollment, "weekly", 1, QUIET_WEEK)
    assert "/questions/" not in phone.get("/today/").content.decode()


def test_daily_life_is_not_asked_a_second_time(phone: Client) -> None:
    assert "daily-life" not in phone.get("/today/").content.decode()
    assert "daily-life" not in phone.get("/log/").content.decode()


def test_the_weekly_answer_is_stored_and_its_pain_reaches_the_log(
    phone: Client, enrollment: Enrollment
) -> None:
    form = sent({"participation": 2, "days": 1, "performance": 1, "pain": 8})
    assert phone.post(WEEKLY, form)["Location"] == "/questions/"
    row = QuestionnaireAnswer.objects.get()
    assert (row.week, row.values["pain"], row.answered_on) == (1, 8, date(2026, 1, 9))
    entry = DailyLife.objects.get(enrollment=enrollment)
    assert (entry.week_starts_on, entry.pain) == (date(2026, 1, 5), 8)
    # The same form again is the same answer, and the same entry.
    phone.post(WEEKLY, form)
    assert QuestionnaireAnswer.objects.count() == DailyLife.objects.count() == 1


def test_a_correction_is_a_row_and_corrects_the_log(phone: Client, enrollment: Enrollment) -> None:
    phone.post(WEEKLY, sent({"participation": 2, "days": 1, "performance": 1, "pain": 8}))
    assert phone.get(WEEKLY).context["form"]["answer_pain"].value() == 8
    phone.post(WEEKLY, sent({"participation": 2, "days": 1, "performance": 1, "pain": 3}))
    first, second = QuestionnaireAnswer.objects.order_by("pk")
    assert second.corrects == first
    assert DailyLife.objects.get(enrollment=enrollment).pain == 3
    assert EntryRevision.objects.filter(enrollment=enrollment, kind="daily_life").count() == 2


def test_going_back_and_changing_the_answer_is_a_correction(phone: Client, enrollment: Enrollment) -> None:
    form = sent({"participation": 2, "days": 1, "performance": 1, "pain": 2})
    for typed in (form, form | {"answer_pain": "8"}, form | {"answer_pain": "8"}):
        assert phone.post(WEEKLY, typed)["Location"] == "/questions/"
    first, second = QuestionnaireAnswer.objects.order_by("pk")
    assert (second.corrects, second.values["pain"]) == (first, 8)
    assert DailyLife.objects.get(enrollment=enrollment).pain == 8


def test_a_correction_of_another_question_leaves_the_logs_pain(phone: Client, enrollment: Enrollment) -> None:
    week = {"participation": 2, "days": 1, "performance": 1, "pain": 2}
    phone.post(WEEKLY, sent(week))
    change_entry(
        entry=DailyLife.objects.get(), values={"pain": 8}, by=enrollment.seat.user, at=timezone.now()
    )
    assert phone.get(WEEKLY).context["form"]["answer_pain"].value() == 8
    phone.post(WEEKLY, sent(week | {"days": 3}))
    assert QuestionnaireAnswer.objects.count() == 2
    assert DailyLife.objects.get().pain == 8
    phone.post(WEEKLY, sent(week | {"days": 3, "pain": 1}))
    assert DailyLife.objects.get().pain == 1


def test_a_daily_life_entry_of_the_log_is_filled_in(phone: Client, enrollment: Enrollment) -> None:
    log_daily_life(enrollment, date(2026, 1, 8), pain=4)
    form = phone.get(WEEKLY).context["form"]
    assert form["answer_pain"].value() == 4


def test_open_questions_are_asked_about_once_and_nothing_is_lost(phone: Client) -> None:
    page = phone.post(WEEKLY, sent({"participation": 1, "days": 0}))
    assert page.status_code == 422
    assert "leave the rest open" in page.content.decode()
    assert page.context["form"]["answer_participation"].value() == "1"
    assert not QuestionnaireAnswer.objects.exists()
    phone.post(WEEKLY, sent({"participation": 1, "days": 0}, leave_open="on"))
    row = QuestionnaireAnswer.objects.get()
    assert row.score is None
    assert row.values == {"participation": 1, "days": 0, "performance": None, "pain": None}
    assert not DailyLife.objects.exists()


@pytest.mark.parametrize("value", ["11", "-1", "x", "1e3", "٣", "\0"])
def test_an_answer_that_is_none_is_refused_beside_its_field(phone: Client, value: str) -> None:
    for path, name in ((WEEKLY, "answer_pain"), ("/questions/running/0/", "answer_normal")):
        typed = "101" if value == "11" and "running" in path else value
        page = phone.post(path, sent({}, **{name: typed}))
        assert page.status_code == 422
        assert page.context["form"].errors[name]
    assert not QuestionnaireAnswer.objects.exists()


def test_what_is_rated_is_named_and_keeps_its_name(phone: Client, enrollment: Enrollment) -> None:
    start = "/questions/activities/0/"
    assert phone.post(start, sent({"first": 3})).context["form"].errors["name_first"]
    assert phone.post(start, sent({"first": 3}, name_first="x" * 81)).context["form"].errors["name_first"]
    phone.post(start, sent({"first": 3, "second": 5}, name_first="The hill", name_second="Stairs"))
    with time_machine.travel(datetime(2026, 2, 3, 15, tzinfo=UTC), tick=False):
        sign_in(phone, enrollment)
        form = phone.get("/questions/activities/4/").context["form"]
        assert [screen.answer.label for screen in form.screens()] == [
            "The hill: how well can you do it now?",
            "Stairs: how well can you do it now?",
        ]
        phone.post("/questions/activities/4/", sent({"first": 6, "second": 8}))
        last = QuestionnaireAnswer.objects.latest("pk")
        assert (last.names, str(last.score)) == ({"first": "The hill", "second": "Stairs"}, "7.0")
        page = phone.get("/progress/").content.decode()
        assert "Clearly better" in page
        assert "+3 points" in page


def test_a_draft_is_kept_and_goes_with_the_answer(phone: Client, enrollment: Enrollment) -> None:
    answer = phone.post(f"{WEEKLY}draft/", sent({"days": 2}, key="any", other="left out"))
    assert answer.json() == {"saved": True}
    assert AnswerDraft.objects.get().typed == {"answer_days": "2"}
    assert "started" in phone.get("/questions/").content.decode()
    assert phone.get(WEEKLY).context["form"]["answer_days"].value() == "2"
    assert phone.post(WEEKLY, sent({"days": 3}, later="1"))["Location"] == "/questions/"
    assert AnswerDraft.objects.get().typed == {"answer_days": "3"}
    give_answer(enrollment, "weekly", 1, QUIET_WEEK)
    assert not AnswerDraft.objects.exists()
    # A draft that comes late from the phone's queue does not come back.
    phone.post(f"{WEEKLY}draft/", sent({"days": 2}))
    assert not AnswerDraft.objects.exists()


@pytest.mark.parametrize(
    "path", ["/questions/weekly/1/", "/questions/none/0/", "/questions/weekly/99999999/"]
)
@pytest.mark.parametrize("version", ["1", "", "x", "7", "999999"])
def test_a_draft_never_holds_up_the_phones_queue(phone: Client, path: str, version: str) -> None:
    assert phone.post(f"{path}draft/", sent({}, version=version)).status_code == 200


def test_an_answer_to_a_replaced_version_is_refused_and_nothing_is_lost(
    phone: Client, enrollment: Enrollment, friday: datetime
) -> None:
    owner = make_owner()
    load(data=tendon_file(), by=owner, at=friday)
    path = "/questions/lake-tendon/0/"
    assert phone.get(path).status_code == 200
    save_draft(
        enrollment=enrollment,
        code="lake-tendon",
        version=1,
        week=0,
        typed={"answer_stairs": "4", "answer_hop": "2"},
        at=friday,
    )
    items = tendon_file()["items"]
    items[1] |= {"asks": "Can you hop on one leg?"}
    load(
        data=tendon_file(version=2, items=items, language={"code": "en-US", "version": 2}),
        by=owner,
        at=friday,
    )
    page = phone.post(path, sent({"stairs": 7, "hop": 3, "run": 20}))
    assert page.status_code == 422
    text = page.content.decode()
    assert "These questions have changed" in text
    assert "Can you hop? <b>3</b>" in text
    form = page.context["form"]
    assert (form["answer_stairs"].value(), form["answer_hop"].value()) == ("7", None)
    assert not QuestionnaireAnswer.objects.exists()
    fresh = phone.get(path).context["form"]
    assert (fresh["answer_stairs"].value(), fresh["answer_hop"].value()) == ("4", None)
    phone.post(path, sent({"stairs": 7, "hop": 3, "run": 20}, version="2"))
    assert QuestionnaireAnswer.objects.get().version == 2


def test_what_is_asked_no_more_is_not_lost_either(phone: Client, friday: datetime) -> None:
    owner = make_owner()
    load(data=tendon_file(), by=owner, at=friday)
    no_more = tendon_file(version=2, schedule={"weeks": []}, language={"code": "en-US", "version": 2})
    load(data=no_more, by=owner, at=friday)
    page = phone.post("/questions/lake-tendon/0/", sent({"stairs": 7}))
    assert page.status_code == 422
    assert "Can you walk down stairs? <b>7</b>" in page.content.decode()
    assert phone.get("/questions/lake-tendon/0/").status_code == 404


def test_an_answer_from_before_the_last_day_is_taken_later(phone: Client, enrollment: Enrollment) -> None:
    """The phone was without a network: the day on the form counts."""
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=False):
        sign_in(phone, enrollment)
        assert phone.get(WEEKLY)["Location"] == "/questions/"
        late = phone.post(WEEKLY, sent(QUIET_WEEK, answered_on="2026-01-20"))
        assert late.status_code == 422
        assert "open until January 15" in late.content.decode()
        assert "Did something that hurts get in the way of your running? <b>No</b>" in late.content.decode()
        early = phone.post(WEEKLY, sent(QUIET_WEEK, answered_on="2026-01-08"))
        assert "These questions open on January 9" in early.content.decode()
        assert phone.post(WEEKLY, sent(QUIET_WEEK, answered_on="2026-01-15")).status_code == 302
    # The log has it in the week it is about.
    assert DailyLife.objects.get().local_on == date(2026, 1, 11)


def test_the_database_keeps_answers_and_one_chain_of_corrections(enrollment: Enrollment) -> None:
    row = give_answer(enrollment, "running", 0, {"normal": 40})
    values = {
        "enrollment": enrollment, "code": "running", "version": 1, "week": 0, "values": {"normal": 1},
        "answered_on": row.answered_on, "at": row.at,
    }  # fmt: skip
    attempts: list[Any] = [
        lambda: QuestionnaireAnswer.objects.filter(pk=row.pk).update(score=90),
        lambda: QuestionnaireAnswer.objects.filter(pk=row.pk).delete(),
        lambda: QuestionnaireAnswer.objects.create(key=uuid.uuid4(), **values),
        lambda: QuestionnaireAnswer.objects.create(key=row.key, **values | {"week": 4}),
        lambda: QuestionnaireAnswer.objects.create(key=uuid.uuid4(), **values | {"week": 8, "version": 0}),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    second = give_answer(enrollment, "running", 0, {"normal": 50})
    assert second.corrects_id == row.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionnaireAnswer.objects.create(key=uuid.uuid4(), corrects=row, **values)


def test_a_runner_sees_no_other_runners_answers(phone: Client) -> None:
    give_answer(enroll(), "running", 0, {"normal": 41})
    assert phone.get("/questions/running/0/").context["form"]["answer_normal"].value() is None
    assert not phone.get("/questions/").context["has_answers"]


def test_every_occasion_opens_and_closes_on_its_days(enrollment: Enrollment) -> None:
    def opened(day: date) -> set[str]:
        return {one.place for one in open_occasions(enrollment.cohort, in_force(definitions()), on=day)}

    start = enrollment.cohort.starts_on
    assert opened(start - timedelta(days=3)) == {"activities/0", "running/0"}
    assert opened(start + timedelta(days=3)) == {"activities/0", "running/0"}
    assert "weekly/1" in opened(start + timedelta(days=4))
    assert "weekly/1" in opened(start + timedelta(days=10))
    assert opened(start + timedelta(days=14)) == {"weekly/2"}
    assert "activities/4" in opened(start + timedelta(weeks=4))
    assert opened(start + timedelta(weeks=12)) == {"weekly/12", "activities/12", "running/12", "change/12"}
    assert opened(start + timedelta(weeks=20)) == set()
    assert opened(start + timedelta(weeks=26)) == {"activities/26", "running/26"}
