"""Signed links do nothing when altered, swapped, signed with another key, used twice or used too late."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.signing import Signer, dumps
from django.test import Client

from challenge.calls.models import Booking, CallEvent
from challenge.enrollment.address_changes import change_of
from challenge.enrollment.models import EarlyAccess
from challenge.mail.actions import addresses_of
from challenge.mail.models import AddressState, OutboxMessage
from challenge.mail.queries import unsubscribe_url
from tests.accounts.conftest import Door
from tests.conftest import NOW
from tests.factories.calls import to_confirm
from tests.factories.cohorts import change_an_address, note_a_sign_in, place_on_a_list
from tests.factories.people import make_runner_user
from tests.repository.test_access import CALL_AT, kept_world, world
from tests.repository.test_browser_policy import state

__all__ = ["kept_world", "world"]

pytestmark = pytest.mark.django_db


def unsubscribing(world: SimpleNamespace) -> str:
    address = addresses_of(["somebody@runners.test"])["somebody@runners.test"]
    return unsubscribe_url(address).rstrip("/").rsplit("/", 1)[1]


# The place of each token in an address, and how to make one.
LINKS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "unsubscribe": ("/email/unsubscribe/{}/", unsubscribing),
    "call": ("/call/{}/", lambda world: world.call_token),
    "move": ("/call/{}/move/", lambda world: world.call_token),
    "cancel": ("/call/{}/cancel/", lambda world: world.call_token),
    "confirm": ("/call/confirm/{}/", lambda world: to_confirm(world.call_token)),
    "calendar file": ("/call/{}/call.ics", lambda world: world.call_token),
    "feed": ("/call/feed/{}/calls.ics", lambda world: world.feed_token),
    "early access": ("/early-access/{}/", lambda world: place_on_a_list()),
    "not me": ("/accounts/not-me/{}/", lambda world: note_a_sign_in()),
    "objection": ("/address/{}/", lambda world: change_an_address()),
}
FOREIGN = "a-key-that-leaked-from-somewhere-else-and-is-not-ours"


def refused(path: str) -> bool:
    """Whether neither looking nor pressing finds anything, and nothing is changed by it."""
    client, before = Client(raise_request_exception=False), state()
    statuses = {client.get(path).status_code, client.post(path).status_code}
    return statuses <= {404, 405} and 404 in statuses and state() == before


@pytest.mark.parametrize("name", LINKS)
def test_one_altered_character_is_enough(world: SimpleNamespace, name: str) -> None:
    path, make = LINKS[name]
    token = make(world)
    assert Client().get(path.format(token)).status_code < 400, "the true one opens"
    for place in range(0, len(token), max(1, len(token) // 9)):
        other = "x" if token[place] != "x" else "y"
        assert refused(path.format(token[:place] + other + token[place + 1 :])), place
    assert refused(path.format(token[:-1]))
    assert refused(path.format(f"{token}A"))


def test_a_token_of_one_kind_opens_no_other(world: SimpleNamespace) -> None:
    call_pages = {"call", "move", "cancel", "calendar file"}
    for name, (path, _) in LINKS.items():
        for other, (_, make) in LINKS.items():
            if name != other and not {name, other} <= call_pages:
                assert refused(path.format(make(world))), (name, other)


def test_another_key_signs_nothing(world: SimpleNamespace) -> None:
    place_on_a_list()
    place, address = EarlyAccess.objects.get(), addresses_of(["a@runners.test"])["a@runners.test"]
    call = Signer(key=FOREIGN, salt="calls.booking", sep=".").sign(world.call.uid.hex)
    feed = Signer(key=FOREIGN, salt="calls.feed", sep=".").sign(world.call.staff.availability.feed_key.hex)
    assert refused(f"/call/{call}/cancel/")
    assert refused(f"/call/feed/{feed}/calls.ics")
    assert refused(f"/early-access/{dumps(place.pk, key=FOREIGN, salt='enrollment.list')}/")
    changed = change_of(change_an_address())
    assert refused(f"/address/{dumps(changed.pk, key=FOREIGN, salt='enrollment.address-change')}/")
    weekly = Signer(key=FOREIGN, salt="weekly-emails").sign_object(address.pk)
    assert refused(f"/email/unsubscribe/{weekly}/")


@pytest.mark.parametrize("name", LINKS)
def test_a_link_outlives_a_new_key_for_as_long_as_the_old_one_is_named(
    world: SimpleNamespace, settings: Any, name: str
) -> None:
    path, make = LINKS[name]
    token = make(world)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = FOREIGN, [settings.SECRET_KEY]
    assert Client().get(path.format(token)).status_code < 400
    settings.SECRET_KEY_FALLBACKS = []
    assert refused(path.format(token))


def test_a_session_outlives_a_new_key_for_as_long_as_the_old_one_is_named(settings: Any) -> None:
    client = Client()
    client.force_login(make_runner_user())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = FOREIGN, [settings.SECRET_KEY]
    assert client.get("/accounts/email/").status_code == 200
    other = Client()
    other.force_login(make_runner_user())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = f"{FOREIGN}-either", []
    assert other.get("/accounts/email/")["Location"].startswith("/accounts/login/")


def test_pressing_cancel_again_cancels_nothing_more(world: SimpleNamespace) -> None:
    path = f"/call/{world.call_token}/cancel/"
    with time_machine.travel(NOW, tick=False):
        Client().post(path)
        after = state()
        for _ in range(3):
            assert Client().post(path).status_code == 302
        Client().post(f"/call/{world.call_token}/move/", {"slot": CALL_AT.isoformat()})
    assert state() == after
    assert CallEvent.objects.filter(happened="canceled").count() == 1


def test_unsubscribing_and_confirming_again_change_nothing(world: SimpleNamespace) -> None:
    weekly, listed = f"/email/unsubscribe/{unsubscribing(world)}/", f"/early-access/{place_on_a_list()}/"
    for path in (weekly, listed):
        Client().post(path)
    after = state()
    with time_machine.travel(NOW + timedelta(days=9)):
        for path in (weekly, listed):
            assert Client().post(path).status_code == 200
    first = AddressState.objects.get(email="somebody@runners.test").weekly_unsubscribed_at
    assert first is not None
    assert state() == after


def test_a_call_that_has_begun_is_not_canceled_by_its_link(world: SimpleNamespace) -> None:
    before = state()
    with time_machine.travel(CALL_AT + timedelta(minutes=1), tick=False):
        Client().post(f"/call/{world.call_token}/cancel/")
    assert state() == before
    assert Booking.objects.get().state == "booked"


def test_a_code_that_is_too_old_opens_no_session(door: Door) -> None:
    runner = make_runner_user()
    door.ask_for_code(runner.email)
    with time_machine.travel(timedelta(minutes=20), tick=True):
        door.client.post("/accounts/login/code/confirm/", {"code": door.code(runner.email)})
    assert "_auth_user_id" not in door.client.session
    assert OutboxMessage.objects.filter(to_email=runner.email).count() == 1


@pytest.fixture
def door(client: Client) -> Door:
    return Door(client)
