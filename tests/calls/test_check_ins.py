"""Check-in calls: runners book them with the clinicians of their cohort, with terms and a question of their own."""

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from challenge.accounts.models import User
from challenge.calls.actions import move
from challenge.calls.caller_actions import NotOffered, hand_over
from challenge.calls.emails import call_link
from challenge.calls.models import Booking, CheckInOffer
from challenge.calls.queries import waits_for_test
from challenge.calls.schedule_models import Availability, CallKind, CheckInTerms, Hours
from challenge.calls.staff_time import SlotTaken
from challenge.enrollment.models import CohortClinician, Enrollment
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
    CohortClinician.objects.create(cohort=Enrollment.objects.get().cohort, user=colleague.staff)
    taken = hand_over(booking=call, staff_id=colleague.staff_id, reason="ill", by=offered.staff, at=NOW)
    assert (taken.staff, taken.video_link) == (colleague.staff, "")


def test_a_check_in_is_handed_only_to_a_clinician_of_the_runners_cohort(
    runner: User, offered: Availability
) -> None:
    """A stranger would read what the runner answered."""
    call, stranger = booked_check_in(runner, answer="My left heel."), make_availability()
    client, page = signed_in(offered.staff), reverse("calls_admin:hand_over", args=[call.pk])
    choices = client.get(page, follow=True).context["hand_over_form"].fields["staff"].choices
    assert str(stranger.staff_id) not in dict(choices)
    sent = {"staff": str(stranger.staff_id), "reason": "ill"}
    assert client.post(page, sent).status_code == 422
    with pytest.raises(NotOffered, match="isn’t a clinician of the runner’s cohort"):
        hand_over(booking=call, staff_id=stranger.staff_id, reason="ill", by=offered.staff, at=NOW)
    call.refresh_from_db()
    assert call.staff == offered.staff


def test_a_check_in_stays_with_the_runners_own_address(runner: User, offered: Availability) -> None:
    """Another runner's address would show them the call, its question and the answer."""
    call, other = booked_check_in(runner, answer="My left heel."), make_runner_user()
    page = reverse("calls_admin:correct", args=[call.pk])
    sent = {"name": "Robin", "email": other.email, "phone": "", "zone": "America/Chicago", "as_shown": ""}
    refused = signed_in(offered.staff).post(page, sent)
    assert refused.status_code == 422
    assert "A check-in goes to the runner’s own address." in refused.text
    call.refresh_from_db()
    assert call.email == runner.email
    assert signed_in(offered.staff).post(page, sent | {"email": runner.email}).status_code == 302
    call.refresh_from_db()
    assert call.name == "Robin"


def test_the_week_and_the_day_show_hours_that_are_for_check_ins_alone(offered: Availability) -> None:
    offered.hours.all().delete()
    Hours.objects.create(
        availability=offered, weekday=3, starts=time(15), ends=time(17), kind=CallKind.CHECK_IN
    )
    CheckInTerms.objects.update(has_own_hours=True)
    for client in (signed_in(make_front_desk()), signed_in(offered.staff)):
        week = client.get(reverse("calls_admin:week"))
        thursday = week.context["days"][3]
        assert [span.words for span in thursday.hours] == ["check-ins 3:00 PM–5:00 PM"]
        assert "check-ins 3:00 PM–5:00 PM" in week.text
        day = client.get(reverse("calls_admin:day")).text
        assert "Check-ins 3:00 PM–5:00 PM" in day  # tomorrow is Thursday
        assert "nothing free for a discovery call" in day
    # A date without hours holds for check-ins too.
    Hours.objects.create(availability=offered, on=TEN.date())
    assert "check-ins" not in signed_in(offered.staff).get(reverse("calls_admin:week")).text


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


def booked_check_in(runner: User, **typed_more: str) -> Booking:
    client = signed_in(runner)
    client.post(PAGE, typed(client, **typed_more))
    return Booking.objects.get(kind=CallKind.CHECK_IN)


def hours_of_check_ins(
    client: Client, availability: Availability, since: str, until: str, **more: str
) -> Any:
    posted = {"kind": "check_in", "from_3_1": since, "to_3_1": until}
    return client.post(reverse("calls_admin:set_week", args=[availability.pk]), posted | more)


def test_check_ins_have_weekly_hours_of_their_own(runner: User, offered: Availability) -> None:
    client = signed_in(offered.staff)
    assert hours_of_check_ins(client, offered, "15:00", "17:00").status_code == 302
    assert offered.hours.filter(kind="").count() == 5  # the others stay
    assert signed_in(runner).get(PAGE, {"slot": SLOT}).context["form"]  # not in force yet
    CheckInTerms.objects.update(has_own_hours=True)
    starts = {slot.starts_at for slot in signed_in(runner).get(PAGE).context["finder"].slots}
    local = {(start.astimezone(offered.staff.zone).weekday(), start.hour) for start in starts}
    assert local == {(3, 21), (3, 22)}  # Thursday, 3 and 4 PM in Chicago
    # Discovery calls keep the other hours.
    free = Client().get("/call/").context["finder"].slots
    assert {slot.starts_at.hour for slot in free} == {15, 16, 17}
    # A date's own hours, and a date without any, hold for every kind.
    Hours.objects.create(availability=offered, on=TEN.date())
    starts = {slot.starts_at for slot in signed_in(runner).get(PAGE).context["finder"].slots}
    assert starts
    assert TEN.date() not in {start.date() for start in starts}


