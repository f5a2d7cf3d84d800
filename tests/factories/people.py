"""Invented people."""

import itertools
import time
from typing import Any

from allauth.account.internal.flows import login as login_flow
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from tests.factories import session_cookies  # noqa: F401 clients sign in with the cookie

_numbers = itertools.count(1)


def make_user(*, role: str | None = None, **fields: Any) -> User:
    """A verified user; with a role, a staff member in that role's group."""
    number = next(_numbers)
    defaults = {
        "email": f"person{number}@runners.test",
        "name": f"Person {number}",
        "time_zone": "America/Chicago",
    }
    user = User.objects.create_user(**(defaults | fields))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return user


def make_runner_user(**fields: Any) -> User:
    return make_user(**fields)


def make_clinician(**fields: Any) -> User:
    return make_user(role=CLINICIAN, **fields)


def make_front_desk(**fields: Any) -> User:
    return make_user(role=FRONT_DESK, **fields)


def make_owner(**fields: Any) -> User:
    return make_user(role=OWNER, **fields)


def make_superuser(**fields: Any) -> User:
    return make_user(is_staff=True, is_superuser=True, **fields)


def sign_in_now(client: Client, user: User) -> None:
    """As if this person had signed in with a code a moment ago."""
    client.force_login(user)
    _record(client, user, {"method": "code"})


def use_second_factor(client: Client, user: User) -> None:
    """As if this signed-in staff member had just used their authenticator app."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}}
    )
    _record(client, user, {"method": "mfa", "type": "totp"})


def _record(client: Client, user: User, how: dict[str, Any]) -> None:
    session = client.session
    session[login_flow.AUTHENTICATION_METHODS_SESSION_KEY] = [how | {"at": time.time()}]
    session[login_flow._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
