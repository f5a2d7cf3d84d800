"""A crowd of signed-in runners on real connections, and what the database says afterwards."""

import http.client
import json
import queue
import select
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.intake.pages import PAGES
from tests.program import Program

CSRF = "c" * 32
MAKE_RUNNERS = """
import json
from datetime import timedelta
from importlib import import_module
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from challenge.accounts.models import User
from challenge.enrollment.models import Cohort

now = timezone.now()
Cohort.objects.filter(is_public=True).update(is_public=False)
monday = now.date() + timedelta(days=7 - now.weekday())
cohort = Cohort.objects.create(name={slug!r}, slug={slug!r}, capacity={capacity}, opens_at=now, starts_on=monday)
users = User.objects.bulk_create(
    User(email=f"{slug}-{{n}}@runners.test", name=f"Runner {{n}}", password="!") for n in range({count})
)
EmailAddress.objects.bulk_create(EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in users)
Store = import_module(settings.SESSION_ENGINE).SessionStore
sessions = []
for user in users:
    store = Store()
    store.update(
        {{
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }}
    )
    store.create()
    sessions.append([user.pk, store.cookie])
print(json.dumps({{"cohort": cohort.pk, "runners": sessions}}))
"""


@dataclass
class Runner:
    """One signed-in browser: keeps its connection, as browsers do."""

    host: str
    user_id: int
    session: str

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> tuple[int, str]:
        """Status and where it sends us."""
        self._leave_a_closed_connection()
        kept = self.connection.sock is not None
        body = urlencode({"csrfmiddlewaretoken": CSRF, **(fields or {})}, doseq=True)
        known = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={self.session}; csrftoken={CSRF}",
        }
        try:
            self.connection.request("POST", path, body, known | headers)
        except (BrokenPipeError, ConnectionResetError):
            if not kept:
                raise
            # Closed while it was idle, in the moment of writing: nothing was taken, and a browser writes once more.
            self.connection.close()
            self.connection.request("POST", path, body, known | headers)
        response = self.connection.getresponse()
        response.read()
        return response.status, response.headers.get("Location", "")

    def _leave_a_closed_connection(self) -> None:
        """As browsers do: what the server closed while it was idle is not written to."""
        if self.connection.sock is not None and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()

    def claim(self, **headers: str) -> bool:
        """Whether a seat is held now; anything but a clean answer fails the test."""
        status, location = self.post("/join/", None, **headers)
        assert status in {202, 302}, status
        return location == "/join/intake/"

    def answer(self) -> str:
        """Sends the four pages; where the last one leads."""
        location = ""
        for step, fields in PAGES.items():
            status, location = self.post(f"/join/intake/{step}/", fields)
            assert status in {302, 409}, status
        return location


@dataclass
class Crowd:
    """The runners of one throw-away cohort of a running program."""

    program: Program
    cohort: int
    runners: list[Runner]

    @classmethod
    def gather(cls, program: Program, slug: str, *, count: int, capacity: int = 20) -> "Crowd":
        made = json.loads(program.shell(MAKE_RUNNERS.format(slug=slug, count=count, capacity=capacity)))
        host = program.url.removeprefix("http://")
        return cls(program, made["cohort"], [Runner(host, user, key) for user, key in made["runners"]])

    def seats(self) -> list[dict[str, Any]]:
        return self.ask("SELECT * FROM challenge_seat WHERE cohort_id = %s ORDER BY id", self.cohort)

    def taken(self) -> list[int]:
        """The numbers that are held or confirmed, in order."""
        return sorted(seat["number"] for seat in self.seats() if seat["state"] != "ended")

    def happened(self) -> Counter[str]:
        rows = self.ask("SELECT happened FROM challenge_ledgerentry WHERE cohort_id = %s", self.cohort)
        return Counter(row["happened"] for row in rows)

    def ask(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        return self.program.ask(sql, *arguments)

    def leave(self) -> None:
        for runner in self.runners:
            runner.connection.close()


def at_once(tasks: Iterable[Callable[[], Any]], *, connections: int = 50) -> list[Any]:
    """Runs every task, so many at a time, all threads let go at the same moment; results in order of the tasks."""
    waiting: queue.SimpleQueue[tuple[int, Callable[[], Any]]] = queue.SimpleQueue()
    todo = list(tasks)
    results: list[Any] = [None] * len(todo)
    for item in enumerate(todo):
        waiting.put(item)
    gate = threading.Barrier(min(connections, len(todo)))

    def work() -> None:
        gate.wait()
        while True:
            try:
                index, task = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                results[index] = task()
            except Exception as error:  # noqa: BLE001 - the test looks at every result
                results[index] = error

    threads = [threading.Thread(target=work) for _ in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
