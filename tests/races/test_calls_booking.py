"""Calls and a crowd: real connections, real web workers, real PostgreSQL. No one is ever booked twice."""

import http.client
import itertools
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.program import Program, running_program
from tests.races.crowd import CSRF, at_once

ROUNDS = 18
FEWER = 4
SOME_OR_ALL = pytest.mark.parametrize("rounds", [6, pytest.param(ROUNDS, marks=pytest.mark.deep)])
VISITORS = 40
_addresses = itertools.count(1)

MAKE_STAFF = """
import json
from datetime import time
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from challenge.accounts.models import User
from challenge.calls.schedule_models import Availability, Hours

user = User.objects.create_user({email!r}, name="Dana Reed", is_staff=True, time_zone="UTC")
user.groups.add(Group.objects.get(name="clinician"))
row = Availability.objects.create(
    staff=user, time_zone="UTC", length_min=20, step_min=5, buffer_after_min=10, notice_min=0, calls_a_day=40
)
Hours.objects.bulk_create(
    Hours(availability=row, weekday=day, starts=time(9), ends=time(14)) for day in range(7)
)
store = import_module(settings.SESSION_ENGINE).SessionStore()
store.update({{
    SESSION_KEY: str(user.pk),
    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
    HASH_SESSION_KEY: user.get_session_auth_hash(),
}})
store.create()
print(json.dumps({{"staff": user.pk, "hours": row.pk, "session": store.cookie}}))
"""
OVERLAPS = """
SELECT count(*) FROM challenge_booking a JOIN challenge_booking b
    ON a.staff_id = b.staff_id AND a.id < b.id AND a.busy && b.busy
WHERE a.state = 'booked' AND b.state = 'booked' AND a.staff_id = ANY(%s)
"""


class Clinic:
    """Clinicians of one test in a running program, and the visitors who post to it."""

    def __init__(self, program: Program, *, clinicians: int) -> None:
        self.program = program
        self.ask("UPDATE challenge_availability SET takes_calls = false")
        made = [MAKE_STAFF.format(email=f"{uuid.uuid4().hex}@clinic.test") for _ in range(clinicians)]
        self.staff: list[dict[str, Any]] = [json.loads(program.shell(code)) for code in made]

    def ask(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.program.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(sql, arguments)
            return cursor.fetchall() if cursor.description else []

    def post(
        self, path: str, fields: dict[str, str], *, session: str = "", **headers: str
    ) -> tuple[int, str]:
        """Status and where it leads. Every visitor comes from a network of their own."""
        number = next(_addresses)
        connection = http.client.HTTPConnection(self.program.url.removeprefix("http://"), timeout=60)
        connection.request(
            "POST",
            path,
            urlencode({"csrfmiddlewaretoken": CSRF, **fields}),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"csrftoken={CSRF}; sessionid={session}",
                "X-Forwarded-For": f"10.{number >> 8 & 255}.{number & 255}.1",
                **headers,
            },
        )
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status, response.headers.get("Location", "")

    def book(self, start: datetime, *, whom: int | None = None, guarded: bool = True) -> tuple[int, str]:
        return self.post(
            "/call/",
            {
                "slot": f"{start:%Y-%m-%dT%H:%MZ}",
                "whom": str(whom or "any"),
                "zone": "UTC",
                "key": str(uuid.uuid4()),
                "name": "Robin Vale",
                "email": f"{uuid.uuid4().hex}@callers.test",
            },
            **({} if guarded else {"X-No-Lock": "1"}),
        )

    def move(self, link: str, start: datetime, whom: int) -> int:
        return self.post(f"{link}move/", {"slot": f"{start:%Y-%m-%dT%H:%MZ}", "whom": str(whom)})[0]

    def enter_leave(self, day: datetime) -> int:
        only = self.staff[0]
        path = f"/admin/calls/hours/{only['hours']}/leave/"
        leave = {"first": f"{day:%Y-%m-%d}", "last": f"{day:%Y-%m-%d}"}
        return self.post(path, leave, session=only["session"])[0]

    @property
    def ids(self) -> list[int]:
        return [member["staff"] for member in self.staff]

    def overlaps(self) -> int:
        return int(self.ask(OVERLAPS, self.ids)[0][0])

    def booked(self) -> int:
        found = self.ask(
            "SELECT count(*) FROM challenge_booking WHERE staff_id = ANY(%s) AND state = 'booked'", self.ids
        )
        return int(found[0][0])


def running(**variables: str) -> Any:
    return running_program(
        parts=("web",),
        DJANGO_SETTINGS_MODULE="tests.races.settings",
        TRUSTED_PROXY_COUNT="1",
        REQUIRE_STAFF_MFA="0",
        **variables,
    )


@pytest.fixture(scope="module")
def calls_program() -> Iterator[Program]:
    with running() as program:
        yield program


