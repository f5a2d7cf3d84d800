"""A change of the way to sign in sends an email, over the wire, and ends the other sessions."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.accounts.identity_kinds import EVENTS as KINDS
from challenge.accounts.models import User
from challenge.mail.delivery import deliver_due
from tests.accounts.conftest import Door
from tests.factories.people import make_runner_user, sign_in_now
from tests.journeys.doors import passkey
from tests.mail.smtp import Handler, smtp_server

pytestmark = pytest.mark.django_db
OLD, NEW, FIRST = "old@runners.test", "new@runners.test", "a-long-and-invented-one"
SECOND = "another-long-invented-one"


@pytest.fixture
def wire(settings: Any) -> Iterator[Handler]:
    """A mail server on loopback, which the settings point at."""
    with smtp_server() as (handler, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield handler


@pytest.fixture
def runner(db: None) -> User:
    return make_runner_user(email=OLD, password=FIRST)


@pytest.fixture
def door(client: Client, runner: User) -> Door:
    sign_in_now(client, runner)
    client.post("/accounts/reauthenticate/", {"password": FIRST})
    return Door(client)


def second_address(runner: User) -> None:
    EmailAddress.objects.create(user=runner, email=NEW, verified=True)


def change_address(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    second_address(runner)
    door.client.post("/accounts/email/", {"email": NEW, "action_primary": ""})


def confirm_address(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    door.client.post("/accounts/email/", {"email": NEW, "action_add": ""})
    door.client.post("/accounts/confirm-email/", {"code": door.code(NEW)})
    assert EmailAddress.objects.get(email=NEW).verified


def remove_address(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    second_address(runner)
    door.client.post("/accounts/email/", {"email": NEW, "action_remove": ""})


def change_password(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"oldpassword": FIRST, "password1": SECOND, "password2": SECOND}
    door.client.post("/accounts/password/change/", sent)


def set_password(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.set_unusable_password()
    runner.save()
    sign_in_now(door.client, runner)
    door.client.post("/accounts/password/set/", {"password1": SECOND, "password2": SECOND})


def reset_password(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Door(Client())
    visitor.client.post("/accounts/password/reset/", {"email": OLD})
    visitor.client.post("/accounts/password/reset/confirm/", {"code": visitor.code(OLD)})
    visitor.client.post("/accounts/password/reset/complete/", {"password1": SECOND, "password2": SECOND})


def add_app(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    door.set_up_app()


def remove_app(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    TOTP.activate(runner, generate_totp_secret())
    door.client.post("/accounts/2fa/totp/deactivate/")


def make_recovery_codes(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    door.set_up_app()
    door.client.post("/accounts/2fa/recovery-codes/generate/")


def add_passkey(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device's answer is taken as right: tests/journeys has a real one."""
    monkeypatch.setattr(webauthn, "complete_registration", lambda credential: None)
    door.client.get("/accounts/2fa/webauthn/add/")
    credential = json.dumps(passkey()["credential"])
    answer = door.client.post("/accounts/2fa/webauthn/add/", {"credential": credential, "name": "Phone"})
    assert answer.status_code == 302, answer.context["form"].errors


def remove_passkey(door: Door, runner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Authenticator.objects.create(user=runner, type=Authenticator.Type.WEBAUTHN, data=passkey())
    door.client.post(reverse("mfa_remove_webauthn", args=[mine.pk]))


EVENTS: dict[str, Callable[[Door, User, pytest.MonkeyPatch], None]] = {
    "email_changed": change_address,
    "email_confirm": confirm_address,
    "email_deleted": remove_address,
    "password_changed": change_password,
    "password_reset": reset_password,
    "password_set": set_password,
    "totp_activated": add_app,
    "totp_deactivated": remove_app,
    "recovery_codes_generated": make_recovery_codes,
    "webauthn_added": add_passkey,
    "webauthn_removed": remove_passkey,
}


# Others do these to an account, or nothing of the account changes: tests/accounts/test_identity_events.py. Secret
# addresses are in tests/accounts/test_identity_table.py.
BY_OTHERS = {
    "account_closed",
    "account_opened",
    "calendar_made",
    "data_exported",
    "factors_reset",
    "factors_reset_asked",
    "file_address_made",
    "role_asked",
    "role_changed",
    "signed_in_new_device",
}
# The old address and the new one.
TO_BOTH = {"email_changed": [NEW, OLD], "email_deleted": [NEW, OLD]}


def test_every_mailed_event_is_made_here_or_by_others() -> None:
    assert set(EVENTS) | BY_OTHERS == {name for name, info in KINDS.items() if info.is_mailed}


@pytest.mark.parametrize("name", EVENTS)
def test_each_change_is_mailed_to_the_address_before_and_after(
    door: Door,
    runner: User,
    wire: Handler,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    name: str,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # allauth writes some letters after the commit
        EVENTS[name](door, runner, monkeypatch)
    deliver_due(now=timezone.now)
    told = [message for message in wire.messages() if KINDS[name].sentence in words_of(message)]
    assert sorted(message["To"] for message in told) == TO_BOTH.get(name, [OLD])
    assert "Your account was changed" in told[0]["Subject"]


def words_of(message: Any) -> str:
    return re.sub(r"\s+", " ", message.get_body(("plain",)).get_content())


ENDING = tuple(name for name in EVENTS if name != "email_confirm")


@pytest.mark.parametrize("name", ENDING)
def test_other_sessions_end_and_this_one_stays(
    door: Door,
    runner: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    name: str,
) -> None:
    other, fresh = Client(), User.objects.get(pk=runner.pk)
    sign_in_now(other, fresh)
    assert other.get("/accounts/email/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        EVENTS[name](door, runner, monkeypatch)
    assert other.get("/accounts/email/").status_code == 302
    if name != "password_reset":  # requested without being signed in
        assert door.client.get("/accounts/email/").status_code == 200


def test_the_first_address_of_an_account_is_confirmed_without_a_letter_about_it(wire: Handler) -> None:
    door = Door(Client())
    door.client.post("/accounts/signup/", {"email": "fresh@runners.test"})
    door.client.post("/accounts/confirm-email/", {"code": door.code("fresh@runners.test")})
    assert EmailAddress.objects.get(email="fresh@runners.test").verified
    deliver_due(now=timezone.now)
    assert not any(KINDS["email_confirm"].sentence in words_of(message) for message in wire.messages())
