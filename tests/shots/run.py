"""`make shots`: every page and state at 390 and 1280 pixels, light and dark, into var/shots/.

make shots                   all of them
python -m tests.shots.run home guide --axe    those whose name begins so, with axe's findings printed

Pages that the demo's own people see come first, then what only certain people or certain moments see (scenes.py), then
every other place of the journeys, in their world, then the letters. A chapter of the scenes may change the world for
good, such as closing the enrollment, so the chapters run in their order. A scene takes the place of its name.
"""

import contextlib
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.program import eventually, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "var" / "shots"
WIDTHS = {390: 844, 1280: 900}
SCHEMES = ("light", "dark")
NOT_HERE = "not-found"  # with DEBUG on Django shows its own; error-404 is ours

PORT = free_port()
HERE = f"http://localhost:{PORT}"
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "thrive.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    "DEBUG": "1",
    "REQUIRE_STAFF_MFA": "0",
    "SECRET_KEY": "only-for-screenshots-" * 3,
    "DATA_KEY": "another-only-for-screenshots-" * 3,
    "SITE_URL": HERE,
}

import django  # noqa: E402 the environment above comes first

django.setup()

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from tests.browser import find_browser  # noqa: E402
from tests.factories.people import sign_in_now  # noqa: E402
from tests.journeys.conftest import cookies_of, session_of  # noqa: E402
from tests.journeys.looking import open_place  # noqa: E402
from tests.journeys.places import Place, everything  # noqa: E402
from tests.journeys.world import World, make_world  # noqa: E402
from tests.shots.letters import letters  # noqa: E402
from tests.shots.people import people_of  # noqa: E402
from tests.shots.prints import PRINTS, print_out  # noqa: E402
from tests.shots.scenes import CHAPTERS, IN_THE_WORLD, Scene  # noqa: E402


def main(arguments: list[str]) -> int:
    """Prepares the data, starts the server, looks at every place, stops the server."""
    wanted = tuple(name for name in arguments if not name.startswith("--"))
    call_command("migrate", verbosity=0)
    if not User.objects.filter(email="runner@demo.test").exists():
        call_command("demo", verbosity=0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", str(PORT)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(_answers, what="the server answers")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_browser(whole=True), args=["--no-sandbox"]
            )
            errors = Album(browser, wanted, axe="--axe" in arguments).fill()
            browser.close()
    finally:
        server.terminate()
        server.wait(10)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}, {errors} with findings")
    return 1 if errors else 0


def _answers() -> bool:
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"{HERE}/robots.txt", timeout=2).close()
        return True
    return False


class Album:
    """The wanted pictures, taken one after the other with one browser."""

    def __init__(self, browser: Browser, wanted: tuple[str, ...], *, axe: bool) -> None:
        self.browser, self.wanted, self.axe = browser, wanted, axe

    def fill(self) -> int:
        """Takes them all; how many had findings."""
        scenes = [*IN_THE_WORLD, *(scene for chapter in CHAPTERS for scene in chapter.scenes)]
        staged = {scene.name for scene in scenes}
        places = [place for place in everything() if place.name not in {*staged, NOT_HERE}]
        errors = self._places([place for place in places if _is_open(place)], people_of(), {})
        self._print()
        for chapter in CHAPTERS:
            if self._of(chapter.scenes):
                values = chapter.prepare()
                errors += self._places(chapter.scenes, people_of() | chapter.people(values), values)
        errors += self._in_the_world([*(place for place in places if not _is_open(place)), *IN_THE_WORLD])
        return errors + sum(self._letter(name, html) for name, html in letters() if self._is_wanted(name))

    def _is_wanted(self, name: str) -> bool:
        return not self.wanted or name.startswith(self.wanted)

    def _of(self, places: Any) -> list[Any]:
        return [place for place in places if self._is_wanted(place.name)]

    def _places(self, places: Any, people: dict[str, User | None], values: dict[str, Any]) -> int:
        """Take these pictures, each by its freshly signed-in person; return how many had findings."""
        world, errors = World({}, values), 0
        for place in self._of(places):
            user = people[place.who]
            errors += self._place(place, [_signed_in(user)] if user is not None else [], world)
        return errors

    def _in_the_world(self, places: Any) -> int:
        """These in the world of the journeys, each in its person's session; how many had findings."""
        if not self._of(places):
            return 0
        world = make_world()
        return sum(
            self._place(place, cookies_of(world.clients[place.who], HERE), world)
            for place in self._of(places)
        )

    def _place(self, place: Place | Scene, cookies: list[Any], world: World) -> int:
        context = self.browser.new_context(base_url=HERE, reduced_motion="reduce")
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(30_000)
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        try:
            answer = open_place(page, place, world)
            if answer.status != place.status:
                said.append(f"answered {answer.status}")
            if urlsplit(page.url).path != urlsplit(place.path.format(**world.values)).path:
                said.append(f"led to {urlsplit(page.url).path}")
            if isinstance(place, Scene) and place.act is not None:
                place.act(page)
            found = self._look(page, place.name)
        except Exception as trouble:  # noqa: BLE001 - one picture that fails must not cost the others
            found = [str(trouble)[:300]]
        context.close()
        return _told(place, [line for line in said if "status of" not in line] + found)

    def _print(self) -> None:
        wanted = [one for one in PRINTS if self._is_wanted(one[0])]
        values = CHAPTERS[0].prepare() if wanted else {}
        for name, path, who in wanted:
            user = people_of()[who]
            cookies = [_signed_in(user)] if user is not None else []
            path = path.format(**values)
            print_out(self.browser, here=HERE, name=name, path=path, cookies=cookies, folder=FOLDER)

    def _letter(self, name: str, html: str) -> int:
        page = self.browser.new_page()
        page.set_content(html)
        found = self._look(page, name)
        page.close()
        return _told(name, found)

    def _look(self, page: Page, name: str) -> list[str]:
        found = []
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
                if self.axe:
                    found += [f"{width} {scheme} {line}" for line in _axe(page)]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"wider than {width}")
        return found


def _is_open(place: Place) -> bool:
    """Whether the demo's people see it too: it names no row, sends nothing, and needs no session of its own."""
    theirs = {"visitor", "new", "runner", "superuser"}
    own_session = place.path.startswith("/accounts/")
    return place.who in theirs and "{" not in place.path and place.sends is None and not own_session


def _signed_in(user: User) -> Any:
    """Return the cookie of a user who has just signed in, so that pages which require that are shown."""
    if user.is_staff:
        return session_of(user, HERE)
    client = Client()
    sign_in_now(client, user)
    cookie = next(morsel for name, morsel in client.cookies.items() if "session" in name)
    return {"name": cookie.key, "value": cookie.value, "url": HERE}


def _axe(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{rule['id']} {[node['target'] for node in rule['nodes']][:4]}" for rule in violations]


def _told(place: object, found: list[str]) -> int:
    if found:
        print(f"{place}: {found}", flush=True)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
