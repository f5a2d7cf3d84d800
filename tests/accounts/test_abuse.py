"""Guessing, asking around and stuffing the doors."""

import re
from typing import Any

import pytest
from allauth.account.forms import SignupForm
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.signing import TimestampSigner
from django.test import Client

from challenge.accounts.models import User
from challenge.mail.models import OutboxMessage
from tests.accounts.conftest import Door
from tests.authenticator import code_now
from tests.factories.people import make_clinician, make_runner_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-and-invented-one"


def told(response: Any) -> tuple[int, str, str]:
    """Return what a person sees of an answer, without the parts that differ by nature."""
    html = response.content.decode()
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
    html = re.sub(r"\S+@runners\.test", "ADDRESS", html)
    return response.status_code, response.get("Location", ""), html


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/accounts/signup/", "email"),
        ("/accounts/login/code/", "email"),
        ("/accounts/password/reset/", "email"),
        ("/early-access/", "email"),
    ],
)
def test_no_page_reveals_whether_an_address_has_an_account(path: str, field: str) -> None:
    make_runner_user(email="known@runners.test")
    answers = []
    for email in ("known@runners.test", "unknown@runners.test"):
        client = Client()
        response = client.post(path, {field: email})
        following = client.get(response["Location"]) if response.status_code == 302 else response
        answers.append((told(response), told(following)))
    assert answers[0] == answers[1]


def test_a_wrong_password_and_an_unknown_address_read_the_same() -> None:
    make_runner_user(email="known@runners.test", password=PASSWORD)
    said = [
        told(Client().post("/accounts/login/", {"login": email, "password": "wrong-wrong-wrong"}))
        for email in ("known@runners.test", "unknown@runners.test")
    ]
    assert said[0] == said[1]


