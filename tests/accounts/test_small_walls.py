"""Greetings without links, signing out, the addresses that every site has, and links of calls that end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from challenge.calls.emails import call_token
from challenge.mail.models import OutboxMessage
from tests.accounts.conftest import Door
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call, shift_call
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago


@pytest.mark.parametrize(
    "name",
    [
        *("https://evil.test", "www.evil", "evil.test", "evil.test/now", "a@b.test", "x://y"),
        *(
            "evil\u3002com",
            "evil\uff0ecom",
            "evil\uff61com",
            "evil\u2024com",
            "evil\ufe52com",
            "evil\u06d4com",
        ),
        *("evil\u200b.\u200bcom", "evil.\u516c\u53f8", "\uff57\uff57\uff57.evil", "a\uff20b"),
        *("http:evil", "http\uff1aevil", "mailto:a", "tel:112", "1.2.3.4", "\uff11.2"),
    ],
)
def test_a_greeting_is_never_a_link(name: str) -> None:
    make_call(availability=make_availability(), starts_at=TEN, at=NOW, name=f"{name} Vale")
    mail = OutboxMessage.objects.get(to_email="robin@callers.test")
    assert mail.text.startswith("Hello there,")
    assert name not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("name", ["Robin", "Anne-Marie", "J.R.", "O’Neil", "Zoë"])
def test_a_name_stays_as_it_is(name: str) -> None:
    make_call(availability=make_availability(), starts_at=TEN, at=NOW, name=f"{name} Vale")
    assert f"Hello {name}," in OutboxMessage.objects.get(to_email="robin@callers.test").text


def test_signing_out_clears_the_pages_and_leaves_what_waits_on_the_phone(door: Door) -> None:
    door.sign_in(make_runner_user())
    assert "Sign out" in door.client.get("/").content.decode(), "in the menu of every page"
    assert "Clear-Site-Data" not in door.client.get("/accounts/logout/").headers
    assert door.client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in door.client.get("/").headers


def test_security_txt_names_the_clinic_and_does_not_expire(client: Client, settings: object) -> None:
    shown = client.get("/.well-known/security.txt")
    assert shown["Content-Type"].startswith("text/plain")
    lines = dict(line.split(": ", 1) for line in shown.content.decode().splitlines())
    assert lines["Contact"].startswith("mailto:")
    assert lines["Expires"] > timezone.now().isoformat()
    assert lines["Canonical"].endswith("/.well-known/security.txt")


def test_a_password_manager_finds_the_page(client: Client) -> None:
    assert client.get("/.well-known/change-password")["Location"] == "/accounts/password/change/"


def test_the_link_of_a_call_ends_a_month_after_it(client: Client) -> None:
    call = make_call(availability=make_availability(), starts_at=TEN, at=NOW)
    page = f"/call/{call_token(call)}/"
    for days, status in ((29, 200), (31, 404)):
        shift_call(call, timezone.now() - timedelta(days=days, minutes=20))
        assert client.get(page).status_code == status
