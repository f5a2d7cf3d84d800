"""Opening a place in the browser, and what there is to say of it."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.journeys.places import Place
from tests.journeys.world import World

AXE = Axe()
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}
SEND = """fields => {
  const forms = [...document.querySelectorAll("#main form, #content form")];
  const posts = forms.filter(form => form.method === "post" && Object.keys(fields).every(name => form.elements[name]));
  const form = posts.find(form => form.action === location.href) || posts[0];
  form.noValidate = true;
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList) [...field].forEach(one => { one.checked = one.value === value; });
    else field.value = value;
  }
  (form.querySelector("button:not([name]):not([type=button])") || form.querySelector("[type=submit]")).click();
}"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

NOT_BY_KEYBOARD = """[...document.querySelectorAll("#main *, #content *")].filter(one =>
  one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
  && !(one.tabIndex >= 0 && (one.ariaLabel || one.labels?.length))
).map(one => `scrolls sideways, out of the keyboard's reach: ${one.tagName} ${one.className}`)"""


def open_place(page: Page, place: Place, world: World) -> Response:
    """Goes there, sends what is to be sent, and gives the answer that is on the screen."""
    answer = page.goto(place.path.format(**world.values))
    if place.sends is not None:
        with page.expect_navigation() as shown:
            page.evaluate(SEND, place.sends)
        answer = shown.value
    assert answer is not None
    return answer


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return what axe finds on the page now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)  # half a megabyte: once a page, not once a run
    found = page.evaluate(
        "options => axe.run(options).then(all => all.violations)", ONLY_VIOLATIONS | (options or {})
    )
    return [f"{rule['id']} {[node['target'] for node in rule['nodes']][:4]}" for rule in found]


def findings(page: Page, place: Place, world: World, *, dark: bool) -> list[str]:
    """Status, overflow and axe in the light, then, if asked for, axe's rules of color in the dark on the same page."""
    page.emulate_media(color_scheme="light")
    answer = open_place(page, place, world)
    found = [] if answer.status == place.status else [f"status {answer.status}"]
    found += ["wider than the window"] if page.evaluate(WIDER) else []
    found += page.evaluate(NOT_BY_KEYBOARD)
    found += violations(page)
    if not dark:
        return found
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {said}" for said in violations(page, COLORS)]
