"""Simulation of the demo's weeks through the real actions: decisions, logs, the clinic's Monday and email."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.test.utils import override_settings

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, pause
from challenge.care.complaints import TRACK_SITES, BodyPlace, complaints_of, open_proposals, place_of
from challenge.care.queries import current_phase, open_flags, target_of_week
from challenge.care.stop import open_stop
from challenge.mail.delivery import deliver_due
from challenge.messages.actions import send_message, write_message
from challenge.notifications.flag_checks import raise_scheduled_flags
from challenge.operations.demo.log_days import DemoRunner, answer_questions, log_day
from challenge.operations.demo.people import (
    make_clinic,
    make_full_cohort,
    make_open_cohort,
    make_staff,
    make_team,
)
from challenge.operations.demo.staff_pages import decide_and_note, fill_lists_and_calls
from challenge.operations.demo.stories import STORIES
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import local_day, monday_of
from challenge.protocol.vocabulary import ComplaintStatus, FlagKind, PauseReason, Side, TestKind
from challenge.review import complaint_actions
from challenge.review.actions import decide_phase
from challenge.review.entry_actions import record_test
from challenge.weekly.decide import decide_due, revise_out_of_date

TALKS = (
    (
        "May I run the hill loop on Sunday?",
        "Yes, easy up and walking down. Tell us how the next morning feels.",
    ),
    (
        "My new shoes have a lower drop. Keep them?",
        "Keep them for the short runs, the old pair for the long one.",
    ),
    (
        "I travel next week and have no step for the raises.",
        "A stair or a thick book does it. Hold on to something.",
    ),
)
# Weeks after a place began to hurt, and what becomes of it then.
CHANGES = {3: ComplaintStatus.SETTLING, 5: ComplaintStatus.PAST}


def clinic_day(people: list[DemoRunner], *, week: int, monday: date, clinician: User, at: datetime) -> None:
    """Start pauses, answer flags, look after complaints, test, and follow the engine's proposals."""
    for runner in people:
        if runner.story.pause_week == week:
            _pause(runner, monday, at)
        _answer_proposals(runner, monday, clinician, at)
        _answer_flags(runner, clinician, at)
        _look_after_complaints(runner, week, monday, clinician, at)
        if runner.story.tested_week == week:
            _test(runner, clinician, at)
        _follow_proposal(runner, monday, clinician, at)
    talk(people, week=week, clinician=clinician, at=at)


def talk(people: list[DemoRunner], *, week: int, clinician: User, at: datetime) -> None:
    """Let one runner ask on Sunday evening, and the clinician answer on Monday."""
    question, answer = TALKS[week % len(TALKS)]
    runner = people[week % len(people)]
    ask_clinic(runner, question, at=at - timedelta(hours=14))
    send_message(enrollment=runner.enrollment, text=answer, by=clinician, at=at)


def ask_clinic(runner: DemoRunner, text: str, *, at: datetime) -> None:
    """Let a runner write to the clinic."""
    user = runner.enrollment.seat.user
    assert user is not None, "a demo runner has a person"
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{user.email} {at.isoformat()}")
    write_message(enrollment=runner.enrollment, key=key, text=text, by=user, at=at)


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


def _answer_proposals(runner: DemoRunner, monday: date, clinician: User, at: datetime) -> None:
    """Open a complaint for each question of the log about a place, but for a bruise."""
    for flag in open_proposals(runner.enrollment).filter(raised_at__lte=at):
        if runner.story.bruised:
            reason = "A kick at soccer: a bruise, and it’s fading."
            complaint_actions.dismiss_proposal(flag=flag, reason=reason, by=clinician, at=at)
            continue
        site, side = place_of(flag)
        complaint_actions.open_complaint(
            enrollment=runner.enrollment,
            place=BodyPlace(site, side),
            status=ComplaintStatus.PRESENT,
            on=monday,
            reason="It began on a run; we spare it and look again in two weeks.",
            by=clinician,
            at=at,
        )


