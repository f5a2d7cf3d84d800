"""/today/ and a questionnaire with a year of log: few queries, the same with a short log, cheap beside two other pages.

The limits of time were 15 times an empty page of the same runner and once the admin index, of when /today/ had its
statements written by hand. They are what it costs through the ORM on the day of a run, with a tenth more for noise: the
page then judges the log of sixty days, which the other two pages don't. About a third is the building of SQL.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import django

import tests.environment  # noqa: F401 settings are read after it

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from challenge.enrollment.models import Enrollment  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort  # noqa: E402
from tests.factories.log import log_morning, log_run, log_strength  # noqa: E402
from tests.factories.people import use_second_factor  # noqa: E402
from tests.factories.weekly import make_target  # noqa: E402

# Reader, enrollment, parameters, stop, live status, log, target, rare things, questionnaires: each of its own part, a
# millisecond or less together. On the day of a run and the day after, `load.now` reads the log of sixty days: five for
# the entries, one for the intake, one for what a clinician lets count.
MOST_QUERIES = 9
MOST_QUERIES_AFTER_A_RUN = MOST_QUERIES + 7
MOST_QUERIES_OF_QUESTIONS = 12
MOST_TIMES_A_NULL_VIEW = 27.0
MOST_TIMES_THE_ADMIN_INDEX = 2.8
ROUNDS, REQUESTS = 9, 20
UNCOMPRESSED = ("css", "js", "svg", "woff2", "txt", "map", "png", "gif", "webmanifest", "md", "html")


def null(request: HttpRequest) -> HttpResponse:
    """A view that does nothing, behind the same middleware."""
    return HttpResponse("")


urlpatterns = [path("null/", null), path("", include("thrive.urls"))]


def rows() -> list[dict[str, Any]]:
    """Queries with a short and a long log, and processor time over that of its peers in the same process."""
    with _program():
        enrollment, monday = _runner()
        runner, admin = Client(), _superuser()
        assert enrollment.seat.user is not None
        runner.force_login(enrollment.seat.user)
        _queries(runner)  # the first request notes the session's use
        quiet = _queries(runner)
        log_run(enrollment, on=timezone.localdate(), at=timezone.now())
        short = _queries(runner)
        _a_year_of_log(enrollment, monday)
        long = _queries(runner)
        asked = f"/questions/weekly/{_week_asked()}/"
        questions = _queries(runner, asked)
        ours, questionnaire, for_runner, index = _least(
            lambda: runner.get("/today/"),
            lambda: runner.get(asked),
            lambda: runner.get("/null/"),
            lambda: admin.get("/admin/"),
        )
    return [
        _row("/today/: queries", quiet, MOST_QUERIES, "queries"),
        _row("/today/: queries on the day of a run", long, MOST_QUERIES_AFTER_A_RUN, "queries"),
        _row("/today/: queries added by a year of log", long - short, 0, "queries"),
        _row("/today/: time over an empty page's", ours / for_runner, MOST_TIMES_A_NULL_VIEW, "x"),
        _row("/today/: time over the admin index's", ours / index, MOST_TIMES_THE_ADMIN_INDEX, "x"),
        _row("a questionnaire: queries", questions, MOST_QUERIES_OF_QUESTIONS, "queries"),
        _row(
            "a questionnaire: time over /today/'s",
            questionnaire / ours,
            1.0,
            "x",
        ),
    ]


@contextmanager
def _program() -> Iterator[None]:
    """The program as it is served: its own static files under their hashed names, and a database of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(
            ROOT_URLCONF=__name__,
            ALLOWED_HOSTS=["testserver"],
            STATIC_ROOT=folder,
            WHITENOISE_SKIP_COMPRESS_EXTENSIONS=UNCOMPRESSED,
        ),
    ):
        call_command("collectstatic", verbosity=0, interactive=False)
        old = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(old, verbosity=0)


def _superuser() -> Client:
    root = User.objects.create(email="root@bench.test", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    use_second_factor(client, root)
    assert client.get("/admin/").status_code == 200
    return client


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


def _week_asked() -> int:
    """The week whose weekly questions are open: last week's until Thursday, then this week's."""
    return 2 if timezone.localdate().weekday() <= 3 else 3


def _queries(client: Client, path: str = "/today/") -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
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
