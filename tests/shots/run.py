"""`make shots`: every page and state at 390 and 1280 pixels, light and dark, into var/shots/.

make shots                   all of them
python tests/shots/run.py home guide --axe    those whose name begins so, with axe's findings printed
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = ROOT / "var" / "shots"
WIDTHS = {390: 844, 1280: 900}
SCHEMES = ("light", "dark")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PORT = free_port()
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "thrive.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    "DEBUG": "1",
    "REQUIRE_STAFF_MFA": "0",
    "SECRET_KEY": "only-for-screenshots-" * 3,
    "SITE_URL": f"http://localhost:{PORT}",
}

import django  # noqa: E402 the environment above comes first

django.setup()

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from django.core.management import call_command, get_commands  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from tests.browser import find_browser  # noqa: E402
from tests.journeys.conftest import session_of  # noqa: E402
from tests.journeys.places import EVERYTHING, Place  # noqa: E402
from tests.shots.people import people_of  # noqa: E402


def main(arguments: list[str]) -> int:
    """Prepares the data, starts the server, looks at every place, stops the server."""
    wanted = tuple(name for name in arguments if not name.startswith("--"))
    places = [place for place in EVERYTHING if not wanted or place.name.startswith(wanted)]
    call_command("migrate", verbosity=0)
    if "demo" in get_commands() and any(place.who != "visitor" for place in places):
        call_command("demo", verbosity=0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", str(PORT)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait()
        return _look(places, people_of(), axe="--axe" in arguments)
    finally:
        server.terminate()
        server.wait(10)


def _wait() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://localhost:{PORT}/robots.txt", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


def _look(places: list[Place], people: dict[str, User | None], *, axe: bool) -> int:
    errors = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for place in places:
            if place.who not in people:
                print(f"{place}: nobody is {place.who}")
                continue
            for width in WIDTHS:
                for scheme in SCHEMES:
                    errors += _shoot(browser, place, people[place.who], width, scheme, axe=axe)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}, {errors} with findings")
    return 1 if errors else 0


def _shoot(browser: Browser, place: Place, user: User | None, width: int, scheme: Any, *, axe: bool) -> int:
    context = browser.new_context(
        base_url=f"http://localhost:{PORT}",
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    if user is not None:
        context.add_cookies([session_of(user, f"http://localhost:{PORT}")])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    answer = page.goto(place.path, wait_until="networkidle")
    page.screenshot(path=FOLDER / f"{place.name}-{width}-{scheme}.png", full_page=True)
    found = [line for line in said if "status of" not in line]
    if answer is not None and answer.status != place.status:
        found.append(f"status {answer.status}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the window")
    if axe:
        found += [
            f"{rule['id']} {[node['target'] for node in rule['nodes']][:4]}"
            for rule in Axe().run(page).response["violations"]
        ]
    context.close()
    if found:
        print(f"{place} {width} {scheme}: {found}", flush=True)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
