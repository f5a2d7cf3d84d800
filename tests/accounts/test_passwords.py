"""Which passwords are taken, how they are asked for, and what one alone does not open."""

from pathlib import Path

import pytest
from django.test import Client

from challenge.accounts.models import User
from tests.accounts.conftest import Door
from tests.factories.people import make_runner_user, sign_in_now

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "a-long-and-invented-one", "another-long-and-invented-one"
SET, CHANGE = "/accounts/password/set/", "/accounts/password/change/"


@pytest.fixture
def runner(client: Client) -> User:
    person = make_runner_user(email="robin.vale@runners.test", name="Robin Ashworth Vale")
    person.set_unusable_password()
    person.save()
    sign_in_now(client, person)
    return person


def is_taken(client: Client, password: str) -> bool:
    return client.post(SET, {"password1": password, "password2": password}).status_code == 302


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("toe heel toe", True),  # twelve, and no rule about digits, capitals or signs
        ("toe heel to", False),
        ("heel and toe " * 16, True),  # 208
        ("1qaz2wsx3edc", False),  # of the list of common ones
        ("robin.vale@runners.test", False),
        ("Robin Ashworth Vale", False),
        ("Ashworth-Vale-1", False),
    ],
)
def test_a_long_one_is_taken_and_a_common_or_own_one_is_not(
    client: Client, runner: User, password: str, taken: bool
) -> None:
    assert is_taken(client, password) == taken


def test_it_is_checked_as_it_was_typed(client: Client, runner: User) -> None:
    typed = "  Heel and Toe "
    assert is_taken(client, typed)
    for tried, opens in ((typed.strip(), False), (typed.lower(), False), (typed, True)):
        answer = Client().post("/accounts/login/", {"login": runner.email, "password": tried})
        assert (answer.status_code == 302) == opens, tried


def test_its_fields_are_masked_without_a_limit_and_a_manager_may_fill_them_in(
    client: Client, runner: User
) -> None:
    pages = [client.get(SET), Client().get("/accounts/login/")]
    fields = [field for page in pages for field in page.context["form"] if "password" in field.name]
    assert len(fields) == 3
    for field in fields:
        attributes = field.field.widget.attrs
        assert 'type="password"' in str(field)
        assert "maxlength" not in attributes
        assert attributes["autocomplete"] in {"new-password", "current-password"}
    scripts = "".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))
    assert "paste" not in scripts, "no script hears of a paste, so none can stop it"


def test_a_change_asks_for_the_old_one(client: Client) -> None:
    person = make_runner_user(password=FIRST)
    sign_in_now(client, person)
    for old, status in (("not-the-old-one", 200), (FIRST, 302)):
        answer = client.post(CHANGE, {"oldpassword": old, "password1": SECOND, "password2": SECOND})
        assert answer.status_code == status


def test_a_reset_passes_no_second_factor(door: Door) -> None:
    person = make_runner_user(password=FIRST)
    sign_in_now(door.client, person)
    door.client.post("/accounts/reauthenticate/", {"password": FIRST})
    door.set_up_app()
    stranger = Door(Client())
    stranger.client.post("/accounts/password/reset/", {"email": person.email})
    stranger.client.post("/accounts/password/reset/confirm/", {"code": stranger.code(person.email)})
    stranger.client.post("/accounts/password/reset/complete/", {"password1": SECOND, "password2": SECOND})
    assert "_auth_user_id" not in stranger.client.session
    answer = stranger.client.post("/accounts/login/", {"login": person.email, "password": SECOND})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in stranger.client.session
