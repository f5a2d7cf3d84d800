"""/today/ with a year of log: at most eight queries, the same with a short log, and cheap beside an empty page."""

from __future__ import annotations

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
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.enrollment.models import Enrollment  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort  # noqa: E402
from tests.factories.log import log_morning, log_run, log_strength  # noqa: E402
from tests.factories.targets import make_target  # noqa: E402

MOST_QUERIES = 8
MOST_TIMES_A_NULL_VIEW = 15.0
ROUNDS, REQUESTS = 7, 20
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def null(request: HttpRequest) -> HttpResponse:
    """A view that does nothing, for the same signed-in runner behind the same middleware."""
    return HttpResponse("")


urlpatterns = [path("null/", null), path("", include("thrive.urls"))]


def rows() -> list[dict[str, Any]]:
    """Queries with a short and a long log, and processor time over that of a view that does nothing."""
    with _database():
        enrollment, monday = _runner()
        client, user = Client(), enrollment.seat.user
        assert user is not None
        client.force_login(user)
        _queries(client)  # the first request notes the session's use
        short = _queries(client)
        _a_year_of_log(enrollment, monday)
        long = _queries(client)
        ours, nothing = _least(lambda: client.get("/today/"), lambda: client.get("/null/"))
    return [
        _row("/today/: queries", long, MOST_QUERIES, "queries"),
        _row("/today/: queries added by a year of log", long - short, 0, "queries"),
        _row(
            "/today/: processor time over a null view's, same runner",
            ours / nothing,
            MOST_TIMES_A_NULL_VIEW,
            "x",
        ),
    ]


@contextmanager
def _database() -> Iterator[None]:
    storages = settings.STORAGES | PLAIN_FILES
    with override_settings(ROOT_URLCONF=__name__, STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        old = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(old, verbosity=0)


def _runner() -> tuple[Enrollment, date]:
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=2), opens_at=timezone.now() - timedelta(days=30))
    enrollment = enroll(cohort=cohort)
    make_target(enrollment, monday=monday)
    return enrollment, monday


def _a_year_of_log(enrollment: Enrollment, monday: date) -> None:
    """Four runs, three sessions and three mornings in each of 52 weeks, this one included."""
    at = timezone.now()
    for week in range(52):
        for day in range(7):
            on = monday - timedelta(weeks=week) + timedelta(days=day)
            if on > timezone.localdate():
                continue
            if day % 2:
                log_strength(enrollment, on=on, at=at)
                log_morning(enrollment, on=on, at=at)
            else:
                log_run(enrollment, on=on, at=at)


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "limit": limit, "unit": unit, "passed": value <= limit}


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/today/").status_code == 200
    return len(captured)


def _least(*works: Callable[[], Any]) -> list[float]:
    """The least processor time of each in turns, so that a busy machine slows them alike."""
    least = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for position, work in enumerate(works):
            started = time.process_time()
            for _ in range(REQUESTS):
                work()
            least[position] = min(least[position], time.process_time() - started)
    return least
