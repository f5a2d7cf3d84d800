"""Every form of every page: sent from a page that is too old, and with text of 10,000 characters without a space."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from challenge.accounts.refill import NEVER_FILLED, Page, PageForm
from tests.journeys.places import everything
from tests.journeys.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.journeys.all_addresses")]

LONG = "x" * 10_000
STALE = "To keep your account safe, a form expires after a while"
# Signing out ends the walk, and an email program takes someone off a list by one click, without a token.
NOT_WALKED = ("/logout/", "/accounts/sessions/", "/email/unsubscribe/")


@dataclass
class Found:
    """A form that is sent by POST, with the page that shows it; `values` are sent with its text fields filled."""

    place: str
    client: Client
    address: str
    values: dict[str, list[str]]
    texts: set[str]

    def send(self, *, checks: bool = False) -> HttpResponse:
        """Send it and take back what it did; with `checks` as a browser whose token is too old."""
        self.client.handler.enforce_csrf_checks = checks
        try:
            with transaction.atomic():
                answer: Any = self.client.post(self.address, self.values)
                transaction.set_rollback(True)
        finally:
            self.client.handler.enforce_csrf_checks = False
        return answer  # type: ignore[no-any-return]


def forms() -> Iterator[Found]:
    """Yield each form of each page once, whoever sees it."""
    world, seen = make_world(), set()
    for place in everything():
        if place.sends is not None or place.deep or place.status != 200:
            continue
        path, client = place.path.format(**world.values), world.clients[place.who]
        page = client.get(path)
        if not page.headers["Content-Type"].startswith("text/html"):
            continue
        for form in Page(page.text).forms:
            address = urlsplit(urljoin(path, form.action)).path
            values, texts = filled(form)
            once = (place.who, address, frozenset(values))
            if form.method == "post" and once not in seen and not any(part in address for part in NOT_WALKED):
                seen.add(once)
                yield Found(f"{place}: {address}", client, address, values, texts)


def filled(form: PageForm) -> tuple[dict[str, list[str]], set[str]]:
    """Return what a browser sends when every text field has the long text, and the names of those fields."""
    values: dict[str, list[str]] = {}
    texts: set[str] = set()
    for control in form.controls:
        name, kind = control.name, control.kind
        if not name or name == "csrfmiddlewaretoken" or kind in ("select", "file"):
            continue
        if kind in ("checkbox", "radio", "option"):
            if not control.attributes.keys() & {"checked", "selected"}:
                continue
            values.setdefault(name, []).append(control.attributes.get("value") or "on")
        elif kind in NEVER_FILLED - {"password"}:
            if kind == "hidden" or name not in values:
                values.setdefault(name, []).append(control.value)
        else:
            values.setdefault(name, []).append(LONG)
            if kind != "password":  # it never comes back, by design
                texts.add(name)
    return values, texts


@pytest.mark.long
def test_every_form_says_when_its_page_is_too_old_and_keeps_a_long_text_without_a_space() -> None:
    wrong: list[str] = []
    forms_seen = 0
    for form in forms():
        forms_seen += 1
        answer = form.send(checks=True)
        if answer.status_code != 403 or STALE not in answer.text:
            wrong.append(f"{form.place} without a token: status {answer.status_code}")
        if form.texts and (trouble := trouble_with(form.send())):
            wrong.append(f"{form.place} with a long text: {trouble}")
    assert forms_seen > 100
    assert not wrong, "\n".join(wrong)


def trouble_with(answer: HttpResponse) -> str:
    """Return what is wrong with the answer to a form full of long texts; empty where it is stored or comes back."""
    if answer.status_code >= 500:
        return f"status {answer.status_code}"
    return "" if answer.status_code == 302 or LONG in answer.text else f"lost, status {answer.status_code}"
