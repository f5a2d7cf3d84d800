"""Every page passes axe: each template in the light at 390 pixels, with `make deep` every state, width and the dark."""

import pytest

from tests.factories.cohorts import make_open_cohort
from tests.journeys.conftest import Open
from tests.journeys.looking import findings
from tests.journeys.places import everything
from tests.journeys.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_STATE = [pytest.param(width, True, marks=pytest.mark.deep) for width in (320, 390, 1280)]


@pytest.mark.long
@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(("width", "deep"), [(390, False), *EVERY_STATE])
@pytest.mark.urls("tests.journeys.all_addresses")
def test_axe_finds_nothing_on_any_page_and_nothing_overflows(
    width: int, deep: bool, half: int, window: Open
) -> None:
    """Two halves of the places, so that each core looks at one; a person's places keep their order."""
    world, found = make_world(), {}
    for who, client in world.clients.items():
        page = window(client=client, width=width).new_page()
        theirs = [place for place in everything() if place.who == who and (deep or not place.deep)]
        for place in theirs[half::2]:
            found[str(place)] = findings(page, place, world, dark=deep)
        page.context.close()
    assert found
    assert {place: said for place, said in found.items() if said} == {}


def test_the_first_page_can_be_walked_by_keyboard_with_the_focus_seen(window: Open) -> None:
    make_open_cohort()
    page = window(width=1280).new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(f"{style}.outlineStyle !== 'none' && parseFloat({style}.outlineWidth) >= 2")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Claim a seat", "Guide", "Sign in", "Book a call", "Do I need a watch?"} <= seen


def test_twice_the_text_size_still_fits_a_phone(window: Open) -> None:
    make_open_cohort()
    page = window(width=390).new_page()
    page.goto("/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_motion_nothing_is_animated(window: Open) -> None:
    page = window().new_page()
    page.goto("/")
    assert page.evaluate("document.getAnimations().length") == 0


def test_in_forced_colors_the_buttons_keep_a_border(window: Open) -> None:
    make_open_cohort()
    page = window(forced_colors="active").new_page()
    page.goto("/")
    border = page.evaluate("getComputedStyle(document.querySelector('.button')).borderTopWidth")
    assert float(border.removesuffix("px")) >= 2
