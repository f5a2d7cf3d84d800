"""What a screen reader is given on twelve people's ways through the pages, against the scripts in `heard/`.

A changed page changes its script, and the change is seen in review: `WRITE_HEARD=1` in front of the test writes them.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser

from tests.journeys.conftest import Open
from tests.journeys.heard_ways import WAYS
from tests.journeys.listening import Heard, Way, changed
from tests.journeys.world import World, make_world

SCRIPTS = Path(__file__).parent / "heard"
THURSDAY = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # of week 3 in the world; 10:00 in Chicago
SENT_BY_THE_PHONE = {
    "intake",
    "strength",
}  # what is typed goes through the phone's queue, which needs its worker
A_LABEL_IS_LOST = """document.addEventListener("DOMContentLoaded", () => {
  [...document.querySelectorAll("button span")].find(one => one.textContent === "One slower").remove();
})"""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def world(clock: time_machine.Traveller) -> World:
    return make_world()


def heard(window: Open, world: World, clock: time_machine.Traveller, name: str, *, planted: str = "") -> str:
    """Go one of the ways; clocks stand but for where it waits. `planted` is a script that changes the pages."""
    clock.move_to(THURSDAY)
    who, go = WAYS[name]
    worker: Any = "allow" if name in SENT_BY_THE_PHONE else "block"
    context = window(client=world.clients[who], service_workers=worker)
    context.add_init_script(planted)
    page = context.new_page()
    page.clock.install(time=THURSDAY - timedelta(minutes=1))
    page.clock.pause_at(THURSDAY)
    way = Way(page, clock)
    go(way, world)
    context.close()
    assert way.invalid_too_early == []
    return plain("\n".join([(go.__doc__ or "").strip(), *way.script]) + "\n")


def plain(script: str) -> str:
    """Leave out what another run has otherwise: people's addresses are numbered through all tests, the port is free."""
    script = re.sub(r"person\d+@", "person@", script)
    return re.sub(r"localhost:\d+", "localhost", script)


@pytest.mark.django_db(transaction=True)
def test_each_way_is_heard_as_its_script_says(
    window: Open, world: World, clock: time_machine.Traveller
) -> None:
    found = {name: heard(window, world, clock, name) for name in WAYS}
    if os.environ.get("WRITE_HEARD"):
        SCRIPTS.mkdir(exist_ok=True)
        for name, text in found.items():
            (SCRIPTS / f"{name}.txt").write_text(text)
    scripts = {path.stem: path.read_text() for path in SCRIPTS.glob("*.txt")}
    assert scripts.keys() == found.keys()
    wrong = {name: said for name in WAYS if (said := difference(scripts[name], found[name]))}
    if wrong:
        pytest.fail("\n".join(line for name, said in wrong.items() for line in (name, *said)), pytrace=False)
    lost = heard(window, world, clock, "metronome", planted=A_LABEL_IS_LOST)
    assert {"-button “One slower”", "+button"} <= {*difference(scripts["metronome"], lost)}


def difference(script: str, found: str) -> list[str]:
    return list(unified_diff(script.splitlines(), found.splitlines(), lineterm="", n=1))


def test_a_label_that_is_lost_is_heard(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content('<label for="a">Distance</label><input id="a"><h1 aria-hidden="true">Log</h1>')
    assert Heard.on(page).lines() == ["Distance", "textbox “Distance”"]
    page.set_content('<label for="b">Distance</label><input id="a" aria-invalid="true"><h1>Log</h1>')
    assert Heard.on(page).lines() == ["Distance", "textbox invalid true", "heading “Log” 1"]
    page.close()


def test_what_changes_in_a_live_region_is_heard_as_live(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content('<h1>Beat</h1><p role="status">166</p><p>a minute</p>')
    before = Heard.on(page).lines()
    page.evaluate("document.querySelector('[role]').textContent = '167'")
    assert changed(before, Heard.on(page).lines()) == [
        "  status live polite",
        "- 166 (live polite)",
        "+ 167 (live polite)",
    ]
    page.close()
