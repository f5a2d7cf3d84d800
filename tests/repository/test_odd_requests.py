"""Every page of our own, asked with what no page offers: an answer or a refusal, never an error of the program.

The lists of the admin have `tests/accounts/test_declared_filters.py`.
"""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.utils.http import urlencode

from challenge.accounts.query_parameters import takes
from challenge.mail.models import MessageState, OutboxMessage
from tests.factories.lives import fill_life
from tests.repository import access_matrix as matrix
from tests.repository.test_access import addresses, kept_world, signed_in, world

__all__ = ["kept_world", "world"]

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
GETS = sorted(name for name, row in matrix.ROWS.items() if row.method == "get" and row.may)
ASKED = (matrix.CLINICIAN, matrix.RUNNER, matrix.OWNER, matrix.DESK, matrix.VISITOR)
READ = re.compile(r'GET(?:\.get(?:list)?\(|\[)"(\w+)"')
ODD = {
    "NUL": "\0",
    "superscript digits": "\u00b2",
    "a broken regex": "(?P<x[",
    "a number without end": "9" * 30,
    "a negative number": "-1",
    "a day of no calendar": "2026-02-30",
    "half a surrogate": "%ed%a0%80",
    "a long word": "a+" * 3000,
}
MANY = "a thousand parameters"
# Each walks over every page; the rest with `make deep`.
OFTEN = ("NUL", "superscript digits")
SELDOM = (*(odd for odd in ODD if odd not in OFTEN), MANY)
ANSWERS = {200, 302, 400, 404}


@cache
def names_read() -> frozenset[str]:
    """The parameters that any view reads from an address."""
    files = (ROOT / "challenge").rglob("*.py")
    return frozenset(name for file in files for name in READ.findall(file.read_text()))


def declared_by(view: Any) -> dict[str, Any] | None:
    """The parameters that a view declares with `takes`, through its other decorators; None if it declares none."""
    while view is not None:
        inside = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if isinstance(inside.get("declared"), dict):
            return dict(inside["declared"])
        view = getattr(view, "__wrapped__", None)
    return None


PATTERNS = dict(addresses(get_resolver()))


def queries(name: str, odd: str) -> Iterator[str]:
    """One query for each declared parameter; all that any view reads at once where a page declares nothing."""
    if odd == MANY:
        yield urlencode({f"x{number}": 1 for number in range(1000)})
        yield urlencode([("q", 1)] * 1000)
        return
    declared = declared_by(PATTERNS[name].callback)
    value = ODD[odd]
    sent = value if value.startswith("%") else urlencode({"": value})[1:]
    if declared is None:
        yield "&".join(f"{one}={sent}" for one in sorted(names_read()))
    else:
        yield from (f"{one}={sent}" for one in declared)


@pytest.mark.parametrize("odd", [*OFTEN, *(pytest.param(odd, marks=pytest.mark.deep) for odd in SELDOM)])
def test_no_page_breaks(odd: str, world: SimpleNamespace) -> None:
    fill_life(world.enrollment, world.people[matrix.CLINICIAN], marker="odd")
    OutboxMessage.objects.update(
        state=MessageState.WITHDRAWN
    )  # what waits since then is a trouble of /health/ready/
    clients = {role: signed_in(world.people[role]) for role in ASKED}
    wrong, asked = [], 0
    for name in GETS:
        role = next((one for one in ASKED if one in matrix.ROWS[name].may), None)
        arguments = matrix.ROWS[name].arguments(world)
        if role is None or None in arguments.values():
            continue
        for query in queries(name, odd):
            answer = clients[role].get(f"{reverse(name, kwargs=arguments)}?{query}")
            asked += 1
            if answer.status_code not in ANSWERS:
                wrong.append((name, query[:60], answer.status_code))
    assert wrong == []
    assert asked > 90


@pytest.mark.parametrize("odd", ["%00", "%C2%B2", "%ff", "(", "a" * 3000])
def test_no_address_with_a_word_in_it_breaks(odd: str, world: SimpleNamespace) -> None:
    client = signed_in(world.people[matrix.CLINICIAN])
    wrong, asked = [], 0
    for name in GETS:
        if "token" in PATTERNS[name].pattern.converters:
            there = reverse(name, kwargs=matrix.ROWS[name].arguments(world) | {"token": "odd-word"})
            answer = client.get(there.replace("odd-word", odd))
            asked += 1
            if answer.status_code not in {*ANSWERS, 410}:
                wrong.append((name, answer.status_code))
    assert wrong == []
    assert asked > 5


def test_what_is_looked_for_is_seen() -> None:
    @takes(page=int)
    def page(request: Any) -> Any:
        raise AssertionError

    assert declared_by(page) == {"page": int}
    assert page(RequestFactory().get("/", {"q": "1"})).status_code == 400
    assert len(names_read()) >= 10
    assert sum(declared_by(PATTERNS[name].callback) is not None for name in GETS) > 8
