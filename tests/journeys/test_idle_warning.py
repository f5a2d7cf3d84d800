"""Staff are warned in every window before they are signed out, and lose nothing that they typed."""

import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from challenge.accounts.session_store import SessionStore
from challenge.accounts.sessions import LAST_USED
from challenge.enrollment.models import CohortClinician
from challenge.review.models import Note
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_front_desk, make_owner
from tests.journeys.conftest import Open, session_of
from tests.journeys.looking import violations
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
STAY = "Stay signed in"


@pytest.fixture
def warned_immediately(settings: Any) -> None:
    """Show the warning as soon as the page is open, and end no session during the test."""
    settings.STAFF_IDLE, settings.STAFF_IDLE_WARNING = timedelta(seconds=600), timedelta(seconds=598)


def last_used_at(browser: BrowserContext) -> float:
    """Return when the server last counted this browser's session as used, in seconds since the epoch."""
    key = next(cookie["value"] for cookie in browser.cookies() if "session" in cookie["name"])
    store = SessionStore.from_cookie(key)
    return float(store[LAST_USED])


def dialog(page: Page) -> Any:
    return page.get_by_role("dialog", name="Are you still there?")


# The pages of one part each; the others with `make deep`.
OTHER_PARTS = [
    pytest.param(f"/admin/{there}/", marks=pytest.mark.deep)
    for there in ("seats", "calls", "challenge/booking")
]


@pytest.mark.parametrize("there", ["/admin/", *OTHER_PARTS])
def test_the_dialog_is_there_by_keyboard_and_passes_axe(
    window: Open, warned_immediately: None, there: str
) -> None:
    page = window(user=make_front_desk(), width=1280).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(there)
    expect(dialog(page)).to_be_visible()
    expect(page.get_by_role("button", name=STAY)).to_be_focused()
    expect(dialog(page)).to_contain_text("You will be signed out in 2 minutes")
    assert page.locator("#idle-words").get_attribute("aria-live") == "polite"
    assert violations(page) == []
    with page.expect_response("**/accounts/stay/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    assert complaints == []


def test_the_button_keeps_the_session_and_the_focus(window: Open, settings: Any) -> None:
    settings.STAFF_IDLE, settings.STAFF_IDLE_WARNING = timedelta(seconds=20), timedelta(seconds=16)
    page = window(user=make_owner(), width=1280).new_page()
    page.goto("/admin/challenge/teammember/add/")
    page.locator("#id_name").fill("Kim Moor")
    expect(dialog(page)).to_be_visible()
    page.get_by_role("button", name=STAY).click()
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#id_name")).to_be_focused()
    expect(dialog(page)).to_be_visible()
    with page.expect_response("**/accounts/stay/"):
        page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#id_name")).to_have_value("Kim Moor")


def test_a_page_loaded_in_one_window_keeps_the_others(window: Open, settings: Any) -> None:
    settings.STAFF_IDLE, settings.STAFF_IDLE_WARNING = timedelta(seconds=30), timedelta(seconds=26)
    browser = window(user=make_front_desk(), width=1280)
    first, second = browser.new_page(), browser.new_page()
    first.goto("/admin/seats/")
    expect(dialog(first)).to_be_visible()
    second.goto("/admin/calls/")
    expect(dialog(first)).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_sent_too_late_comes_back_after_signing_in(
    window: Open, settings: Any, scripts: bool
) -> None:
    runner, clinician = enroll(cohort=make_cohort(slug="the-cohort")), make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    settings.STAFF_IDLE, settings.STAFF_IDLE_WARNING = timedelta(seconds=4), timedelta(seconds=2)
    browser = window(user=clinician, width=1280, java_script_enabled=scripts)
    page = browser.new_page()
    page.goto(f"/admin/review/the-cohort/runners/{runner.pk}/")
    page.locator("#note summary").click()
    note = page.locator("#note textarea")
    note.fill("Calm for two weeks & keen.")
    if scripts:
        over = page.get_by_text("You have been signed out because")
        expect(over).to_be_visible()
        page.get_by_role("button", name="Close").click()
    else:
        # Without scripts no page shows that the time is over, so wait as the server counts it.
        last_used = last_used_at(browser)
        idle_s = settings.STAFF_IDLE.total_seconds()
        eventually(lambda: time.time() - last_used > idle_s, what="the idle time is over")
    page.locator("#note button[type=submit]").click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_text("keep what you typed for one hour")).to_be_visible()
    settings.STAFF_IDLE = timedelta(minutes=15)
    there = page.locator("input[name=next]").first.input_value()
    browser.add_cookies([session_of(clinician, page.url)])
    page.goto(there)
    expect(page.locator("#note textarea")).to_have_value("Calm for two weeks & keen.")
    expect(page.locator("#kept")).to_be_visible()
    assert Note.objects.count() == 0
    page.locator("#note button[type=submit]").click()
    page.wait_for_url("**#note")
    assert Note.objects.get().text == "Calm for two weeks & keen."
