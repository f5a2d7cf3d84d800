"""A copy of the database, a backup or the cache signs no one in: only browsers have the cookie of a session."""

import os
import subprocess

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from challenge.accounts.session_store import COOKIE_LENGTH, key_of
from challenge.operations.backup import client_program, libpq_variables
from tests.accounts.conftest import Door
from tests.factories.people import make_runner_user, make_user
from tests.privacy.test_no_leaks import in_valkey


def cookie_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def open_with(cookie: str) -> int:
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return stranger.get("/accounts/email/").status_code


@pytest.mark.django_db(transaction=True)
def test_a_copied_database_signs_in_as_no_one() -> None:
    door = Door(Client())
    door.sign_in(make_runner_user())
    cookie = cookie_of(door.client)
    assert len(cookie) == COOKIE_LENGTH
    assert open_with(cookie) == 200, "the browser itself is signed in"
    program, environment = client_program("pg_dump"), os.environ | libpq_variables()
    dump = subprocess.run(
        [program, "--data-only"], env=environment, capture_output=True, text=True, check=True
    )
    stored = Session.objects.get(session_key=key_of(cookie)).session_key
    assert stored in dump.stdout, "the dump has the session"
    for copied in (dump.stdout, in_valkey()):
        assert cookie not in copied
    assert stored in in_valkey(), "the cache has the session"
    keys = [
        *Session.objects.values_list("pk", flat=True),
        *UserSession.objects.values_list("session_key", flat=True),
    ]
    assert [open_with(key) for key in keys] == [302] * len(keys)


@pytest.mark.django_db
def test_a_row_of_before_the_digests_opens_nothing() -> None:
    """Its key is in old backups as the cookie was."""
    person, clear = make_user(), "k" * COOKIE_LENGTH
    client = Client()
    client.force_login(person)
    stored = client.session
    assert open_with(cookie_of(client)) == 200
    Session.objects.filter(pk=stored.session_key).update(session_key=clear)
    cache.clear()
    assert open_with(clear) == 302


@pytest.mark.django_db
def test_a_new_cookie_at_each_sign_in_and_none_after_the_end(door: Door) -> None:
    person = make_runner_user()
    door.client.get("/accounts/login/")
    door.ask_for_code(person.email)
    before = cookie_of(door.client)
    door.client.post("/accounts/login/code/confirm/", {"code": door.code(person.email)})
    signed_in = cookie_of(door.client)
    assert signed_in != before
    assert (open_with(before), open_with(signed_in)) == (302, 200)
    door.client.post("/accounts/logout/")
    assert cookie_of(door.client) == ""
    assert open_with(signed_in) == 302
    assert not Session.objects.filter(pk=key_of(signed_in)).exists()


@pytest.mark.django_db
def test_a_copied_cookie_ends_when_its_person_confirms_the_session(door: Door) -> None:
    door.client.force_login(make_runner_user(password="a-long-and-invented-one"))
    copied = cookie_of(door.client)
    assert open_with(copied) == 200
    door.client.post("/accounts/reauthenticate/", {"password": "a-long-and-invented-one"})
    assert (open_with(copied), open_with(cookie_of(door.client))) == (302, 200)


@pytest.mark.django_db
def test_a_copied_cookie_ends_with_a_change_of_address(door: Door) -> None:
    person = make_runner_user(password="a-long-and-invented-one")
    EmailAddress.objects.create(user=person, email="second@runners.test", verified=True)
    door.client.force_login(person)
    door.client.post("/accounts/reauthenticate/", {"password": "a-long-and-invented-one"})
    copied = cookie_of(door.client)
    assert open_with(copied) == 200
    door.client.post("/accounts/email/", {"email": "second@runners.test", "action_remove": ""})
    assert (open_with(copied), open_with(cookie_of(door.client))) == (302, 200)
