"""Every page passes axe at 390 pixels, in the light and in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from challenge.accounts.models import User
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort
from tests.factories.people import make_runner_user, make_superuser
from tests.journeys.conftest import Open
from tests.journeys.places import PLACES, Place

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Axe()


WHO = sorted({place.who for place in PLACES})


def person(who: str) -> User | None:
    """A runner with a seat, somebody without one, a member of staff, or nobody."""
    cohort = make_open_cohort()
    if who == "runner":
        return enroll(cohort=make_cohort(is_public=False)).seat.user
    if who == "new":
        return make_runner_user()
    assert cohort.is_public
    return make_superuser() if who == "superuser" else None


def findings(page: Page, place: Place) -> list[str]:
    """What axe says of a page, and whether it is wider than the window."""
    page.goto(place.path)
    found = [
        f"{rule['id']} {[node['target'] for node in rule['nodes']][:5]}"
        for rule in AXE.run(page).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the window")
    return found


WIDTHS = [390, *(pytest.param(width, marks=pytest.mark.deep) for width in (320, 1280))]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_and_nothing_overflows(who: str, scheme: str, width: int, window: Open) -> None:
    page = window(user=person(who), scheme=scheme, width=width).new_page()
    found = {str(place): findings(page, place) for place in PLACES if place.who == who}
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
    assert {"Claim a bib", "Guide", "Sign in", "Book a call", "Do I need a watch?"} <= seen


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
