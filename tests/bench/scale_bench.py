"""1,000 cohorts, 20,000 runners and 5 million runs beside one cohort: no page or job reads a big table from end to end.

Each is measured while the database holds one cohort, then again among all the others. A job with something to do is
taken back after each time, so that every time does the same.
"""

from __future__ import annotations

import gc
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as time_of_day
from datetime import timedelta
from functools import partial
from typing import Any

import django

import tests.environment  # noqa: F401 settings are read after it

django.setup()

from django.conf import settings  # noqa: E402 after the setup
from django.db import connection, transaction  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from challenge.calls.reminders import remind  # noqa: E402
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment  # noqa: E402
from challenge.enrollment.queries import public_cohort_state  # noqa: E402
from challenge.mail.delivery import deliver_due  # noqa: E402
from challenge.operations.queries import troubles  # noqa: E402
from challenge.privacy.queries import everything_about  # noqa: E402
from challenge.privacy.retention import keep_no_longer  # noqa: E402
from challenge.targets import notices, watch  # noqa: E402
from challenge.targets.actions import decide_due, revise_out_of_date  # noqa: E402
from tests.bench.scale_rows import make_others  # noqa: E402
from tests.factories.calls import make_availability, make_call  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort  # noqa: E402
from tests.factories.log import log_morning, log_run, log_strength  # noqa: E402
from tests.factories.people import (  # noqa: E402
    make_clinician,
    make_front_desk,
    make_owner,
    sign_in_now,
    use_second_factor,
)

BIG = 10_000  # rows; a table of fewer is read in a moment
PART = 0.1  # of a big table; who reads more of it than this has scanned it
MOST_TIMES_SLOWER = 2.0
ROUNDS = 15
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
RUNNER_PAGES = (
    "/today/", "/log/", "/log/run/", "/plan/", "/plan/1/", "/progress/", "/metronome/", "/messages/", "/feedback/",
    "/me/", "/join/",
)  # fmt: skip
CLINICIAN_PAGES = (
    "/admin/", "/admin/challenge/run/", "/admin/challenge/flag/", "/admin/challenge/morning/",
    "/admin/challenge/strengthsession/", "/admin/challenge/weeklytarget/", "/admin/challenge/enrollment/",
    "/admin/challenge/entryrevision/", "/admin/challenge/outboxmessage/", "/admin/targets/",
    "/admin/targets/coming/{cohort}/", "/admin/calls/",
    "/admin/review/{cohort}/", "/admin/review/{cohort}/runners/{runner}/",
    "/admin/review/{cohort}/report/",
)  # fmt: skip
DESK_PAGES = (
    "/admin/calls/", "/admin/seats/", "/admin/seats/{cohort}/", "/admin/challenge/booking/", "/admin/challenge/seat/",
    "/admin/challenge/cohort/", "/admin/challenge/ledgerentry/", "/admin/challenge/earlyaccess/",
)  # fmt: skip
OWNER_PAGES = ("/admin/challenge/user/", "/admin/challenge/accessentry/", "/admin/challenge/weekfeedback/")
Work = dict[str, Callable[[], Any]]


def rows() -> list[dict[str, Any]]:
    """For each page and job: how many big tables it reads whole, and its median over that on the small database."""
    logging.disable(logging.INFO)
    with _database():
        cohort, enrollment, carer = _one_cohort()
        work = _work(cohort, enrollment, carer)
        small = {name: _median(do) for name, do in work.items()}
        make_others(staff=carer)
        whole = {name: _read_whole(name, do) for name, do in work.items()}
        large = {name: _median(do) for name, do in work.items()}
    logging.disable(logging.NOTSET)
    found = [_row(f"{name}: big tables read whole", len(whole[name]), 0, "tables") for name in work]
    return found + [
        _row(f"{name}: median over one cohort's", large[name] / small[name], MOST_TIMES_SLOWER, "x")
        for name in work
    ]


@contextmanager
def _database() -> Iterator[None]:
    storages = settings.STORAGES | PLAIN_FILES
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        old = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(old, verbosity=0)


