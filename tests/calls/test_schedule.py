"""Changing hours and leave: what it hits is listed and asked about; nothing is run over."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import User
from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule import (
    CallsInConflict,
    ConfirmedConflict,
    clear_date,
    enter_leave,
    set_date,
    set_terms,
    set_week,
)
from challenge.calls.staff_time import SlotTaken
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.people import make_clinician, make_front_desk, make_owner, use_second_factor

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
THAT_DAY: dict[str, Any] = {"starts_at": TEN - timedelta(hours=8), "ends_at": TEN + timedelta(hours=8)}


def test_leave_over_a_call_is_refused_until_the_call_was_shown() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    common: dict[str, Any] = {"availability": availability, "by": availability.staff, "at": NOW} | THAT_DAY
    with pytest.raises(CallsInConflict) as refused:
        enter_leave(**common)
    assert refused.value.calls == [call]
    assert not availability.leaves.exists()
    enter_leave(**common, agreed=ConfirmedConflict(frozenset({call.pk})))
    call.refresh_from_db()
    assert call.state == BookingState.BOOKED


def test_calls_in_the_way_are_canceled_with_the_reason_when_confirmed() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    agreed = ConfirmedConflict(frozenset({call.pk}), cancel=True, reason="The clinic is closed that day.")
    enter_leave(availability=availability, by=availability.staff, at=NOW, agreed=agreed, **THAT_DAY)
    call.refresh_from_db()
    assert call.state == BookingState.CANCELED
    mail = OutboxMessage.objects.get(to_email=call.email, subject__contains="canceled")
    assert "The clinic is closed that day." in mail.text


def test_a_call_booked_after_the_list_was_shown_is_asked_about_again() -> None:
    availability = make_availability()
    first = make_call(availability=availability, starts_at=TEN, at=NOW)
    second = make_call(availability=availability, starts_at=TEN + timedelta(minutes=30), at=NOW)
    agreed = ConfirmedConflict(frozenset({first.pk}))
    with pytest.raises(CallsInConflict) as refused:
        enter_leave(availability=availability, by=availability.staff, at=NOW, agreed=agreed, **THAT_DAY)
    assert second in refused.value.calls


def test_other_hours_another_date_and_another_zone_ask_as_well() -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW)
    common: dict[str, Any] = {"availability": availability, "by": availability.staff, "at": NOW}
    with pytest.raises(CallsInConflict):
        set_week(**common, weekly=[(3, (time(13), time(15)))])
    with pytest.raises(CallsInConflict):
        set_date(**common, on=date(2026, 1, 8), times=[])
    with pytest.raises(CallsInConflict):
        set_terms(**common, terms={"time_zone": "Asia/Tokyo"})
    assert availability.hours.count() == 5
    set_week(**common, weekly=[(3, (time(10), time(11)))])
    set_date(**common, on=date(2026, 1, 9), times=[(time(8), time(9))])
    clear_date(**common, on=date(2026, 1, 9))


def test_no_one_books_into_leave() -> None:
    availability = make_availability()
    enter_leave(availability=availability, by=availability.staff, at=NOW, **THAT_DAY)
    with pytest.raises(SlotTaken):
        make_call(availability=availability, starts_at=TEN, at=NOW)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    use_second_factor(client, user)
    return client


@time_machine.travel(NOW, tick=False)
def test_the_page_lists_the_calls_asks_and_keeps_what_was_typed(client: Client) -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    signed_in(client, availability.staff)
    address = reverse("calls_admin:enter_leave", args=[availability.pk])
    typed = {"first": "2026-01-08", "last": "2026-01-09", "since": "", "until": "12:00"}
    asked = client.post(address, typed)
    assert asked.status_code == 409
    assert "Robin Vale" in asked.text
    assert 'name="last" value="2026-01-09"' in asked.text
    unanswered = client.post(address, typed | {"agreed": str(call.pk)})
    assert unanswered.status_code == 409
    assert "Choose what happens to these calls." in unanswered.text
    done = client.post(address, typed | {"agreed": str(call.pk), "then": "keep"})
    assert done.status_code == 302
    leave = availability.leaves.get()
    assert leave.ends_at == datetime(2026, 1, 9, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert Booking.objects.get().state == BookingState.BOOKED


@time_machine.travel(NOW, tick=False)
def test_weekly_hours_are_typed_kept_and_shown_again(client: Client) -> None:
    availability = make_availability(days=())
    signed_in(client, make_front_desk())
    address = reverse("calls_admin:set_week", args=[availability.pk])
    typed = {"from_0_1": "09:00", "to_0_1": "12:00", "from_0_2": "13:30", "to_0_2": "17:00"}
    assert client.post(address, typed).status_code == 302
    page = client.get(reverse("calls_admin:hours", args=[availability.pk]))
    assert 'value="13:30"' in page.text
    wrong = client.post(address, typed | {"from_0_2": "11:00", "to_1_1": "10:00"})
    assert wrong.status_code == 422
    assert "overlap" in wrong.text
    assert "Enter both times, or neither." in wrong.text
    assert availability.hours.count() == 2


@time_machine.travel(NOW, tick=False)
def test_a_clinician_sets_their_own_hours_and_no_one_elses(client: Client) -> None:
    other = make_availability()
    me = make_clinician()
    signed_in(client, me)
    assert client.get(reverse("calls_admin:hours", args=[other.pk])).status_code == 404
    assert client.post(reverse("calls_admin:begin"), {"staff": other.staff_id}).status_code == 404
    begun = client.post(reverse("calls_admin:begin"), {"staff": me.pk})
    assert begun["Location"] == reverse("calls_admin:hours", args=[me.availability.pk])


def test_leave_asks_about_every_call_inside_also_those_kept_as_exceptions() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    common: dict[str, Any] = {"availability": availability, "by": availability.staff, "at": NOW}
    kept = ConfirmedConflict(frozenset({call.pk}))
    set_date(**common, on=date(2026, 1, 8), times=[], agreed=kept)
    with pytest.raises(CallsInConflict) as refused:
        enter_leave(**common, **THAT_DAY)
    assert refused.value.calls == [call]
    assert not availability.leaves.exists()


def test_a_clinician_who_takes_no_more_calls_is_asked_about_those_ahead() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW)
    common: dict[str, Any] = {"availability": availability, "by": availability.staff, "at": NOW}
    with pytest.raises(CallsInConflict):
        set_terms(**common, terms={"takes_calls": False})
    agreed = ConfirmedConflict(frozenset({call.pk}), cancel=True, reason="Ada has left.")
    availability.refresh_from_db()
    set_terms(**common, terms={"takes_calls": False}, agreed=agreed)
    call.refresh_from_db()
    assert call.state == BookingState.CANCELED


@time_machine.travel(NOW, tick=False)
def test_callers_without_email_are_marked_before_and_wait_after(client: Client) -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW, email="", phone="+16125550177")
    signed_in(client, availability.staff)
    address = reverse("calls_admin:enter_leave", args=[availability.pk])
    typed = {"first": "2026-01-08", "last": "2026-01-08"}
    assert "no email: phone" in client.post(address, typed).text
    answer = typed | {"agreed": str(call.pk), "then": "cancel", "reason": "Ada is away."}
    done = client.post(address, answer, follow=True).text
    assert "No email address: phone Robin Vale." in done
    assert "+1 612 555 0177" in client.get("/admin/calls/").text
    client.post(reverse("calls_admin:phoned", args=[call.pk]), {"back": "day"})
    assert "+1 612 555 0177" not in client.get("/admin/calls/").text


@time_machine.travel(NOW, tick=False)
def test_closing_an_account_lists_its_calls_and_asks(client: Client) -> None:
    availability = make_availability()
    make_call(availability=availability, starts_at=TEN, at=NOW, email="", phone="+16125550177")
    staff = availability.staff
    signed_in(client, make_owner())
    page = reverse("admin:challenge_user_change", args=[staff.pk])
    assert "Close it although calls are booked" in client.get(page).text
    typed: dict[str, Any] = {"email": staff.email, "name": staff.name, "time_zone": staff.time_zone}
    typed |= {"groups": list(staff.groups.values_list("pk", flat=True))}
    refused = client.post(page, typed)
    assert "Robin Vale on Thursday, January 8" in refused.text
    assert "no email: phone +1 612 555 0177" in refused.text
    staff.refresh_from_db()
    assert staff.is_active
    client.post(page, typed | {"calls_wait": "on"})
    staff.refresh_from_db()
    assert not staff.is_active
    assert "With a colleague who is away or has left" in client.get("/admin/calls/").text


@time_machine.travel(NOW, tick=False)
def test_an_account_without_calls_closes_without_a_question(client: Client) -> None:
    staff = make_clinician()
    signed_in(client, make_owner())
    page = reverse("admin:challenge_user_change", args=[staff.pk])
    assert "although calls are booked" not in client.get(page).text
