"""Every page for who sees or moves otherwise: by keyboard, with twice the text, without motion, in forced colors."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.looking import WIDER, open_place, violations
from tests.journeys.places import Place, everything
from tests.journeys.world import make_world

pytestmark = [
    pytest.mark.deep,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.journeys.all_addresses"),
]

QUESTIONS = (Path(__file__).parent / "every_page.js").read_text().strip()
MOST_TABS = 250
TARGET_SIZE = {"runOnly": {"type": "rule", "values": ["target-size"]}}
# A page may begin with the focus in a field; the walk begins above all of it.
TO_THE_TOP = """() => {
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
}"""


def ask(page: Page, question: str) -> Any:
    """One of the questions of every_page.js."""
    return page.evaluate(f"{QUESTIONS}.{question}()")


def walk(window: Open, look: Callable[[Page, Place], list[str]], **options: Any) -> dict[str, list[str]]:
    """Return what `look` finds at each place, without the places where it finds nothing."""
    world, found = make_world(), {}
    for who, client in world.clients.items():
        page = window(client=client, **options).new_page()
        for place in everything():
            if place.who == who:
                open_place(page, place, world)
                found[str(place)] = look(page, place)
        page.context.close()
    return {place: said for place, said in found.items() if said}


def tabs(page: Page) -> Iterator[dict[str, Any]]:
    """What has the focus after each press of Tab, until it leaves the page."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = ask(page, "focused")
        if focused is None:
            return
        yield focused


def by_keyboard(page: Page, place: Place) -> list[str]:
    count = ask(page, "stops")
    page.evaluate(TO_THE_TOP)
    found = list(tabs(page))
    said = [f"no focus to be seen on {one['name']}" for one in found if not one["seen"]]
    said += [f"focus outside the window on {one['name']}" for one in found if not one["inside"]]
    reached = page.evaluate("document.querySelectorAll('[data-reached]').length")
    return said + ([f"{reached} of {count} reached"] if reached < count else [])


def test_every_page_is_walked_by_keyboard_with_the_focus_seen(window: Open) -> None:
    assert walk(window, by_keyboard, width=1280) == {}


def with_nothing_over_it(page: Page, place: Place) -> list[str]:
    """WCAG 2.4.11 and 2.5.8: no bar covers what has the focus, and a target is 24 by 24 or has room around it."""
    page.evaluate(TO_THE_TOP)
    said = [f"a bar covers {one['name']}" for one in tabs(page) if one["covered"]]
    return said + violations(page, TARGET_SIZE)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 256)])
def test_no_bar_covers_the_focus_and_every_target_is_large_enough(
    width: int, height: int, window: Open
) -> None:
    assert walk(window, with_nothing_over_it, width=width, height=height) == {}


def unsaid(page: Page, place: Place) -> list[str]:
    said: list[str] = ask(page, "unsaid") if place.sends is not None else []
    return said


def test_a_form_that_came_back_says_so_in_its_title_its_summary_and_its_fields(window: Open) -> None:
    assert walk(window, unsaid) == {}


def with_twice_the_text(page: Page, place: Place) -> list[str]:
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    said = ["wider than the window"] if page.evaluate(WIDER) else []
    return said + [f"cut off: {words}" for words in ask(page, "cut")]


@pytest.mark.parametrize("width", [390, 1280])
def test_twice_the_text_loses_nothing_and_scrolls_one_way(width: int, window: Open) -> None:
    assert walk(window, with_twice_the_text, width=width) == {}


def in_motion(page: Page, place: Place) -> list[str]:
    moving = page.evaluate("document.getAnimations().map(one => one.animationName || one.transitionProperty)")
    return [f"moves: {name}" for name in moving]


def test_nothing_moves_for_who_asked_for_less_motion(window: Open) -> None:
    assert walk(window, in_motion) == {}


def bare(page: Page, place: Place) -> list[str]:
    said: list[str] = ask(page, "bare")
    return said


def test_in_forced_colors_what_can_be_pressed_or_filled_keeps_its_edge(window: Open) -> None:
    assert walk(window, bare, forced_colors="active") == {}
