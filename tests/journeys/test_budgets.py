"""The budgets of a first visit: bytes as they travel, requests, hosts, scripts, and nothing that jumps."""

import gzip
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.factories.cohorts import make_open_cohort
from tests.journeys.conftest import Open
from tests.journeys.places import PUBLIC, SIGNING_IN, Place

pytestmark = pytest.mark.django_db(transaction=True)

ALL_BYTES, SCRIPT_BYTES, REQUESTS = 100_000, 25_000, 12
PACKED_ALREADY = {"font", "image"}
SHIFT = """new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300);
})"""


@dataclass
class Visit:
    """What one visit without a cache fetched."""

    responses: list[Response] = field(default_factory=list)

    def packed(self, kind: str = "") -> int:
        """Bytes as a server that compresses sends them."""
        sizes = [_packed(answer) for answer in self.responses if kind in {"", answer.request.resource_type}]
        return sum(sizes)


def _packed(answer: Response) -> int:
    body = answer.body()
    if answer.request.resource_type in PACKED_ALREADY and not answer.url.endswith(".svg"):
        return len(body)
    return len(gzip.compress(body, 6))


def visit(page: Page, place: Place) -> Visit:
    seen = Visit()
    page.on("response", lambda answer: seen.responses.append(answer))
    page.goto(place.path, wait_until="networkidle")
    return seen


OPEN_TO_ALL = [place for place in (*PUBLIC, *SIGNING_IN) if place.who == "visitor"]


def test_a_first_visit_stays_within_its_budget_and_on_its_own_host(window: Open) -> None:
    make_open_cohort()
    over = {}
    for place in OPEN_TO_ALL:
        page = window().new_page()
        seen = visit(page, place)
        hosts = {urlsplit(answer.url).netloc for answer in seen.responses}
        figures = (seen.packed(), seen.packed("script"), len(seen.responses), len(hosts))
        if any(
            figure > limit
            for figure, limit in zip(figures, (ALL_BYTES, SCRIPT_BYTES, REQUESTS, 1), strict=True)
        ):
            over[place.name] = figures
    assert over == {}


def test_the_first_page_and_the_guide_need_no_script_at_all(window: Open) -> None:
    make_open_cohort()
    for place in PUBLIC:
        assert visit(window().new_page(), place).packed("script") == 0, place


def test_nothing_jumps_while_the_first_page_loads(window: Open) -> None:
    make_open_cohort()
    for width in (390, 1280):
        page = window(width=width).new_page()
        page.goto("/")
        assert page.evaluate(SHIFT) < 0.02


def test_no_page_breaks_the_content_policy(window: Open) -> None:
    make_open_cohort()
    said: list[str] = []
    for place in OPEN_TO_ALL:
        page = window().new_page()
        page.on(
            "console",
            lambda message: said.append(message.text) if "Security Policy" in message.text else None,
        )
        page.goto(place.path, wait_until="networkidle")
    assert said == []
