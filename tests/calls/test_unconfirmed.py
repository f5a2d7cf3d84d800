"""A visitor's call is confirmed from the mailbox within an hour, or its time goes back; one network holds few."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from challenge.calls.caller_actions import A_NETWORK, confirm_call, let_go_unconfirmed, resend_link
from challenge.calls.models import Booking, BookingState, CallEvent, UnconfirmedCall
from challenge.calls.periodic import remind_of_calls
from challenge.calls.slot_picker import slot_text
from challenge.mail.models import OutboxMessage
from tests.calls.test_booking import HALF_PAST, TEN, answers
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.people import make_front_desk, make_runner_user

pytestmark = pytest.mark.django_db

ROBIN = "robin@callers.test"
LATER = NOW + timedelta(hours=1, minutes=2)


def link_in(email: str) -> str:
    text = OutboxMessage.objects.filter(to_email=email).latest("pk").text
    found = re.search(r"https?://[^/]+(/call/confirm/\S+)", text)
    assert found, "no link to confirm"
    return found[1]


def book(client: Client, **fields: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.post("/call/", answers(**fields))


def test_the_mailbox_confirms_and_only_then_the_clinician_reads_of_it(client: Client) -> None:
    staff = make_availability().staff
    page = book(client)["Location"]
    with time_machine.travel(NOW, tick=False):
        shown = client.get(page).content.decode()
        assert "confirm the call from your email" in shown
        assert "/call/confirm/" not in shown, "who booked it must show that the mailbox is theirs"
        assert not OutboxMessage.objects.filter(to_email=staff.email).exists()
        link = link_in(ROBIN)
        assert "Confirm the call" in client.get(link).content.decode()
        assert UnconfirmedCall.objects.exists(), "a mail scanner's look confirms nothing"
        assert client.post(link).status_code == 302
        assert client.post(link).status_code == 302
        assert "See the call" in client.get(link).content.decode()
    assert OutboxMessage.objects.filter(to_email=staff.email).count() == 1
    assert CallEvent.objects.filter(happened="confirmed").count() == 1
    with time_machine.travel(LATER, tick=False):
        remind_of_calls()
    assert Booking.objects.get().state == BookingState.BOOKED


def test_without_a_confirmation_the_time_goes_back_after_an_hour_and_without_another_email(
    client: Client,
) -> None:
    make_availability()
    book(client)
    link = link_in(ROBIN)
    assert let_go_unconfirmed(at=NOW + timedelta(minutes=59)) == 0
    with time_machine.travel(LATER, tick=False):
        remind_of_calls()
        remind_of_calls()
        assert Booking.objects.get().state == BookingState.CANCELED
        late = client.post(link)
    assert late.status_code == 200
    assert "Find a time" in late.content.decode()
    assert OutboxMessage.objects.count() == 1
    assert CallEvent.objects.latest("pk").happened == "let_go"
    assert book(client, email="bo@callers.test").status_code == 302


def test_one_network_holds_a_few_times_and_another_is_not_kept_from_them(client: Client) -> None:
    make_availability()
    slots = [slot_text(TEN + (number - 2) * (HALF_PAST - TEN)) for number in range(6)]
    for number, slot in enumerate(slots[:A_NETWORK]):
        cache.clear()
        sent = answers(slot=slot, email=f"crowd{number}@callers.test")
        with time_machine.travel(NOW, tick=False):
            assert Client(REMOTE_ADDR=f"198.51.100.{number}").post("/call/", sent).status_code == 302
    cache.clear()
    more = answers(slot=slots[A_NETWORK], email="more@callers.test")
    with time_machine.travel(NOW, tick=False):
        refused = Client(REMOTE_ADDR="198.51.100.99").post("/call/", more)
        assert refused.status_code == 429
        assert "aren’t confirmed yet" in refused.content.decode()
        assert 'value="more@callers.test"' in refused.content.decode(), "what was typed is still there"
        confirm_call(booking=Booking.objects.earliest("pk"), by=None, at=NOW)
        assert Client(REMOTE_ADDR="198.51.100.99").post("/call/", more).status_code == 302
        other = answers(slot=slot_text(TEN + timedelta(days=1)), email="other@callers.test")
        assert Client(REMOTE_ADDR="192.0.2.1").post("/call/", other).status_code == 302


def test_the_clinic_and_a_runner_for_their_own_mailbox_need_no_confirmation(client: Client) -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW)
    client.force_login(make_runner_user(email=ROBIN))
    assert book(client, slot=slot_text(HALF_PAST)).status_code == 302
    assert not UnconfirmedCall.objects.exists()


def test_whatever_the_clinic_does_with_a_call_confirms_it(client: Client) -> None:
    make_availability()
    book(client)
    resend_link(booking=Booking.objects.get(), by=make_front_desk(), at=NOW)
    assert let_go_unconfirmed(at=LATER) == 0
    assert Booking.objects.get().state == BookingState.BOOKED


def test_a_call_that_its_caller_canceled_stays_canceled(client: Client) -> None:
    make_availability()
    book(client)
    Booking.objects.update(
        state="canceled", canceled_by="prospect", ended_at=datetime(2026, 1, 7, tzinfo=UTC)
    )
    assert let_go_unconfirmed(at=LATER) == 0
    assert not UnconfirmedCall.objects.exists()
