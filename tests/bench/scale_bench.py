"""1,000 cohorts, 20,000 runners and 5 million runs beside one cohort: no page or job reads a big table from end to end.

Each is measured while the database holds one cohort, then again among all the others. The rows are made inside a
throw-away database, with triggers and foreign keys off while they are made.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import django

import tests.environment  # noqa: F401 settings are read after it

django.setup()

from django.conf import settings  # noqa: E402 after the setup
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.enrollment.models import Cohort, CohortClinician, Enrollment  # noqa: E402
from challenge.enrollment.queries import public_cohort_state  # noqa: E402
from challenge.mail.delivery import deliver_due  # noqa: E402
from challenge.operations.queries import troubles  # noqa: E402
from challenge.targets.actions import decide_due  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort  # noqa: E402
from tests.factories.log import log_morning, log_run  # noqa: E402
from tests.factories.people import make_clinician, use_second_factor  # noqa: E402
from tests.factories.targets import make_target  # noqa: E402

COHORTS, RUNNERS, RUNS_EACH = 1_000, 20_000, 250
BIG = 10_000  # rows; a table of fewer is read in a moment
MOST_TIMES_SLOWER = 2.0
ROUNDS = 15
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
Work = dict[str, Callable[[], Any]]


def rows() -> list[dict[str, Any]]:
    """For each page and job: how many big tables it reads whole, and its median over that on the small database."""
    with _database():
        cohort, enrollment = _one_cohort()
        work = _work(cohort, enrollment)
        small = {name: _median(do) for name, do in work.items()}
        _all_the_others()
        large = {name: _median(do) for name, do in work.items()}
        whole = {name: _read_whole(do) for name, do in work.items()}
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


def _one_cohort() -> tuple[Cohort, Enrollment]:
    """Twenty runners in their third week; the first has a log and a target."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=2), opens_at=timezone.now() - timedelta(days=30))
    enrollments = [enroll(cohort=cohort) for _ in range(20)]
    for days in range(1, 14):
        log_run(enrollments[0], today - timedelta(days=days))
        log_morning(enrollments[0], today - timedelta(days=days))
    make_target(enrollments[0], monday=monday)
    return cohort, enrollments[0]


def _work(cohort: Cohort, enrollment: Enrollment) -> Work:
    runner, clinician, visitor = Client(), Client(), Client()
    person = enrollment.seat.user
    assert person is not None
    runner.force_login(person)
    carer = make_clinician()
    CohortClinician.objects.create(cohort=cohort, user=carer)
    clinician.force_login(carer)
    use_second_factor(clinician, carer)
    decide_due(now=timezone.now)
    deliver_due(now=timezone.now)
    return {
        "first page": lambda: _get(visitor, "/"),
        "/today/": lambda: _get(runner, "/today/"),
        "/log/": lambda: _get(runner, "/log/"),
        "/plan/": lambda: _get(runner, "/plan/"),
        "admin: runs of a cohort": lambda: _get(clinician, "/admin/challenge/run/"),
        "admin: flags of a cohort": lambda: _get(clinician, "/admin/challenge/flag/"),
        "admin: runners of a cohort": lambda: _get(clinician, "/admin/challenge/enrollment/"),
        "cohort board": lambda: _get(clinician, f"/admin/review/{cohort.slug}/"),
        "runner page": lambda: _get(clinician, f"/admin/review/{cohort.slug}/runners/{enrollment.pk}/"),
        "cohort report": lambda: _get(clinician, f"/admin/review/{cohort.slug}/report/"),
        "weekly decisions, none due": lambda: decide_due(now=timezone.now),
        "mailer, nothing due": lambda: deliver_due(now=timezone.now),
        "health": lambda: troubles(at=timezone.now()),
        "seats left": lambda: public_cohort_state(at=timezone.now()),
    }


def _get(client: Client, path: str) -> None:
    status = client.get(path).status_code
    assert status == 200, (path, status)


