"""Lighthouse over every page there is, on a phone; needs npm (`lighthouse`) and a Chromium.

The real gunicorn serves it, with the static files as they are in production. A page below the line is measured twice
more, and the middle of the three counts: other load can only cost a page points.

    python tests/deep/lighthouse.py               every page
    python tests/deep/lighthouse.py home 'log*'   those of these names
    python tests/deep/lighthouse.py --busy        without performance, where the machine has other work
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 18 to 22
LEAST = 98
SPEED, SEARCH = "performance", "seo"
CATEGORIES = (SPEED, "accessibility", "best-practices", SEARCH)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
)
WORLD = """
import json
from tests.journeys.world import make_world
world = make_world()
cookies = {who: "; ".join(f"{c.key}={c.value}" for c in client.cookies.values() if c.value)
           for who, client in world.clients.items()}
print(json.dumps({"cookies": cookies, "values": world.values}))
"""

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser import find_browser  # noqa: E402 - the path above comes first
from tests.journeys.places import PLACES, PUBLIC, Place  # noqa: E402
from tests.program import free_port, running_program  # noqa: E402


def main(arguments: list[str]) -> int:
    """Prints each page's scores; 1 where one is below the line."""
    wanted = tuple(name for name in arguments if not name.startswith("--"))
    categories = [name for name in CATEGORIES if name != SPEED or "--busy" not in arguments]
    tool = _Tool(_installed(), categories)
    # Errors have no score, and a form that came back is no page that is fetched.
    places = [place for place in PLACES if place.status == 200 and place.sends is None]
    places = [one for one in places if not wanted or any(fnmatch(one.name, name) for name in wanted)]
    with running_program(parts=("web",), ALLOWED_HOSTS="localhost,127.0.0.1,testserver") as program:
        world = json.loads(program.shell(WORLD).splitlines()[-1])
        measured = [(place, _measured(tool, program.url, place, world)) for place in places]
    return _reported(measured)


@dataclass(frozen=True)
class _Tool:
    """How Lighthouse is called. The categories come last: as a list they would swallow an address after them."""

    program: list[str]
    categories: list[str]

    def command(self, address: str, *options: str) -> list[str]:
        return [*self.program, address, *options, f"--only-categories={','.join(self.categories)}"]


def _installed() -> list[str]:
    """The command line, installed into a folder of its own: npm takes out what it did not put in itself."""
    if shutil.which("npm") is None or find_browser(whole=True) is None:
        raise SystemExit("Lighthouse needs npm and a Chromium.")
    tools = ROOT / "var" / "tools" / "lighthouse"
    tools.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-save", "--prefix", str(tools), LIGHTHOUSE]
    subprocess.run(command, check=True)
    return ["node", str(tools / "node_modules" / "lighthouse" / "cli" / "index.js")]


Scores = dict[str, float]


class NotMeasured(Exception):
    """Lighthouse gave no report of the page: the tool or the browser failed, or the page led elsewhere."""


def _measured(tool: _Tool, url: str, place: Place, world: dict[str, Any]) -> Scores | None:
    """Measures once, and twice more where that was not enough; None where there is nothing to go by."""
    for session in world["cookies"].values():
        _keep_alive(url, session)
    address, cookie = url + place.path.format(**world["values"]), world["cookies"][place.who]
    try:
        reports = [_measure(tool, address, cookie)]
        if _low(place, _scores(reports)):
            reports += [_measure(tool, address, cookie) for _ in range(2)]
    except NotMeasured as failure:
        print(f"{place}: not measured: {failure}", flush=True)  # noqa: T201
        return None
    scores = _scores(reports)
    print(f"{place}: " + ", ".join(f"{name} {score:.0f}" for name, score in scores.items()), flush=True)  # noqa: T201
    for audit in _failed(reports[-1], _low(place, scores)):
        print(f"    {audit}", flush=True)  # noqa: T201
    return scores


def _keep_alive(url: str, cookie: str) -> None:
    """Use the session: that of staff ends while it is idle, and their pages come after an hour of others."""
    with urlopen(Request(f"{url}/guide/", headers={"Cookie": cookie})) as answer:
        answer.read()


