"""Booking, moving and canceling: by the actions, and on the visitor's pages."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from psycopg.types.range import TimestamptzRange

from challenge.calls.actions import book, cancel, move
from challenge.calls.emails import call_token
from challenge.calls.models import Booking, BookingState, CallEvent, CanceledBy
from challenge.calls.schedule_models import Availability
from challenge.calls.slot_picker import slot_text
from challenge.calls.staff_time import CallEnded, SlotTaken
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call, make_prospect

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
HALF_PAST = TEN + timedelta(minutes=30)


def answers(**fields: Any) -> dict[str, Any]:
    return {
        "slot": slot_text(TEN),
        "whom": "any",
        "zone": "America/New_York",
        "key": str(uuid.uuid4()),
        "name": "Robin Vale",
        "email": "robin@callers.test",
        "phone": "612 555 0199",
        "site": "achilles",
        "heard": "friend",
    } | fields


def test_a_booked_call_holds_its_time_with_its_buffers() -> None:
    availability = make_availability(buffer_before_min=5, buffer_after_min=10)
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    call.refresh_from_db()
    assert (call.starts_at, call.ends_at) == (TEN, TEN + timedelta(minutes=20))
    assert call.busy.lower == TEN - timedelta(minutes=5)
    assert call.busy.upper == TEN + timedelta(minutes=30)
    assert call.busy.bounds == "[)"


def test_a_taken_slot_is_refused() -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW)
    with pytest.raises(SlotTaken):
        make_call(availability=availability, starts_at=TEN, at=NOW)


def test_the_database_refuses_an_overlap_that_no_action_judged() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    with pytest.raises(IntegrityError, match="call_staff_is_booked_once"), transaction.atomic():
        Booking.objects.create(
            staff=call.staff,
            starts_at=TEN + timedelta(minutes=25),
            ends_at=TEN + timedelta(minutes=45),
            busy=TimestamptzRange(TEN + timedelta(minutes=25), TEN + timedelta(minutes=45)),
            time_zone="UTC",
            booked_at=NOW,
            changed_at=NOW,
        )


def test_half_open_ranges_may_touch() -> None:
    availability = make_availability(length_min=20, buffer_after_min=10, step_min=30)
    make_call(availability=availability, starts_at=TEN, at=NOW)
    assert make_call(availability=availability, starts_at=HALF_PAST, at=NOW).starts_at == HALF_PAST


def test_anyone_takes_a_free_clinician_then_refuses() -> None:
    first, second = make_availability(), make_availability()
    staff = {
        book(starts_at=TEN, staff_id=None, prospect=make_prospect(), by=None, at=NOW).staff_id for _ in "12"
    }
    assert staff == {first.staff_id, second.staff_id}
    with pytest.raises(SlotTaken):
        book(starts_at=TEN, staff_id=None, prospect=make_prospect(), by=None, at=NOW)


def test_a_canceled_call_gives_its_time_back() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    canceled = cancel(booking=call, by=None, at=NOW)
    assert (canceled.state, canceled.canceled_by) == (BookingState.CANCELED, CanceledBy.PROSPECT)
    assert make_call(availability=availability, starts_at=TEN, at=NOW).pk != call.pk


def test_a_moved_call_gives_the_old_time_back_and_a_lost_move_keeps_it() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    other = make_call(availability=availability, starts_at=HALF_PAST, at=NOW)
    with pytest.raises(SlotTaken, match="stays where it was"):
        move(booking=call, starts_at=HALF_PAST, staff_id=availability.staff_id, by=None, at=NOW)
    call.refresh_from_db()
    assert call.starts_at == TEN
    cancel(booking=other, by=None, at=NOW)
    moved = move(booking=call, starts_at=HALF_PAST, staff_id=availability.staff_id, by=None, at=NOW)
    assert (moved.starts_at, moved.sequence) == (HALF_PAST, 1)
    make_call(availability=availability, starts_at=TEN, at=NOW)


def test_a_prospect_cannot_change_a_call_that_has_begun() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    with pytest.raises(CallEnded):
        cancel(booking=call, by=None, at=TEN)


def test_what_happened_is_written_once() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CallEvent.objects.filter(booking=call).update(reason="changed")


def test_confirmation_goes_to_the_prospect_and_to_the_clinician_without_what_hurts() -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW, site="achilles")
    mails = OutboxMessage.objects.all()
    assert {m.to_email for m in mails} == {"robin@callers.test", availability.staff.email}
    confirmation = mails.get(to_email="robin@callers.test")
    assert "11:00 AM EST" in confirmation.text
    assert "10:00 AM CST at the clinic" in confirmation.text
    for mail in mails:
        assert "achilles" not in (mail.subject + mail.text + mail.html + str(mail.attachments)).lower()


@time_machine.travel(NOW, tick=False)
def test_a_visitor_finds_books_and_looks(client: Client) -> None:
    make_availability()
    page = client.get("/call/", {"zone": "America/New_York"})
    assert page.status_code == 200
    assert "11:00 AM" in page.text
    form = client.get("/call/", {"zone": "America/New_York", "slot": slot_text(TEN)})
    assert "Thursday, January 8<br>11:00 AM EST" in form.text
    done = client.post("/call/", answers())
    assert done.status_code == 302
    shown = client.get(done["Location"])
    assert "Thursday, January 8<br>11:00 AM EST" in shown.text
    assert shown["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in shown["Cache-Control"]


@time_machine.travel(NOW, tick=False)
def test_a_form_pressed_twice_books_once(client: Client) -> None:
    make_availability(), make_availability()
    typed = answers()
    first, second = client.post("/call/", typed), client.post("/call/", typed)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_a_lost_slot_says_so_keeps_the_answers_and_offers_the_nearest(client: Client) -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW)
    lost = client.post("/call/", answers(phone="612 555 0123"))
    assert lost.status_code == 409
    assert "has just been taken" in lost.text
    assert 'value="612 555 0123"' in lost.text
    offered = re.findall(r'type="radio" name="slot" value="([^"]+)"', lost.text)
    assert slot_text(HALF_PAST) in offered
    assert slot_text(TEN) not in offered
    again = client.post("/call/", answers(slot=offered[0]))
    assert again.status_code == 302


@time_machine.travel(NOW, tick=False)
def test_the_link_looks_on_get_and_acts_on_post(client: Client) -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    token = call_token(call)
    for path in ("", "move/", f"move/?slot={slot_text(HALF_PAST)}", "cancel/", "call.ics"):
        assert client.get(f"/call/{token}/{path}").status_code == 200
    call.refresh_from_db()
    assert (call.state, call.starts_at) == (BookingState.BOOKED, TEN)
    client.post(f"/call/{token}/move/", {"slot": slot_text(HALF_PAST), "whom": str(availability.staff_id)})
    call.refresh_from_db()
    assert call.starts_at == HALF_PAST
    client.post(f"/call/{token}/cancel/")
    call.refresh_from_db()
    assert call.state == BookingState.CANCELED
    assert "was canceled" in client.get(f"/call/{token}/").text


@pytest.mark.parametrize("token", ["nonsense", "0" * 32, "%00", "a.b"])
def test_a_link_that_is_not_ours_opens_nothing(client: Client, token: str) -> None:
    assert client.get(f"/call/{token}/").status_code == 404


def test_a_changed_link_opens_nothing(client: Client) -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    token = call_token(call)
    assert client.get(f"/call/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/").status_code == 404
    assert call.email not in token
    assert client.get(f"/call/{call.uid.hex}/").status_code == 404


@time_machine.travel(NOW, tick=False)
def test_the_time_zone_is_typed_by_the_name_people_use(client: Client) -> None:
    make_availability()
    page = client.get("/call/", {"zone": "eastern time"})
    assert "11:00 AM" in page.text
    assert 'value="Eastern Time (New York)"' in page.text
    assert "zone=America%2FNew_York" in page.text
    assert '<option value="Kathmandu"' in page.text


@time_machine.travel(NOW, tick=False)
def test_a_time_zone_that_fits_several_is_asked_about_and_the_times_stay(client: Client) -> None:
    call = make_call(availability=make_availability(), starts_at=TEN + timedelta(hours=1), at=NOW)
    for path in ("/call/", f"/call/{call_token(call)}/move/"):
        page = client.get(path, {"zone": "sant"})
        assert page.text.count("That fits several zones; choose one: Santarem, Santiago, Santo Domingo.") == 2
        assert "<title>Error: " in page.text
        assert 'value="sant"' in page.text
        assert 'data-find-zone=""' in page.text  # else the script would go to the browser's zone
        assert "10:00 AM" in page.text


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("odd", ["0001-01-01T00:00Z", "9999-12-31T23:59Z", "1999-12-31T23:59Z"])
def test_a_time_of_no_calendar_is_ignored(client: Client, odd: str) -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    for path in ("/call/", f"/call/{call_token(call)}/move/"):
        for zone in ("Asia/Tokyo", "America/New_York"):
            asked = {"slot": odd, "first": odd[:10], "zone": zone}
            assert client.get(path, asked).status_code == 200
    refused = client.post("/call/", answers(slot=odd))
    assert refused.status_code == 422
    assert "Choose a time." in refused.text


@time_machine.travel(NOW, tick=False)
def test_who_chose_a_clinician_that_stops_taking_calls_can_book_with_anyone(client: Client) -> None:
    gone, other = make_availability(), make_availability()
    Availability.objects.filter(pk=gone.pk).update(takes_calls=False)
    lost = client.post("/call/", answers(whom=str(gone.staff_id)))
    assert lost.status_code == 409
    (whom,) = re.findall(r'name="whom" value="([^"]*)"', lost.text)
    offered = re.findall(r'type="radio" name="slot" value="([^"]+)"', lost.text)
    assert client.post("/call/", answers(whom=whom, slot=offered[0])).status_code == 302
    assert Booking.objects.get().staff_id == other.staff_id


@time_machine.travel(NOW, tick=False)
def test_an_address_books_four_times_a_day_and_then_rings(client: Client) -> None:
    make_availability()
    slots = [slot_text(TEN + timedelta(days=n)) for n in (0, 1, 4, 5, 6)]
    for slot in slots[:4]:
        assert client.post("/call/", answers(slot=slot)).status_code == 302
    enough = client.post("/call/", answers(slot=slots[4]))
    assert enough.status_code == 429
    assert "Please call us" in enough.text
    assert 'value="612 555 0199"' in enough.text
    assert Booking.objects.count() == 4
    assert client.post("/call/", answers(slot=slots[4], email="bo@callers.test")).status_code == 302


@time_machine.travel(NOW, tick=False)
def test_a_visitor_books_ten_times_an_hour_whatever_the_address(client: Client) -> None:
    make_availability()
    taken = slot_text(TEN + timedelta(minutes=7))  # no call begins then: the tries count, and book nothing
    got = [
        client.post("/call/", answers(slot=taken, email=f"{n}@callers.test")).status_code for n in range(11)
    ]
    assert got == [409] * 10 + [429]
    other = client.post("/call/", answers(email="bo@callers.test"), REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 302


@time_machine.travel(NOW, tick=False)
def test_a_robot_that_fills_in_the_hidden_field_books_nothing(client: Client) -> None:
    make_availability()
    caught = client.post("/call/", answers(website="https://shop.test"))
    assert caught.status_code == 422
    assert "it catches robots" in caught.text
    assert not Booking.objects.exists()
    assert not OutboxMessage.objects.exists()
