"""Fifty runners and five staff at once for two minutes: no error, and slower by no more than the crowd explains."""

import http.client
import json
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.program import Program, running_program

RUNNERS, STAFF, SECONDS = 50, 5, 120
IDLE_ROUNDS = 20
MOST_TIMES_SLOWER = 5.0
PAUSE_S = 1.0  # between two pages of one person; a person reads longer
pytestmark = pytest.mark.deep

PEOPLE = """
import json, time
from datetime import date, timedelta
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.cached_db import SessionStore
from django.utils import timezone
from challenge.accounts.models import User
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import Cohort, CohortClinician
now = timezone.now()
monday = date.today() - timedelta(days=date.today().weekday())
def session(user):
    s = SessionStore()
    s.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
              BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend"})
    s.create()
    return s.session_key
cohorts = [Cohort.objects.create(name=f"C{n}", slug=f"c{n}", opens_at=now - timedelta(days=9), starts_on=monday)
           for n in range(%(cohorts)d)]
runners = []
for n in range(%(runners)d):
    user = User.objects.create_user(f"load{n}@runners.test", name=f"Load {n}")
    cohort = cohorts[n // 20]
    hold_seat(cohort=cohort, user=user, by=user, at=now)
    confirm_seat(cohort=cohort, user=user, by=user, at=now)
    runners.append(session(user))
staff = []
for n in range(%(staff)d):
    user = User.objects.create_user(f"staff{n}@clinic.test", is_staff=True)
    user.groups.add(Group.objects.get(name="clinician"))
    CohortClinician.objects.create(cohort=cohorts[0], user=user)
    staff.append(session(user))
print(json.dumps([runners, staff]))
"""
PAGES = {"runner": ("/today/", "/log/", "/plan/", "/log/run/"), "staff": ("/admin/", "/admin/challenge/run/")}


@dataclass
class Person:
    """Somebody with a session who opens pages one after another and now and then logs a run."""

    program: Program
    session: str
    kind: str
    statuses: Counter[int] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    logged: int = 0

    def ask(self, path: str, body: str | None = None, token: str = "") -> tuple[int, str]:
        port = int(self.program.url.rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Host": self.program.url.removeprefix("http://"), "Cookie": f"sessionid={self.session}"}
        if body is not None:
            headers["Cookie"] += f"; csrftoken={token}"
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.program.url}
        begun = time.monotonic()
        connection.request("GET" if body is None else "POST", path, body, headers)
        response = connection.getresponse()
        html = response.read().decode(errors="replace")
        self.times.setdefault(path, []).append(time.monotonic() - begun)
        self.statuses[response.status] += 1
        cookie = response.getheader("Set-Cookie") or ""
        self.token = found[1] if (found := re.search(r"csrftoken=(\w+)", cookie)) else token
        connection.close()
        return response.status, html

    def round(self) -> None:
        for path in PAGES[self.kind]:
            _, html = self.ask(path)
            if path == "/log/run/":
                self.log(html)

    def log(self, html: str) -> None:
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
        values = dict(hidden) | {"distance_m": "5", "duration_s_m": "30", "pain": "0"}
        status, _ = self.ask("/log/run/", "&".join(f"{k}={v}" for k, v in values.items()), self.token)
        self.logged += status == 302

    def live(self, until: float) -> None:
        while time.monotonic() < until:
            self.round()
            time.sleep(PAUSE_S)


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running_program(REQUIRE_STAFF_MFA="0") as running:
        yield running


def percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def test_a_full_house_is_served_without_an_error_and_in_time(program: Program) -> None:
    counts = {"runners": RUNNERS + 1, "staff": STAFF, "cohorts": RUNNERS // 20 + 1}
    runners, staff = json.loads(program.shell(PEOPLE % counts))
    alone = Person(program, runners.pop(), "runner")
    for _ in range(IDLE_ROUNDS):
        alone.round()
    people = [Person(program, s, "runner") for s in runners] + [Person(program, s, "staff") for s in staff]
    until = time.monotonic() + SECONDS
    crowd = [threading.Thread(target=person.live, args=(until,)) for person in people]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    statuses = sum((person.statuses for person in people), Counter())
    assert set(statuses) <= {200, 302}, statuses
    for path in PAGES["runner"]:
        together = [t for person in people for t in person.times.get(path, [])]
        assert percentile(together) <= MOST_TIMES_SLOWER * max(percentile(alone.times[path]), PAUSE_S / 5), (
            path
        )
    stored = program.shell("from challenge.workouts.models import Run; print(Run.objects.count())")
    assert int(stored) == alone.logged + sum(person.logged for person in people), "each run is stored once"
