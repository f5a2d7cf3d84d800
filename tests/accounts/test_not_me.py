"""“This was not me”: signs out every device, freezes the account and tells the owners; by a POST alone, and once."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from challenge.accounts.emails import not_me_token
from challenge.accounts.identity import record_identity
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.queries import is_frozen
from challenge.enrollment.address_changes import apply_due, ask_for_address
from challenge.mail.models import OutboxMessage
from challenge.privacy.actions import erase_account
from tests.accounts.conftest import Door
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-and-invented-one"


@pytest.fixture
def owner(db: None) -> User:
    return make_owner()


@pytest.fixture
def runner(db: None) -> User:
    return make_runner_user(password=PASSWORD)


def happened(account: User, *, by: User | None = None, what: str = "password_changed") -> IdentityEvent:
    return record_identity(what=what, account=account, by=by or account, at=timezone.now())


def link_in_mail(to: str) -> str:
    text = OutboxMessage.objects.filter(to_email=to).latest("pk").text
    found = re.search(r"http://[^/]+(/accounts/not-me/\S+)", text)
    assert found, text
    return found[1]


def thief(account: User) -> Client:
    client = Client()
    sign_in_now(client, account)
    assert client.get("/accounts/email/").status_code == 200
    return client


def test_the_mailed_link_ends_sessions_freezes_and_tells_the_owners(owner: User, runner: User) -> None:
    happened(runner)
    path, stranger = link_in_mail(runner.email), thief(runner)
    page = Client().post(path)
    assert "Every device is signed out, and nobody opens the account" in page.content.decode()
    assert stranger.get("/accounts/email/").status_code == 302
    alert = OutboxMessage.objects.get(to_email=owner.email)
    assert alert.subject == "A person reports: this was not me"
    assert f"/admin/challenge/user/{runner.pk}/change/" in alert.text
    for door in (Door(Client()), Door(Client())):
        answer = door.sign_in(runner)
        assert answer.status_code == 403
        assert (
            "Let&#x27;s talk first" in answer.content.decode()
            or "Let's talk first" in answer.content.decode()
        )
        assert "_auth_user_id" not in door.client.session
    wrong = Client().post("/accounts/login/", {"login": runner.email, "password": PASSWORD})
    assert wrong.status_code == 200, "the password is gone"


def test_a_mail_scanner_that_opens_the_link_changes_nothing(owner: User, runner: User) -> None:
    happened(runner)
    path, mine = link_in_mail(runner.email), thief(runner)
    for ask in (Client().get, Client().head):
        assert ask(path).status_code == 200
    assert mine.get("/accounts/email/").status_code == 200
    assert not is_frozen(runner)
    assert not IdentityEvent.objects.filter(what="not_me").exists()


def test_pressing_twice_is_one_report(owner: User, runner: User) -> None:
    happened(runner)
    path = link_in_mail(runner.email)
    first, second = Client().post(path), Client().post(path)
    assert first.content == second.content
    assert IdentityEvent.objects.filter(what="not_me").count() == 1
    assert OutboxMessage.objects.filter(to_email=owner.email).count() == 1


def test_an_old_link_says_so_and_does_nothing(owner: User, runner: User) -> None:
    happened(runner)
    path = link_in_mail(runner.email)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        answer = Client().post(path)
    assert answer.status_code == 410
    assert "This link is too old" in answer.content.decode()
    assert not is_frozen(runner)


def test_the_link_of_an_erased_account_leads_nowhere(runner: User) -> None:
    path = f"/accounts/not-me/{not_me_token(happened(runner))}/"
    erase_account(user=runner, by=runner, at=timezone.now())
    assert Client().get(path).status_code == Client().post(path).status_code == 404


@pytest.mark.parametrize("make", [make_owner, make_superuser])
def test_who_could_not_be_thawed_is_signed_out_but_not_frozen(make: Any) -> None:
    account = make()
    event = happened(account)
    mine = thief_of_staff(account)
    page = Client().post(f"/accounts/not-me/{not_me_token(event)}/").content.decode()
    assert "Sign in with a code" in page
    assert mine.get("/admin/").status_code == 302
    assert not is_frozen(account)


def thief_of_staff(account: User) -> Client:
    client = Client()
    client.force_login(account)
    use_second_factor(client, account)
    assert client.get("/admin/").status_code == 200
    return client


def thaw_by(by: User, account: User) -> Any:
    client = Client()
    sign_in_now(client, by)
    use_second_factor(client, by)
    page = f"/admin/challenge/user/{account.pk}/change/"
    assert "let them sign in again" in client.get(page).content.decode()
    sent = {"email": account.email, "name": account.name, "time_zone": account.time_zone, "is_active": "on"}
    groups = list(account.groups.values_list("pk", flat=True))
    return client.post(page, sent | {"thawed": "on", "groups": groups}, follow=True)


def test_an_owner_opens_it_again_after_a_talk(owner: User, runner: User) -> None:
    Client().post(f"/accounts/not-me/{not_me_token(happened(runner))}/")
    assert is_frozen(runner)
    assert thaw_by(owner, runner).status_code == 200
    assert not is_frozen(runner)
    assert IdentityEvent.objects.filter(account=runner).latest("pk").actor == owner
    assert Door(Client()).sign_in(runner).status_code == 302


def test_the_owner_who_made_the_reported_change_does_not(owner: User) -> None:
    clinician, other = make_clinician(), make_owner()
    event = happened(clinician, by=owner, what="role_changed")
    assert "Someone at the clinic did it." in OutboxMessage.objects.get(to_email=clinician.email).text
    Client().post(f"/accounts/not-me/{not_me_token(event)}/")
    assert "You made the change that was reported" in thaw_by(owner, clinician).content.decode()
    assert is_frozen(clinician)
    thaw_by(other, clinician)
    assert not is_frozen(clinician)


def test_no_change_of_address_takes_effect_by_time_while_frozen(owner: User, runner: User) -> None:
    Client().post(f"/accounts/not-me/{not_me_token(happened(runner))}/")
    at = timezone.now()
    change = ask_for_address(user=runner, email="new@runners.test", reason="", by=make_front_desk(), at=at)
    assert change is not None
    assert change.is_waiting
    assert apply_due(at=at + timedelta(days=9)) == 0
    thaw_by(owner, runner)
    assert apply_due(at=at + timedelta(days=9)) == 1
