"""The owner corrects an address: the old mailbox opens nothing any more, the new one proves itself."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from challenge.accounts.models import User
from challenge.accounts.roles import FRONT_DESK
from challenge.mail.models import OutboxMessage
from tests.accounts.conftest import Door
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_client() -> Client:
    client, owner = Client(), make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    return client


def mend(owner_client: Client, user: User, email: str) -> Any:
    groups = list(user.groups.values_list("pk", flat=True))
    sent = {
        "email": email,
        "name": user.name,
        "time_zone": user.time_zone,
        "is_active": "on",
        "groups": groups,
    }
    return owner_client.post(f"/admin/challenge/user/{user.pk}/change/", sent)


def test_who_holds_the_old_mailbox_is_out_and_stays_out(owner_client: Client, door: Door) -> None:
    runner = make_runner_user(email="mistyped@runners.test", password="a-long-and-invented-one")
    Authenticator.objects.create(user=runner, type=Authenticator.Type.TOTP, data={"secret": "a stranger's"})
    stranger = Client()
    sign_in_now(stranger, runner)
    assert stranger.get("/accounts/email/").status_code == 200
    assert mend(owner_client, runner, "right@runners.test").status_code == 302
    assert stranger.get("/accounts/email/").status_code == 302
    Door(Client()).ask_for_code("mistyped@runners.test")
    assert "code:" not in OutboxMessage.objects.filter(to_email="mistyped@runners.test").latest("pk").text
    runner.refresh_from_db()
    door.sign_in(runner)
    assert door.client.get("/accounts/email/").status_code == 200
    found = EmailAddress.objects.filter(user=runner).values_list("email", "verified")
    assert list(found) == [("right@runners.test", True)]


def test_staff_keep_the_second_factor_so_that_a_mailbox_alone_opens_nothing(owner_client: Client) -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.TOTP, data={"secret": "theirs"})
    mend(owner_client, clinician, "right@runners.test")
    assert Authenticator.objects.filter(user=clinician).exists()
    assert EmailAddress.objects.get(user=clinician).email == "right@runners.test"


def test_saving_without_another_address_ends_no_session(owner_client: Client) -> None:
    runner, client = make_runner_user(), Client()
    sign_in_now(client, runner)
    mend(owner_client, runner, runner.email)
    assert client.get("/accounts/email/").status_code == 200


def test_an_address_of_another_account_is_refused_beside_its_field(owner_client: Client) -> None:
    runner, other = make_runner_user(), make_runner_user()
    EmailAddress.objects.create(user=other, email="second@runners.test", verified=True)
    page = mend(owner_client, runner, "Second@runners.test")
    assert "Another account has this address already." in page.content.decode()
    assert EmailAddress.objects.get(user=runner).email == runner.email


def test_a_colleague_who_is_added_comes_in_with_one_code(owner_client: Client, door: Door) -> None:
    role = Group.objects.get(name=FRONT_DESK)
    sent = {
        "email": "New@clinic.test",
        "name": "Dana",
        "time_zone": "UTC",
        "is_active": "on",
        "groups": [role.pk],
    }
    assert owner_client.post("/admin/challenge/user/add/", sent).status_code == 302
    colleague = User.objects.get(email="new@clinic.test")
    assert EmailAddress.objects.get(user=colleague).email == "new@clinic.test"
    led_to = door.sign_in(colleague)
    assert led_to.status_code == 302
    assert "confirm-email" not in led_to["Location"]
    assert EmailAddress.objects.get(user=colleague).verified
