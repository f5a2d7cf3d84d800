"""What scanners find on the wire: Wapiti as visitor and as runner, sqlmap on the ten richest forms.

The program runs on loopback, on servers of its own, without tokens and limits (`tests/repository/scanned_settings.py`).
Both scanners are installed into `var/tools/web-scanners`, because they want other versions of our parts. A finding that
is none stands in REASONS; any other fails the step.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import tests.environment  # noqa: E402,F401 settings are read after it

django.setup()  # before anything of the tests that has models
from tests.program import Program, running_program  # noqa: E402

TOOLS = ROOT / "var" / "tools" / "web-scanners"
PARTS = ("wapiti3==3.2.3", "sqlmap==1.10.10")
# Seconds: to walk the site, for each kind of attack, and for Wapiti as one person in all; for one form, and all forms.
WALK_S, ATTACK_S, WAPITI_S = 150, 15, 400
MOST_FORMS, FORM_S, FORMS_S = 10, 300, 1500
# Those that ask no other host; "csrf" is left out, because the scanned program has no tokens.
MODULES = (
    "backup,cookieflags,crlf,csp,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,sql,xss"
)
# What ends the session or the person that is scanned.
LEFT_ALONE = (
    "/accounts/logout/", "/accounts/again/", "/accounts/sessions/", "/accounts/email/", "/accounts/password/",
    "/accounts/2fa/", "/me/delete/", "/me/withdraw/",
)  # fmt: skip
# Kind of finding -> why it is none here.
REASONS: dict[str, str] = {
    "Secure Flag cookie": "the scan goes over http; `tests/repository/test_production_settings.py` has the flag",
}
PEOPLE = """
import json
from datetime import date, timedelta
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.utils import timezone
from challenge.accounts.models import User
from challenge.accounts.session_store import SessionStore
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import Cohort, CohortClinician
def session(user):
    s = SessionStore()
    s.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
              BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend"})
    s.create()
    return s.cookie
now = timezone.now()
cohort = Cohort.objects.create(name="Scan", slug="scan", opens_at=now - timedelta(days=9),
                               starts_on=date.today() - timedelta(days=date.today().weekday()))
runner = User.objects.create_user("scan@runners.test", name="Kim Vale")
hold_seat(cohort=cohort, user=runner, by=runner, at=now)
pk = confirm_seat(cohort=cohort, user=runner, by=runner, at=now).pk
carer = User.objects.create_user("scan@clinic.test", is_staff=True)
carer.groups.add(Group.objects.get(name="clinician"))
CohortClinician.objects.create(cohort=cohort, user=carer)
print(json.dumps({"": "", "runner": session(runner), "clinician": session(carer), "pk": pk}))
"""
FORM_PAGES = {
    "": ("/join/", "/call/", "/early-access/", "/accounts/login/"),
    "runner": (
        "/log/run/", "/log/strength/by-hand/", "/log/morning/", "/log/stop/", "/log/pause/", "/messages/", "/feedback/",
        "/questions/activities/0/", "/me/", "/me/reminders/",
    ),
    "clinician": ("/admin/review/scan/runners/{pk}/", "/admin/messages/runners/{pk}/", "/admin/calls/"),
}  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """The running program, and the cookies of its people by their role."""

    program: Program
    people: dict[str, Any]

    def cookie(self, who: str) -> str:
        return f"sessionid={self.people[who]}" if who else ""

    def get(self, path: str, who: str = "") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(
            "127.0.0.1", int(self.program.url.rsplit(":", 1)[1]), timeout=60
        )
        host = self.program.url.removeprefix("http://")
        connection.request("GET", path, headers={"Host": host, "Cookie": self.cookie(who)})
        return connection.getresponse()


def install() -> None:
    """Install both scanners, apart from the program's own environment."""
    if not (TOOLS / "bin" / "sqlmap").exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
        subprocess.run([str(TOOLS / "bin" / "pip"), "install", "-qq", *PARTS], check=True)


def run_aloud(command: list[str], *, within_s: float, shown: str) -> tuple[str, bool]:
    """Run a scanner and print its lines that match `shown`; return all it wrote, and whether it ended in time."""
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},  # or a pipe shows its lines at the end
    ) as scanner:
        late = threading.Timer(within_s, os.killpg, (scanner.pid, signal.SIGKILL))
        late.start()
        assert scanner.stdout is not None
        for line in scanner.stdout:
            lines.append(line)
            if re.search(shown, line):
                print(f"    {line.strip()[:160]}", flush=True)
        scanner.wait()
        late.cancel()
    return "".join(lines), scanner.returncode != -signal.SIGKILL