def test_a_change_of_check_in_hours_asks_about_check_ins_only(runner: User, offered: Availability) -> None:
    client = signed_in(offered.staff)
    call = booked_check_in(runner)
    make_call(availability=offered, starts_at=TEN + timedelta(days=1), at=NOW)
    hours_of_check_ins(client, offered, "09:00", "12:00")
    terms = {"is_offered": "on", "has_own_hours": "on", "length_min": "40", "buffer_before_min": "0"}
    terms |= {"buffer_after_min": "0", "place": "phone"}
    address = reverse("calls_admin:set_check_in", args=[offered.pk])
    assert client.post(address, terms).status_code == 302  # Thursday 10:00 is inside them
    asked = hours_of_check_ins(client, offered, "13:00", "15:00")
    assert (asked.status_code, [shown for shown, _ in asked.context["calls"]]) == (409, [call])
    kept = hours_of_check_ins(client, offered, "13:00", "15:00", agreed=str(call.pk), then="keep")
    assert kept.status_code == 302
    # Taking no check-ins any more lists them as well.
    del terms["is_offered"]
    asked = client.post(address, terms)
    assert (asked.status_code, [shown for shown, _ in asked.context["calls"]]) == (409, [call])
    assert CheckInTerms.objects.get().is_offered


def test_hours_of_a_date_cannot_be_of_one_kind(offered: Availability) -> None:
    with pytest.raises(IntegrityError, match="hours_of_a_date_are_of_all_kinds"), transaction.atomic():
        Hours.objects.create(
            availability=offered, on=TEN.date(), starts=time(9), ends=time(10), kind=CallKind.CHECK_IN
        )


def test_a_clinician_books_a_check_in_from_the_runners_page(runner: User, offered: Availability) -> None:
    enrollment = Enrollment.objects.get(seat__user=runner)
    client = signed_in(offered.staff)
    page = reverse("calls_admin:check_in", args=[enrollment.pk])
    board = reverse("review:runner", args=[enrollment.cohort.slug, enrollment.pk])
    assert page in client.get(board).text
    form = client.get(page, {"slot": "2026-01-07T17:00Z"}).context["form"]  # without notice
    sent = {"slot": "2026-01-07T17:00Z", "key": str(form["key"].value()), "zone": "America/Chicago"}
    for _ in "12":
        assert client.post(page, sent | {"whom": "any", "phone": ""}).status_code == 302
    call = Booking.objects.get()
    assert (call.kind, call.email, call.staff, call.answer) == ("check_in", runner.email, offered.staff, "")
    assert call.events.get().by == offered.staff
    letter = OutboxMessage.objects.get(to_email=runner.email, kind="call")
    assert "/call/" in letter.text
    assert letter.attachments
    assert "check-in call, booked" in client.get(board).text
    taken = client.post(page, sent | {"key": str(uuid.uuid4()), "phone": "612 555 0108"})
    assert taken.status_code == 409
    assert signed_in(make_front_desk()).get(page).status_code == 403


def test_an_offer_is_mailed_once_a_day_and_stands_until_a_check_in_is_booked(
    runner: User, offered: Availability
) -> None:
    enrollment = Enrollment.objects.get(seat__user=runner)
    address = reverse("calls_admin:offer_check_in", args=[enrollment.pk])
    clinician = signed_in(offered.staff)
    for _ in "12":
        assert clinician.post(address).status_code == 302
    letter = OutboxMessage.objects.get(dedupe_key__startswith="check-in-offer:")
    assert letter.to_email == runner.email
    assert f"/call/check-in/?whom={offered.staff_id}" in letter.text
    client = signed_in(runner)
    assert "would like to talk with you" in client.get("/today/").text
    booked_check_in(runner)
    assert "would like to talk with you" not in client.get("/today/").text
    # Canceled, it stands again; with check-ins turned off it does not, and nothing can be offered.
    Booking.objects.update(state="canceled", canceled_by="prospect", ended_at=NOW)
    assert "would like to talk with you" in client.get("/today/").text
    CheckInTerms.objects.update(is_offered=False)
    assert "would like to talk with you" not in client.get("/today/").text
    assert "You’re not taking check-ins right now" in clinician.post(address, follow=True).text
    assert CheckInOffer.objects.count() == 1


