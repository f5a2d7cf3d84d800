"""Every runner's Monday is their own: 06:00 on their clock, right through the changes of daylight saving."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.protocol.local_week import current_week_start, week_decided_at
from challenge.weekly.decide import decide_due
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user

ZONES = ("America/Chicago", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe")
EITHER_SIDE = timedelta(minutes=1)


def mondays(year: int) -> list[date]:
    first = date(year, 1, 5)
    return [first + timedelta(weeks=week) for week in range(52)]


@pytest.mark.parametrize("zone", ZONES)
def test_the_week_turns_at_six_on_the_runners_own_clock_all_year(zone: str) -> None:
    local = ZoneInfo(zone)
    for monday in mondays(2026):
        six = week_decided_at(monday, local)
        shown = six.astimezone(UTC).astimezone(local)
        assert (shown.hour, shown.minute, shown.date()) == (6, 0, monday)
        before = six.astimezone(UTC) - EITHER_SIDE
        assert current_week_start(before, local) == monday - timedelta(weeks=1)
        assert current_week_start(six.astimezone(UTC), local) == monday


@pytest.mark.django_db
@pytest.mark.parametrize("starts_on", [date(2026, 3, 2), date(2026, 10, 5)])
def test_one_email_each_week_at_six_local_across_both_changes(starts_on: date) -> None:
    """A pass half an hour before, at and half an hour after every runner's 06:00."""
    cohort = make_cohort(starts_on=starts_on, opens_at=datetime(2026, 1, 1, tzinfo=UTC), weeks=6)
    runners = {zone: enroll(cohort=cohort, user=make_runner_user(time_zone=zone)) for zone in ZONES}
    sixes = [
        week_decided_at(starts_on + timedelta(weeks=w), ZoneInfo(zone)) for w in range(6) for zone in ZONES
    ]
    half = timedelta(minutes=30)
    for at in sorted({six.astimezone(UTC) + shift for six in sixes for shift in (-half, 0 * half, half)}):
        decide_due(now=lambda at=at: at)  # type: ignore[misc]
    for zone, runner in runners.items():
        rows = WeeklyTarget.objects.filter(enrollment=runner).order_by("week_starts_on")
        local = [row.at.astimezone(ZoneInfo(zone)) for row in rows]
        assert [row.week for row in rows] == [1, 2, 3, 4, 5, 6]
        assert {(moment.weekday(), moment.hour, moment.minute) for moment in local} == {(0, 6, 0)}
        assert OutboxMessage.objects.filter(about=runner.about, kind=MessageKind.WEEKLY).count() == 6


def move(user: User, zone: str) -> None:
    User.objects.filter(pk=user.pk).update(time_zone=zone)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "then"),
    [("Pacific/Kiritimati", "Pacific/Honolulu"), ("Pacific/Honolulu", "Pacific/Kiritimati")],
)
def test_who_changes_zone_gets_neither_two_nor_none(
    enrolled_in: Callable[[str], Enrollment], first: str, then: str
) -> None:
    runner = enrolled_in(first)
    at = datetime(2026, 1, 4, 0, 0, tzinfo=UTC)
    moved = False
    while at < datetime(2026, 1, 21, tzinfo=UTC):
        if not moved and at >= datetime(2026, 1, 11, 20, 0, tzinfo=UTC):
            move(runner.seat.user, then)  # type: ignore[arg-type]
            moved = True
        decide_due(now=lambda at=at: at)  # type: ignore[misc]
        at += timedelta(hours=2)
    assert [t.week for t in WeeklyTarget.objects.order_by("week_starts_on")] == [1, 2, 3]
    assert OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_four_workers_decide_each_runner_once() -> None:
    """A week of passes, eight at a time, each in a connection of its own."""
    cohort = make_cohort(capacity=40)
    for zone in ZONES * 10:
        enroll(cohort=cohort, user=make_runner_user(time_zone=zone))
    errors: list[BaseException] = []

    def work(at: datetime) -> None:
        try:
            decide_due(now=lambda: at)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)
        finally:
            connection.close()

    at = datetime(2026, 1, 4, 18, 0, tzinfo=UTC)
    while at < datetime(2026, 1, 6, tzinfo=UTC):
        passes = [threading.Thread(target=work, args=(at,)) for _ in range(8)]
        for one in passes:
            one.start()
        for one in passes:
            one.join()
        at += timedelta(hours=3)
    assert errors == []
    assert WeeklyTarget.objects.count() == 40
    assert OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).count() == 40
