"""1,000 cohorts, 20,000 runners and 5 million runs compared with one cohort: nothing reads a big table from end to end.

The database exists twice: with one cohort alone, and with the same cohort among all the others. Each page and job
is timed in both by turns, so that a busy machine slows them alike. A job with something to do is taken back after each
time, so that every time does the same.
"""

from __future__ import annotations

import gc
import logging
import statistics
import time
import uuid
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
from django.db import connections, transaction  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from challenge.calls.emails import feed_link  # noqa: E402
from challenge.calls.periodic import remind  # noqa: E402
from challenge.calls.schedule_models import Availability  # noqa: E402
from challenge.enrollment.actions import hold_seat  # noqa: E402
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment  # noqa: E402
from challenge.enrollment.queries import public_cohort_state  # noqa: E402
from challenge.feedback.actions import answer_week  # noqa: E402
from challenge.mail.delivery import deliver_due  # noqa: E402
from challenge.notifications import flag_checks, notices  # noqa: E402
from challenge.operations.queries import failing_checks  # noqa: E402
from challenge.privacy.actions import erase_account  # noqa: E402
from challenge.privacy.queries import everything_about  # noqa: E402
from challenge.privacy.retention import apply_retention  # noqa: E402
from challenge.review.actions import set_cadence  # noqa: E402
from challenge.weekly.decide import decide_due, revise_out_of_date  # noqa: E402
from challenge.workouts.import_actions import read_next  # noqa: E402
from tests.bench.scale_plans import read_whole  # noqa: E402
from tests.bench.scale_rows import make_others  # noqa: E402
from tests.factories.calls import make_availability, make_call  # noqa: E402
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort, place_on_a_list  # noqa: E402
from tests.factories.log import log_morning, log_run, log_strength  # noqa: E402
from tests.factories.people import (  # noqa: E402
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

MOST_TIMES_SLOWER = 2.0
ROUNDS = 15
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
VISITOR_PAGES = ("/", "/call/", "/early-access/", "/guide/")
RUNNER_PAGES = (
    "/today/", "/log/", "/log/run/", "/plan/", "/plan/1/", "/progress/", "/metronome/", "/messages/", "/together/",
    "/feedback/", "/me/", "/join/",
)  # fmt: skip
CLINICIAN_PAGES = (
    "/admin/", "/admin/challenge/run/", "/admin/challenge/flag/", "/admin/challenge/morning/",
    "/admin/challenge/strengthsession/", "/admin/challenge/weeklytarget/", "/admin/challenge/enrollment/",
    "/admin/challenge/entryrevision/", "/admin/challenge/outboxmessage/", "/admin/targets/",
    "/admin/targets/coming/{cohort}/", "/admin/targets/coming/runners/{runner}/", "/admin/calls/",
    "/admin/messages/", "/admin/messages/runners/{runner}/",
    "/admin/review/{cohort}/", "/admin/review/{cohort}/runners/{runner}/", "/admin/review/{cohort}/report/",
    "/admin/review/{cohort}/what-if/?name=consistent_runs&value=4",
)  # fmt: skip
DESK_PAGES = (
    "/admin/calls/", "/admin/calls/week/", "/admin/calls/book/", "/admin/calls/hours/",
    "/admin/seats/", "/admin/seats/launch/", "/admin/seats/{cohort}/", "/admin/challenge/booking/",
    "/admin/challenge/seat/", "/admin/challenge/cohort/",
    "/admin/challenge/ledgerentry/", "/admin/challenge/earlyaccess/",
)  # fmt: skip
# Pages that say how many wait on a list, and so read all who wait on it.
COUNTED = {
    "desk /admin/calls/": {"challenge_earlyaccess"},
    "desk /admin/seats/launch/": {"challenge_earlyaccess", "challenge_ledgerentry"},
}
OWNER_PAGES = ("/admin/challenge/user/", "/admin/challenge/accessentry/", "/admin/challenge/weekfeedback/")
Work = dict[str, Callable[[], Any]]


def rows() -> list[dict[str, Any]]:
    """For each page and job: how many big tables it reads whole, and its median over that on the small database."""
    logging.disable(logging.INFO)
    with _database():
        cohort, enrollment, carer = _one_cohort()
        work = _work(cohort, enrollment, carer)
        with _a_second_database() as (small, large):
            connections["default"] = large
            make_others(staff=carer)
            whole = {
                name: read_whole(name, do).keys() - COUNTED.get(name, set()) for name, do in work.items()
            }
            slower = {name: _times_slower(do, small, large) for name, do in work.items()}
    logging.disable(logging.NOTSET)
    found = [_row(f"{name}: big tables read whole", len(whole[name]), 0, "tables") for name in work]
    return found + [
        _row(f"{name}: median over one cohort's", slower[name], MOST_TIMES_SLOWER, "x") for name in work
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


@contextmanager
def _a_second_database() -> Iterator[tuple[BaseDatabaseWrapper, BaseDatabaseWrapper]]:
    """Provide the database and a copy of it; the one in `connections` is used. The copy is removed."""
    small = connections["default"]
    name = str(small.settings_dict["NAME"])
    large = connections.create_connection("default")
    large.settings_dict = small.settings_dict | {"NAME": f"{name}_among_others"}
    small.close()
    with small._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}_among_others TEMPLATE {name}")
    try:
        yield small, large
    finally:
        large.close()
        connections["default"] = small
        with small._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}_among_others")


