"""Lighthouse over every page there is, on a phone; needs npm (`lighthouse`) and a Chromium.

The real gunicorn serves it, with the static files as they are in production. A page below the line is measured twice
more, and the middle of the three counts: what runs beside it costs a page points, never gives it any.

    python tests/deep/lighthouse.py               every page
    python tests/deep/lighthouse.py today home    those whose name begins so
    python tests/deep/lighthouse.py --busy        without performance, where the machine has other work
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 18 to 22
LEAST = 98
SPEED, SEARCH = "performance", "seo"
CATEGORIES = (SPEED, "accessibility", "best-practices", SEARCH)
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-extensions --disable-sync"
)
WORLD = """
import json
from django.contrib import admin
from tests.journeys.places import admin_lists
from tests.journeys.world import make_world
world = make_world()
cookies = {who: "; ".join(f"{c.key}={c.value}" for c in client.cookies.values() if c.value)
           for who, client in world.clients.items()}
print(json.dumps({"cookies": cookies, "values": world.values}))
"""

from tests.browser import find_browser  # noqa: E402 - the path above comes first
from tests.journeys.places import PLACES, PUBLIC, Place  # noqa: E402
from tests.program import running_program  # noqa: E402


def main(arguments: list[str]) -> int:
    """Prints each page's scores; 1 where one is below the line."""
    wanted = tuple(name for name in arguments if not name.startswith("--"))
    categories = [name for name in CATEGORIES if name != SPEED or "--busy" not in arguments]
    tool = [*_tool(), f"--only-categories={','.join(categories)}"]
    # Errors have no score, and a form that came back is no page that is fetched.
    places = [place for place in PLACES if place.status == 200 and place.sends is None]
    places = [place for place in places if not wanted or place.name.startswith(wanted)]
    with running_program(parts=("web",), ALLOWED_HOSTS="localhost,127.0.0.1,testserver") as program:
        world = json.loads(program.shell(WORLD).splitlines()[-1])
        low = [place.name for place in places if not _passes(tool, program.url, place, world)]
    print(f"{len(places)} pages, {len(low)} below {LEAST}: {', '.join(low) or 'none'}", flush=True)  # noqa: T201
    return 1 if low else 0


def _tool() -> list[str]:
    """The command line, installed into var/tools/ where it is not there yet."""
    if shutil.which("npm") is None or find_browser() is None:
        raise SystemExit("Lighthouse needs npm and a Chromium.")
    tools = ROOT / "var" / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-save", "--prefix", str(tools), LIGHTHOUSE]
    subprocess.run(command, check=True)
    return ["node", str(tools / "node_modules" / "lighthouse" / "cli" / "index.js")]


def _passes(tool: list[str], url: str, place: Place, world: dict[str, Any]) -> bool:
    """Measures once, and twice more where that was not enough."""
    address = url + place.path.format(**world["values"])
    reports = [_measure(tool, address, world["cookies"][place.who])]
    if _low(place, _scores(reports)):
        reports += [_measure(tool, address, world["cookies"][place.who]) for _ in range(2)]
    scores = _scores(reports)
    low = _low(place, scores)
    print(f"{place}: " + ", ".join(f"{name} {score:.0f}" for name, score in scores.items()), flush=True)  # noqa: T201
    for audit in _failed(reports[-1], low):
        print(f"    {audit}", flush=True)  # noqa: T201
    return not low


def _measure(tool: list[str], address: str, cookie: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        report, headers = Path(folder) / "report.json", Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        command = [
            *tool,
            address,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--extra-headers={headers}",
            "--disable-full-page-screenshot",
            f"--chrome-flags={FLAGS}",
        ]
        environment = os.environ | {"CHROME_PATH": str(find_browser())}
        subprocess.run(command, check=True, env=environment, timeout=180)
        found: dict[str, Any] = json.loads(report.read_text())
    if (refused := found.get("runtimeError")) is not None:
        raise SystemExit(f"{address}: {refused['message']}")
    if found["finalDisplayedUrl"].split("#")[0] != address:
        raise SystemExit(f"{address} led to {found['finalDisplayedUrl']}")
    return found


def _scores(reports: list[dict[str, Any]]) -> dict[str, float]:
    """The middle of what was measured, 0 to 100, by category."""
    return {
        name: median(100 * (report["categories"][name]["score"] or 0) for report in reports)
        for name in reports[0]["categories"]
    }


def _low(place: Place, scores: dict[str, float]) -> list[str]:
    """The categories that count for this page and are below the line."""
    counts = [name for name in scores if name != SEARCH or place in PUBLIC]
    return [name for name in counts if scores[name] < LEAST]


def _failed(report: dict[str, Any], categories: list[str]) -> list[str]:
    """What cost points, in Lighthouse's words."""
    audits = report["audits"]
    of_these = [
        ref for name in categories for ref in report["categories"][name]["auditRefs"] if ref["weight"]
    ]
    lost = [audits[ref["id"]] for ref in of_these if (audits[ref["id"]]["score"] or 0) < 0.98]
    return [
        f"{audit['id']}: {audit.get('displayValue', '')} {audit['title']}"
        for audit in lost
        if audit["score"] is not None
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
