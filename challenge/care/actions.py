"""Change a runner's clinical record. Every change is one row with who, when and why."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.models import CORRECTED, Flag, Pause, PhaseChange
from challenge.care.queries import is_finish_email_pending, is_hold_email_pending
from challenge.care.questions import replace_older
from challenge.care.stop import RUNNING_INSTRUCTIONS, open_stop
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import wake_weekly_decision, withdraw_unsent
from challenge.mail.models import MessageKind
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import FlagKind, PauseReason


class PhaseNotReady(Exception):
    """The phase cannot change now; `str()` is the reason."""


class AlreadyPaused(Exception):
    """The runner has an open pause."""


class AlreadyClosed(Exception):
    """Another person has closed the flag; `flag` is its stored state."""

    def __init__(self, flag: Flag) -> None:
        super().__init__("This flag was closed already.")
        self.flag = flag


class FlagAnswer(TypedDict, total=False):
    """What is stored with the note: the decision that closed the flag, and what a stop form answered."""

    answered_with: str
    found: str
    holds_now: str


def raise_flag(
    *,
    enrollment: Enrollment,
    kind: FlagKind,
    rule: str,
    source: str,
    facts: dict[str, Any],
    at: datetime,
) -> Flag:
    """Return the flag of this rule and source, raised if it is new. `source` is e.g. `run:12` or `week:2026-01-05`.

    A new stop flag withdraws unsent emails that give an instruction to run (the weekly email as in `decision.now`,
    reminders, the one before the start), and wakes the job that decides the week again.
    """
    flag, new = Flag.objects.get_or_create(
        enrollment=enrollment,
        rule=rule,
        source=source,
        defaults={"kind": kind, "facts": facts, "raised_at": at},
    )
    if new and kind != FlagKind.STOP:
        replace_older(enrollments=[enrollment.pk], at=at)
    if new and kind == FlagKind.STOP:
        # The unsent email may be the hold of an earlier stop flag; that one must still be sent.
        if not is_hold_email_pending(enrollment):
            withdraw_unsent(about=enrollment.about, kind=MessageKind.WEEKLY, at=at)
        for message_kind in RUNNING_INSTRUCTIONS:
            withdraw_unsent(about=enrollment.about, kind=message_kind, at=at)
        transaction.on_commit(wake_weekly_decision)
    return flag


def acknowledge_flag(*, flag: Flag, by: User, at: datetime) -> bool:
    """Record who takes the flag, and withdraw unsent alerts about it; return False if it was taken or closed before."""
    with transaction.atomic():
        # One conditional UPDATE: of two clinicians who press the button together, one gets the flag.
        waiting = Flag.objects.filter(pk=flag.pk, taken_at__isnull=True, closed_at__isnull=True)
        taken = waiting.update(taken_by=by, taken_at=at)
        if taken:
            _withdraw_alerts(flag, at=at)
    return bool(taken)


def _withdraw_alerts(flag: Flag, *, at: datetime) -> None:
    withdraw_unsent(about=flag.about, kind=MessageKind.STAFF_ALERT, at=at)
    withdraw_unsent(about=flag.about, kind=MessageKind.PUSH, at=at)


def close_flag(*, flag: Flag, note: str, by: User, at: datetime, **answer: Unpack[FlagAnswer]) -> None:
    """Close an open flag with a note. Raise AlreadyClosed if another person closed it first."""
    with transaction.atomic():
        changed = Flag.objects.filter(pk=flag.pk, closed_at__isnull=True).update(
            closed_by=by, closed_at=at, closing_note=note, **answer
        )
        if changed:
            _withdraw_alerts(flag, at=at)
    flag.refresh_from_db()
    if not changed:
        raise AlreadyClosed(flag)


def close_unreported(*, flags: Iterable[Flag], entry: str, note: str, at: datetime) -> None:
    """Close questions that the log asks no more, since the entry named `run:12` was corrected or taken out."""
    for flag in flags:
        # A clinician may answer one just now: their answer stays.
        still_open = Flag.objects.filter(pk=flag.pk, closed_at__isnull=True)
        if still_open.update(closed_at=at, closing_note=note, answered_with=f"{CORRECTED}{entry}"):
            _withdraw_alerts(flag, at=at)


def end_silence_flags(*, flags: Iterable[int], at: datetime) -> int:
    """Close silences that ended, without a person. Return how many."""
    still_open = Flag.objects.filter(pk__in=flags, kind=FlagKind.SILENCE, closed_at__isnull=True)
    return still_open.update(closed_at=at)


def start_phase(*, enrollment: Enrollment, at: datetime) -> PhaseChange:
    """Return the runner's first phase row, created in phase 1 if it does not exist (`phase.start`)."""
    first = PhaseChange.objects.filter(enrollment=enrollment).order_by("at", "pk").first()
    return first or PhaseChange.objects.create(
        enrollment=enrollment, kind=PhaseChange.PhaseChangeKind.START, to_phase=1, at=at, reason="phase.start"
    )


