"""Passkeys: offered at the door, added after a fresh sign-in, asked with the person's own gesture."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from challenge.accounts.models import User
from tests.accounts.conftest import Door
from tests.factories.people import make_clinician, sign_in_now
from tests.journeys.doors import passkey

pytestmark = pytest.mark.django_db


def test_signing_in_offers_one_and_asks_the_browser_for_this_site_alone(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "passkey" in page
    response: Any = client.get(
        "/accounts/2fa/webauthn/login/", headers={"x-requested-with": "XMLHttpRequest"}
    )
    options = json.loads(response.content)["request_options"]["publicKey"]
    assert options["rpId"] == "testserver"
    assert len(options["challenge"]) >= 32


def test_a_made_up_answer_does_not_sign_in(client: Client, runner: User) -> None:
    client.get("/accounts/2fa/webauthn/login/", headers={"x-requested-with": "XMLHttpRequest"})
    client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps({"id": "x", "response": {}})})
    assert "_auth_user_id" not in client.session


def test_a_runner_adds_one_after_a_fresh_sign_in(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    response = client.get("/accounts/2fa/webauthn/add/")
    assert response.status_code == 200
    assert "publicKey" in response.content.decode()


def test_plain_addresses_are_no_origin_for_passkeys_where_debug_is_off() -> None:
    assert settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN is False


INVENTED = (
    "{}",
    "[]",
    '"x"',
    "null",
    "1",
    '{"id": "x", "response": {}}',
    '{"id": 1, "rawId": [], "response": 3}',
)


REFUSED = "That passkey wasn’t accepted"


@pytest.mark.parametrize("credential", INVENTED)
def test_a_made_up_passkey_is_not_added(client: Client, runner: User, credential: str) -> None:
    sign_in_now(client, runner)
    client.get("/accounts/2fa/webauthn/add/")
    told = client.post("/accounts/2fa/webauthn/add/", {"credential": credential, "passwordless": "on"})
    assert REFUSED in told.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", INVENTED)
def test_a_made_up_second_step_is_none(door: Door, credential: str) -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.WEBAUTHN, data=passkey())
    door.sign_in(clinician)
    assert "Use your passkey, or" in door.client.get("/accounts/2fa/authenticate/").content.decode()
    answer = door.client.post("/accounts/2fa/authenticate/", {"credential": credential})
    assert REFUSED in answer.content.decode()
    assert "_auth_user_id" not in door.client.session


@pytest.mark.parametrize("credential", INVENTED)
def test_a_made_up_confirmation_confirms_nothing(client: Client, credential: str) -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.WEBAUTHN, data=passkey())
    sign_in_now(client, clinician)
    asked = "/accounts/2fa/webauthn/reauthenticate/"
    client.get(asked)
    assert client.post(asked, {"credential": credential}).status_code == 302
    assert client.get("/admin/")["Location"].startswith(asked)
    assert REFUSED in client.get(asked).content.decode()


def test_a_refused_passkey_leaves_the_person_on_their_way(client: Client) -> None:
    clinician = make_clinician()
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.WEBAUTHN, data=passkey())
    sign_in_now(client, clinician)
    there = "/admin/challenge/run/?q=robin"
    asked = client.get(there)["Location"]
    page = client.get(asked).content.decode()
    field = f'<input type="hidden" name="next" value="{there}">'
    assert field in page
    refused: Any = client.post(asked.partition("?")[0], {"credential": "{}", "next": there}, follow=True)
    assert REFUSED in refused.content.decode()
    assert field in refused.content.decode()
    away: Any = client.post(
        asked.partition("?")[0], {"credential": "{}", "next": "https://elsewhere.test/"}, follow=True
    )
    assert "elsewhere.test" not in away.content.decode()


def test_a_refused_passkey_at_the_door_leaves_the_person_on_their_way(client: Client) -> None:
    client.get("/accounts/2fa/webauthn/login/", headers={"x-requested-with": "XMLHttpRequest"})
    refused: Any = client.post(
        "/accounts/2fa/webauthn/login/", {"credential": "{}", "next": "/plan/"}, follow=True
    )
    assert REFUSED in refused.content.decode()
    assert '<input type="hidden" name="next" value="/plan/">' in refused.content.decode()


def test_who_has_a_passkey_and_no_app_is_asked_for_the_passkey_first(client: Client) -> None:
    clinician = make_clinician()
    sign_in_now(client, clinician)
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.WEBAUTHN, data={})
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.RECOVERY_CODES, data={})
    there: Any = client.get("/admin/")
    assert there["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.TOTP, data={})
    there = client.get("/admin/")
    assert there["Location"].startswith("/accounts/2fa/reauthenticate/")