def test_guessing_a_password_is_stopped_even_when_the_right_one_comes() -> None:
    make_runner_user(email="known@runners.test", password=PASSWORD)
    for number in range(6):
        Client().post(
            "/accounts/login/", {"login": "known@runners.test", "password": f"guess-number-{number}"}
        )
    client = Client()
    client.post("/accounts/login/", {"login": "known@runners.test", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_guessing_the_code_ends_the_attempt_after_three(door: Door, runner: User) -> None:
    door.ask_for_code(runner.email)
    code = door.code(runner.email)
    for _ in range(3):
        door.client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    door.client.post("/accounts/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in door.client.session


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_of_one_address_at_once_are_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    real, late = SignupForm.save, list[User]()

    def save_after_another(form: Any, request: Any) -> Any:
        if not late:
            late.append(make_runner_user(email="twin@runners.test"))
        return real(form, request)

    monkeypatch.setattr(SignupForm, "save", save_after_another)
    answer = Client().post("/accounts/signup/", {"email": "twin@runners.test"})
    assert answer.status_code == 409
    assert "Please send it once more." in answer.content.decode()
    assert 'value="twin@runners.test"' in answer.content.decode()
    assert User.objects.filter(email="twin@runners.test").count() == 1


def test_three_tries_are_three_also_if_a_session_forgets_them(door: Door, runner: User) -> None:
    """As when they come at once: each reads the session as it was before, and the last to be saved restores it."""
    door.ask_for_code(runner.email)
    code, before = door.code(runner.email), dict(door.client.session.items())

    def tried(typed: str) -> None:
        session = door.client.session
        session.update(before)
        session.save()
        door.client.post("/accounts/login/code/confirm/", {"code": typed})

    for _ in range(3):
        tried("ZZZZ-ZZZZ")
    tried(code)
    assert "_auth_user_id" not in door.client.session


def test_a_code_serves_one_browser_once(door: Door, runner: User) -> None:
    door.sign_in(runner)
    code = door.code(runner.email)
    other = Client()
    other.post("/accounts/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in other.session


@pytest.mark.django_db(transaction=True)
def test_guessing_the_second_factor_is_stopped_even_when_the_right_code_comes(door: Door) -> None:
    clinician = make_clinician()
    door.sign_in(clinician)
    secret = door.set_up_app()
    Authenticator.objects.filter(user=clinician).update(last_used_at=None)
    cache.clear()
    other = Door(Client())
    other.sign_in(clinician)
    for number in range(6):
        other.client.post("/accounts/2fa/authenticate/", {"code": f"{number:06d}"})
    other.client.post("/accounts/2fa/authenticate/", {"code": code_now(secret, steps=1)})
    assert "_auth_user_id" not in other.client.session


def test_one_address_is_not_flooded_with_codes(runner: User) -> None:
    for _ in range(12):
        Client().post("/accounts/login/code/", {"email": runner.email})
    assert OutboxMessage.objects.filter(to_email=runner.email).count() <= 4


def test_one_visitor_cannot_ask_for_hundreds_of_accounts() -> None:
    statuses = [
        Client().post("/accounts/signup/", {"email": f"crowd{number}@runners.test"}).status_code
        for number in range(25)
    ]
    assert 429 in statuses
    assert User.objects.filter(email__startswith="crowd").count() <= 20


@pytest.mark.parametrize(("proxies", "stopped"), [(0, True), (1, True), (2, False)])
def test_a_made_up_forwarding_header_is_believed_only_as_far_as_the_proxies_stand(
    settings: Any, proxies: int, stopped: bool
) -> None:
    """A visitor writes the front of the header, each proxy of ours its end. With one too many it is the visitor's."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    statuses = [
        Client()
        .post(
            "/early-access/",
            {"email": f"crowd{number}@runners.test"},
            headers={"x-forwarded-for": f"10.{number}.0.7, 203.0.113.9"},
        )
        .status_code
        for number in range(25)
    ]
    assert (429 in statuses) == stopped


def test_limits_are_counted_in_the_shared_cache(runner: User) -> None:
    Client().post("/accounts/login/code/", {"email": runner.email})
    store: Any = cache
    keys = [key.decode() for key in store._cache.get_client().keys("*allauth*")]
    assert keys
    assert runner.email not in " ".join(keys), "addresses stand in keys as digests only"


@pytest.mark.parametrize("host", ["evil.test", "testserver.evil.test", "testserver:80@evil.test", ""])
def test_another_host_name_is_refused(client: Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "there", ["https://evil.test/", "//evil.test/", "/\\evil.test", "https:evil.test", "javascript:x"]
)
def test_signing_in_never_leads_to_another_site(door: Door, runner: User, there: str) -> None:
    response = door.sign_in(runner, next=there)
    assert response["Location"] == "/today/"


def test_signing_out_takes_a_post(door: Door, runner: User) -> None:
    door.sign_in(runner)
    door.client.get("/accounts/logout/")
    assert "_auth_user_id" in door.client.session
    door.client.post("/accounts/logout/", {"next": "https://evil.test/"})
    assert "_auth_user_id" not in door.client.session


def test_a_body_too_large_or_with_too_many_fields_is_refused_without_a_500() -> None:
    client = Client(raise_request_exception=False)
    assert client.post("/accounts/signup/", {"email": "x" * 3_000_000}).status_code in {400, 413}
    assert client.post("/accounts/signup/", {f"f{n}": "x" for n in range(1500)}).status_code in {400, 413}


@pytest.mark.parametrize("path", ["/call/{}/", "/email/unsubscribe/{}/", "/early-access/{}/"])
@pytest.mark.parametrize("token", ["x", "a:b:c", "..%2F..%2Fetc", "%00", "A" * 3000])
def test_an_invented_token_opens_nothing(path: str, token: str) -> None:
    client = Client(raise_request_exception=False)
    for answer in (client.get(path.format(token)), client.post(path.format(token))):
        assert answer.status_code in {400, 404, 405, 410, 200}
        assert answer.status_code != 500
    assert not OutboxMessage.objects.exists()


def test_a_token_of_one_purpose_is_none_of_another(client: Client) -> None:
    foreign = TimestampSigner(salt="something-else").sign("1")
    for path in ("/call/", "/email/unsubscribe/", "/early-access/"):
        assert client.get(f"{path}{foreign}/").status_code in {404, 410, 200}
