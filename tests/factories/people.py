"""Invented people."""

import itertools
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER

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
