"""Every page of our own through the Nu checker (`vnu-jar` from npm; needs npm and Java).

With names, only the places whose name begins with one of them: `python tests/deep/valid_html.py log home`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
CHECKER = "vnu-jar@26.9.27"

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "thrive.settings",
    "DEBUG": "1",
    "REQUIRE_STAFF_MFA": "0",
    "SITE_URL": "http://testserver",
}

import django  # noqa: E402 the environment above comes first

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.journeys.places import EVERYTHING, Place  # noqa: E402
from tests.journeys.world import World, make_world  # noqa: E402
from tests.repository.page_forms import forms_of  # noqa: E402

# Django's own admin pages, in its own markup; what we hang into them is looked at on the pages of the desk.
DJANGO = ("/admin/challenge/", "/admin/password_change/")


def main() -> int:
    """Print what the checker finds on each page; return 1 if it finds anything."""
    jar = _checker()
    call_command("migrate", verbosity=0)
    world = make_world()
    places = [place for place in EVERYTHING if not place.path.startswith(DJANGO)]
    if wanted := tuple(sys.argv[1:]):
        places = [place for place in places if place.name.startswith(wanted)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place in places:
            (folder / f"{place}.html").write_bytes(_page(place, world))
        findings = _check(jar, folder)
    for message in findings:
        print(f"{Path(message['url']).stem}: line {message.get('lastLine')}: {message['message']}")  # noqa: T201
        print(f"    {message.get('extract', '').strip()}")  # noqa: T201
    print(f"{len(places)} pages, {len(findings)} findings")  # noqa: T201
    return 1 if findings else 0


def _checker() -> Path:
    for needed in ("npm", "java"):
        if shutil.which(needed) is None:
            raise SystemExit(f"The Nu checker needs {needed}.")
    tools = ROOT / "var" / "tools" / "nu"
    tools.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-save", "--prefix", str(tools), CHECKER]
    subprocess.run(command, check=True)
    return next((tools / "node_modules" / "vnu-jar").rglob("vnu.jar"))


def _page(place: Place, world: World) -> bytes:
    """The page as it is sent; what answers with another status is no page to judge."""
    client, path = world.clients[place.who], place.path.format(**world.values)
    client.raise_request_exception = False
    answer = client.get(path)
    if place.sends is not None:
        # A form may be sent to another address than the page that shows it.
        actions = [form.action for form in forms_of(answer.content.decode(), path)]
        answer = client.post(path if path in actions or not actions else actions[0], place.sends)
    if answer.status_code != place.status:
        raise SystemExit(f"{place}: status {answer.status_code}")
    return answer.content


def _check(jar: Path, folder: Path) -> list[dict[str, Any]]:
    command = [
        "java",
        "-Xss4m",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [message for message in json.loads(done.stdout)["messages"] if message["type"] == "error"]


if __name__ == "__main__":
    sys.exit(main())