@pytest.fixture(scope="module")
def unguarded_calls() -> Iterator[Program]:
    """The same program on a throw-away database without the exclusion constraint."""
    with running() as program:
        with psycopg.connect(program.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("ALTER TABLE challenge_booking DROP CONSTRAINT call_staff_is_booked_once")
        yield program


def morning(days: int) -> datetime:
    """Ten o'clock UTC, so many days from now."""
    today = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days + 1)


def statuses(results: list[Any]) -> Counter[int]:
    assert [result for result in results if isinstance(result, Exception)] == []
    return Counter(result[0] for result in results)


@SOME_OR_ALL
def test_forty_overlapping_bookings_at_once_never_overlap(calls_program: Program, rounds: int) -> None:
    clinic = Clinic(calls_program, clinicians=1)
    booked = 0
    for n in range(rounds):
        first = morning(n)
        # Odd rounds all want the same quarter of an hour; even rounds want starts five minutes apart.
        wanted = [first + timedelta(minutes=5 * (i % 3 if n % 2 else i)) for i in range(VISITORS)]
        crowd: list[Any] = [lambda s=start: clinic.book(s) for start in wanted]
        got = statuses(at_once(crowd, connections=VISITORS))
        assert set(got) <= {302, 409}, got
        assert got[302] >= 1
        if n % 2:
            assert got[302] == 1
        booked += got[302]
    assert clinic.overlaps() == 0
    assert clinic.booked() == booked


def test_anyone_with_two_free_gives_two(calls_program: Program) -> None:
    clinic = Clinic(calls_program, clinicians=2)
    for n in range(FEWER):
        start = morning(n)
        crowd: list[Any] = [lambda s=start: clinic.book(s) for _ in range(10)]
        got = statuses(at_once(crowd))
        assert got == {302: 2, 409: 8}
    assert clinic.overlaps() == 0
    assert clinic.booked() == 2 * FEWER


def test_booking_against_leave_never_books_into_it_unasked(calls_program: Program) -> None:
    clinic = Clinic(calls_program, clinicians=1)
    inside = (
        "SELECT count(*) FROM challenge_booking b JOIN challenge_leave l ON l.availability_id = %s "
        "WHERE b.staff_id = %s AND b.state = 'booked' AND b.starts_at < l.ends_at AND b.ends_at > l.starts_at"
    )
    outcomes: Counter[int] = Counter()
    for n in range(FEWER):
        day = morning(n)
        tasks: list[Any] = [lambda d=day, i=i: clinic.book(d + timedelta(minutes=30 * i)) for i in range(6)]
        tasks.insert(n % 6, lambda d=day: (clinic.enter_leave(d), ""))
        results = at_once(tasks)
        assert set(statuses(results)) <= {302, 409}
        outcomes[results[n % 6][0]] += 1
        only = clinic.staff[0]
        assert clinic.ask(inside, only["hours"], only["staff"])[0][0] == 0
    assert clinic.overlaps() == 0
    assert sum(outcomes.values()) == FEWER


@pytest.mark.deep
def test_moving_against_booking_loses_no_call_and_doubles_none(calls_program: Program) -> None:
    clinic = Clinic(calls_program, clinicians=2)
    one, two = clinic.ids
    for n in range(FEWER):
        first = morning(n)
        second = first + timedelta(hours=1)
        (_, mine), (_, theirs) = clinic.book(first, whom=one), clinic.book(second, whom=two)
        mine, theirs = (link.removesuffix("?new") for link in (mine, theirs))
        tasks: list[Any] = [
            # Two calls change clinicians crosswise, while others book where they go and where they were.
            lambda m=mine, t=second: (clinic.move(m, t + timedelta(minutes=5), two), "move"),
            lambda m=theirs, t=first: (clinic.move(m, t + timedelta(minutes=5), one), "move"),
            *[
                lambda t=t, w=w: clinic.book(t, whom=w)
                for t in (first, second)
                for w in (one, two)
                for _ in "123"
            ],
        ]
        results = at_once(tasks)
        assert set(statuses(results)) <= {302, 409}
        standing = clinic.ask(
            "SELECT count(*) FROM challenge_booking WHERE state = 'booked' AND staff_id = ANY(%s) "
            "AND starts_at BETWEEN %s AND %s",
            clinic.ids,
            first - timedelta(hours=2),
            second + timedelta(hours=2),
        )
        made = sum(status == 302 for status, kind in results if kind != "move")
        assert standing[0][0] == made + 2
        assert clinic.overlaps() == 0


def test_without_lock_and_constraint_the_same_crowd_is_booked_twice(unguarded_calls: Program) -> None:
    """The races above can fail: this is what they look like when they do."""
    clinic = Clinic(unguarded_calls, clinicians=1)
    for n in range(ROUNDS):
        start = morning(n)
        crowd: list[Any] = [lambda s=start: clinic.book(s, guarded=False) for _ in range(VISITORS)]
        at_once(crowd, connections=VISITORS)
        if clinic.overlaps():
            return
    pytest.fail("no double booking without the guards: the races prove nothing")
