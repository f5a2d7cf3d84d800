"""A real Chromium on the real server. Playwright's loop runs in the test's own thread, which Django must allow."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from challenge.accounts.models import User
from tests.browser import find_browser
from tests.factories.people import use_second_factor

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# Tests wait for conditions; the time that a busy machine takes proves nothing.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def launched(playwright: Playwright, path: str | None) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def light_browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, find_browser()) as browser:
        yield browser


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, find_browser(whole=True)) as browser:
        yield browser


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Any:
    """The headless Chromium, which takes half the processor time; the whole one for tests with the mark."""
    whole = request.node.get_closest_marker("whole_browser")
    return request.getfixturevalue("whole_browser" if whole else "light_browser")


Open = Callable[..., BrowserContext]


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Open a browser window: `window(user=..., width=390, scheme="dark")`; `client=` for a session."""
    opened: list[BrowserContext] = []

    def open_window(
        *,
        user: User | None = None,
        client: Client | None = None,
        width: int = 390,
        height: int | None = None,
        scheme: Any = "light",
        **options: Any,
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height or (844 if width < 700 else 900)},
            color_scheme=scheme,
            **({"reduced_motion": "reduce"} | options),
        )
        if user is not None:
            context.add_cookies([session_of(user, live_server.url)])
        if client is not None:
            context.add_cookies(cookies_of(client, live_server.url))
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        context.close()


def session_of(user: User, url: str) -> Any:
    """Return the cookie of a signed-in user; staff have just used their second factor."""
    client = Client()
    client.force_login(user)
    if user.is_staff:
        use_second_factor(client, user)
    return next(cookie for cookie in cookies_of(client, url) if "session" in cookie["name"])


def cookies_of(client: Client, url: str) -> list[Any]:
    """Return all cookies that this client's browser would send."""
    return [{"name": c.key, "value": c.value, "url": url} for c in client.cookies.values() if c.value]
