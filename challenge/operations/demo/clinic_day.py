"""The clinic's Monday in the demo, through the actions that the pages call."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, pause
from challenge.care.complaints import TRACK_SITES, BodyPlace, complaints_of, open_proposals, place_of
from challenge.care.queries import current_phase, open_flags, target_of_week
from challenge.care.stop import open_stop
from challenge.messages.actions import send_message, write_message
from challenge.operations.demo.log_days import DemoRunner
from challenge.protocol.decision import Decision
from challenge.protocol.vocabulary import ComplaintStatus, FlagKind, PauseReason, Side, TestKind
from challenge.review import complaint_actions
from challenge.review.actions import decide_phase
from challenge.review.entry_actions import record_test

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
