"""What allauth's forms say beside an empty or impossible field, in our own sentences."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth import urls as allauth_urls
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver

from tests.factories.people import make_clinician, make_runner_user, sign_in_now
from tests.journeys.doors import signed_in, with_every_factor

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(allauth.__file__).parent / "templates"
INSTALLED = {"account", "mfa", "usersessions"}
# No one signs in by telephone here, no page asks whether to trust a browser, and the file has codes alone.
NOT_USED = ("phone_", "mfa/trust", "recovery_codes/download.txt")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"]
)
@pytest.mark.parametrize("typed", ["", "robin at example"])
def test_an_email_address_is_asked_for_with_an_example(client: Client, address: str, typed: str) -> None:
    page = client.post(address, {"email": typed}).content.decode()
    assert "Enter your email address, like robin@example.org." in page
    assert "This field is required." not in page


def test_signing_in_asks_for_address_and_password(client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert "Enter your email address, like robin@example.org." in page
    assert "Enter your password." in page


def addresses(patterns: Iterable[Any]) -> Iterator[URLPattern]:
    """Every single address under these, however deep."""
    for one in patterns:
        yield from addresses(one.url_patterns) if isinstance(one, URLResolver) else [one]


def spoken() -> set[str]:
    """The template of each of allauth's pages that has an address here, and each message for the next page."""
    views = [getattr(one.callback, "view_class", None) for one in addresses(allauth_urls.urlpatterns)]
    pages = {name for view in views if (name := getattr(view, "template_name", None))}
    messages = {
        str(file.relative_to(TEMPLATES))
        for file in TEMPLATES.glob("*/messages/*.txt")
        if file.parts[-3] in INSTALLED
    }
    return {name for name in pages | messages if not any(word in name for word in NOT_USED)}


def test_every_page_and_message_of_allauth_is_written_in_our_own_words() -> None:
    names = spoken()
    assert len(names) > 30
    assert sorted(name for name in names if not written_here(name)) == []


def written_here(name: str) -> bool:
    found: Any = get_template(name)
    return Path(found.origin.name).is_relative_to(ROOT / "templates")


def test_a_new_password_is_asked_for_in_our_own_words(client: Client) -> None:
    sign_in_now(client, make_runner_user())
    page = client.post("/accounts/password/set/", {"password1": "", "password2": ""}).content.decode()
    assert "Enter the new password." in page
    page = client.post(
        "/accounts/password/set/", {"password1": "heel-toe-lantern", "password2": "heel-toe-lanterns"}
    ).content.decode()
    assert "The two don’t match." in page


def test_showing_once_more_who_it_is_names_passkeys_as_passkeys() -> None:
    clinician = with_every_factor(make_clinician())
    page = signed_in(clinician).get("/accounts/reauthenticate/").content.decode()
    assert "Use a passkey" in page
    assert "security key" not in page