def _one_cohort() -> tuple[Cohort, Enrollment, User]:
    """Twenty runners in their third week, with logs and decisions; a call; and a cohort to come with a free seat.

    Each has given feedback, and as many wait on the list: a list is measured against a list.
    """
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=2), opens_at=timezone.now() - timedelta(days=30))
    enrollments = [enroll(cohort=cohort) for _ in range(20)]
    for enrollment in enrollments:
        for days in range(1, 14, 2):
            log_run(enrollment, today - timedelta(days=days))
            log_morning(enrollment, today - timedelta(days=days))
        log_strength(enrollment, today - timedelta(days=2))
        said: dict[str, Any] = {"key": uuid.uuid4(), "week": 1, "ease": 3, "text": "", "at": timezone.now()}
        answer_week(enrollment=enrollment, **said)
        place_on_a_list()
    make_open_cohort()
    carer = make_clinician()
    CohortClinician.objects.create(cohort=cohort, user=carer)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    diary: dict[str, Any] = {"days": range(7), "starts": time_of_day(0), "ends": time_of_day(23)}
    availability = make_availability(**diary, staff=carer, feed_key=uuid.uuid4())
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
    work: Work = {}
    for who, client, paths in (
        ("visitor", Client(), VISITOR_PAGES),
        ("runner", runner, RUNNER_PAGES),
        ("clinician", clinician, CLINICIAN_PAGES),
        ("desk", desk, DESK_PAGES),
        ("owner", owner, OWNER_PAGES),
    ):
        work |= {f"{who} {path}": partial(_get, client, path.format(**names)) for path in paths}
    return work | _acts(enrollment, person, carer) | _jobs()


def _acts(enrollment: Enrollment, person: User, carer: User) -> Work:
    """What people do; each is taken back, with what the database checks when a transaction ends."""
    at, today = timezone.now(), timezone.localdate()
    opened = Cohort.objects.get(closed_at=None, opens_at__gt=at - timedelta(days=2))
    comer, feed = make_runner_user(), feed_link(Availability.objects.get())
    assert feed is not None
    return {
        "calendar feed": lambda: _get(Client(), feed.removeprefix(settings.SITE_URL)),
        "a run logged": lambda: _taken_back(lambda: log_run(enrollment, today, at=at)),
        "a session logged": lambda: _taken_back(lambda: log_strength(enrollment, today, at=at)),
        "a morning answered": lambda: _taken_back(lambda: log_morning(enrollment, today, at=at)),
        "a seat held": lambda: _taken_back(lambda: hold_seat(cohort=opened, user=comer, by=comer, at=at)),
        "a cadence set by hand": lambda: _taken_back(
            lambda: set_cadence(enrollment=enrollment, cadence_spm=150, reason="Gently.", by=carer, at=at)
        ),
        "export": lambda: everything_about(person),
        "a runner erased": lambda: _taken_back(lambda: erase_account(user=person, by=person, at=at)),
    }


def _jobs() -> Work:
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
        "flags of silence and mail": lambda: _taken_back(
            lambda: flag_checks.raise_scheduled_flags(at=thursday)
        ),
        "call reminders": lambda: _taken_back(lambda: remind(at=timezone.now())),
        "activity files, none waiting": lambda: read_next(at=timezone.now()),
        "retention": lambda: apply_retention(at=timezone.now()),
        "health": lambda: failing_checks(at=timezone.now()),
        "seats left": lambda: public_cohort_state(at=timezone.now()),
    }


def _taken_back(do: Callable[[], Any]) -> None:
    with transaction.atomic():
        do()
        connections["default"].check_constraints()
        transaction.set_rollback(True)


def _get(client: Client, path: str) -> None:
    status = client.get(path).status_code
    assert status == 200, (path, status)


def _times_slower(do: Callable[[], Any], small: BaseDatabaseWrapper, large: BaseDatabaseWrapper) -> float:
    """The median in the large database over that in the small one, taken by turns."""
    times: dict[BaseDatabaseWrapper, list[float]] = {small: [], large: []}
    gc.collect()
    for turn in range(ROUNDS + 1):
        for database, taken in times.items():
            connections["default"] = database
            begun = time.perf_counter()
            do()
            if turn:  # the first warms up
                taken.append(time.perf_counter() - begun)
    return statistics.median(times[large]) / statistics.median(times[small])


def _row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "unit": unit, "passed": value <= limit}