def _reported(measured: list[tuple[Place, Scores | None]]) -> int:
    """The least of each category and the pages below the line; 1 where there are any, or one has no scores."""
    none = [str(place) for place, scores in measured if scores is None]
    found = [(place, scores) for place, scores in measured if scores is not None]
    low = [str(place) for place, scores in found if _low(place, scores)]
    for name in CATEGORIES:
        counting = [
            (scores[name], str(place)) for place, scores in found if name in scores and _counts(place, name)
        ]
        if counting:
            print(f"{name}: at least {min(counting)[0]:.0f} ({min(counting)[1]})")  # noqa: T201
    print(f"{len(found)} pages, {len(low)} below {LEAST}: {', '.join(low) or 'none'}")  # noqa: T201
    print(f"not measured: {', '.join(none) or 'none'}", flush=True)  # noqa: T201
    return 1 if low or none else 0


def _measure(tool: _Tool, address: str, cookie: str) -> dict[str, Any]:
    """One report; a second attempt where the first failed, since a browser on a busy machine may come too late."""
    try:
        return _attempt(tool, address, cookie)
    except NotMeasured:
        return _attempt(tool, address, cookie)


def _attempt(tool: _Tool, address: str, cookie: str) -> dict[str, Any]:
    """In a browser of its own, which keeps the session as cookies: a header would not reach scripts and frames."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "report.json"
        window = playwright.chromium.launch_persistent_context(
            str(Path(folder) / "profile"),
            executable_path=find_browser(whole=True),
            args=[*FLAGS, f"--remote-debugging-port={port}"],
        )
        pairs = [pair.split("=", 1) for pair in cookie.split("; ") if pair]
        site = urljoin(address, "/")
        window.add_cookies([{"name": name, "value": value, "url": site} for name, value in pairs])
        command = tool.command(
            address,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--port={port}",
            "--disable-full-page-screenshot",
        )
        try:
            done = subprocess.run(command, timeout=180, check=False, capture_output=True, text=True)
        except subprocess.TimeoutExpired as late:
            raise NotMeasured(f"no report within {late.timeout:.0f} s") from late
        finally:
            window.close()
        if not report.exists():
            raise NotMeasured(done.stderr.strip()[-300:] or f"ended with {done.returncode}")
        found: dict[str, Any] = json.loads(report.read_text())
    if (refused := found.get("runtimeError")) is not None:
        raise NotMeasured(f"{refused['code']}: {refused['message']}")
    # A page may ask for itself again, as the calls do with the visitor's time zone.
    if urlsplit(found["finalDisplayedUrl"]).path != urlsplit(address).path:
        raise NotMeasured(f"led to {found['finalDisplayedUrl']}")
    return found


def _scores(reports: list[dict[str, Any]]) -> Scores:
    """The middle of what was measured, 0 to 100, by category."""
    return {
        name: median(100 * (report["categories"][name]["score"] or 0) for report in reports)
        for name in reports[0]["categories"]
    }


def _counts(place: Place, category: str) -> bool:
    """Being found is asked of the public pages alone, those that stand in the sitemap."""
    return category != SEARCH or place in PUBLIC or place.name in ("call", "early-access")


def _low(place: Place, scores: Scores) -> list[str]:
    """The categories that count for this page and are below the line."""
    return [name for name in scores if _counts(place, name) and scores[name] < LEAST]


def _failed(report: dict[str, Any], categories: list[str]) -> list[str]:
    """What cost points, in Lighthouse's words."""
    audits = report["audits"]
    of_these = [
        ref for name in categories for ref in report["categories"][name]["auditRefs"] if ref["weight"]
    ]
    lost = [audits[ref["id"]] for ref in of_these if (audits[ref["id"]]["score"] or 0) < 0.98]
    return [
        f"{audit['id']}: {audit.get('displayValue', '')} {audit['title']} {_where(audit)}"
        for audit in lost
        if audit["score"] is not None
    ]


def _where(audit: dict[str, Any]) -> str:
    """The first things it is about."""
    items = (audit.get("details") or {}).get("items", [])[:3]
    return "; ".join(
        str(item.get("node", {}).get("selector") or item.get("description") or "") for item in items
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
