"""The headers and cookies that gunicorn really sends, over TLS, as a visitor and as every role: OWASP's list.

The program has its settings of production behind a proxy that ends TLS. Each role follows every link that its pages
show, one address of each kind, to the end. A page that lacks something advised, and a cookie without one of its
flags, is a finding; what we do otherwise has its reason in `tests/repository/test_secure_headers.py`.
"""

import contextlib
import http.client
import json
import re
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import tests.environment  # noqa: E402,F401 settings are read after it

django.setup()  # before anything of the tests that has models
from tests.check import PRODUCTION  # noqa: E402
from tests.program import Program, running_program  # noqa: E402
from tests.repository.test_secure_headers import OTHERWISE, findings  # noqa: E402

HOST = "clinic.test"
MOST = 400  # addresses of one role; more are a finding, because the rest was not looked at
# Refusals and files, which no link leads to.
UNLINKED = ("/nothing/", "/static/nothing.css", "/guide/?page=%00", "/sw.js", "/.well-known/security.txt")
LINK = re.compile(r'(?:href|src)="(/(?!/)[^"#]*)')
# Who follows it is signed out.
LEFT_ALONE = ("/accounts/logout/", "/admin/logout/")
PEOPLE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.conf import settings
from challenge.accounts.session_store import SessionStore
from challenge.enrollment.models import CohortClinician
from tests.factories.calls import make_availability
from tests.factories.lives import make_life
from tests.factories.people import make_front_desk, make_owner, make_superuser
def session(user):
    store = SessionStore()
    store.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
                  BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]})
    store.create()
    return store.cookie
life = make_life()
clinician = CohortClinician.objects.get(cohort=life.cohort).user
make_availability(staff=clinician)
people = {"runner": life.seat.user, "clinician": clinician, "front desk": make_front_desk(), "owner": make_owner(),
          "superuser": make_superuser()}
print(json.dumps({"visitor": ""} | {name: session(user) for name, user in people.items()}))
"""


@dataclass
class Walk:
    """One person's way through the site: what was seen, what is still to see, and what was found."""

    program: Program
    session: str
    seen: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    def get(self, path: str) -> tuple[int, list[tuple[str, str]], str]:
        port = int(self.program.url.rsplit(":", 1)[1])
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            cookie = f"__Host-session={self.session}" if self.session else ""
            connection.request(
                "GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookie}
            )
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read().decode(errors="replace")

    def look(self, path: str) -> list[str]:
        """Note what this answer lacks; return where its links lead."""
        status, headers, text = self.get(path)
        if status >= 500:
            self.found.append(f"{path}: {status}")
        sent = dict(headers)
        self.found += [
            f"{path}: {name}: {sent.get(name)}" for name in sorted(lacking(path, sent, self.session))
        ]
        cookies = [value for name, value in headers if name == "Set-Cookie"]
        self.found += [f"{path}: {weak}" for cookie in cookies for weak in weak_flags(cookie)]
        return LINK.findall(text) if sent.get("Content-Type", "").startswith("text/html") else []

    def everywhere(self) -> int:
        """Follow every link, one of each kind; return how many addresses were looked at."""
        waiting = deque(["/", "/accounts/login/", "/admin/", "/today/", *UNLINKED])
        while waiting and len(self.seen) < MOST:
            path = waiting.popleft().replace("&amp;", "&")
            if kind_of(path) in self.seen or path.startswith(LEFT_ALONE):
                continue
            self.seen.add(kind_of(path))
            waiting += self.look(path)
        if waiting:
            self.found.append(f"{len(waiting)} links were not followed")
        return len(self.seen)


def kind_of(path: str) -> str:
    """Return one word for all addresses of a view: without numbers, tokens and values."""
    place = path.split("?")[0]
    return place if place.startswith("/static") else re.sub(r"\d+|[\w-]{20,}", "0", place)


def lacking(path: str, sent: dict[str, str], session: str) -> set[str]:
    """Return the advised headers that are missing or weaker, and those that tell too much."""
    but = {*OTHERWISE}
    if not session or path.startswith("/static") or path in {"/sw.js", "/log/offline/"}:
        but.add("Cache-Control")  # the same for everyone
    if "sandbox" in sent.get("Content-Security-Policy", ""):
        but.add("X-Frame-Options")  # an email's picture of itself, framed by its own page
    if sent.get("Server") == "gunicorn":
        but.add("Server")  # its name, without a version
    return findings(sent, *but)


def weak_flags(cookie: str) -> list[str]:
    """Return what a cookie lacks; one that is only taken back needs no flags."""
    name, _, rest = cookie.partition("=")
    parts = {part.strip().lower() for part in rest.split(";")}
    wanted = {"secure", "httponly", "samesite=lax", "path=/"}
    return (
        [] if name.startswith("__Host-") and wanted <= parts else [f"{name} lacks {sorted(wanted - parts)}"]
    )


def main() -> int:
    """Print each role with its findings; return 1 if there is one."""
    assert weak_flags("sessionid=1; Path=/"), "a weak cookie is seen"
    assert lacking("/", {"Server": "gunicorn/26"}, "x") >= {"Server", "X-Content-Type-Options"}, (
        "so is a header"
    )
    settings = {
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "CLINIC_PHONE": PRODUCTION["CLINIC_PHONE"],  # one for fiction is refused here
        "REQUIRE_STAFF_MFA": "0",
    }
    number = 0
    with running_program(parts=("web",), TRUSTED_PROXY_COUNT="1", **settings) as program:
        for name, session in json.loads(program.shell(PEOPLE)).items():
            walk = Walk(program, session)
            pages = walk.everywhere()
            print("\n".join([f"{name}: {pages} pages, {len(walk.found)} findings", *walk.found]), flush=True)
            number += len(walk.found)
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main())
