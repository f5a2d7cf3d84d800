"""Sessions: signed in, with a second factor, and at each step of the ways in."""

import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from challenge.accounts.models import User
from challenge.accounts.sessions import LAST_USED
from challenge.mail.models import OutboxMessage
from tests.factories.people import make_runner_user, sign_in_now, use_second_factor

PASSWORD = "slow-heavy-calf-raise-47"


LONG_S = 6 * 3600


def kept_open(client: Client) -> Client:
    """The same session with every moment in it hours later: a walk takes longer than a code is good for."""

    def later(value: Any) -> Any:
        if isinstance(value, list):
            return [later(one) for one in value]
        if isinstance(value, dict):
            return {k: v + LONG_S if k == "at" else later(v) for k, v in value.items()}
        return value

    session = client.session
    for name in list(session.keys()):
        session[name] = later(session[name])
    session.pop(LAST_USED, None)
    session.save()
    return client


def signed_in(user: User) -> Client:
    """Return the client of a user who has just signed in; staff with their second factor."""
    client = Client()
    sign_in_now(client, user)
    if user.is_staff:
        use_second_factor(client, user)
    return client


def sure(client: Client) -> Client:
    """Return the client of a user with a password who has just confirmed it."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def with_every_factor(user: User) -> User:
    """A password, an authenticator app, recovery codes and a passkey."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    kinds = Authenticator.Type
    Authenticator.objects.create(user=user, type=kinds.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(user=user, type=kinds.WEBAUTHN, data=passkey())
    RecoveryCodes.activate(user)
    return user


def passkey() -> dict[str, object]:
    """Store a passkey as a browser registers it; its private key does not exist."""
    public = ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
    credential = AttestedCredentialData.create(bytes(16), b"passkey", public)
    data = AuthenticatorData.create(bytes(32), AuthenticatorData.FLAG.AT, 0, credential)
    said = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    answer = {
        "clientDataJSON": websafe_encode(said),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    name = websafe_encode(b"passkey")
    kept = {"id": name, "rawId": name, "type": "public-key", "response": answer, "clientExtensionResults": {}}
    return {"name": "Phone", "credential": kept}


def on_the_way_in() -> dict[str, Client]:
    """Who waits for a code, has given it, or has the second factor still before them."""
    return {
        "coding": after("/accounts/login/code/", email=make_runner_user().email),
        "confirming": after("/accounts/signup/", email="fresh@runners.test"),
        "resetting": after("/accounts/password/reset/", email=make_runner_user().email),
        "renewing": renewing(),
        "half": half_in(),
    }


def after(path: str, **fields: str) -> Client:
    """A visitor who sent this form and was led on."""
    client = Client()
    answer = client.post(path, fields)
    assert answer.status_code == 302, answer.content.decode()
    return client


def renewing() -> Client:
    """Return the client of a user who entered the right code for a new password."""
    email = make_runner_user().email
    client = after("/accounts/password/reset/", email=email)
    letter = OutboxMessage.objects.filter(to_email=email).latest("pk")
    found = re.search(r"code: (\S+)", letter.text)
    assert found is not None
    client.post("/accounts/password/reset/confirm/", {"code": found[1]})
    return client


def half_in() -> Client:
    """Return the client of a user after the right password, before the second factor."""
    user = with_every_factor(make_runner_user())
    return after("/accounts/login/", login=user.email, password=PASSWORD)
