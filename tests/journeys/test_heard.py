"""What a screen reader is given on fifteen pages, in its order, against the scripts in `heard/`.

A changed page changes its script, and the change is seen in review: `WRITE_HEARD=1` in front of the test writes it.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.journeys.looking import open_place
from tests.journeys.places import PLACES, Place
from tests.journeys.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPTS = Path(__file__).parent / "heard"
THURSDAY = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # of week 3 in the world; 10:00 in Chicago
NAMES = {
    "home", "intake-you", "intake-body", "today", "log-run", "log-run-wrong", "log-strength",
    "log-strength-by-hand", "log-morning", "plan-week", "progress", "metronome", "call-details", "board", "review",
}  # fmt: skip
HEARD = [place for place in PLACES if place.name in NAMES]
# Boxes without a meaning of their own: their text is what is heard.
BOXES = {
    "none",
    "generic",
    "InlineTextBox",
    "LineBreak",
    "ListMarker",
    "RootWebArea",
    "LabelText",
    "listitem",
}
SILENT = BOXES | {"LayoutTable", "paragraph", "strong", "emphasis", "code", "Legend", "Figcaption"}
CLOSED = "MenuListPopup"  # a list that folds out is heard as its choice
STATES = ("checked", "expanded", "pressed", "invalid", "disabled", "live")
UNSAID = {"false", "", None, False}


@dataclass
class Heard:
    """The accessibility tree of a page as the browser computes it, line by line."""

    nodes: dict[str, dict[str, Any]]

    @classmethod
    def on(cls, page: Page) -> "Heard":
        tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
        return cls({node["nodeId"]: node for node in tree["nodes"]})

    def lines(self) -> list[str]:
        root = next(node for node in self.nodes.values() if "parentId" not in node)
        return list(self._below(root, said=""))

    def _below(self, node: dict[str, Any], said: str) -> Iterator[str]:
        role, name = node.get("role", {}).get("value"), _text(node.get("name"))
        if role == CLOSED:
            return
        is_text = role == "StaticText"
        spoken = not node["ignored"] and role not in SILENT and not (is_text and (not name or name in said))
        if spoken:
            yield name if is_text else " ".join(filter(None, (role, name and f"“{name}”", _states(node))))
        inner = f"{said} {name} {_text(node.get('value'))}" if spoken else said
        for child in filter(None, map(self.nodes.get, node.get("childIds", []))):
            yield from self._below(child, inner)


def _text(value: dict[str, Any] | None) -> str:
    return " ".join(str((value or {}).get("value", "")).split())


def _states(node: dict[str, Any]) -> str:
    found = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    said = [str(found["level"])] if node["role"]["value"] == "heading" else []
    said += [f"{name} {found[name]}" for name in STATES if found.get(name) not in UNSAID]
    described, value = _text(node.get("description")), _text(node.get("value"))
    said += [f"value {value}"] if value else []
    return ", ".join([*said, *([f"described: {described}"] if described else [])])


def served_by(client: Client, route: Route) -> None:
    """Answer the browser from the test's own process, where the clock stands."""
    try:
        answer_to(client, route)
    finally:
        # A handler runs in a context of its own, and so has connections of its own.
        connections.close_all()


def answer_to(client: Client, route: Route) -> None:
    request, path = route.request, urlsplit(route.request.url).path
    if path.startswith("/static/"):
        route.fulfill(path=finders.find(path.removeprefix("/static/")))
        return
    where = request.url.removeprefix("http://localhost")
    if request.method == "POST":
        answer = client.post(
            where, request.post_data_buffer, content_type="application/x-www-form-urlencoded"
        )
    else:
        answer = client.get(where)
    headers = {"content-type": answer.headers["Content-Type"]}
    if "Location" in answer.headers:
        headers["location"] = answer.headers["Location"]
    route.fulfill(status=answer.status_code, headers=headers, body=answer.content)


@pytest.fixture
def world() -> Iterator[World]:
    with time_machine.travel(THURSDAY, tick=False):
        yield make_world()


def heard(browser: Browser, place: Place, world: World) -> str:
    context = browser.new_context(
        base_url="http://localhost", viewport={"width": 390, "height": 844}, service_workers="block"
    )
    context.route("**/*", lambda route: served_by(world.clients[place.who], route))
    page = context.new_page()
    page.clock.set_fixed_time(THURSDAY)
    open_place(page, place, world)
    script = "\n".join([page.title(), *Heard.on(page).lines()])
    context.close()
    # Addresses of people are numbered through the whole run of tests, and a countdown runs by the browser's own clock.
    script = re.sub(r"person\d+@", "person@", script)
    return re.sub(r"^\d\d:\d\d$", "(time left)", script, flags=re.MULTILINE) + "\n"


def test_each_page_is_heard_as_its_script_says(browser: Browser, world: World) -> None:
    found = {place.name: heard(browser, place, world) for place in HEARD}
    if os.environ.get("WRITE_HEARD"):
        SCRIPTS.mkdir(exist_ok=True)
        for name, text in found.items():
            (SCRIPTS / f"{name}.txt").write_text(text)
    scripts = {path.stem: path.read_text() for path in SCRIPTS.glob("*.txt")}
    assert len(scripts) >= 12
    assert found == scripts


def test_nothing_is_called_invalid_before_it_is_answered() -> None:
    scripts = {path.stem: path.read_text() for path in SCRIPTS.glob("*.txt")}
    came_back = {name for name, text in scripts.items() if text.startswith("Error:")}
    assert (
        {name for name, text in scripts.items() if "invalid true" in text} == came_back == {"log-run-wrong"}
    )


def test_a_label_that_is_lost_is_heard(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content('<label for="a">Distance</label><input id="a"><h1 aria-hidden="true">Log</h1>')
    assert Heard.on(page).lines() == ["Distance", "textbox “Distance”"]
    page.set_content('<label for="b">Distance</label><input id="a" aria-invalid="true"><h1>Log</h1>')
    assert Heard.on(page).lines() == ["Distance", "textbox invalid true", "heading “Log” 1"]
    page.close()
