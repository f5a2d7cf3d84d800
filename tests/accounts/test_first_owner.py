"""The first owner, made on the command line."""

import pytest
from django.core.management import CommandError, call_command

from challenge.accounts.models import User
from challenge.accounts.queries import is_owner
from tests.accounts.conftest import Door
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db


def test_the_owner_signs_in_with_a_code_and_is_led_to_a_second_factor(door: Door) -> None:
    call_command("first_owner", "Owner@Clinic.test", "--name", "Olive")
    owner = User.objects.get(email="owner@clinic.test")
    assert (is_owner(owner), owner.is_staff, owner.name, owner.has_usable_password()) == (
        True,
        True,
        "Olive",
        False,
    )
    door.sign_in(owner)
    assert door.client.get("/admin/")["Location"] == "/accounts/2fa/"


def test_a_new_installation_has_no_account() -> None:
    assert not User.objects.exists()


def test_an_account_that_is_there_keeps_its_name() -> None:
    make_runner_user(email="there@clinic.test", name="There")
    call_command("first_owner", "there@clinic.test")
    assert User.objects.get(email="there@clinic.test").name == "There"


def test_a_wrong_address_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="not an email address"):
        call_command("first_owner", "nobody")