def wapiti(scan: Scan, who: str) -> list[str]:
    """Let Wapiti walk the whole site as this person and attack what it finds."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            str(TOOLS / "bin" / "wapiti"), "-u", f"{scan.program.url}/", "--scope", "domain", "-m", MODULES, "-f",
            "json", "-o", str(report), "--store-session", folder, "--max-scan-time", str(WALK_S), "--no-bugreport",
            "--max-attack-time", str(ATTACK_S),  # or one module takes it all
        ]  # fmt: skip
        for path in LEFT_ALONE:
            command += ["-x", f"{scan.program.url}{path}*"]
        if who:
            command += ["-H", f"Cookie: {scan.cookie(who)}"]
        said, is_done = run_aloud(
            command, within_s=WAPITI_S, shown="Launching module|time was reached|pages? "
        )
        if not is_done:
            return ["no report: it did not end in time"]
        if not report.exists():
            return [f"no report: {said[-300:]}"]
        found = json.loads(report.read_text())
    pages = found["infos"].get("crawled_pages_nbr", "?")
    print(f"  wapiti as {who or 'visitor'}: {pages} pages", flush=True)
    kinds = found["vulnerabilities"] | found["anomalies"]
    return [
        f"{kind}: {one['method']} {one['path']} {one['info'][:160]}"
        for kind, ones in kinds.items()
        for one in ones
    ]


def richest_forms(scan: Scan) -> list[tuple[str, Any, str]]:
    """Return person, form and the cookie against forged requests, of the ten forms with the most fields."""
    from tests.repository.page_forms import forms_of

    found = []
    for who, paths in FORM_PAGES.items():
        for path in paths:
            there = path.format(pk=scan.people["pk"])
            answer = scan.get(there, who)
            token = re.search(r"csrftoken=(\w+)", answer.getheader("Set-Cookie") or "")
            html = answer.read().decode(errors="replace")
            # The admin asks for a token of its own; the other forms have none here.
            found += [(who, form, token[1] if token else "") for form in forms_of(html, there)]
    return sorted(found, key=lambda one: -len(one[1].fields))[:MOST_FORMS]


def every_form(scan: Scan) -> list[str]:
    """Try the richest forms, within FORMS_S in all; a form for which no time is left is a finding."""
    end, lines = time.monotonic() + FORMS_S, []
    for who, form, token in richest_forms(scan):
        print(f"  sqlmap on {form.action}, with {len(form.fields)} fields", flush=True)
        left = min(FORM_S, int(end - time.monotonic()))
        lines += sqlmap(scan, who, form, token, left) if left > 0 else [f"{form.action}: no time was left"]
    return lines


def one_of_each(names: Iterable[str]) -> list[str]:
    """Return the names without those that repeat a field for another exercise or set: the same code reads them all."""
    shapes = {re.sub(r"^\w+-|\d+", "", name): name for name in names}
    return [name for name in shapes.values() if name not in ("csrfmiddlewaretoken", "key")]


def sqlmap(scan: Scan, who: str, form: Any, token: str, within_s: int) -> list[str]:
    """Try every field of this form; a verdict that it did not reach, and an error of the program, are findings."""
    from urllib.parse import urlencode

    sent = form.fixed | dict.fromkeys((name for name, kind in form.fields.items() if kind != "file"), "1")
    cookie = f"csrftoken={token}; {scan.cookie(who)}"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(TOOLS / "bin" / "sqlmap"), "-u", f"{scan.program.url}{form.action}", "--data", urlencode(sent),
            "--cookie", cookie, "--batch", "--dbms", "PostgreSQL", "--technique", "BEU", "--param-filter", "POST",
            "--skip", "csrfmiddlewaretoken,key", "-p", ",".join(one_of_each(sent)), "--ignore-redirects",
            "--output-dir", folder, "--disable-coloring", "--time-limit", str(within_s),
        ]  # fmt: skip
        said, _ = run_aloud(command, within_s=within_s + 10, shown="testing if|time limit|CRITICAL")
    errors = re.findall(r"(5\d\d) \([^)]*\) - (\d+) times", said)
    lines = [f"{form.action}: {number} answers of {status}" for status, number in errors]
    if (
        verdict := "identified the following injection point"
    ) in said:  # others it calls false positives itself
        lines.append(f"{form.action}: {said[said.index(verdict) :][:300]}")
    elif "do not appear to be injectable" not in said:
        lines.append(f"{form.action}: no verdict: {said[-300:]}")
    return lines


def steps(scan: Scan) -> Iterator[tuple[str, list[str]]]:
    """Yield each step and what it found."""
    for who in ("", "runner"):
        yield f"wapiti as {who or 'visitor'}", wapiti(scan, who)
    if scan.get("/today/", "runner").status != 200:
        yield "session", ["signed out: the runner was no longer signed in at the end of the scan"]
    yield "sqlmap", every_form(scan)


def main() -> int:
    """Print every finding as it comes; return 1 if there is one without a reason."""
    install()
    settings = {"REQUIRE_STAFF_MFA": "0", "DJANGO_SETTINGS_MODULE": "tests.repository.scanned_settings"}
    kinds = set()
    with running_program(parts=("web",), **settings) as program:
        for name, lines in steps(Scan(program, json.loads(program.shell(PEOPLE)))):
            print("\n".join([f"{name}: {len(lines)} findings", *(f"  {line}" for line in lines)]), flush=True)
            kinds |= {line.split(":")[0] for line in lines}
    left = set(REASONS) - kinds
    print("\n".join(f"a reason without a finding: {kind}" for kind in sorted(left)))
    return 1 if left or kinds - set(REASONS) else 0


if __name__ == "__main__":
    sys.exit(main())
