"""The budgets of a first visit: bytes as they travel, requests, hosts, scripts, and nothing that jumps."""

import gzip
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.journeys.conftest import Open
from tests.journeys.looking import open_place
from tests.journeys.places import PLACES, Place
from tests.journeys.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

ALL_BYTES, SCRIPT_BYTES, REQUESTS = 100_000, 25_000, 14
PACKED_ALREADY = {"font", "image"}
# Entries are kept by the browser from the beginning of the page; they are handed over in a task of their own.
NONE = 0.001  # rounding of the browser; anything that is seen to move is above it
SHIFT = """new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 50);
})"""
TOGETHER = 6  # pages that wait side by side until their network is quiet, which takes half a second
# A first visit of each of these people: what anyone may read, and where a runner and a clinician begin.
FIRST_VISITS = [place for place in PLACES if place.who == "visitor" and place.sends is None] + [
    place
    for place in PLACES
    if place.name
    in {"today", "log", "log-run", "log-strength", "plan", "progress", "metronome", "board", "review"}
]


@dataclass
class Visit:
    """What one visit without a cache fetched, and the browser's messages."""

    place: Place
    responses: list[tuple[str, str, int]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    shift: float = 0

    def hear(self, kind: str, text: str) -> None:
        self.complaints += [text] if kind == "error" else []

    def packed(self, kind: str = "") -> int:
        """Bytes as a server that compresses sends them."""
        return sum(size for _, what, size in self.responses if kind in {"", what})

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url, _, _ in self.responses}


def _packed(answer: Response) -> int:
    body = answer.body()
    if answer.request.resource_type in PACKED_ALREADY and not answer.url.endswith(".svg"):
        return len(body)
    return len(gzip.compress(body, 6))


@dataclass
class Arrival:
    """A place that is opened and loaded; what its scripts still ask for may be on its way."""

    page: Page
    visit: Visit
    answers: list[Response] = field(default_factory=list)

    @classmethod
    def at(cls, place: Place, page: Page, world: World) -> "Arrival":
        arrival = cls(page, Visit(place))
        page.on("response", lambda answer: arrival.answers.append(answer))
        page.on("console", lambda said: arrival.visit.hear(said.type, said.text))
        open_place(page, place, world)
        return arrival

    def over(self) -> Visit:
        """The visit once the network is quiet."""
        self.page.wait_for_load_state("networkidle")
        self.visit.shift = self.page.evaluate(SHIFT)
        self.visit.responses = [(a.url, a.request.resource_type, _packed(a)) for a in self.answers]
        self.page.context.close()
        return self.visit


LOOKED_AT = {"each template": [place for place in FIRST_VISITS if not place.deep], "each page": FIRST_VISITS}
_VISITS: dict[str, list[Visit]] = {}


@pytest.fixture(params=["each template", pytest.param("each page", marks=pytest.mark.deep)])
def visits(request: pytest.FixtureRequest, window: Open) -> list[Visit]:
    """Each page once, without a cache; whichever test comes first makes them for all."""
    looked_at = LOOKED_AT[request.param]
    if request.param not in _VISITS:
        world, found = make_world(), list[Visit]()
        for first in range(0, len(looked_at), TOGETHER):
            arrivals = [
                Arrival.at(place, window(client=world.clients[place.who]).new_page(), world)
                for place in looked_at[first : first + TOGETHER]
            ]
            found.extend(arrival.over() for arrival in arrivals)
        _VISITS[request.param] = found
    return _VISITS[request.param]


def test_a_first_visit_stays_within_its_bytes_and_requests(visits: list[Visit]) -> None:
    figures = {str(v.place): (v.packed(), v.packed("script"), len(v.responses)) for v in visits}
    limits = (ALL_BYTES, SCRIPT_BYTES, REQUESTS)
    over = {name: found for name, found in figures.items() if any(map(int.__gt__, found, limits))}
    assert over == {}


def test_no_page_asks_another_host(visits: list[Visit]) -> None:
    assert {str(v.place): v.hosts for v in visits if len(v.hosts) != 1} == {}


def test_the_first_page_and_the_guide_need_no_script_at_all(visits: list[Visit]) -> None:
    open_to_read = [v for v in visits if v.place.path == "/" or v.place.path.startswith("/guide/")]
    assert len(open_to_read) > 6
    assert {v.place.name: v.packed("script") for v in open_to_read if v.packed("script")} == {}


def test_nothing_jumps_while_a_page_loads(visits: list[Visit]) -> None:
    assert {str(v.place): v.shift for v in visits if v.shift > NONE} == {}


def test_no_page_breaks_the_content_policy_or_misses_a_file(visits: list[Visit]) -> None:
    """The event on the first page is data in a script element, which the policy allows."""
    said = {str(v.place): [c for c in v.complaints if str(v.place.status) not in c] for v in visits}
    assert {place: complaints for place, complaints in said.items() if complaints} == {}


def test_pictures_of_the_log_load_only_where_they_are_shown(visits: list[Visit]) -> None:
    """Charts are drawn by the server; their style sheet is the one thing that comes along."""
    with_charts = {v.place.name for v in visits if any("progress.css" in url for url, _, _ in v.responses)}
    assert "progress" in with_charts
    assert with_charts <= {"progress", "review", "board"}
