"""A push, the whole way: turned on in the browser, put in the outbox, encrypted, decrypted, shown by the worker."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.mail.delivery import deliver_pushes
from challenge.mail.models import PushAddress
from challenge.mail.push_addresses import save_address
from challenge.messages.actions import send_message
from challenge.notifications.models import ReminderChoice
from challenge.notifications.plan_calendar import make_feed
from challenge.notifications.push_notices import send_pushes
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.people import make_clinician
from tests.journeys.conftest import Open
from tests.journeys.looking import violations
from tests.journeys.test_no_network import until_controlled
from tests.mail.push_service import PUSH_KEY, PushService
from tests.program import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whole_browser]
PAGE = "/me/reminders/"
# Chromium asks Google's servers for an address; the test's push service gives one instead.
SUBSCRIBE = """
  const given = %s;
  PushManager.prototype.subscribe = async (options) => {
    window.subscribedWith = options.applicationServerKey.length;
    window.localStorage.setItem("subscribed", "yes");
    return { toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }) };
  };
  PushManager.prototype.getSubscription = async () => {
    const unsubscribe = async () => window.localStorage.removeItem("subscribed");
    return window.localStorage.getItem("subscribed") && { endpoint: given.endpoint, unsubscribe };
  };
  Object.defineProperty(Notification, "permission", { get: () => "granted" });
  Notification.requestPermission = async () => "granted";
"""


@pytest.fixture
def service(tmp_path: Path, settings: Any) -> Iterator[PushService]:
    service = PushService(tmp_path)
    settings.PUSH_KEY = PUSH_KEY
    settings.PUSH_LOOPBACK_CERTIFICATE = str(service.certificate)
    cache.clear()
    yield service
    service.close()


@pytest.fixture
def enrollment() -> Enrollment:
    return enroll(cohort=make_open_cohort())


def opened(window: Open, enrollment: Enrollment, service: PushService) -> Page:
    context = window(user=enrollment.seat.user)
    context.grant_permissions(["notifications"])
    page = context.new_page()
    page.add_init_script(SUBSCRIBE % json.dumps(service.subscription("phone")))
    page.goto(PAGE)
    return page


def deliver_to_worker(page: Page, words: str) -> None:
    """Hand the decrypted words to the service worker, as the browser does when its push service has them."""
    cdp = page.context.new_cdp_session(page)
    found: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    cdp.send("ServiceWorker.enable")
    until_controlled(page)
    eventually(lambda: bool(page.evaluate("1") and found), what="the worker is known")
    origin = page.evaluate("location.origin")
    cdp.send(
        "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found[-1], "data": words}
    )


def notifications(page: Page) -> list[dict[str, str]]:
    script = (
        "navigator.serviceWorker.getRegistration().then((worker) => worker.getNotifications())"
        ".then((all) => all.map((one) => ({title: one.title, body: one.body, tag: one.tag, path: one.data.path})))"
    )
    found: list[dict[str, str]] = page.evaluate(script)
    return found


def test_from_the_outbox_to_a_notification(
    window: Open, enrollment: Enrollment, service: PushService
) -> None:
    page = opened(window, enrollment, service)
    page.get_by_role("button", name="Turn on for this device").click()
    expect(page.get_by_text("Notifications are on for this device.")).to_be_visible()
    expect(page.get_by_text("Nothing sent yet.")).to_be_visible()

    # All day is awake but half a minute, whatever the clock of the test's machine says.
    user = enrollment.seat.user
    assert user is not None
    noon_of_the_night = (timezone.now().astimezone(user.zone) + timedelta(hours=12)).time()
    quiet = noon_of_the_night.replace(second=0, microsecond=0)
    ReminderChoice.objects.create(user=user, quiet_from=quiet, quiet_until=quiet.replace(second=30))
    send_message(
        enrollment=enrollment, text="Your question about the shoe", by=make_clinician(), at=timezone.now()
    )
    assert send_pushes(at=timezone.now()) == 1
    assert deliver_pushes(now=timezone.now).sent == 1
    (received,) = service.received
    assert PushAddress.objects.get().last_success_at is not None

    deliver_to_worker(page, json.dumps(received.said))
    eventually(lambda: bool(notifications(page)), what="the notification is shown")
    (shown,) = notifications(page)
    assert (shown["title"], shown["body"], shown["path"]) == (
        "Pain-Free Runner",
        "There’s a new message.",
        "/messages/",
    )
    page.reload()
    expect(page.get_by_text("Last reached")).to_be_visible()

    page.get_by_role("button", name="Turn off").first.click()
    expect(page.get_by_text("Notifications are off for that device.")).to_be_visible()
    assert not PushAddress.objects.exists()


def test_a_push_without_words_still_shows_something_neutral(
    window: Open, enrollment: Enrollment, service: PushService
) -> None:
    page = opened(window, enrollment, service)
    deliver_to_worker(page, "not json")
    eventually(lambda: bool(notifications(page)), what="the notification is shown")
    assert notifications(page)[0]["body"] == "There is something new."


def test_a_browser_without_notifications_reads_that_email_comes(
    window: Open, enrollment: Enrollment, service: PushService
) -> None:
    page = window(user=enrollment.seat.user, java_script_enabled=False).new_page()
    page.goto(PAGE)
    expect(
        page.get_by_text("This browser can’t show notifications here. You’ll still get our emails.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Turn on for this device")).to_be_hidden()
    page.get_by_label("Remind me of strength at").fill("18:30")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_signing_out_ends_the_notifications_of_this_browser(
    window: Open, enrollment: Enrollment, service: PushService
) -> None:
    page = opened(window, enrollment, service)
    page.get_by_role("button", name="Turn on for this device").click()
    expect(page.get_by_text("Notifications are on for this device.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('subscribed')") == "yes"
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "logout" not in url)
    assert page.evaluate("localStorage.getItem('subscribed')") is None


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), pytest.param(1280, "dark", marks=pytest.mark.deep)]
)
def test_the_page_is_accessible_and_fits(
    window: Open, enrollment: Enrollment, service: PushService, width: int, scheme: str
) -> None:
    runner = enrollment.seat.user
    assert runner is not None
    save_address(
        owner=runner.about, device="Chrome on Android", at=timezone.now(),
        **service.subscription("old"),
    )  # fmt: skip
    make_feed(enrollment=enrollment, shows_number=True, by=runner, at=timezone.now())
    page = window(user=enrollment.seat.user, width=width, scheme=scheme).new_page()
    page.goto(PAGE)
    expect(page.get_by_role("heading", name="Your plan in your calendar")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
