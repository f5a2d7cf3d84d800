"""Signing in as people do, by the pages."""

import re
from typing import Any

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.mail.models import OutboxMessage
from tests.authenticator import code_now


class Door:
    """A browser at the sign-in pages."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask_for_code(self, email: str, **more: str) -> Any:
        return self.client.post("/accounts/login/code/", {"email": email} | more)

    def code(self, email: str) -> str:
        """The code in the newest message to this address."""
        text = OutboxMessage.objects.filter(to_email=email).latest("pk").text
        found = re.search(r"code: (\S+)", text)
        assert found, "no code in the newest message"
        return found[1]

    def sign_in(self, user: User, **more: str) -> Any:
        """With the emailed code; where this leads."""
        self.ask_for_code(user.email, **more)
        return self.client.post("/accounts/login/code/confirm/", {"code": self.code(user.email)} | more)

    def set_up_app(self) -> str:
        """Adds an authenticator app to the signed-in account; its secret."""
        secret: str = self.client.get("/accounts/2fa/totp/activate/").context["form"].secret
        response = self.client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
        assert response.status_code == 302, response.context["form"].errors
        return secret


@pytest.fixture
def door(client: Client, db: None) -> Door:
    return Door(client)