def _look_after_complaints(
    runner: DemoRunner, week: int, monday: date, clinician: User, at: datetime
) -> None:
    """Let what began under way settle and close, and approve the track that the story wants."""
    story = runner.story
    who: dict[str, Any] = {"by": clinician, "at": at, "on": monday}
    for row in complaints_of(runner.enrollment):
        began = story.later_week if row.site == story.later_site else 0
        status = CHANGES.get(week - began) if began else None
        if status is not None and row.status != status:
            reason = "Two calm weeks." if status is ComplaintStatus.SETTLING else "Nothing left of it."
            complaint_actions.change_complaint(complaint=row, status=status, reason=reason, **who)
        if story.track_week == week and row.site in TRACK_SITES and not row.track_approved:
            complaint_actions.approve_track(
                complaint=row, approved=True, reason="Holds are fine; the rest follows.", **who
            )


def _test(runner: DemoRunner, clinician: User, at: datetime) -> None:
    """Record a heel-raise and a hop test of both legs."""
    for kind, repetitions in ((TestKind.HEEL_RAISE, 24), (TestKind.HOP, 20)):
        record_test(
            enrollment=runner.enrollment,
            kind=kind,
            side=Side.BOTH,
            repetitions=repetitions,
            pain=1,
            not_tested_because="",
            note="Both legs alike.",
            by=clinician,
            at=at,
        )


DECIDED_BY = time(15, 5)  # UTC: past Monday 06:00 in every zone of the stories
CLINIC_HOURS = time(17, 30)


def simulate(*, runners: int, weeks: int, seed: int, now: datetime, report: Callable[[str], object]) -> None:
    """Create the full cohort, play it up to `now` in its week `weeks`, then create the open cohort.

    `report` gets a line after each week. Emails are marked as sent and delivered to no one.
    """
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        make_clinic(at=now)
        make_team(at=now)
        clinician = make_staff()
        this_monday = monday_of(local_day(now, clinician.zone))
        first = this_monday - timedelta(weeks=weeks - 1)
        people = make_full_cohort(stories=STORIES[:runners], monday=first, clinician=clinician, seed=seed)
        deliver_due(now=lambda: _moment(first, time(0)))
        for week in range(1, weeks + 1):
            monday = first + timedelta(weeks=week - 1)
            _simulate_week(people, week=week, monday=monday, clinician=clinician, now=now)
            report(f"week {week}")
        # One question waits, as on any day.
        ask_clinic(people[0], "Is it fine to swap Tuesday and Wednesday?", at=now - timedelta(minutes=50))
        following = make_open_cohort(now=now, clinician=clinician)
        fill_lists_and_calls(cohort=following, clinician=clinician, now=now)
        deliver_due(now=lambda: now)


def _simulate_week(
    people: list[DemoRunner], *, week: int, monday: date, clinician: User, now: datetime
) -> None:
    at = min(_moment(monday, DECIDED_BY), now)
    decide_due(now=lambda: at)
    deliver_due(now=lambda: at)
    if _moment(monday, CLINIC_HOURS) <= now:
        clinic_at = _moment(monday, CLINIC_HOURS)
        clinic_day(people, week=week, monday=monday, clinician=clinician, at=clinic_at)
        decide_and_note(people, week=week, clinician=clinician, at=clinic_at)
    for day in (monday + timedelta(days=n) for n in range(7)):
        for runner in people:
            if (evening := log_day(runner, day=day, week=week, until=now)) is not None:
                answer_questions(runner, day=day, week=week, at=evening + timedelta(hours=1))
        # 06:00 UTC is 10 PM in Los Angeles, after the last entry of the day.
        night = min(_moment(day + timedelta(days=1), time(6)), now)
        revise_out_of_date(at=night)
        raise_scheduled_flags(at=night)
        deliver_due(now=lambda moment=night: moment)  # type: ignore[misc]


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, UTC)
