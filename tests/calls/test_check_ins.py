"""Check-in calls: runners book them with the clinicians of their cohort, with terms and a question of their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import User
from challenge.calls.actions import move
from challenge.calls.caller_actions import hand_over
from challenge.calls.models import Availability, Booking, CallKind, CheckInTerms
from challenge.calls.queries import waits_for_test
from challenge.enrollment.models import CohortClinician
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_front_desk, make_runner_user, use_second_factor

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
PAGE = "/call/check-in/"
SLOT = "2026-01-08T16:00Z"


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def runner(db: None) -> User:
    return make_runner_user(name="Kim Vale", phone="+16125550107")


@pytest.fixture
def offered(runner: User) -> Availability:
    """A clinician of the runner's cohort who meets on video for forty minutes and asks one question."""
    cohort = make_cohort()
    enroll(cohort=cohort, user=runner)
    availability = make_availability()
    CohortClinician.objects.create(cohort=cohort, user=availability.staff)
    CheckInTerms.objects.create(
        availability=availability,
        is_offered=True,
        length_min=40,
        place="video",
        video_link="https://video.example/ada",
        question="What do you want to look at?",
    )
    return availability


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    if user.is_staff:
        use_second_factor(client, user)
    return client


def typed(client: Client, **more: str) -> dict[str, Any]:
    form = client.get(PAGE, {"slot": SLOT}).context["form"]
    return {
        "slot": SLOT,
        "key": str(form["key"].value()),
        "zone": "America/Chicago",
        "whom": "any",
        "phone": "",
    } | more


def test_a_runner_books_a_check_in_with_its_own_length_place_and_question(
    runner: User, offered: Availability
) -> None:
    client = signed_in(runner)
    assert "What do you want to look at?" in client.get(PAGE, {"slot": SLOT}).text
    sent = typed(client, answer="My left heel.", phone="(612) 555-0107")
    for _ in "12":
        assert client.post(PAGE, sent).status_code == 302
    call = Booking.objects.get()
    assert (call.kind, call.minutes, call.staff, call.answer) == (
        "check_in",
        40,
        offered.staff,
        "My left heel.",
    )
    letters = OutboxMessage.objects.filter(about__startswith="call:")
    assert all("https://video.example/ada" in letter.text for letter in letters.filter(to_email=runner.email))
    assert "A check-in call was booked" in letters.get(to_email=offered.staff.email).text
    assert not any("heel" in letter.text + letter.subject + str(letter.attachments) for letter in letters)


def test_only_the_clinician_reads_the_answer(runner: User, offered: Availability) -> None:
    client = signed_in(runner)
    client.post(PAGE, typed(client, answer="My left heel."))
    page = reverse("calls_admin:call", args=[Booking.objects.get().pk])
    assert "My left heel." in signed_in(offered.staff).get(page).text
    assert "My left heel." not in signed_in(make_front_desk()).get(page).text


def test_only_clinicians_of_the_cohort_who_offer_it_are_free(runner: User, offered: Availability) -> None:
    other = make_availability()
    CheckInTerms.objects.create(availability=other, is_offered=True)
    finder = signed_in(runner).get(PAGE).context["finder"]
    assert {slot.staff_id for slot in finder.slots} == {offered.staff_id}
    CheckInTerms.objects.update(is_offered=False)
    assert signed_in(runner).get(PAGE).context["finder"].slots == []
    assert signed_in(make_runner_user()).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302


def test_a_taken_time_and_bad_input_get_a_sentence(runner: User, offered: Availability) -> None:
    client = signed_in(runner)
    wrong = client.post(PAGE, typed(client, phone="1-----", answer="heel"))
    assert (wrong.status_code, "area code" in wrong.text, ">\nheel<" in wrong.text) == (422, True, True)
    sent = typed(client)
    make_call(availability=offered, starts_at=TEN, at=NOW, email="ada@callers.test")
    assert client.post(PAGE, sent).status_code == 409
    for slot in ("x", "9999-12-31T00:00Z", "²"):
        assert client.get(PAGE, {"slot": slot}).status_code == 200
    assert Booking.objects.filter(kind=CallKind.CHECK_IN).count() == 0


def test_moving_keeps_the_kind_and_a_colleague_brings_their_own_place(
    runner: User, offered: Availability
) -> None:
    client = signed_in(runner)
    client.post(PAGE, typed(client))
    later = TEN + timedelta(minutes=60)
    call = move(booking=Booking.objects.get(), starts_at=later, staff_id=offered.staff_id, by=None, at=NOW)
    assert (call.kind, call.minutes, call.video_link) == ("check_in", 40, "https://video.example/ada")
    colleague = make_availability()
    taken = hand_over(booking=call, staff_id=colleague.staff_id, reason="ill", by=offered.staff, at=NOW)
    assert (taken.staff, taken.video_link) == (colleague.staff, "")


def test_a_clinician_sets_the_terms_and_video_needs_a_link(offered: Availability) -> None:
    client, address = signed_in(offered.staff), reverse("calls_admin:set_check_in", args=[offered.pk])
    terms = {
        "is_offered": "on",
        "length_min": "45",
        "buffer_before_min": "5",
        "buffer_after_min": "5",
        "place": "video",
    }
    assert "Paste your video link" in client.post(address, terms).text
    for wrong in (
        {"length_min": "x"},
        {"length_min": "500"},
        {"place": "moon"},
        {"video_link": "javascript:1"},
    ):
        assert client.post(address, terms | {"video_link": "https://v.test/a"} | wrong).status_code == 422
    assert client.post(address, terms | {"video_link": "https://v.test/a"}).status_code == 302
    assert CheckInTerms.objects.get().length_min == 45


@pytest.mark.parametrize(
    ("decision", "waits"),
    [
        ({}, False),
        ({"phase": {"missing": []}}, False),
        ({"phase": {"missing": [{"what": "days in phase 2"}]}}, False),
        ({"phase": {"missing": [{"what": "heel raises test, or why it was not done"}]}}, True),
    ],
)
def test_a_check_in_is_offered_where_the_gate_names_a_test(decision: dict[str, Any], waits: bool) -> None:
    assert waits_for_test(decision) is waits


def test_a_runners_own_call_stands_on_today(runner: User, offered: Availability) -> None:
    client = signed_in(runner)
    client.post(PAGE, typed(client))
    page = client.get("/today/").text
    assert "Your call with" in page
    assert "Thursday, January 8, 10:00 AM CST" in page
