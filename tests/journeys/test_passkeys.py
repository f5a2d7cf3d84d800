"""Passkeys in a real browser that holds an authenticator: added by staff, then the way in, and asked for once more."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings as present
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route, expect

from challenge.accounts.models import User
from challenge.accounts.session_store import SessionStore
from challenge.mail.models import OutboxMessage
from tests.factories.people import make_clinician, make_owner, sign_in_now
from tests.journeys.conftest import Open

pytestmark = pytest.mark.django_db(transaction=True)
# A phone or laptop that holds passkeys and that its owner unlocks at every asking.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(autouse=True)
def by_name_without_tls(settings: Any) -> None:
    """As where DEBUG is on: browsers take http://localhost for a safe place, and no other without TLS."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def at_a_device(window: Open, user: User | None = None) -> Page:
    """A page of a browser whose device can hold passkeys; `user` has just signed in with a code."""
    client = Client()
    if user is not None:
        sign_in_now(client, user)
    page = window(client=client, width=1280).new_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def add_passkey(page: Page, *, alone: bool = True) -> None:
    """From the page that staff without a second factor are led to."""
    page.goto("/admin/")
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_load_state()  # the button works once the page is whole
    page.get_by_label("Name").fill("Clinic laptop")
    by_itself = page.get_by_label("I can sign in with it alone")
    expect(by_itself).to_be_checked()
    by_itself.set_checked(alone)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def sign_out(context: BrowserContext) -> None:
    context.clear_cookies()


def code_for(user: User) -> str:
    text = OutboxMessage.objects.filter(to_email=user.email).latest("pk").text
    return text.split("code: ")[1].split()[0]


def test_staff_add_a_passkey_and_sign_in_with_it_alone(window: Open) -> None:
    clinician = make_clinician(name="Ada Moor")
    page = at_a_device(window, clinician)
    add_passkey(page)
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The clinic")
    sign_out(page.context)
    page.goto("/admin/calls/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator(".devices")).to_contain_text("Clinic laptop")
    expect(page.locator(".devices")).to_contain_text("last used")


def test_what_needs_a_fresh_sign_in_asks_for_the_passkey_once_more(window: Open) -> None:
    page = at_a_device(window, make_owner())
    add_passkey(page)
    _an_hour_later(page.context)
    page.goto("/admin/challenge/cohort/add/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add cohort")


def test_a_passkey_that_opens_nothing_alone_confirms_the_emailed_code(window: Open) -> None:
    desk = make_clinician()
    page = at_a_device(window, desk)
    add_passkey(page, alone=False)
    sign_out(page.context)
    page.goto("/accounts/login/?next=/admin/calls/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    page.get_by_label("Your email address").fill(desk.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_for(desk))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")


def test_an_answer_with_another_signature_opens_nothing_and_breaks_nothing(window: Open) -> None:
    page = at_a_device(window, make_clinician())
    add_passkey(page)
    sign_out(page.context)
    answers: list[int] = []

    def alter(route: Route) -> None:
        body = parse_qs(route.request.post_data or "")
        if "credential" not in body:
            route.continue_()
            return
        credential = json.loads(body["credential"][0])
        signature = credential["response"]["signature"]
        credential["response"]["signature"] = signature[:20] + signature[20:40].swapcase() + signature[40:]
        sent = {"csrfmiddlewaretoken": body["csrfmiddlewaretoken"][0], "credential": json.dumps(credential)}
        answers.append(1)
        route.continue_(post_data=urlencode(sent))

    page.route("**/accounts/2fa/webauthn/login/", alter)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("That passkey wasn’t accepted")).to_be_visible()
    assert answers == [1]
    assert page.goto("/admin/calls/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def _an_hour_later(context: BrowserContext) -> None:
    """The session's sign-ins lie an hour back; only its use goes on."""
    cookie = next(c for c in context.cookies() if c.get("name") == present.SESSION_COOKIE_NAME)
    session = SessionStore.from_cookie(cookie.get("value"))
    long_ago = time.time() - 3600
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        how | {"at": long_ago} for how in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
