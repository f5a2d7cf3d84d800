"""What floods of the sign-in pages send: from one network, from many, and with the cache away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.urls import get_resolver

from challenge.accounts.models import User
from challenge.accounts.rate_limits import (
    AWAY_DIVISOR,
    CODES,
    LIMITS,
    MAILS_A_DAY,
    MAILS_TO_UNPROVEN_A_DAY,
    MAILS_WITHOUT_ACCOUNT_A_DAY,
    SECRETS,
    is_within_limit,
    mailbox_of,
)
from challenge.enrollment.models import EarlyAccess
from challenge.mail.models import OutboxMessage
from tests.accounts.conftest import Door
from tests.conftest import NOW
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db

CODE, SIGN_UP, RESET = "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection to the cache, as a stopped server does."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCacheClient.get_client", refuse)


def flood(path: str, emails: list[str], *, networks: int, seconds: float = 3.6) -> list[int]:
    """Send one request every `seconds` of simulated time, by turns from so many networks; return the answers."""
    statuses = []
    with time_machine.travel(NOW, tick=False) as clock:
        for number, email in enumerate(emails):
            address = f"10.{number % networks // 250}.{number % networks % 250}.7"
            sent = Client(REMOTE_ADDR=address).post(path, {"email": email})
            statuses.append(sent.status_code)
            clock.shift(seconds)
    return statuses


def mails_to(email: str) -> int:
    return OutboxMessage.objects.filter(to_email=email).count()


@pytest.mark.parametrize("requests", [250, pytest.param(1000, marks=pytest.mark.deep)])
def test_a_thousand_requests_in_an_hour_from_one_network_send_no_more_than_its_limits(requests: int) -> None:
    """A quarter of them reaches each limit as well; the whole thousand with `make deep`."""
    paths = (CODE, RESET, SIGN_UP, "/early-access/")
    statuses: list[int] = []
    with time_machine.travel(NOW, tick=False) as clock:
        for number in range(requests):
            email = f"crowd{number}@runners.test"
            sent = Client(REMOTE_ADDR=f"198.51.100.{number % 250}").post(paths[number % 4], {"email": email})
            statuses.append(sent.status_code)
            clock.shift(timedelta(hours=1) / requests)
    assert set(statuses) == {302, 429}
    assert statuses.count(429) > requests - 200
    sent_mails = OutboxMessage.objects.count()
    assert 100 <= sent_mails <= 60 + 40 + 20, "codes and resets together, sign-ups, the list"
    assert User.objects.count() <= 40
    assert EarlyAccess.objects.count() <= 20


def test_many_networks_cannot_flood_one_mailbox() -> None:
    known = make_runner_user(email="known@runners.test")
    assert 429 in flood(CODE, [known.email] * 23, networks=23, seconds=60)
    assert mails_to(known.email) == MAILS_A_DAY


def test_an_address_without_an_account_gets_one_mail_a_day_and_reads_the_same() -> None:
    make_runner_user(email="known@runners.test")
    known = flood(CODE, ["known@runners.test"] * 23, networks=23, seconds=60)
    unknown = flood(CODE, ["unknown@runners.test"] * 23, networks=23, seconds=60)
    assert known == unknown
    assert mails_to("unknown@runners.test") == MAILS_WITHOUT_ACCOUNT_A_DAY


def test_an_account_that_someone_else_made_brings_its_mailbox_few_mails() -> None:
    flood(SIGN_UP, ["victim@runners.test"], networks=1)
    flood(CODE, ["victim@runners.test"] * 23, networks=23, seconds=60)
    assert mails_to("victim@runners.test") == MAILS_TO_UNPROVEN_A_DAY


def test_aliases_of_one_mailbox_are_one() -> None:
    flood(SIGN_UP, [f"robin+{number}@runners.test" for number in range(9)], networks=9, seconds=60)
    assert OutboxMessage.objects.count() <= MAILS_TO_UNPROVEN_A_DAY
    assert mailbox_of("Robin.Vale+x@GoogleMail.com") == mailbox_of("robinvale@gmail.com")
    assert mailbox_of("robin.vale@runners.test") != mailbox_of("robinvale@runners.test")
    assert mailbox_of("+odd@runners.test") == "+odd@runners.test"


def test_who_is_known_here_still_gets_a_code_after_a_flood(door: Door) -> None:
    runner = make_runner_user(email="known@runners.test")
    with time_machine.travel(NOW, tick=False):
        door.sign_in(runner)
        door.client.post("/accounts/logout/")
    assert flood(CODE, [runner.email] * 23, networks=23, seconds=60)[-1] == 429
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert door.ask_for_code(runner.email).status_code == 302


def test_guessing_from_one_network_ends_for_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "account_login", replace(SECRETS, an_hour=3))
    answers = []
    with time_machine.travel(NOW, tick=False) as clock:
        for number in range(4):
            tried = {"login": f"crowd{number}@runners.test", "password": "a-guess-of-someone"}
            answers.append(
                Client(REMOTE_ADDR=f"198.51.100.{number}").post("/accounts/login/", tried).status_code
            )
            clock.shift(20)
    assert answers == [200, 200, 200, 429]


@pytest.mark.usefixtures("cache_is_away")
def test_with_the_cache_away_limits_count_in_the_process_and_lower() -> None:
    statuses = flood(CODE, [f"crowd{number}@runners.test" for number in range(20)], networks=1)
    assert statuses.count(302) == CODES.an_hour // AWAY_DIVISOR
    assert set(statuses) == {302, 429}
    assert OutboxMessage.objects.count() == CODES.an_hour // AWAY_DIVISOR


@pytest.mark.usefixtures("cache_is_away")
def test_with_the_cache_away_people_still_sign_in(door: Door) -> None:
    runner = make_runner_user()
    assert door.sign_in(runner).status_code == 302
    assert door.client.get("/me/").status_code == 200


@pytest.mark.usefixtures("cache_is_away")
def test_a_limit_of_one_is_one_with_the_cache_away() -> None:
    assert is_within_limit("once", "robin@runners.test", times=1, window_s=60)
    assert not is_within_limit("once", "robin@runners.test", times=1, window_s=60)


def test_every_page_of_signing_in_that_takes_something_has_a_limit() -> None:
    """A new page of allauth needs a limit, or a line here."""
    without = {
        "account_change_password",
        "account_inactive",
        "account_logout",
        "account_password_reset_completed",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    }  # only for those who are signed in, and each session's own limit holds
    names = {
        name
        for name in get_resolver().reverse_dict
        if isinstance(name, str) and name.startswith(("account_", "mfa_"))
    }
    assert names - set(LIMITS) == without
