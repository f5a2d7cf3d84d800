"""A runner reads their complaints, and asks about them: each is a question to a clinician and changes nothing."""

from typing import Any

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.complaints import BodyPlace, dismiss_proposal
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.mail.models import OutboxMessage
from challenge.protocol.vocabulary import ComplaintStatus
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run
from tests.factories.people import make_clinician

pytestmark = pytest.mark.django_db
PAGE = "/me/complaints/"
NEW = {"site": "foot", "side": "right", "pain": "3", "note": "On the stairs."}
KEY = "5f0c3f0e-6f0a-4b1e-9d57-0d4f6a7b8c9d"


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def test_every_state_is_said_in_words(phone: Client, enrollment: Enrollment) -> None:
    assert "Nothing hurts that we know of" in text(phone.get(PAGE))
    open_complaint(enrollment)
    open_complaint(enrollment, "knee", status=ComplaintStatus.SETTLING)
    open_complaint(enrollment, "lower_back", "", status=ComplaintStatus.PAST)
    page = text(phone.get(PAGE))
    for words in (
        "Left Achilles tendon",
        "On our list since",
        "It’s been settling since",
        "In the past.",
    ):
        assert words in page
    assert page.count("Tell the clinic that it has settled") == 2


def test_what_is_spared_is_said_of_a_knee_and_what_stays_on_the_floor_of_a_heel_bone(
    phone: Client, enrollment: Enrollment
) -> None:
    open_complaint(enrollment)
    assert "easier form" not in text(phone.get(PAGE))
    open_complaint(enrollment, "knee")
    open_complaint(enrollment, "achilles", "right", kind="insertional")
    page = text(phone.get(PAGE))
    assert page.count("come in an easier form, or are left out") == 1
    assert page.count("None of your exercises lets your heel drop below the floor") == 1


def test_a_place_that_hurts_in_the_log_is_there_until_a_clinician_answers(
    phone: Client, enrollment: Enrollment
) -> None:
    log_run(enrollment, pain=5, site="knee", side="left")
    page = text(phone.get(PAGE))
    assert "Your log says this hurts: left knee." in page
    assert "Until then, your plan goes easy on it." in page
    assert "Nothing hurts that we know of" not in page
    open_complaint(enrollment, "knee")
    dismiss_proposal(
        enrollment=enrollment,
        place=BodyPlace("knee", "left"),
        reason="Seen.",
        by=make_clinician(),
        at=NOW,
    )
    assert "Your log says this hurts" not in text(phone.get(PAGE))


@pytest.mark.parametrize("address", ["/today/", "/me/"])
def test_other_pages_lead_to_it(phone: Client, address: str) -> None:
    assert PAGE in text(phone.get(address))


def test_this_has_settled_is_a_question_and_changes_nothing(phone: Client, enrollment: Enrollment) -> None:
    row = open_complaint(enrollment)
    page = text(phone.post(PAGE, {"complaint": row.pk, "key": KEY, "note": "Six days."}, follow=True))
    assert "Thank you, we’ve asked a clinician." in page
    assert "You told us it has settled." in page
    flag = Flag.objects.get()
    assert flag.kind == "complaint"
    assert flag.text == "The runner says this has settled: left Achilles tendon. “Six days.”"
    row.refresh_from_db()
    assert (row.status, row.changes.count()) == ("present", 1)
    assert not OutboxMessage.objects.filter(about=enrollment.about, created_at__gte=NOW).exists()


def test_something_new_is_a_question_and_changes_nothing(phone: Client) -> None:
    page = text(phone.post(PAGE, NEW | {"key": KEY}, follow=True))
    assert "You told us about something new: right foot." in page
    assert Flag.objects.get().text == (
        "The runner reports something new: right foot, pain 3 of 10. “On the stairs.”"
    )
    assert not RunnerComplaint.objects.exists()


@pytest.mark.parametrize("form", ["settled", "new"])
def test_a_form_sent_twice_is_one_question(phone: Client, enrollment: Enrollment, form: str) -> None:
    row = open_complaint(enrollment)
    data = {"complaint": row.pk} if form == "settled" else NEW
    for _ in range(2):
        phone.post(PAGE, data | {"key": KEY})
    assert Flag.objects.count() == 1


def test_an_answered_question_may_be_asked_again(
    phone: Client, enrollment: Enrollment, clinician: User
) -> None:
    row = open_complaint(enrollment)
    phone.post(PAGE, {"complaint": row.pk})
    place = BodyPlace("achilles", "left")
    dismiss_proposal(enrollment=enrollment, place=place, reason="Not yet.", by=clinician, at=NOW)
    assert "Tell the clinic that it has settled" in text(phone.get(PAGE))
    phone.post(PAGE, {"complaint": row.pk})
    assert Flag.objects.filter(closed_at__isnull=True).count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"site": ""}, "Where does it hurt?"),
        ({"pain": ""}, "Tap a number. 0 is no pain."),
        ({"pain": "11"}, "Tap a number from 0 to 10."),
        ({"site": "lower_back", "side": "left"}, "The lower back has no side"),
        ({"note": "x" * 2001}, "Please shorten it to 2,000."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    phone: Client, changed: dict[str, str], sentence: str
) -> None:
    answer = phone.post(PAGE, NEW | changed)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert (changed.get("note") or "On the stairs.") in text(answer)
    assert not Flag.objects.exists()


def test_a_note_that_is_too_long_comes_back_with_its_complaint(phone: Client, enrollment: Enrollment) -> None:
    row = open_complaint(enrollment)
    answer = phone.post(PAGE, {"complaint": row.pk, "note": "y" * 2001})
    assert answer.status_code == 422
    assert "Please shorten it" in text(answer)
    assert "y" * 2001 in text(answer)


@pytest.mark.parametrize("which", ["another runner's", "one of the past", "none", "no number"])
def test_a_complaint_that_is_not_on_the_list_leads_back_to_it(
    phone: Client, enrollment: Enrollment, which: str
) -> None:
    row = open_complaint(enroll() if which == "another runner's" else enrollment, "hip")
    if which == "one of the past":
        RunnerComplaint.objects.update(status=ComplaintStatus.PAST)
    wanted = {"none": 999_999_999_999_999_999_999, "no number": "x"}.get(which, row.pk)
    answer = phone.post(PAGE, {"complaint": wanted}, follow=True)
    assert "on your list anymore" in text(answer)
    assert not Flag.objects.exists()
    assert ComplaintChange.objects.count() == 1
