"""Compare the cohort board with the plain admin list of the same twenty runners, after eight weeks of the demo."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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

from challenge.accounts.models import User  # noqa: E402
from challenge.enrollment.models import Cohort, Enrollment  # noqa: E402
from challenge.operations.demo.simulation import simulate  # noqa: E402
from challenge.workouts.actions import AlreadyAnswered  # noqa: E402
from tests.factories.log import log_morning, log_run, log_strength  # noqa: E402
from tests.factories.people import use_second_factor  # noqa: E402

MOST_BOARD_QUERIES, MOST_PAGE_QUERIES = 12, 20
MOST_TIMES_THE_LIST = 1.0
ROUNDS, REQUESTS = 9, 10
LINK = re.compile(r"runners/(\d+)/")
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def rows() -> list[dict[str, Any]]:
    """Queries of the board and of one runner's page, and the board's processor time over the list's."""
    with _database():
        cohort, client = _demo()
        runner = Enrollment.objects.get(seat__user__email="runner@demo.test")
        board = f"/admin/review/{cohort.slug}/"
        page = f"{board}runners/{runner.pk}/"
        plain = f"/admin/challenge/enrollment/?cohort={cohort.pk}"
        _same_twenty(client, board, plain)
        short = _queries(client, board), _queries(client, page)
        ours, theirs = _least(lambda: client.get(board), lambda: client.get(plain))
        _a_year_of_log(runner)
        long = _queries(client, board), _queries(client, page)
    return [
        _row("board: queries", long[0], MOST_BOARD_QUERIES, "queries"),
        _row("board: queries added by a year of log", long[0] - short[0], 0, "queries"),
        _row("runner page: queries", long[1], MOST_PAGE_QUERIES, "queries"),
        _row("runner page: queries added by a year of log", long[1] - short[1], 0, "queries"),
        _row(
            "board: processor time over the admin list's, same runners",
            ours / theirs,
            MOST_TIMES_THE_LIST,
            "x",
        ),
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


def _demo() -> tuple[Cohort, Client]:
    """Twenty runners in their eighth week, and their clinician signed in with a second factor."""
    simulate(runners=20, weeks=8, seed=7, now=timezone.now(), report=str)
    clinician, client = User.objects.get(email="clinician@demo.test"), Client()
    client.force_login(clinician)
    use_second_factor(client, clinician)
    return Cohort.objects.get(slug="first"), client


def _same_twenty(client: Client, board: str, plain: str) -> None:
    """Check that both pages link the same runners; a first request lets both record their access entries."""
    ours, theirs = (set(LINK.findall(client.get(page).content.decode())) for page in (board, plain))
    assert ours == theirs
    assert len(ours) == 20


def _a_year_of_log(enrollment: Enrollment) -> None:
    today: date = timezone.localdate()
    for days in range(364):
        on = today - timedelta(days=days)
        with suppress(AlreadyAnswered):  # the demo's own mornings stay
            log_morning(enrollment, on=on)
        if days % 2:
            log_strength(enrollment, on=on)
        else:
            log_run(enrollment, on=on)


def _queries(client: Client, address: str) -> int:
    """Return the queries of the page, without what only the first request of a minute does, as noting the last use."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
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


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "limit": limit, "unit": unit, "passed": value <= limit}