def _median(do: Callable[[], Any]) -> float:
    do()
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        do()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _read_whole(do: Callable[[], Any]) -> set[str]:
    """The big tables that a query of this work reads from end to end, as the planner says."""
    with CaptureQueriesContext(connection) as asked:
        do()
    found: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG])
        big = {name for (name,) in cursor.fetchall()}
        for query in asked.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"].replace("%", "%%"))
                plan = cursor.fetchone()[0]
                found |= set(_scanned(plan if isinstance(plan, list) else json.loads(plan))) & big
    return found


def _scanned(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _scanned(one)
    elif isinstance(node, dict):
        if node.get("Node Type") == "Seq Scan":
            yield node["Relation Name"]
        for value in node.values():
            yield from _scanned(value)


def _all_the_others() -> None:
    """Cohorts of the past, each with its twenty runners, whose runs lie within their twelve weeks."""
    first = date(2020, 1, 6)
    share: dict[str, Any] = {
        "cohorts": COHORTS,
        "seats": RUNNERS // COHORTS,
        "runners": RUNNERS,
        "runs": RUNS_EACH,
        "first": first,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in OTHERS:
            cursor.execute(statement, share)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


OTHERS = (
    """INSERT INTO challenge_cohort (id, name, slug, capacity, opens_at, starts_on, weeks, closed_at, is_public,
                                     is_drill)
       SELECT 1000000 + c, 'Cohort ' || c, 'past-' || c, 20, %(first)s, %(first)s + 7 * (c %% 250), 12,
              %(first)s::timestamptz, true, false
       FROM generate_series(1, %(cohorts)s) AS c""",
    """INSERT INTO challenge_user (id, password, is_superuser, email, name, phone, time_zone, uses_kilometres,
                                   is_staff, is_active, joined_at)
       SELECT 1000000 + r, '!', false, 'past' || r || '@runners.test', 'Runner ' || r, '', 'America/Chicago', false,
              false, true, %(first)s
       FROM generate_series(0, %(runners)s - 1) AS r""",
    """INSERT INTO challenge_seat (id, cohort_id, capacity, number, user_id, email, state, held_at, hold_ends_at,
                                   confirmed_at, end_reason)
       SELECT 1000000 + r, 1000001 + r / %(seats)s, 20, 1 + r %% %(seats)s, 1000000 + r,
              'past' || r || '@runners.test', 'confirmed', %(first)s, %(first)s, %(first)s, ''
       FROM generate_series(0, %(runners)s - 1) AS r""",
    """INSERT INTO challenge_enrollment (id, seat_id, email_content, created_at)
       SELECT 1000000 + r, 1000000 + r, 'targets', %(first)s FROM generate_series(0, %(runners)s - 1) AS r""",
    """INSERT INTO challenge_run (enrollment_id, key, logged_at, pain, site, side, symptoms, note, local_on, distance_m,
                                  duration_s, cadence_spm, cadence_source, surface, hills, effort, strike)
       SELECT 1000000 + r, gen_random_uuid(), day, 0, '', '', '{}', '', day, 5000, 1800, 165, 'watch', 'road', false,
              'easy', ''
       FROM generate_series(0, %(runners)s - 1) AS r, generate_series(1, %(runs)s) AS n,
            LATERAL (SELECT %(first)s + 7 * ((1 + r / %(seats)s) %% 250) + n %% 84 AS day) AS d""",
    """INSERT INTO challenge_outboxmessage (kind, dedupe_key, about, to_email, reply_to, subject, text, html, headers,
                                            attachments, message_id, priority, created_at, send_at, give_up_at, state,
                                            handing_over, unsure, attempts, last_error, sent_at)
       SELECT 'weekly', 'past:' || r || ':' || w, 'enrollment:' || 1000000 + r, 'past' || r || '@runners.test', '',
              'Week', 'Targets', '', '{}', '[]', '<' || r || '.' || w || '@past>', 5, %(first)s, %(first)s, %(first)s,
              'sent', false, false, 1, '', %(first)s
       FROM generate_series(0, %(runners)s - 1) AS r, generate_series(1, 12) AS w""",
)


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "unit": unit, "passed": value <= limit}
