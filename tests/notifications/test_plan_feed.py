"""A runner's plan in their own calendar program: the address, what is in it, and what never is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
import vobject
from django.test import Client
from icalendar import Calendar

from challenge.accounts.models import User
from challenge.care.actions import pause, raise_flag
from challenge.care.models import WeeklyTarget
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import EndReason, Enrollment
from challenge.notifications.models import PlanFeed
from challenge.notifications.plan_calendar import address_of_feed
from challenge.protocol.vocabulary import FlagKind, PauseReason
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll
from tests.factories.log import log_strength
from tests.factories.people import make_clinician, make_runner_user, sign_in_now
from tests.factories.weekly import make_target

MONDAY = date(2026, 1, 5)
NINE = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)  # Monday 9:00 AM in Chicago


@pytest.fixture
def nine() -> Iterator[Any]:
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


@pytest.fixture
def runner_page(db: None, nine: Any, client: Client) -> tuple[Client, Enrollment]:
    enrollment = enroll(user=make_runner_user())
    make_target(enrollment)
    assert enrollment.seat.user is not None
    sign_in_now(client, enrollment.seat.user)
    return client, enrollment


def make_address(client: Client, **form: str) -> str:
    """Press the button; return path and key of the address that the page shows."""
    client.post("/me/reminders/calendar/", {"turn": "new", **form})
    address = client.get("/me/reminders/").context["feed_address"]
    parts = urlsplit(address)
    assert parts.path == "/plan.ics"
    return f"{parts.path}?{parts.query}"


def read(path: str) -> list[Any]:
    response = Client().get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert list(vobject.readComponents(response.content.decode())), "a second reader reads it too"
    calendar = Calendar.from_ical(response.content)
    return list(calendar.walk("VEVENT"))


def titles(path: str, title: str = "Strength session") -> list[date]:
    return [event["DTSTART"].dt for event in read(path) if event["SUMMARY"] == title]


def test_the_plan_has_sessions_mondays_and_calls(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    user = enrollment.seat.user
    assert user is not None
    call = make_call(
        availability=make_availability(staff=make_clinician()),
        starts_at=NINE + timedelta(days=1, hours=2),
        at=NINE,
    )
    type(call).objects.filter(pk=call.pk).update(email=user.email)
    path = make_address(client)
    days = titles(path)
    assert len(days) == len(set(days)) > 1
    assert all(later - day >= timedelta(days=2) for day, later in pairwise(days))
    mondays = [event for event in read(path) if event["SUMMARY"] == "Your new week is ready"]
    assert len(mondays) == enrollment.cohort.weeks
    assert mondays[0]["DTSTART"].dt == datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    # Clocks change on March 8: six in the morning stays six in the morning.
    assert {m["DTSTART"].dt.astimezone(user.zone).hour for m in mondays} == {6}
    assert sum(event["SUMMARY"].startswith("Call with") for event in read(path)) == 1


def test_the_number_is_in_it_only_if_chosen(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    spm = WeeklyTarget.objects.get(enrollment=enrollment).cadence_spm
    path = make_address(client)
    text = Client().get(path).content.decode()
    assert "steps a minute" not in text
    client.post("/me/reminders/calendar/", {"shows_number": "on"})
    shown = Client().get(path).content.decode()
    assert shown.count("steps a minute") == 1
    assert f"{spm} steps a minute" in shown


def test_a_session_that_is_done_moves_the_others(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    path = make_address(client)
    before = titles(path)
    assert before[0] == MONDAY
    log_strength(enrollment, on=MONDAY)
    assert MONDAY not in titles(path)
    assert titles(path, "Strength session, done") == [MONDAY]


def test_no_session_and_no_number_while_stopped(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    path = make_address(client, shows_number="on")
    assert titles(path), "there are some before"
    raise_flag(enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=NINE)
    text = Client().get(path).content.decode()
    assert "Strength" not in text
    assert "steps a minute" not in text


def test_no_session_while_paused(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    path = make_address(client)
    assert enrollment.seat.user is not None
    pause(
        enrollment=enrollment, reason=PauseReason.TRAVEL, starts_on=MONDAY, ends_on=None,
        by=enrollment.seat.user, at=NINE,
    )  # fmt: skip
    assert "Strength" not in Client().get(path).content.decode()


def test_a_stop_reaches_no_word_of_the_file(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    path = make_address(client, shows_number="on")
    raise_flag(enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=NINE)
    text = Client().get(path).content.decode().lower().replace("pain-free runner challenge", "")
    for word in ("pain", "achilles", "stop", "hold", "injur", "complaint", "phase", "clinician"):
        assert word not in text


def test_an_unknown_an_old_and_a_revoked_key_find_nothing(runner_page: tuple[Client, Enrollment]) -> None:
    client, _ = runner_page
    old = make_address(client)
    new = make_address(client)
    anyone = Client()
    assert [anyone.get(path).status_code for path in (old, new)] == [404, 200]
    client.post("/me/reminders/calendar/", {"turn": "off"})
    wrong = (new, "/plan.ics", "/plan.ics?key=", "/plan.ics?key=" + "a" * 32, "/plan.ics?key=" + "z" * 7000)
    assert {anyone.get(path).status_code for path in wrong} == {404}


def test_a_runner_who_left_or_a_closed_account_has_no_feed(runner_page: tuple[Client, Enrollment]) -> None:
    client, enrollment = runner_page
    path = make_address(client)
    user = enrollment.seat.user
    assert user is not None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert Client().get(path).status_code == 404
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert Client().get(path).status_code == 200
    withdraw(seat=enrollment.seat, reason=EndReason.WITHDREW, by=user, at=NINE)
    assert Client().get(path).status_code == 404


def test_what_has_not_changed_is_not_sent_again(runner_page: tuple[Client, Enrollment], nine: Any) -> None:
    client, enrollment = runner_page
    path = make_address(client)
    etag = Client().get(path)["ETag"]
    nine.move_to(NINE + timedelta(hours=2))
    again = Client().get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    log_strength(enrollment, on=MONDAY)
    changed = Client().get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag
    assert "no-cache" in changed["Cache-Control"]


def test_the_key_is_in_no_log_and_not_in_the_database(
    runner_page: tuple[Client, Enrollment], caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    client, _ = runner_page
    path = make_address(client)
    key = path.partition("key=")[2]
    Client().get(path)
    Client().get(path + "x")
    out = capfd.readouterr()
    assert key not in caplog.text + out.out + out.err
    assert "plan.ics" in caplog.text, "the request itself is logged"
    row = PlanFeed.objects.get()
    assert key not in row.sealed_key + row.key_sha256


def test_an_address_that_no_key_opens_is_replaced(runner_page: tuple[Client, Enrollment]) -> None:
    client, _ = runner_page
    make_address(client)
    PlanFeed.objects.update(sealed_key="sealed:nothing")
    assert address_of_feed(PlanFeed.objects.get()) is None
    page = client.get("/me/reminders/").content.decode()
    assert "Get a new one." in page


def test_a_feed_is_read_in_a_few_queries(
    runner_page: tuple[Client, Enrollment], django_assert_max_num_queries: Any
) -> None:
    client, enrollment = runner_page
    path = make_address(client)
    for n in range(5):
        log_strength(enrollment, on=MONDAY - timedelta(days=2 * n))
    with django_assert_max_num_queries(25):
        Client().get(path)
