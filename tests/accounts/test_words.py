"""What allauth's forms say beside an empty or impossible field, in our own sentences."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"]
)
@pytest.mark.parametrize("typed", ["", "robin at example"])
def test_an_email_address_is_asked_for_with_an_example(client: Client, address: str, typed: str) -> None:
    page = client.post(address, {"email": typed}).content.decode()
    assert "Write your email address, like robin@example.org." in page
    assert "This field is required." not in page


def test_signing_in_asks_for_address_and_password(client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert "Write your email address, like robin@example.org." in page
    assert "Write your password." in page
