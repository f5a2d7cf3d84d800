"""The desk's and the owner's pages among 200 cohorts, 50,000 calls and 20 clinicians, compared with one of each.

The same database is measured twice: with one cohort, one clinician and a day of calls, and filled. A page may take
longer by what it shows more of, and never by what is over. Minutes lie between the two, and another load of the
machine: each request is timed beside one of a page that reads no rows, and their ratios are compared.
"""

from __future__ import annotations

import logging
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any

import django

import tests.environment  # noqa: F401 settings are read after it

django.setup()

from django.conf import settings  # noqa: E402 after the setup
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.calls.models import Booking  # noqa: E402
from challenge.calls.schedule_models import Availability  # noqa: E402
from challenge.enrollment.models import Cohort, EarlyAccess  # noqa: E402
from tests.bench.scale_copy import Rows, copy_in  # noqa: E402
from tests.factories.calls import make_availability, make_call  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort, place_on_a_list  # noqa: E402
from tests.factories.people import make_front_desk, make_owner, sign_in_now, use_second_factor  # noqa: E402

COHORTS, CALLS, CLINICIANS, LISTED_EACH = 200, 50_000, 20, 10
BASE, ROUNDS = 1_000_000, 15
CALL = timedelta(minutes=20)
# Twenty clinicians' free times are twenty times as much to draw; a list of all cohorts has 200 lines.
SHOWS_MORE = {
    "desk /admin/calls/": 12.0,
    "desk /admin/calls/week/": 6.0,
    "desk /admin/seats/": 6.0,
    "owner /admin/people/": 6.0,
    "owner /admin/challenge/cohort/": 6.0,
}
CONTROL = "/guide/"
MOST_TIMES_SLOWER, MOST_MS = 2.0, 500.0
PAGES = {
    "desk": (
        "/admin/calls/", "/admin/calls/?q=robin", "/admin/calls/?q=5550142", "/admin/calls/week/", "/admin/seats/",
    ),
    "owner": ("/admin/overview/", "/admin/cohorts/next/", "/admin/people/", "/admin/challenge/cohort/"),
    "visitor": ("/",),
}  # fmt: skip
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def rows() -> list[dict[str, Any]]:
    """For each page: milliseconds among the many, that over one cohort's, and how many more queries it takes."""
    logging.disable(logging.INFO)
    storages = settings.STORAGES | PLAIN_FILES
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        old = setup_databases(verbosity=0, interactive=False)
        try:
            clients = _one_of_each()
            alone = {name: _measured(client, path) for name, client, path in clients}
            _fill()
            among = {name: _measured(client, path) for name, client, path in clients}
        finally:
            teardown_databases(old, verbosity=0)
    logging.disable(logging.NOTSET)
    return [row for name in alone for row in _rows(name, alone[name], among[name])]


def _one_of_each() -> list[tuple[str, Client, str]]:
    cohort = make_cohort()
    enroll(cohort=cohort)
    make_open_cohort()
    place_on_a_list()
    availability = make_availability(days=range(7), starts=time_of_day(0), ends=time_of_day(23))
    tomorrow = (timezone.now() + timedelta(days=1)).replace(hour=18, minute=0, second=0, microsecond=0)
    make_call(availability=availability, starts_at=tomorrow, at=timezone.now())
    people = {"desk": Client(), "owner": Client(), "visitor": Client()}
    for who, user in (("desk", make_front_desk()), ("owner", make_owner())):
        sign_in_now(people[who], user)
        use_second_factor(people[who], user)
    return [(f"{who} {path}", people[who], path) for who, paths in PAGES.items() for path in paths]


def _fill() -> None:
    staff = [
        make_availability(days=range(7), starts=time_of_day(9), ends=time_of_day(17))
        for _ in range(CLINICIANS)
    ]
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        copy_in(cursor, _cohorts(monday))
        copy_in(cursor, _listed())
        copy_in(cursor, _calls(staff))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _cohorts(monday: Any) -> Rows:
    told = ("id", "name", "slug", "starts_on", "opens_at", "closed_at", "begun_at", "over_at")
    begins = ((BASE + n, monday - timedelta(weeks=16 + n % 150)) for n in range(COHORTS))
    lines = (
        (pk, f"Cohort {pk}", f"past-{pk}", on, on, on, on, on + timedelta(weeks=12)) for pk, on in begins
    )
    return Rows(Cohort, told, lines, {"capacity": 20, "weeks": 12, "is_public": "t"})


def _listed() -> Rows:
    at = timezone.now() - timedelta(days=400)
    lines = (
        (BASE + n, f"listed-{n}@runners.test", BASE + n % COHORTS, at, at)
        for n in range(COHORTS * LISTED_EACH)
    )
    return Rows(
        EarlyAccess, ("id", "email", "cohort_id", "asked_at", "confirmed_at"), lines, {"which": "early"}
    )


def _calls(staff: list[Availability]) -> Rows:
    """Past calls, each clinician's one after another, all with their outcome."""
    first = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=100)

    def lines() -> Iterator[tuple[Any, ...]]:
        for n in range(CALLS):
            at: datetime = first - CALL * (n // len(staff))
            busy = f"[{at.isoformat()},{(at + CALL).isoformat()})"
            number = f"+1612{n % 10_000_000:07d}"
            email = f"caller{n}@callers.test"
            yield (
                BASE + n,
                staff[n % len(staff)].staff_id,
                email,
                number,
                uuid.uuid4(),
                at,
                at + CALL,
                busy,
                at,
                at,
                at,
            )

    told = (
        "id", "staff_id", "email", "phone", "uid", "starts_at", "ends_at", "busy", "booked_at", "changed_at",
        "ended_at",
    )  # fmt: skip
    fixed = {"state": "held", "name": "Kim Ray", "time_zone": "America/Chicago", "kind": "discovery"}
    return Rows(Booking, told, lines(), fixed)


@dataclass(frozen=True)
class Measured:
    """A page's median in milliseconds, the median of its times over those of a page without rows, and its queries."""

    ms: float
    over_control: float
    queries: int


def _measured(client: Client, path: str) -> Measured:
    """Measure a page once everything is warm."""
    pairs = [(_ms(client, path), _ms(Client(), CONTROL)) for _ in range(ROUNDS + 1)][1:]
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return Measured(
        ms=statistics.median(ours for ours, _ in pairs),
        over_control=statistics.median(ours / control for ours, control in pairs),
        queries=len(asked),
    )


def _ms(client: Client, path: str) -> float:
    begun = time.perf_counter()
    status = client.get(path).status_code
    taken = 1000 * (time.perf_counter() - begun)
    assert status == 200, (path, status)
    return taken


def _rows(name: str, alone: Measured, among: Measured) -> Iterator[dict[str, Any]]:
    most = SHOWS_MORE.get(name, MOST_TIMES_SLOWER)
    yield _row(f"{name}: among {COHORTS} cohorts, {CALLS:,} calls", among.ms, MOST_MS, "ms")
    yield _row(f"{name}: over one cohort's", among.over_control / alone.over_control, most, "x")
    yield _row(f"{name}: more queries", among.queries - alone.queries, 0, "queries")


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "unit": unit, "passed": value <= limit}
