"""What clinicians decide: each one transaction, one row, a new revision of the week, and a neutral email."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar, Unpack

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care import overrides
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.care.queries import current_targets, open_flags, target_of_week
from challenge.enrollment.models import Enrollment, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import current_week_start
from challenge.review import emails
from challenge.review.models import Contact, Message, Note, OutcomeScore
from challenge.review.queries import page_version
from challenge.weekly.revise import revise_week
from challenge.workouts.models import Run

Because = WeeklyTarget.RevisionReason


class StalePage(Exception):
    """The runner's week was decided anew after the page was loaded: look again, then decide."""


def check_page_is_fresh(*, enrollment: Enrollment, seen: str) -> None:
    """Raises PageIsOld where `seen`, the mark of the page, is not the mark of now.

    Call it inside the transaction of the decision: the runner stays locked until that ends, so that of two clinicians
    deciding at once the second is told what the first did.
    """
    runner = (
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("seat")
        .get(pk=enrollment.pk)
    )
    if runner.seat.state != SeatState.CONFIRMED:
        raise StalePage("This runner has left the challenge: there is nothing to decide any more.")
    if seen != page_version(enrollment):
        raise StalePage(
            "Something changed since you opened this page: look at it again, then decide. What you wrote is kept."
        )


def decide_phase(
    *, enrollment: Enrollment, expected_phase: int, to_phase: int, reason: str, by: User, at: datetime
) -> PhaseChange:
    """Advance, hold or step back, with what the engine showed. Raises care.PhaseNotReady."""
    with transaction.atomic():
        change = care.change_phase(
            enrollment=enrollment,
            expected_phase=expected_phase,
            to_phase=to_phase,
            reason=reason,
            shown=_phase_shown(enrollment, at=at),
            by=by,
            at=at,
        )
        _revise_and_notify(enrollment, Because.PHASE, by=by, at=at, key=f"phase:{change.pk}")
    return change


def _phase_shown(enrollment: Enrollment, *, at: datetime) -> dict[str, Any]:
    """The phase part of the decision in force: what the engine proposed and what it missed."""
    user = enrollment.seat.user
    if user is None:
        return {}
    target = target_of_week(enrollment, week_starts_on=current_week_start(at, user.zone))
    if target is None:
        return {}
    return {"week": target.week, "revision": target.revision, "phase": target.decision.get("phase", {})}


class Proposal(NamedTuple):
    """What the board showed of one runner: the phase, and the one that the engine proposes."""

    enrollment: Enrollment
    present: int
    proposed: int


@dataclass(frozen=True)
class Approved:
    """What became of approving all: decisions made, and those that no longer stood."""

    made: list[PhaseChange]
    refused: list[tuple[Enrollment, str]]


def approve_proposals(*, proposals: Iterable[Proposal], reason: str, by: User, at: datetime) -> Approved:
    """Follows the engine's proposal for each of these runners, each a decision of its own; those with a flag wait."""
    made: list[PhaseChange] = []
    refused: list[tuple[Enrollment, str]] = []
    for proposal in proposals:
        try:
            made.append(_approve(proposal, reason=reason, by=by, at=at))
        except care.PhaseNotReady as refusal:
            refused.append((proposal.enrollment, str(refusal)))
    return Approved(made, refused)


@transaction.atomic
def _approve(proposal: Proposal, *, reason: str, by: User, at: datetime) -> PhaseChange:
    """Raises PhaseNotReady where the proposal is no longer what the board showed, or a flag was raised since."""
    enrollment = proposal.enrollment
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
    target = current_targets(enrollment).first()
    phase = Decision.from_json(target.decision).phase if target is not None else None
    stands = phase is not None and phase.proposed is not None
    if (
        phase is None
        or not stands
        or (phase.present, phase.proposed) != (proposal.present, proposal.proposed)
    ):
        raise care.PhaseNotReady("The engine does not propose this any more. Look again and decide again.")
    if open_flags(enrollment).exists():
        raise care.PhaseNotReady("A flag is open: decide on this runner's own page.")
    return decide_phase(
        enrollment=enrollment,
        expected_phase=proposal.present,
        to_phase=proposal.proposed,
        reason=reason,
        by=by,
        at=at,
    )


