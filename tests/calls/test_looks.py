"""A call booked with a runner's address is that runner's data: every staff member who reads it leaves an entry."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import accesses_to
from challenge.calls.actions import move
from challenge.calls.emails import feed_link
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Availability
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.people import make_front_desk, make_owner, use_second_factor

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago


@pytest.fixture
def availability(db: None) -> Availability:
    return make_availability()


@pytest.fixture
def call(availability: Availability, runner: User) -> Booking:
    """The runner's call, and a visitor's of the same week."""
    make_call(availability=availability, starts_at=TEN + timedelta(hours=1), at=NOW)
    return make_call(availability=availability, starts_at=TEN, at=NOW, email=runner.email)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def looks_at(runner: User) -> list[tuple[User, str]]:
    return [(entry.viewer, entry.what) for entry in accesses_to(runner).order_by("pk")]


@time_machine.travel(NOW, tick=False)
def test_the_week_leaves_one_entry_a_runner_and_day_and_none_for_visitors(
    call: Booking, runner: User
) -> None:
    desk = make_front_desk()
    client = signed_in(desk)
    for _ in range(2):
        assert client.get(reverse("calls_admin:week")).status_code == 200
    assert looks_at(runner) == [(desk, "week of calls")]
    assert AccessEntry.objects.count() == 1
    with time_machine.travel(NOW + timedelta(hours=12), tick=False):
        again = signed_in(desk)
        again.get(reverse("calls_admin:week"))
    assert looks_at(runner) == [(desk, "week of calls")] * 2
    client.get(reverse("calls_admin:week"), {"week": "2026-02-02"})
    assert len(looks_at(runner)) == 2, "a week without their call is no look at them"


@time_machine.travel(NOW, tick=False)
def test_the_days_second_look_at_runners_calls_takes_six_queries(call: Booking) -> None:
    client = signed_in(make_front_desk())
    client.get(reverse("calls_admin:week"))
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("calls_admin:week"))
    assert len([q for q in found if not re.search("usersession|mfa_|SAVEPOINT", q["sql"])]) <= 6


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("page", ["call", "move"])
def test_each_page_of_one_call_leaves_an_entry(call: Booking, runner: User, page: str) -> None:
    owner = make_owner()
    assert signed_in(owner).get(reverse(f"calls_admin:{page}", args=[call.pk])).status_code == 200
    assert looks_at(runner) == [(owner, "call")]


@time_machine.travel(NOW, tick=False)
def test_a_change_of_hours_that_lists_a_runners_call_leaves_an_entry(
    call: Booking, availability: Availability, runner: User
) -> None:
    address = reverse("calls_admin:enter_leave", args=[availability.pk])
    leave = {"first": "2026-01-08", "last": "2026-01-08"}
    answer = signed_in(availability.staff).post(address, leave)
    assert (answer.status_code, call.name in answer.text) == (409, True)
    assert looks_at(runner) == [(availability.staff, "calls in the way")]


@time_machine.travel(NOW, tick=False)
def test_a_calendar_program_leaves_one_entry_for_each_time_a_call_has(
    call: Booking, availability: Availability, runner: User
) -> None:
    signed_in(availability.staff).post(reverse("calls_admin:renew_feed", args=[availability.pk]))
    availability.refresh_from_db()
    link = feed_link(availability)
    assert link is not None
    given = [(availability.staff, "calls in a calendar")]
    for hours in (0, 1, 2):
        with time_machine.travel(NOW + timedelta(hours=hours, minutes=1), tick=False):
            assert "Call with Robin V." in Client().get(link).text
            assert looks_at(runner) == given, "fetched again, it is the same look"
    moved_at = NOW + timedelta(hours=3)
    move(
        booking=call,
        starts_at=TEN + timedelta(hours=25),
        staff_id=availability.staff_id,
        by=None,
        at=moved_at,
    )
    for hours in (24, 25):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            Client().get(link)
            assert looks_at(runner) == given * 2