def change_phase(
    *,
    enrollment: Enrollment,
    expected_phase: int,
    to_phase: int,
    reason: str,
    shown: dict[str, Any],
    by: User,
    at: datetime,
    undoes: PhaseChange | None = None,
) -> PhaseChange:
    """Record a clinician's decision: advance by one phase, hold, or step back. `shown` is what the engine showed.

    `undoes` is the decision that this one takes back; the days in the phase then count as if neither had been made.

    Raise PhaseNotReady if `expected_phase` is no longer the phase, if a phase would be skipped, or if the decision is
    to advance and a stop flag is open.
    """
    with transaction.atomic():
        # Lock before reading: of two clinicians who decide together, the second must see what the first decided.
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        last = PhaseChange.objects.filter(enrollment=enrollment).order_by("-at", "-pk").first()
        present = last.to_phase if last is not None else 1
        if present != expected_phase:
            raise PhaseNotReady(f"This runner is in phase {present} now. Look again and decide again.")
        if to_phase > present + 1 or not 1 <= to_phase <= 3:
            raise PhaseNotReady("Going forward skips no phase.")
        if to_phase > present and open_stop(enrollment) is not None:
            raise PhaseNotReady("A stop flag is open. Close it before you advance this runner.")
        return PhaseChange.objects.create(
            enrollment=enrollment,
            kind=_change_kind(present, to_phase),
            from_phase=present,
            to_phase=to_phase,
            reason=reason,
            shown=shown,
            undoes=undoes,
            by=by,
            at=at,
        )


def _change_kind(present: int, to_phase: int) -> PhaseChange.PhaseChangeKind:
    if to_phase > present:
        return PhaseChange.PhaseChangeKind.ADVANCE
    return PhaseChange.PhaseChangeKind.HOLD if to_phase == present else PhaseChange.PhaseChangeKind.BACK


def pause(
    *,
    enrollment: Enrollment,
    reason: PauseReason,
    starts_on: date,
    ends_on: date | None,
    by: User,
    at: datetime,
    note: str = "",
) -> Pause:
    """Pause targets and reminders from one local day to another. Raise AlreadyPaused if an open pause runs.

    A pause that has begun withdraws the unsent weekly email and wakes the job that decides the week again
    (`decision.now`).
    """
    try:
        with transaction.atomic():
            created = Pause.objects.create(
                enrollment=enrollment,
                reason=reason,
                starts_on=starts_on,
                ends_on=ends_on,
                by=by,
                at=at,
                note=note,
            )
            user = enrollment.seat.user
            begun = user is not None and starts_on <= local_day(at, user.zone)
            if begun and not is_finish_email_pending(enrollment):
                withdraw_unsent(about=enrollment.about, kind=MessageKind.WEEKLY, at=at)
            if begun:
                withdraw_unsent(about=enrollment.about, kind=MessageKind.PUSH, at=at)
            transaction.on_commit(wake_weekly_decision)
            return created
    except IntegrityError as error:
        raise AlreadyPaused("You’re already paused.") from error


def end_pause(*, pause: Pause, last_day: date, at: datetime) -> None:
    """End a pause with the local day `last_day` and wake the job that decides the week again."""
    # A pause ended on its first morning still covers that day: `ends_on` may not precede `starts_on`.
    Pause.objects.filter(pk=pause.pk, ended_at__isnull=True).update(
        ended_at=at, ends_on=max(last_day, pause.starts_on)
    )
    transaction.on_commit(wake_weekly_decision)