def set_cadence(
    *, enrollment: Enrollment, cadence_spm: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """A cadence by hand, 120 to 180. Raises overrides.OutOfRange."""
    with transaction.atomic():
        row = overrides.set_cadence(
            enrollment=enrollment, cadence_spm=cadence_spm, reason=reason, by=by, at=at
        )
        _revise_and_notify(enrollment, Because.BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def set_dose(
    *, enrollment: Enrollment, exercise: str, dose: dict[str, Any], reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """A dose by hand, until ended."""
    with transaction.atomic():
        row = overrides.set_dose(
            enrollment=enrollment, exercise=exercise, dose=dose, reason=reason, by=by, at=at
        )
        _revise_and_notify(enrollment, Because.BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def approve_exercise(
    *, enrollment: Enrollment, exercise: str, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """An exercise that loads a complained-of joint, allowed in its full form."""
    with transaction.atomic():
        row = overrides.approve_exercise(
            enrollment=enrollment, exercise=exercise, reason=reason, by=by, at=at
        )
        _revise_and_notify(enrollment, Because.BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def count_long_run(
    *, enrollment: Enrollment, run: Run, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """A run that went beyond the limit, allowed to raise the next one."""
    with transaction.atomic():
        row = overrides.count_long_run(enrollment=enrollment, run_id=run.pk, reason=reason, by=by, at=at)
        _revise_and_notify(enrollment, Because.BY_HAND, by=by, at=at, key=f"hand:{row.pk}")
    return row


def end_override(*, override: ClinicianOverride, reason: str, by: User, at: datetime) -> None:
    """The method decides again."""
    with transaction.atomic():
        if overrides.end_override(override=override, reason=reason, by=by, at=at):
            _revise_and_notify(
                override.enrollment, Because.BY_HAND, by=by, at=at, key=f"hand-end:{override.pk}"
            )


def approve_heel_strike(
    *, enrollment: Enrollment, starts_on: date, reason: str, by: User, at: datetime
) -> HeelStrikePeriod:
    """Heel strike for a while. Raises overrides.AlreadySet."""
    with transaction.atomic():
        spell = overrides.start_heel_strike_period(
            enrollment=enrollment, starts_on=starts_on, reason=reason, by=by, at=at
        )
        _revise_and_notify(enrollment, Because.BY_HAND, by=by, at=at, key=f"strike:{spell.pk}")
    return spell


def end_heel_strike(*, spell: HeelStrikePeriod, ended_on: date, reason: str, by: User, at: datetime) -> None:
    """Back toward midfoot."""
    with transaction.atomic():
        if overrides.end_heel_strike_period(period=spell, ended_on=ended_on, reason=reason, by=by):
            _revise_and_notify(spell.enrollment, Because.BY_HAND, by=by, at=at, key=f"strike-end:{spell.pk}")


def pause_runner(
    *, enrollment: Enrollment, starts_on: date, ends_on: date | None, note: str, by: User, at: datetime
) -> Pause:
    """A pause set by a clinician. Raises care.AlreadyPaused."""
    with transaction.atomic():
        row = care.pause(
            enrollment=enrollment,
            reason=Pause.PauseReason.CLINICIAN,
            starts_on=starts_on,
            ends_on=ends_on,
            note=note,
            by=by,
            at=at,
        )
        _revise_and_notify(enrollment, Because.PAUSE, by=by, at=at, key=f"pause:{row.pk}")
    return row


def end_pause(*, pause: Pause, last_day: date, reason: str, by: User, at: datetime) -> None:
    """Targets go on from tomorrow's view of the log; why, and by whom, is kept as a note."""
    with transaction.atomic():
        care.end_pause(pause=pause, last_day=last_day, at=at)
        write_note(enrollment=pause.enrollment, text=f"The pause was ended: {reason}", by=by, at=at)
        _revise_and_notify(pause.enrollment, Because.PAUSE, by=by, at=at, key=f"pause-end:{pause.pk}")


def close_flag(*, flag: Flag, note: str, by: User, at: datetime) -> None:
    """Closes a flag with a note; a stop flag's end may issue this week's target. Raises care.AlreadyClosed."""
    with transaction.atomic():
        care.close_flag(flag=flag, note=note, by=by, at=at)
        if flag.kind == Flag.FlagKind.STOP:
            _revise_and_notify(flag.enrollment, Because.CLOSED_STOP, by=by, at=at, key=f"flag:{flag.pk}")


def _revise_and_notify(enrollment: Enrollment, because: Because, *, by: User, at: datetime, key: str) -> None:
    """`decision.now`: a new revision, and a neutral word to the runner that the page has changed."""
    revision = revise_week(enrollment=enrollment, because=because, by=by, at=at)
    if revision is None and not active_enrollments().filter(pk=enrollment.pk).exists():
        return  # who has left has no plan to be told of
    if revision is None or revision.message is None:
        emails.page_changed(enrollment=enrollment, key=key, at=at)


PRESSED_TWICE = timedelta(minutes=2)


Row = TypeVar("Row", Note, Message, Contact, OutcomeScore, FunctionTest)


def _same_row_just_written(
    row: type[Row], /, *, enrollment: Enrollment, by: User, at: datetime, **values: Any
) -> Row | None:
    """What the same person wrote in the same words just now: a button pressed twice is once. Locks the runner."""
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
    lately = {"at__gt": at - PRESSED_TWICE, "at__lte": at}
    return row._default_manager.filter(enrollment=enrollment, by=by, **lately, **values).first()


@transaction.atomic
def write_note(*, enrollment: Enrollment, text: str, by: User, at: datetime) -> Note:
    """A private note. Written again in the same words within two minutes it is the same one."""
    there = _same_row_just_written(Note, enrollment=enrollment, by=by, at=at, text=text)
    return there or Note.objects.create(enrollment=enrollment, text=text, by=by, at=at)


@transaction.atomic
def send_message(*, enrollment: Enrollment, text: str, by: User, at: datetime) -> Message:
    """Keeps the words for the runner's page; the email only says that there are words. Pressed twice is once."""
    if there := _same_row_just_written(Message, enrollment=enrollment, by=by, at=at, text=text):
        return there
    notice = emails.message_waiting(enrollment=enrollment, at=at)
    return Message.objects.create(enrollment=enrollment, text=text, notice=notice, by=by, at=at)


@transaction.atomic
def log_contact(*, enrollment: Enrollment, how: str, text: str, by: User, at: datetime) -> Contact:
    """That somebody called, wrote or met the runner. Pressed twice is once."""
    there = _same_row_just_written(Contact, enrollment=enrollment, by=by, at=at, how=how, text=text)
    return there or Contact.objects.create(enrollment=enrollment, how=how, text=text, by=by, at=at)


@transaction.atomic
def record_score(
    *, enrollment: Enrollment, instrument: str, score: int, scored_on: date, by: User, at: datetime
) -> OutcomeScore:
    """A questionnaire's score, 0 to 100, of a day. Pressed twice is once."""
    values = {"instrument": instrument, "score": score, "scored_on": scored_on}
    there = _same_row_just_written(OutcomeScore, enrollment=enrollment, by=by, at=at, **values)
    return there or OutcomeScore.objects.create(enrollment=enrollment, by=by, at=at, **values)


@transaction.atomic
def record_test(
    *, enrollment: Enrollment, by: User, at: datetime, **told: Unpack[overrides.TestValues]
) -> FunctionTest:
    """A heel-raise or hop test, or why it was not done. Pressed twice is once."""
    there = _same_row_just_written(FunctionTest, enrollment=enrollment, by=by, at=at, **told)
    return there or overrides.record_function_test(enrollment=enrollment, by=by, at=at, **told)
