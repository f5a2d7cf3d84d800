"""Looking after a caller: corrected, sent again, handed over, squeezed in; a second press is the first."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import User
from challenge.calls.actions import SAME_PRESS, book, cancel, squeeze_in
from challenge.calls.caller_actions import (
    CallerDetails,
    DetailsChanged,
    correct_details,
    details_of,
    hand_over,
    resend_link,
    version_of,
)
from challenge.calls.emails import call_token
from challenge.calls.models import Booking, CallEvent, CallEventKind, PhoneNews
from challenge.calls.periodic import remind
from challenge.calls.schedule_models import Availability, BusyCalendar, BusyTime, Leave
from challenge.calls.staff_time import CallEnded, SlotTaken
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call, make_prospect
from tests.factories.people import make_clinician, make_front_desk, use_second_factor

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
SEVEN = TEN - timedelta(hours=3)  # before the hours
MISTYPED = CallerDetails("Robin Vale", "robin@callers.test", "+16125550177", "America/Denver")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def letters(address: str = "robin@callers.test") -> list[str]:
    rows = OutboxMessage.objects.filter(to_email=address).order_by("pk")
    return [row.dedupe_key.split(":")[2] for row in rows]


def test_a_corrected_address_gets_the_confirmation_and_the_later_reminders() -> None:
    call = make_call(
        availability=make_availability(), starts_at=TEN, at=NOW - timedelta(days=2), email="robn@callers.test"
    )
    correct_details(booking=call, details=MISTYPED, by=make_front_desk(), at=NOW - timedelta(days=2))
    call.refresh_from_db()
    assert (call.email, call.phone, call.time_zone) == (
        "robin@callers.test",
        "+16125550177",
        "America/Denver",
    )
    assert letters() == ["call_booked"]
    remind(at=TEN - timedelta(hours=23))
    assert letters() == ["call_booked", "call_tomorrow"]
    assert letters("robn@callers.test") == ["call_booked"]


def test_a_corrected_phone_writes_nothing_and_a_canceled_call_is_not_corrected() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW, time_zone="America/Denver")
    desk = make_front_desk()
    correct_details(booking=call, details=MISTYPED, by=desk, at=NOW)
    assert letters() == ["call_booked"]
    cancel(booking=call, by=desk, at=NOW)
    with pytest.raises(CallEnded):
        correct_details(booking=call, details=MISTYPED, by=desk, at=NOW)


def test_a_link_is_sent_again_once_a_minute_and_not_for_a_call_that_is_over() -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    desk = make_front_desk()
    assert [resend_link(booking=call, by=desk, at=NOW) for _ in "12"] == [True, True]
    assert letters() == ["call_booked", "call_link_again"]
    assert not resend_link(booking=call, by=desk, at=TEN + timedelta(hours=1))


def test_a_caller_reads_who_takes_the_call_why_and_that_the_time_stays() -> None:
    first = make_availability(staff=make_clinician(name="Ada Moor"))
    second = make_availability(staff=make_clinician(name="Mia Ray"), days=())
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    taken = hand_over(booking=call, staff_id=second.staff_id, reason="Ada is ill.", by=first.staff, at=NOW)
    assert (taken.staff_id, taken.starts_at) == (second.staff_id, TEN)
    letter = OutboxMessage.objects.get(to_email=call.email, dedupe_key__contains="call_handed_over")
    assert letter.subject.startswith("Mia Ray will take your call")
    for words in ("The time stays", "Ada is ill."):
        assert words in letter.text
        assert words in letter.html
    assert CallEvent.objects.get(happened=CallEventKind.HANDED).reason == "Ada is ill."


def test_a_call_is_handed_to_no_one_who_is_on_the_phone_then() -> None:
    first, second = make_availability(), make_availability()
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    make_call(availability=second, starts_at=TEN, at=NOW, email="ada@callers.test")
    with pytest.raises(SlotTaken):
        hand_over(booking=call, staff_id=second.staff_id, reason="ill", by=first.staff, at=NOW)
    call.refresh_from_db()
    assert call.staff_id == first.staff_id


@time_machine.travel(NOW, tick=False)
def test_an_old_link_of_a_call_handed_over_says_who_takes_it() -> None:
    first, second = make_availability(), make_availability(staff=make_clinician(name="Mia Ray"))
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    page = reverse("calls_admin:call", args=[call.pk])
    client = signed_in(first.staff)
    colleague = {"staff": str(second.staff_id), "reason": "Ada is ill."}
    assert client.post(reverse("calls_admin:hand_over", args=[call.pk]), colleague).status_code == 302
    assert "Mia Ray takes this call now." in client.get(page, follow=True).text
    assert signed_in(make_availability().staff).get(page).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_the_desk_squeezes_in_with_a_reason_and_never_over_a_call() -> None:
    availability = make_availability()
    Leave.objects.create(availability=availability, starts_at=SEVEN, ends_at=TEN, entered_at=NOW)
    desk, address = signed_in(make_front_desk()), reverse("calls_admin:squeeze_in")
    typed: dict[str, Any] = {
        "staff": str(availability.staff_id), "on": "2026-01-08", "time": "07:00", "zone": "America/Chicago",
        "reason": "", "name": "Robin Vale", "phone": "(612) 555-0177", "email": "", "site": "", "heard": "",
        "key": str(uuid.uuid4()), "website": "",
    }  # fmt: skip
    refused = desk.post(address, typed)
    assert (refused.status_code, Booking.objects.count()) == (422, 0)
    assert "Say why" in refused.text
    assert 'value="(612) 555-0177"' in refused.text
    for _ in "12":
        assert desk.post(address, typed | {"reason": "Robin flies at nine"}).status_code == 302
    call = Booking.objects.get()
    assert (call.starts_at, call.phone) == (SEVEN, "+16125550177")
    assert call.events.get().reason == "Robin flies at nine"
    again = desk.post(address, typed | {"reason": "also", "key": str(uuid.uuid4()), "time": "07:10"})
    assert (again.status_code, Booking.objects.count()) == (409, 1)
    assert (
        desk.post(
            address, typed | {"reason": "late", "key": str(uuid.uuid4()), "on": "2026-01-06"}
        ).status_code
        == 409
    )


def test_a_call_squeezed_in_may_touch_another_but_not_its_buffer() -> None:
    availability = make_availability(buffer_after_min=10)
    make_call(availability=availability, starts_at=TEN, at=NOW)
    common: dict[str, Any] = {
        "staff_id": availability.staff_id, "prospect": make_prospect(email=""), "reason": "flies", "at": NOW,
        "by": make_front_desk(),
    }  # fmt: skip
    with pytest.raises(SlotTaken):
        squeeze_in(starts_at=TEN + timedelta(minutes=20), **common)
    assert squeeze_in(starts_at=TEN + timedelta(minutes=30), **common).minutes == 20


def have_a_meeting(availability: Availability, *, trusted: bool = True) -> None:
    """Half an hour from ten o'clock in a calendar of the clinician's own."""
    calendar = BusyCalendar.objects.create(
        availability=availability, name="Work", entered_at=NOW, is_trusted=trusted
    )
    BusyTime.objects.create(calendar=calendar, starts_at=TEN, ends_at=TEN + timedelta(minutes=30))


def test_no_call_is_squeezed_in_over_a_known_meeting() -> None:
    busy, stale = make_availability(staff=make_clinician(name="Ada Moor")), make_availability()
    have_a_meeting(busy)
    have_a_meeting(stale, trusted=False)
    common: dict[str, Any] = {
        "prospect": make_prospect(email=""), "reason": "flies", "at": NOW, "by": make_front_desk(),
    }  # fmt: skip
    for minutes in (-10, 0, 29):
        with pytest.raises(SlotTaken, match="Ada Moor’s own calendar has something"):
            squeeze_in(starts_at=TEN + timedelta(minutes=minutes), staff_id=busy.staff_id, **common)
    assert squeeze_in(starts_at=TEN + timedelta(minutes=30), staff_id=busy.staff_id, **common)
    assert squeeze_in(starts_at=TEN, staff_id=stale.staff_id, **common)


@time_machine.travel(NOW, tick=False)
def test_a_call_is_not_handed_over_into_a_known_meeting() -> None:
    first, second = make_availability(), make_availability(staff=make_clinician(name="Mia Ray"))
    call = make_call(availability=first, starts_at=TEN, at=NOW)
    have_a_meeting(second)
    sent = {"staff": str(second.staff_id), "reason": "Ada is ill."}
    refused = signed_in(make_front_desk()).post(reverse("calls_admin:hand_over", args=[call.pk]), sent)
    assert refused.status_code == 409
    assert "Mia Ray’s own calendar has something at that time." in refused.text
    assert "Ada is ill." in refused.text
    call.refresh_from_db()
    assert call.staff_id == first.staff_id


def test_a_second_tabs_press_is_the_same_booking() -> None:
    for _ in "12":
        make_availability()
    calls = [
        book(starts_at=TEN, staff_id=None, prospect=make_prospect(), by=None, at=NOW, form_key=uuid.uuid4())
        for _ in "12"
    ]
    assert calls[0].pk == calls[1].pk
    other = make_prospect(name="Kim Lee")
    assert (
        book(starts_at=TEN, staff_id=None, prospect=other, by=None, at=NOW, form_key=uuid.uuid4()).pk
        != calls[0].pk
    )


def test_the_same_details_an_hour_later_are_another_booking() -> None:
    for _ in "12":
        make_availability()
    first, later = (
        book(starts_at=TEN, staff_id=None, prospect=make_prospect(), by=None, at=at, form_key=uuid.uuid4())
        for at in (NOW, NOW + SAME_PRESS)
    )
    assert first.pk != later.pk


def test_a_caller_without_email_waits_to_be_phoned_only_for_what_the_clinic_did() -> None:
    desk = make_front_desk()
    silent: dict[str, Any] = {"email": "", "phone": "+16125550177"}
    mine, theirs, written = (
        make_call(availability=make_availability(), starts_at=TEN, at=NOW, **fields)
        for fields in (silent, silent, {})
    )
    cancel(booking=mine, by=desk, at=NOW)
    cancel(booking=theirs, by=None, at=NOW)
    cancel(booking=written, by=desk, at=NOW)
    news = list(Booking.objects.order_by("pk").values_list("phone_news", flat=True))
    assert news == [PhoneNews.CANCELED, "", ""]


def test_the_callers_page_counts_down_to_the_call_and_says_now_until_it_ends(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
        page = reverse("calls:call", args=[call_token(call)])
    for minutes, now in ((-1, False), (5, True), (20, False)):
        with time_machine.travel(TEN + timedelta(minutes=minutes), tick=False):
            assert ("Now: call" in client.get(page).text) is now


def test_the_clinicians_mail_names_the_caller_shortly_and_the_number() -> None:
    make_call(availability=make_availability(), starts_at=TEN, at=NOW, phone="+16125550177", site="achilles")
    letter = OutboxMessage.objects.get(dedupe_key__contains=":staff:")
    event = letter.attachments[0]["content"]
    assert "Robin V., +1 612 555 0177" in letter.text
    assert "SUMMARY:Call with Robin V." in event
    assert "+1 612 555 0177" in event.replace("\r\n ", "")
    assert "Vale" not in letter.text + letter.subject


def test_the_downloaded_file_is_published_with_its_organizer_and_as_whole_as_the_mailed_one(
    client: Client,
) -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    with time_machine.travel(NOW, tick=False):
        file = client.get(reverse("calls:calendar_file", args=[call_token(call)])).text.replace("\r\n ", "")
    assert "METHOD:PUBLISH" in file
    for line in (
        "ORGANIZER",
        f"UID:{call.uid}",
        "SUMMARY:Call with Thrive HQ",
        "DESCRIPTION:Call us",
        "/call/",
    ):
        assert line in file, line


def test_a_lost_link_is_mailed_to_its_address_and_the_page_reveals_no_call(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        make_call(availability=make_availability(), starts_at=TEN, at=NOW)
        answers = {
            client.post("/call/again/", {"email": email}).text.split("csrf")[0]
            for email in ("Robin@callers.test", "stranger@callers.test")
        }
        assert len(answers) == 1
        assert letters() == ["call_booked", "call_link_again"]
        assert not letters("stranger@callers.test")
        assert client.post("/call/again/", {"email": "robin@"}).status_code == 422


def test_one_visitor_cannot_ask_for_links_without_end(client: Client) -> None:
    codes = [client.post("/call/again/", {"email": f"p{n}@callers.test"}).status_code for n in range(22)]
    assert codes == [200] * 20 + [429] * 2


@time_machine.travel(NOW, tick=False)
def test_the_desk_hears_of_a_standing_call_and_chooses() -> None:
    availability = make_availability()
    call = make_call(availability=availability, starts_at=TEN, at=NOW, phone="+16125550177")
    desk, address = signed_in(make_front_desk()), reverse("calls_admin:book")
    typed = {
        "slot": "2026-01-08T16:30Z", "whom": "any", "zone": "America/Chicago", "key": str(uuid.uuid4()),
        "name": "Robin Vale", "phone": "612 555 0177", "email": "", "site": "", "heard": "", "website": "",
    }  # fmt: skip
    asked = desk.post(address, typed)
    assert (asked.status_code, Booking.objects.count()) == (409, 1)
    assert "This caller already has a call booked." in asked.text
    assert 'value="612 555 0177"' in asked.text
    moved = desk.get(f"/admin/calls/{call.pk}/move/", {"slot": typed["slot"], "whom": "any"})
    assert "Move the call" in moved.text
    for _ in "12":
        assert desk.post(address, typed | {"another": "on"}).status_code == 302
    assert Booking.objects.count() == 2


def test_only_the_mailbox_learns_of_a_second_call(client: Client) -> None:
    availability = make_availability()
    first = make_call(availability=availability, starts_at=TEN, at=NOW)
    make_call(availability=availability, starts_at=TEN + timedelta(minutes=30), at=NOW)
    earlier, later = OutboxMessage.objects.filter(to_email="robin@callers.test").order_by("pk")
    assert "You also have a call" not in earlier.text
    assert call_token(first) in later.text
    assert call_token(first) in later.html


def test_two_desks_at_one_caller_do_not_overwrite_each_other() -> None:
    with time_machine.travel(NOW, tick=False):
        call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
        first, second = signed_in(make_front_desk()), signed_in(make_front_desk())
        form = first.get(reverse("calls_admin:call", args=[call.pk])).context["correct_form"]
        sent = {name: form[name].value() for name in form.fields}
        page = reverse("calls_admin:correct", args=[call.pk])
        assert first.post(page, sent | {"name": "Robin Dale"}).status_code == 302
        late = second.post(page, sent | {"phone": "612 555 0177"})
        assert late.status_code == 422
        assert "What’s saved now: Robin Dale, robin@callers.test" in late.text
        assert 'value="612 555 0177"' in late.text
        call.refresh_from_db()
        assert (call.name, call.phone) == ("Robin Dale", "")
        again = {name: late.context["correct_form"][name].value() for name in form.fields}
        assert second.post(page, again | {"name": "Robin Dale"}).status_code == 302
        call.refresh_from_db()
        assert (call.name, call.phone) == ("Robin Dale", "+16125550177")


def test_details_are_compared_under_the_lock_and_a_second_press_is_the_first() -> None:
    call, desk = make_call(availability=make_availability(), starts_at=TEN, at=NOW), make_front_desk()
    seen = version_of(details_of(call))
    for _ in "12":
        correct_details(booking=call, details=MISTYPED, by=desk, at=NOW, seen=seen)
    assert CallEvent.objects.filter(happened=CallEventKind.CORRECTED).count() == 1
    other = CallerDetails("Robin Dale", "robin@callers.test", "", "America/Denver")
    with pytest.raises(DetailsChanged):
        correct_details(booking=call, details=other, by=desk, at=NOW, seen=seen)
    call.refresh_from_db()
    assert details_of(call) == MISTYPED