def _one_cohort() -> tuple[Cohort, Enrollment, User]:
    """Twenty runners in their third week, with logs and decisions; a call; and a cohort to come with a free seat."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=2), opens_at=timezone.now() - timedelta(days=30))
    enrollments = [enroll(cohort=cohort) for _ in range(20)]
    for enrollment in enrollments:
        for days in range(1, 14, 2):
            log_run(enrollment, today - timedelta(days=days))
            log_morning(enrollment, today - timedelta(days=days))
        log_strength(enrollment, today - timedelta(days=2))
    make_open_cohort()
    carer = make_clinician()
    CohortClinician.objects.create(cohort=cohort, user=carer)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    availability = make_availability(days=range(7), starts=time_of_day(0), ends=time_of_day(23))
    make_call(availability=availability, starts_at=start.replace(hour=18), at=timezone.now())
    decide_due(now=timezone.now)
    deliver_due(now=timezone.now)
    return cohort, enrollments[0], carer


def _work(cohort: Cohort, enrollment: Enrollment, carer: User) -> Work:
    runner, clinician, desk, owner = Client(), Client(), Client(), Client()
    person = enrollment.seat.user
    assert person is not None
    sign_in_now(runner, person)
    for client, user in ((clinician, carer), (desk, make_front_desk()), (owner, make_owner())):
        client.force_login(user)
        use_second_factor(client, user)
    names = {"cohort": cohort.slug, "runner": enrollment.pk}
    work: Work = {"first page": lambda: _get(Client(), "/")}
    for who, client, paths in (
        ("runner", runner, RUNNER_PAGES),
        ("clinician", clinician, CLINICIAN_PAGES),
        ("desk", desk, DESK_PAGES),
        ("owner", owner, OWNER_PAGES),
    ):
        work |= {f"{who} {path}": partial(_get, client, path.format(**names)) for path in paths}
    return work | {"export": lambda: everything_about(person)} | _jobs(person)


def _jobs(person: User) -> Work:
    at = timezone.now()
    thursday = (at - timedelta(days=at.weekday() - 3)).replace(hour=16, minute=0)
    coming = thursday + timedelta(days=4, hours=2)
    return {
        "weekly decisions, none due": lambda: decide_due(now=timezone.now),
        "weekly decisions, a cohort due": lambda: _taken_back(lambda: decide_due(now=lambda: coming)),
        "weeks out of date": lambda: revise_out_of_date(at=timezone.now()),
        "mailer, nothing due": lambda: deliver_due(now=timezone.now),
        "alerts": lambda: notices.alert_clinicians(at=thursday),
        "notices: reminders, digest, survey": lambda: _taken_back(lambda: notices.send_notices(at=thursday)),
        "flags of silence and mail": lambda: _taken_back(lambda: watch.raise_standing_flags(at=thursday)),
        "call reminders": lambda: _taken_back(lambda: remind(at=timezone.now())),
        "retention": lambda: keep_no_longer(at=timezone.now()),
        "health": lambda: troubles(at=timezone.now()),
        "seats left": lambda: public_cohort_state(at=timezone.now()),
    }


def _taken_back(do: Callable[[], Any]) -> None:
    with transaction.atomic():
        do()
        transaction.set_rollback(True)


def _get(client: Client, path: str) -> None:
    status = client.get(path).status_code
    assert status == 200, (path, status)


def _median(do: Callable[[], Any]) -> float:
    do()
    times = []
    gc.collect()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        do()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _read_whole(name: str, do: Callable[[], Any]) -> dict[str, str]:
    """The big tables of which a query of this work reads a good part, each with that query; the work is done once."""
    with CaptureQueriesContext(connection) as asked:
        do()
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG]
        )
        big = dict(cursor.fetchall())
        for query in asked.captured_queries:
            sql = query["sql"]
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                for table, read in _rows_read(cursor, sql):
                    if read > PART * big.get(table, float("inf")):
                        found[table] = sql
    for table, sql in found.items():
        sys.stderr.write(f"    {name}: {table} is read whole by {sql[:2000]}\n")
    return found


def _rows_read(cursor: Any, sql: str) -> Iterator[tuple[str, float]]:
    """Each table with the rows of it that the query touched; what it changed is taken back."""
    with transaction.atomic():
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql.replace("%", "%%"), None)
        plans = cursor.fetchone()[0]
        transaction.set_rollback(True)
    yield from _touched(plans)


def _touched(node: Any) -> Iterator[tuple[str, float]]:
    if isinstance(node, list):
        for one in node:
            yield from _touched(one)
    elif isinstance(node, dict):
        if "Relation Name" in node and node.get("Node Type") != "ModifyTable":
            dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            yield node["Relation Name"], (node.get("Actual Rows", 0) + dropped) * node.get("Actual Loops", 1)
        for value in node.values():
            yield from _touched(value)


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "unit": unit, "passed": value <= limit}
