"""Passkeys: offered at the door, added after a fresh sign-in, asked with the person's own gesture."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from challenge.accounts.models import User
from tests.factories.people import sign_in_now

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


def test_a_made_up_answer_signs_nobody_in(client: Client, runner: User) -> None:
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
