"""Each identity event leaves one row that no one can rewrite, and its person can read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client

from challenge.accounts.identity import record_identity
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK
from challenge.mail.models import OutboxMessage
from challenge.privacy.actions import erase_account
from challenge.privacy.retention import apply_retention
from tests.accounts.conftest import Door
from tests.conftest import NOW
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
PASSWORD = "a-long-and-invented-one"


def whats(user: User) -> list[str]:
    return list(IdentityEvent.objects.filter(account=user).order_by("pk").values_list("what", flat=True))


def phone(**more: Any) -> Client:
    return Client(headers={"user-agent": PHONE}, **more)


def test_a_sign_in_names_means_device_and_network(runner: User) -> None:
    Door(phone(REMOTE_ADDR="203.0.113.77")).sign_in(runner)
    code, event = IdentityEvent.objects.filter(account=runner).order_by("pk")
    assert (code.what, code.actor) == ("code_sent", None)
    assert (event.what, event.actor, event.means) == ("signed_in", runner, "emailed code")
    assert (event.device, event.network) == ("Chrome on Android", "203.0.113.0/24")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("10.0.0.9", "10.0.0.0/24"),
    ],
)
def test_no_address_of_a_household_is_kept(runner: User, address: str, network: str) -> None:
    Door(phone(REMOTE_ADDR=address)).sign_in(runner)
    assert set(IdentityEvent.objects.values_list("network", flat=True)) == {network}


def test_only_a_device_not_seen_before_is_mailed(runner: User) -> None:
    Door(Client()).sign_in(runner)
    Door(Client()).sign_in(runner)
    assert whats(runner) == ["code_sent", "signed_in"] * 2
    Door(phone()).sign_in(runner)
    assert whats(runner)[-1] == "signed_in_new_device"
    letter = OutboxMessage.objects.filter(to_email=runner.email, subject="Your account was changed").get()
    assert "sign-in to your account from a new device" in letter.text
    assert "Chrome on Android" in letter.text


def test_wrong_passwords_and_codes_are_rows_of_the_account_that_was_tried(door: Door) -> None:
    runner = make_runner_user(password=PASSWORD)
    door.client.post("/accounts/login/", {"login": runner.email, "password": "not-this-one-at-all"})
    door.ask_for_code(runner.email)
    door.client.post("/accounts/login/code/confirm/", {"code": "AAAA-BB"})
    assert whats(runner) == ["sign_in_refused", "code_sent", "sign_in_refused"]
    assert set(IdentityEvent.objects.values_list("actor", flat=True)) == {None}
    door.client.post("/accounts/login/", {"login": "no-one@runners.test", "password": "x"})
    assert IdentityEvent.objects.count() == 3, "an address without an account leaves no row"


def test_a_wrong_second_factor_and_a_closed_account_are_refusals() -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    other = Door(Client())
    other.sign_in(clinician)
    other.client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert whats(clinician) == ["code_sent", "factor_refused"]
    closed = make_runner_user(password=PASSWORD, is_active=False)
    Client().post("/accounts/login/", {"login": closed.email, "password": PASSWORD})
    assert set(whats(closed)) == {"sign_in_refused"}


def test_the_person_reads_them_and_signs_one_device_out(client: Client, runner: User) -> None:
    Door(client).sign_in(runner)
    other = phone()
    Door(other).sign_in(runner)
    other.get("/me/")
    page = client.get("/me/").content.decode()
    assert "Chrome on Android" in page
    assert "There was a sign-in to your account from a new device." in page
    mine = UserSession.objects.filter(user=runner)
    session = mine.exclude(session_key=client.session.session_key).get()
    stranger = Client()
    sign_in_now(stranger, make_runner_user())
    stranger.post(f"/accounts/sessions/{session.pk}/end/")
    assert other.get("/me/").status_code == 200, "another person ends nothing"
    for _ in range(2):
        assert client.post(f"/accounts/sessions/{session.pk}/end/")["Location"] == "/me/#devices"
    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200
    assert whats(runner)[-1] == "session_ended"
    assert whats(runner).count("session_ended") == 1


def test_a_role_and_a_closed_account_are_rows_mails_and_ended_sessions(client: Client) -> None:
    owner, colleague = make_owner(), make_clinician()
    sign_in_now(client, owner)
    use_second_factor(client, owner)
    desk = Group.objects.get(name=FRONT_DESK)
    page = f"/admin/challenge/user/{colleague.pk}/change/"
    sent: dict[str, Any] = {
        "email": colleague.email,
        "name": colleague.name,
        "time_zone": colleague.time_zone,
    }
    for change, what in (
        ({"is_active": "on", "groups": [desk.pk]}, "role_changed"),
        ({"groups": [desk.pk]}, "account_closed"),
        ({"is_active": "on", "groups": [desk.pk]}, "account_opened"),
    ):
        theirs = Client()
        sign_in_now(theirs, colleague)
        theirs.get("/accounts/email/")
        assert client.post(page, sent | change).status_code == 302
        event = IdentityEvent.objects.filter(account=colleague).latest("pk")
        assert (event.what, event.actor) == (what, owner)
        assert theirs.get("/accounts/email/").status_code == 302
    assert (
        OutboxMessage.objects.filter(to_email=colleague.email, subject="Your account was changed").count()
        == 3
    )


def test_a_saved_page_without_a_change_is_no_event(client: Client) -> None:
    owner, colleague = make_owner(), make_clinician()
    sign_in_now(client, owner)
    use_second_factor(client, owner)
    sent: dict[str, Any] = {"email": colleague.email, "name": "Renamed", "time_zone": colleague.time_zone}
    sent |= {"is_active": "on", "groups": [Group.objects.get(name=CLINICIAN).pk]}
    assert client.post(f"/admin/challenge/user/{colleague.pk}/change/", sent).status_code == 302
    assert whats(colleague) == []


def test_an_export_and_the_first_owner_are_rows(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    client.post("/me/export/")
    assert whats(runner) == ["data_exported"]
    call_command("first_owner", "first@clinic.test")
    assert whats(User.objects.get(email="first@clinic.test")) == ["role_changed"]


def test_erasing_keeps_the_chain_without_devices_and_networks(client: Client, runner: User) -> None:
    number = runner.pk
    Door(phone()).sign_in(runner)
    erase_account(user=runner, by=runner, at=NOW)
    events = IdentityEvent.objects.filter(account_id=number).order_by("pk")
    assert [event.what for event in events] == ["code_sent", "signed_in", "account_erased"]
    assert {(event.device, event.network) for event in events} == {("", "")}
    owner = make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    assert client.get("/admin/challenge/identityevent/").status_code == 200


def test_devices_go_after_a_year_and_rows_after_six(runner: User) -> None:
    Door(phone()).sign_in(runner)
    at = IdentityEvent.objects.latest("pk").at
    apply_retention(at=at + timedelta(days=364))
    assert IdentityEvent.objects.exclude(device="").count() == 2
    apply_retention(at=at + timedelta(days=366))
    assert IdentityEvent.objects.filter(device="", network="").count() == 2
    apply_retention(at=at + timedelta(days=2191))
    assert not IdentityEvent.objects.exists()


@pytest.mark.parametrize("change", [lambda rows: rows.update(device="Another"), lambda rows: rows.delete()])
def test_the_rows_are_written_once(runner: User, change: Callable[[Any], Any]) -> None:
    record_identity(what="signed_in", account=runner, by=runner, at=NOW)
    rows = IdentityEvent.objects.filter(account=runner)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        change(rows)
