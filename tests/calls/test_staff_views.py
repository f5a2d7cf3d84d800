"""The staff's pages: the week, one call, what each role may see, and from a call to a seat."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from challenge.accounts.models import User
from challenge.calls.actions import cancel
from challenge.calls.emails import feed_link
from challenge.calls.models import Booking, BookingState, CallEventKind
from challenge.calls.schedule_models import Leave
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.models import EarlyAccess, Seat
from challenge.enrollment.staff_actions import find_or_create_person
from challenge.enrollment.waiting_list import join_waiting_list
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_front_desk, make_owner, use_second_factor

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
AFTER = TEN + timedelta(minutes=25)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


@time_machine.travel(NOW, tick=False)
def test_the_week_takes_six_queries_however_many_staff_and_calls() -> None:
    """Next to what every page of staff costs: the session's bookkeeping and the second factor."""
    client = signed_in(make_front_desk())
    client.get(reverse("calls_admin:week"))  # the first request of a session sets up its bookkeeping
    counts = set()
    for n in range(4):
        availability = make_availability()
        for k in range(n + 1):
            make_call(availability=availability, starts_at=TEN + timedelta(minutes=30 * k), at=NOW)
        with CaptureQueriesContext(connection) as found:
            page = client.get(reverse("calls_admin:week"))
        # The bookkeeping sometimes reads the signed-in user once more.
        own = {q["sql"] for q in found if not re.search("usersession|mfa_|SAVEPOINT", q["sql"])}
        counts.add(len(own))
        assert len(own) <= 6, own
    assert page.text.count("Robin Vale") == 10
    assert len(counts) == 1