def test_discovery_calls_have_a_place_and_a_question_too(db: None) -> None:
    asking = make_availability(place="video", video_link="https://video.example/bo", question="Which races?")
    page = Client().get("/call/", {"slot": SLOT})
    assert "Which races?" in page.text
    assert "20 minutes on video, free" in page.text
    form = page.context["form"]
    sent = {"slot": SLOT, "whom": "any", "zone": "America/Chicago", "key": str(form["key"].value())}
    sent |= {"asked": str(form["asked"].value()), "name": "Robin Vale", "email": "robin@callers.test"}
    wrong = Client().post("/call/", sent | {"email": "x", "answer": "Grandmas"})
    assert "Which races?" in wrong.text
    assert ">\nGrandmas<" in wrong.text
    assert Client().post("/call/", sent | {"answer": "Grandmas"}).status_code == 302
    call = Booking.objects.get()
    assert (call.question, call.answer, call.video_link) == ("Which races?", "Grandmas", asking.video_link)
    # Another question later does not change what was answered.
    Availability.objects.update(question="Something else?")
    assert "Which races?" in signed_in(asking.staff).get(reverse("calls_admin:call", args=[call.pk])).text


@pytest.mark.parametrize("asked", ["²", "0", "x", "9" * 30, ""])
def test_a_form_that_names_no_clinician_still_books(asked: str) -> None:
    make_availability(question="Which races?")
    sent = {"slot": SLOT, "whom": "any", "zone": "America/Chicago", "key": str(uuid.uuid4()), "asked": asked}
    sent |= {"name": "Robin Vale", "email": "robin@callers.test", "answer": "lost with its question"}
    answered = Client().post("/call/", sent)
    assert answered.status_code in {302, 422}


def test_a_moved_check_in_stays_with_the_runners_clinicians(runner: User, offered: Availability) -> None:
    """A clinician of another cohort would read the answer of a runner who is not theirs."""
    call = booked_check_in(runner, answer="My left heel.")
    stranger = make_availability()
    CheckInTerms.objects.create(availability=stranger, is_offered=True, length_min=40)
    page = Client().get(f"{call_link(call).removeprefix('http://testserver')}move/", {"whom": "any"})
    assert {slot.staff_id for slot in page.context["finder"].slots} == {offered.staff_id}
    # One that is free only with the stranger is no time to move to.
    later = TEN + timedelta(minutes=60)
    make_call(availability=offered, starts_at=later, at=NOW, email="ada@callers.test")
    for staff_id in (None, stranger.staff_id):
        with pytest.raises(SlotTaken):
            move(booking=call, starts_at=later, staff_id=staff_id, by=None, at=NOW)
    # Discovery calls go to anyone who is free.
    other = make_call(
        availability=offered, starts_at=TEN + timedelta(days=1), at=NOW, email="bo@callers.test"
    )
    assert move(booking=other, starts_at=later, staff_id=None, by=None, at=NOW).staff == stranger.staff


def test_a_runner_with_a_call_is_shown_it_and_may_book_another(runner: User, offered: Availability) -> None:
    call = booked_check_in(runner)
    client = signed_in(runner)
    page = client.get(PAGE).text
    assert "You already have a call" in page
    assert call_link(call) in page
    assert client.post(PAGE, typed_at(client, "2026-01-08T17:00Z")).status_code == 302
    enrollment = Enrollment.objects.get(seat__user=runner)
    theirs = signed_in(offered.staff).get(reverse("calls_admin:check_in", args=[enrollment.pk])).text
    assert "There’s already a call" in theirs


def typed_at(client: Client, slot: str) -> dict[str, Any]:
    form = client.get(PAGE, {"slot": slot}).context["form"]
    sent = {"slot": slot, "key": str(form["key"].value()), "zone": "America/Chicago"}
    return sent | {"whom": "any", "phone": ""}


def test_one_runner_cannot_book_check_ins_without_end(runner: User, offered: Availability) -> None:
    client = signed_in(runner)
    for _ in range(6):
        assert client.post(PAGE, typed_at(client, SLOT)).status_code == 302
        Booking.objects.update(state="canceled", canceled_by="prospect", ended_at=NOW)
    refused = client.post(PAGE, typed_at(client, SLOT))
    assert (refused.status_code, "Please call us" in refused.text) == (422, True)


def test_an_ordinary_first_page_takes_nine_queries_and_what_is_rare_adds_its_own(
    runner: User, offered: Availability
) -> None:
    client = signed_in(runner)
    CheckInTerms.objects.update(is_offered=False)
    client.get("/today/")  # notes the use of the session
    with CaptureQueriesContext(connection) as ordinary:
        assert "Your call with" not in client.get("/today/").text
    assert len(ordinary) <= 9, [query["sql"] for query in ordinary]
    CheckInTerms.objects.update(is_offered=True)
    booked_check_in(runner)
    with CaptureQueriesContext(connection) as rare:
        assert "Your call with" in client.get("/today/").text
    assert len(ordinary) < len(rare) <= 13
