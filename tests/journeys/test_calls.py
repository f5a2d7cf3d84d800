"""A visitor books, moves and cancels a call in a real browser: phone and desk, with and without JavaScript."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from challenge.calls.models import Booking, BookingState
from challenge.calls.schedule_models import Availability
from tests.calls.test_unconfirmed import link_in
from tests.factories.calls import make_availability

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., BrowserContext]


@pytest.fixture
def availability() -> Availability:
    return make_availability(days=range(7), starts=time(9), ends=time(12), notice_min=0, horizon_days=14)


def choose_first_time(page: Page) -> None:
    page.locator(".calls-times a").first.click()


def book(page: Page) -> Booking:
    choose_first_time(page)
    page.get_by_label("Your name").fill("Robin Vale")
    page.get_by_label("Email").fill("robin@callers.test")
    page.get_by_role("button", name="Book this call").click()
    expect(page.get_by_text("confirm the call from your email")).to_be_visible()
    page.goto(link_in("robin@callers.test"))
    page.get_by_role("button", name="Confirm the call").click()
    expect(page.get_by_text("Your call is set")).to_be_visible()
    return Booking.objects.get()


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.deep)])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_visitor_books_moves_and_cancels(
    window: Open, availability: Availability, width: int, scripts: bool
) -> None:
    page = window(width=width, java_script_enabled=scripts).new_page()
    page.goto("/call/")
    call = book(page)
    page.get_by_role("link", name="Move it").click()
    page.locator(".calls-times a").last.click()
    page.get_by_role("button", name="Move the call").click()
    expect(page.get_by_text("Moved. See you then")).to_be_visible()
    moved = Booking.objects.get()
    assert moved.starts_at > call.starts_at
    page.get_by_role("link", name="Cancel it").click()
    page.get_by_role("button", name="Cancel the call").click()
    expect(page.get_by_text("This call was canceled")).to_be_visible()
    assert Booking.objects.get().state == BookingState.CANCELED


def test_the_browsers_own_zone_is_found_shown_and_can_be_changed(
    window: Open, availability: Availability
) -> None:
    page = window(timezone_id="Asia/Kathmandu").new_page()
    page.goto("/call/")
    expect(page.get_by_label("Times shown for")).to_have_value("Kathmandu")
    kathmandu = page.locator(".calls-times a").first.inner_text()
    nine = datetime.combine(
        timezone.now().date() + timedelta(days=2), time(9), tzinfo=ZoneInfo("America/Chicago")
    )
    local = nine.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert f"{local.hour % 12 or 12}:{local:%M}" in page.locator(".calls-week").inner_text()
    page.get_by_label("Times shown for").fill("Eastern Time")
    page.get_by_label("Times shown for").press("Enter")
    page.wait_for_url("**zone=Eastern+Time**")
    expect(page.get_by_label("Times shown for")).to_have_value("Eastern Time (New York)")
    assert page.locator(".calls-times a").first.inner_text() != kathmandu


def test_a_slot_that_is_lost_while_typing_keeps_the_answers_and_offers_others(
    window: Open, availability: Availability
) -> None:
    page, rival = (window(width=390).new_page() for _ in "12")
    for one in (page, rival):
        one.goto("/call/")
    choose_first_time(page)
    page.get_by_label("Your name").fill("Ada Stone")
    page.get_by_label("Email").fill("ada@callers.test")
    book(rival)
    page.get_by_role("button", name="Book this call").click()
    expect(page.get_by_role("alert")).to_contain_text("has just been taken")
    expect(page.get_by_label("Your name")).to_have_value("Ada Stone")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Book this call").click()
    expect(page.get_by_text("One more step")).to_be_visible()


def test_a_clinician_sees_the_call_and_answers_for_the_leave_it_is_hit_by(
    window: Open, availability: Availability
) -> None:
    visitor = window().new_page()
    visitor.goto("/call/")
    call = book(visitor)
    page = window(user=availability.staff, width=1280).new_page()
    page.goto(f"/admin/calls/week/?week={call.starts_at:%Y-%m-%d}")
    expect(page.get_by_role("link", name="Robin Vale")).to_be_visible()
    page.goto(f"/admin/calls/hours/{availability.pk}/")
    page.get_by_text("Add time off").click()
    day: Any = call.starts_at.astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%d")
    page.get_by_label("First day").fill(day)
    page.get_by_label("Last day").fill(day)
    page.get_by_role("button", name="Add this time off").click()
    expect(page.get_by_role("heading", name="1 booked call in the way")).to_be_visible()
    page.get_by_label("Cancel them and tell each caller why").check()
    page.get_by_label("Reason, for the callers").fill("The clinic is closed that day.")
    page.get_by_role("button", name="Make the change").click()
    expect(page.get_by_text("The time off is saved.")).to_be_visible()
    assert Booking.objects.get().state == BookingState.CANCELED