@time_machine.travel(NOW, tick=False)
def test_the_visitors_week_takes_six_queries_at_most(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    with django_assert_max_num_queries(6):
        assert client.get("/call/").status_code == 200


@time_machine.travel(NOW, tick=False)
def test_clinicians_see_their_calls_and_what_hurts_the_desk_sees_all_and_not_what_hurts() -> None:
    mine, other = make_availability(), make_availability()
    call = make_call(availability=mine, starts_at=TEN, at=NOW, name="Ada Stone", site="achilles")
    make_call(availability=other, starts_at=TEN, at=NOW, name="Bo Lind", site="knee")
    week, page = reverse("calls_admin:week"), reverse("calls_admin:call", args=[call.pk])
    clinician = signed_in(mine.staff)
    assert "Ada Stone" in clinician.get(week).text
    assert "Bo Lind" not in clinician.get(week).text
    assert "Achilles" in clinician.get(page).text
    assert signed_in(other.staff).get(page).status_code == 404
    for reader in (make_front_desk(), make_owner()):
        desk = signed_in(reader)
        assert "Bo Lind" in desk.get(week).text
        assert "Achilles" not in desk.get(page).text
        assert "Notes" not in desk.get(page).text


@time_machine.travel(NOW, tick=False)
def test_the_desk_books_without_notice_for_a_caller_without_email() -> None:
    availability = make_availability(notice_min=10_000)
    desk = signed_in(make_front_desk())
    address = reverse("calls_admin:book")
    assert "10:00 AM" in desk.get(address).text
    typed = {
        "slot": "2026-01-08T16:00Z",
        "whom": str(availability.staff_id),
        "zone": "America/Chicago",
        "key": str(uuid.uuid4()),
        "name": "Robin Vale",
    }
    neither = desk.post(address, typed)
    assert neither.status_code == 422
    assert "we need one of the two" in neither.text
    booked = desk.post(address, typed | {"phone": "612 555 0150"})
    assert booked.status_code == 302
    assert Booking.objects.get().starts_at == TEN
    assert {mail.to_email for mail in OutboxMessage.objects.all()} == {availability.staff.email}
    lost = desk.post(address, typed | {"phone": "612 555 0151", "key": str(uuid.uuid4())})
    assert lost.status_code == 409
    assert "The nearest free times" in lost.text


@time_machine.travel(NOW, tick=False)
def test_staff_cancel_with_a_reason_that_the_caller_reads() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    desk = signed_in(make_front_desk())
    address = reverse("calls_admin:cancel", args=[call.pk])
    assert desk.post(address, {"reason": ""}).status_code == 422
    desk.post(address, {"reason": "The clinician is ill today."})
    call.refresh_from_db()
    assert (call.state, call.canceled_by) == (BookingState.CANCELED, "clinic")
    mail = OutboxMessage.objects.get(to_email=call.email, subject__contains="canceled")
    assert "The clinician is ill today." in mail.text


@time_machine.travel(NOW, tick=False)
def test_the_canceling_side_is_the_caller_or_the_clinic_on_every_page_of_staff() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    cancel(booking=call, by=None, at=NOW)
    desk = signed_in(make_front_desk())
    assert "Canceled by the caller" in desk.get(reverse("calls_admin:call", args=[call.pk])).text
    page = desk.get(reverse("admin:challenge_booking_change", args=[call.pk])).text
    assert "the caller" in page
    assert "prospect" not in page


@time_machine.travel(NOW, tick=False)
def test_staff_move_a_call_to_a_colleague() -> None:
    first, second = make_availability(), make_availability()
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    desk = signed_in(make_front_desk())
    address = reverse("calls_admin:move", args=[call.pk])
    chosen = {"slot": "2026-01-08T16:00Z", "whom": str(second.staff_id)}
    assert "Move the call" in desk.get(address, chosen).text
    desk.post(address, chosen)
    call.refresh_from_db()
    assert call.staff_id == second.staff_id


def test_outcome_notes_and_follow_up_are_kept_and_come_after_the_start() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    outcome = reverse("calls_admin:outcome", args=[call.pk])
    with time_machine.travel(TEN - timedelta(minutes=1), tick=False):
        page = signed_in(availability.staff).post(outcome, {"outcome": "held"}, follow=True)
        assert "has not begun" in page.text
    with time_machine.travel(AFTER, tick=False):
        clinician = signed_in(availability.staff)
        clinician.post(outcome, {"outcome": "held"})
        notes = {"notes": "Wants to race in May.", "follow_up_on": "2026-02-02"}
        clinician.post(reverse("calls_admin:notes", args=[call.pk]), notes)
        desk = signed_in(make_front_desk())
        desk.post(reverse("calls_admin:notes", args=[call.pk]), {"notes": "x", "follow_up_on": "2026-02-03"})
    call.refresh_from_db()
    assert (call.state, call.notes, str(call.follow_up_on)) == (
        BookingState.HELD,
        "Wants to race in May.",
        "2026-02-03",
    )


@time_machine.travel(AFTER, tick=False)
def test_from_a_call_a_seat_is_held_for_two_days_with_a_link() -> None:
    availability = make_availability()
    cohort = make_cohort(starts_on=date(2026, 1, 12))
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    signed_in(availability.staff).post(reverse("calls_admin:seat", args=[call.pk]))
    seat = Seat.objects.get(cohort=cohort)
    assert (seat.email, seat.hold_ends_at) == (call.email, AFTER + timedelta(hours=48))
    mail = OutboxMessage.objects.get(kind="seat", to_email=call.email)
    assert "/join/" in mail.text
    assert EmailAddress.objects.get(email=call.email).user == seat.user
    assert seat.user is not None
    assert seat.user.time_zone == call.time_zone
    assert call.events.filter(happened=CallEventKind.SEAT_HELD).exists()


@time_machine.travel(AFTER, tick=False)
def test_a_hold_of_twenty_minutes_becomes_one_of_two_days() -> None:
    availability = make_availability()
    cohort = make_cohort(starts_on=date(2026, 1, 12))
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    caller = find_or_create_person(email=call.email, name=call.name, phone="")
    hold_seat(cohort=cohort, user=caller, by=caller, at=AFTER)
    address = reverse("calls_admin:seat", args=[call.pk])
    assert "held for 48 hours" in signed_in(availability.staff).post(address, follow=True).text
    assert Seat.objects.get(cohort=cohort).hold_ends_at == AFTER + timedelta(hours=48)


@time_machine.travel(AFTER, tick=False)
def test_a_caller_with_a_seat_is_not_offered_another() -> None:
    availability = make_availability()
    cohort = make_cohort(starts_on=date(2026, 1, 12))
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    enroll(cohort=cohort, user=find_or_create_person(email=call.email, name=call.name, phone=""))
    address = reverse("calls_admin:seat", args=[call.pk])
    assert "has a seat already" in signed_in(availability.staff).post(address, follow=True).text
    assert not OutboxMessage.objects.filter(kind="seat").exists()
    assert not call.events.filter(happened=CallEventKind.SEAT_HELD).exists()


@time_machine.travel(AFTER, tick=False)
def test_without_an_open_cohort_the_caller_goes_on_the_list_once() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    client, address = signed_in(availability.staff), reverse("calls_admin:seat", args=[call.pk])
    assert "isn’t open" in client.post(address, follow=True).text
    for _ in "twice":
        client.post(address, {"list": "1"})
    assert EarlyAccess.objects.get().email == call.email


@time_machine.travel(AFTER, tick=False)
def test_who_asked_for_the_list_and_never_confirmed_is_on_it_after_the_call() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    join_waiting_list(email=call.email, cohort=None, at=NOW)
    signed_in(availability.staff).post(reverse("calls_admin:seat", args=[call.pk]), {"list": "1"})
    assert EarlyAccess.objects.get().confirmed_at == AFTER
    assert call.events.filter(happened=CallEventKind.LISTED).count() == 1


@time_machine.travel(NOW, tick=False)
def test_a_private_feed_shows_ones_own_calls_until_it_is_revoked(client: Client) -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW, site="achilles")
    make_call(availability=make_availability(), starts_at=TEN, at=NOW, name="Bo Lind")
    clinician, address = (
        signed_in(availability.staff),
        reverse("calls_admin:renew_feed", args=[availability.pk]),
    )
    clinician.post(address)
    availability.refresh_from_db()
    link = feed_link(availability)
    assert link is not None
    page = client.get(link)
    assert page["Content-Type"].startswith("text/calendar")
    assert "Call with Robin V." in page.text
    assert "Bo Lind" not in page.text
    assert "chilles" not in page.text
    clinician.post(address, {"revoke": "1"})
    assert client.get(link).status_code == 404
    assert signed_in(make_owner()).post(address).status_code == 403


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("odd", ["0001-01-01", "9999-12-31"])
def test_a_week_of_no_calendar_is_this_week(odd: str) -> None:
    desk = signed_in(make_front_desk())
    address = reverse("calls_admin:week")
    assert desk.get(address, {"week": odd}).context["monday"] == date(2026, 1, 5)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("first", "last"), [("2026-03-02", "9999-12-31"), ("0001-01-01", "2026-03-02")])
def test_leave_in_years_of_no_calendar_is_refused_beside_the_field(first: str, last: str) -> None:
    availability = make_availability()
    address = reverse("calls_admin:enter_leave", args=[availability.pk])
    refused = signed_in(availability.staff).post(address, {"first": first, "last": last})
    assert refused.status_code == 422
    assert "Enter a year from 2000 to 2199." in refused.text
    assert not Leave.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_an_answer_about_calls_that_are_no_numbers_agrees_to_none() -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW)
    address = reverse("calls_admin:enter_leave", args=[availability.pk])
    typed = {"first": "2026-01-08", "last": "2026-01-08", "agreed": "\u00b2,\u0663", "then": "keep"}
    assert signed_in(availability.staff).post(address, typed).status_code == 409
    assert not Leave.objects.exists()
