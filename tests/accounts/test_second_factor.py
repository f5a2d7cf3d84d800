"""Staff without a second factor reach nothing, whichever door they try."""

import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import User
from tests.accounts.conftest import Door
from tests.authenticator import code_now
from tests.conftest import NOW
from tests.factories.people import make_clinician, make_front_desk, make_superuser, sign_in_now

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "a-long-and-invented-one"


@pytest.mark.django_db(transaction=True)
def test_first_time_staff_are_led_to_set_one_up_and_then_let_in(door: Door) -> None:
    clinician = make_clinician()
    assert door.sign_in(clinician).status_code == 302
    assert door.client.get("/admin/")["Location"] == reverse("mfa_index")
    assert door.client.get("/accounts/2fa/").status_code == 200
    door.set_up_app()
    assert door.client.get("/admin/").status_code == 200
    assert door.client.get("/accounts/2fa/recovery-codes/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/challenge/run/", "/admin/calls/", "/today/", "/", "/admin/nothing/"]
)
def test_without_one_every_page_leads_to_setting_it_up(client: Client, path: str) -> None:
    sign_in_now(client, make_front_desk())
    response = client.get(path, follow=False)
    assert response.status_code in {302, 404}
    if response.status_code == 302:
        assert response["Location"] == reverse("mfa_index")


def test_a_superuser_is_no_exception(client: Client) -> None:
    sign_in_now(client, make_superuser())
    assert client.get("/admin/challenge/user/")["Location"] == reverse("mfa_index")


def test_signing_in_later_asks_for_the_app_before_the_person_is_signed_in(door: Door) -> None:
    clinician = make_clinician()
    door.sign_in(clinician)
    secret = door.set_up_app()
    Authenticator.objects.filter(user=clinician).exclude(type="totp").delete()
    other = Door(Client())
    assert other.sign_in(clinician)["Location"] == reverse("mfa_authenticate")
    assert other.client.get("/admin/")["Location"].startswith("/admin/login/")
    wrong = other.client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert other.client.get("/admin/")["Location"].startswith("/admin/login/")
    right = {"code": code_now(secret, steps=1)}
    assert other.client.post(reverse("mfa_authenticate"), right)["Location"] == "/admin/"
    assert other.client.get("/admin/").status_code == 200
    third = Door(Client())
    third.sign_in(clinician)
    assert third.client.post(reverse("mfa_authenticate"), right).status_code == 200, "a code serves once"


def test_a_session_from_before_the_factor_must_show_it_and_cannot_remove_it() -> None:
    clinician = make_clinician()
    clinician.set_password(PASSWORD)
    clinician.save()
    old = Client()
    sign_in_now(old, clinician)
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.TOTP, data={"secret": "x"})
    asked = reverse("mfa_reauthenticate")
    for path in (
        "/admin/",
        reverse("mfa_deactivate_totp"),
        reverse("account_change_password"),
        "/accounts/again/",
    ):
        assert old.get(path)["Location"].startswith(asked), path
    assert old.get(asked).status_code == 200
    assert old.post(reverse("account_reauthenticate"), {"password": PASSWORD})["Location"].startswith(asked)


def test_the_admins_own_login_takes_no_password(client: Client) -> None:
    clinician = make_clinician(password=PASSWORD)
    response = client.post("/admin/login/", {"username": clinician.email, "password": PASSWORD})
    assert response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_a_password_alone_signs_staff_in_as_far_as_setting_up(client: Client) -> None:
    clinician = make_clinician(password=PASSWORD)
    response = client.post(reverse("account_login"), {"login": clinician.email, "password": PASSWORD})
    assert response["Location"] == "/admin/"
    assert client.get("/admin/")["Location"] == reverse("mfa_index")


def test_recovery_codes_alone_are_no_second_factor(client: Client) -> None:
    desk = make_front_desk()
    Authenticator.objects.create(user=desk, type=Authenticator.Type.RECOVERY_CODES, data={})
    sign_in_now(client, desk)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "recovery_codes", "at": time.time()}
    ]
    session.save()
    assert client.get("/admin/")["Location"] == reverse("mfa_index")


def test_who_becomes_staff_while_signed_in_is_asked_at_the_next_page(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    assert client.get("/").status_code == 200
    runner.is_staff = True
    runner.save()
    assert client.get("/")["Location"] == reverse("mfa_index")


def test_runners_need_none(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    assert client.get("/accounts/email/").status_code == 200


def at_the_second_step(clinician: User) -> Client:
    door = Door(Client())
    assert door.sign_in(clinician)["Location"] == reverse("mfa_authenticate")
    return door.client


def is_in(client: Client, code: str) -> bool:
    client.post(reverse("mfa_authenticate"), {"code": code})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_one_step_either_side_is_right(steps: int, right: bool) -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type="totp", data={"secret": SECRET})
    with time_machine.travel(NOW, tick=False):
        assert is_in(at_the_second_step(clinician), code_now(SECRET, steps=steps)) == right


def test_a_code_is_never_right_twice_even_if_the_cache_was_emptied() -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type="totp", data={"secret": SECRET})
    with time_machine.travel(NOW, tick=False) as clock:
        code = code_now(SECRET)
        assert is_in(at_the_second_step(clinician), code)
        cache.clear()
        assert not is_in(at_the_second_step(clinician), code)
        clock.shift(31)  # still within the tolerance, and past what the library remembers
        assert not is_in(at_the_second_step(clinician), code)
        assert not is_in(at_the_second_step(clinician), code_now(SECRET, steps=-1)), "nor an older one"
        cache.clear()  # the fifth code by email would be one too many
        assert is_in(at_the_second_step(clinician), code_now(SECRET))


def test_the_code_that_set_the_app_up_signs_no_one_in(
    door: Door, django_capture_on_commit_callbacks: Any
) -> None:
    clinician = make_clinician()
    with time_machine.travel(NOW, tick=False), django_capture_on_commit_callbacks(execute=True):
        door.sign_in(clinician)
        secret = door.set_up_app()
    with time_machine.travel(NOW, tick=False):
        assert not is_in(at_the_second_step(clinician), code_now(secret))
        assert is_in(at_the_second_step(clinician), code_now(secret, steps=1))
