"""Simulation of the demo's weeks through the real actions: decisions, logs, a clinician's work and email."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.test.utils import override_settings

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, pause
from challenge.care.queries import current_phase, open_flags, target_of_week
from challenge.care.stop import open_stop
from challenge.mail.delivery import deliver_due
from challenge.notifications.flag_checks import raise_scheduled_flags
from challenge.operations.demo.log_days import DemoRunner, log_day
from challenge.operations.demo.people import make_full_cohort, make_open_cohort, make_staff
from challenge.operations.demo.stories import STORIES
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import local_day, monday_of
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.review.actions import decide_phase
from challenge.weekly.decide import decide_due
from challenge.weekly.revise import revise_out_of_date

DECIDED_BY = time(15, 5)  # UTC: past Monday 06:00 in every zone of the stories
CLINIC_HOURS = time(17, 30)


def simulate(*, runners: int, weeks: int, seed: int, now: datetime, report: Callable[[str], object]) -> None:
    """Create the full cohort, play it up to `now` in its week `weeks`, then create the open cohort.

    `report` gets a line after each week. Emails are marked as sent and delivered to no one.
    """
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        clinician = make_staff()
        this_monday = monday_of(local_day(now, clinician.zone))
        first = this_monday - timedelta(weeks=weeks - 1)
        people = make_full_cohort(stories=STORIES[:runners], monday=first, clinician=clinician, seed=seed)
        deliver_due(now=lambda: _moment(first, time(0)))
        for week in range(1, weeks + 1):
            monday = first + timedelta(weeks=week - 1)
            _simulate_week(people, week=week, monday=monday, clinician=clinician, now=now)
            report(f"week {week}")
        make_open_cohort(now=now, clinician=clinician)
        deliver_due(now=lambda: now)


def _simulate_week(
    people: list[DemoRunner], *, week: int, monday: date, clinician: User, now: datetime
) -> None:
    at = min(_moment(monday, DECIDED_BY), now)
    decide_due(now=lambda: at)
    deliver_due(now=lambda: at)
    if _moment(monday, CLINIC_HOURS) <= now:
        _clinic_day(people, week=week, monday=monday, clinician=clinician)
    for day in (monday + timedelta(days=n) for n in range(7)):
        for runner in people:
            log_day(runner, day=day, week=week, until=now)
        # 06:00 UTC is 10 PM in Los Angeles, after the last entry of the day.
        evening = min(_moment(day + timedelta(days=1), time(6)), now)
        revise_out_of_date(at=evening)
        raise_scheduled_flags(at=evening)
        deliver_due(now=lambda moment=evening: moment)  # type: ignore[misc]


def _clinic_day(people: list[DemoRunner], *, week: int, monday: date, clinician: User) -> None:
    """Start the planned pauses, acknowledge the flags and follow the engine's proposals."""
    at = _moment(monday, CLINIC_HOURS)
    for runner in people:
        if runner.story.pause_week == week:
            _pause(runner, monday, at)
        _answer_flags(runner, clinician, at)
        _follow_proposal(runner, monday, clinician, at)


def _pause(runner: DemoRunner, monday: date, at: datetime) -> None:
    user = runner.enrollment.seat.user
    assert user is not None, "a demo runner has a person"
    pause(
        enrollment=runner.enrollment,
        reason=PauseReason.TRAVEL,
        starts_on=monday,
        ends_on=monday + timedelta(days=6),
        by=user,
        at=at,
    )


def _answer_flags(runner: DemoRunner, clinician: User, at: datetime) -> None:
    """Acknowledge every open flag except stop flags, so that the board has something to decide."""
    for flag in open_flags(runner.enrollment).filter(raised_at__lte=at, taken_at__isnull=True):
        if flag.kind != FlagKind.STOP:
            acknowledge_flag(flag=flag, by=clinician, at=at)


def _follow_proposal(runner: DemoRunner, monday: date, clinician: User, at: datetime) -> None:
    target = target_of_week(runner.enrollment, week_starts_on=monday)
    if target is None or open_stop(runner.enrollment) is not None:
        return
    decision = Decision.from_json(target.decision)
    proposed = decision.phase.proposed
    if proposed is None or proposed.value == current_phase(runner.enrollment):
        return
    decide_phase(
        enrollment=runner.enrollment,
        expected_phase=decision.phase.present.value,
        to_phase=proposed.value,
        reason="The weeks were calm and the log is complete; we go on as proposed.",
        by=clinician,
        at=at,
    )


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, UTC)
