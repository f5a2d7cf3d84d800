"""Writing down where a runner stands. Every change is one row with who, when and why."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.models import Flag, Pause, PhaseChange
from challenge.care.queries import is_finish_email_pending, is_hold_email_pending
from challenge.care.stop import TELLS_TO_RUN, open_stop
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind
from challenge.mail.wake_worker import wake_weekly_decision
from challenge.protocol.local_week import local_day


class PhaseNotReady(Exception):
    """The phase cannot change now; `str()` says why."""


class AlreadyPaused(Exception):
    """An open pause is running."""


class AlreadyClosed(Exception):
    """The flag was closed meanwhile; `flag` is as it stands."""

    def __init__(self, flag: Flag) -> None:
        super().__init__("This flag was closed meanwhile.")
        self.flag = flag


def raise_flag(
    *,
    enrollment: Enrollment,
    kind: Flag.FlagKind,
    rule: str,
    source: str,
    facts: dict[str, Any],
    at: datetime,
) -> Flag:
    """Raises a flag once per rule and source, e.g. `run:12` or `week:2026-01-05`; again returns what is there.

    A stop flag takes back what tells to run and has not gone out (the weekly email as in `decision.now`, reminders, the
    week before the start) and asks for the week anew. What waits may be the hold of an earlier stop flag: that one
    goes out.
    """
    flag, new = Flag.objects.get_or_create(
        enrollment=enrollment,
        rule=rule,
        source=source,
        defaults={"kind": kind, "facts": facts, "raised_at": at},
    )
    if new and kind == Flag.FlagKind.STOP:
        if not is_hold_email_pending(enrollment):
            withdraw_unsent(about=enrollment.about, kind=MessageKind.WEEKLY, at=at)
        for kind_of_letter in TELLS_TO_RUN:
            withdraw_unsent(about=enrollment.about, kind=kind_of_letter, at=at)
        transaction.on_commit(wake_weekly_decision)
    return flag


def acknowledge_flag(*, flag: Flag, by: User, at: datetime) -> bool:
    """Marks who looks after it; False where somebody took it before. Who was not yet told need not be any more."""
    with transaction.atomic():
        taken = Flag.objects.filter(pk=flag.pk, taken_at__isnull=True).update(taken_by=by, taken_at=at)
        if taken:
            withdraw_unsent(about=flag.about, kind=MessageKind.STAFF_ALERT, at=at)
    return bool(taken)


def close_flag(*, flag: Flag, note: str, by: User, at: datetime) -> None:
    """Closes an open flag with a note. Raises AlreadyClosed where somebody closed it before."""
    with transaction.atomic():
        changed = Flag.objects.filter(pk=flag.pk, closed_at__isnull=True).update(
            closed_by=by, closed_at=at, closing_note=note
        )
        if changed:
            withdraw_unsent(about=flag.about, kind=MessageKind.STAFF_ALERT, at=at)
    flag.refresh_from_db()
    if not changed:
        raise AlreadyClosed(flag)


def end_silence_flags(*, flags: Iterable[int], at: datetime) -> int:
    """Closes silences that ended: the one kind of flag that needs nobody to close it."""
    still_open = Flag.objects.filter(pk__in=flags, kind=Flag.FlagKind.SILENCE, closed_at__isnull=True)
    return still_open.update(closed_at=at)


def start_phase(*, enrollment: Enrollment, at: datetime) -> PhaseChange:
    """Everyone begins in phase 1 (`phase.start`); said once."""
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
) -> PhaseChange:
    """One clinician's decision: advance by one, hold, or step back.

    The enrollment row is locked first, so that of two clinicians deciding at once the second sees what the first did.
    Raises PhaseNotReady where `expected_phase` is no longer the phase, a phase would be skipped, or a stop flag is
    open and the decision is to advance.
    """
    with transaction.atomic():
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
    reason: Pause.PauseReason,
    starts_on: date,
    ends_on: date | None,
    by: User,
    at: datetime,
    note: str = "",
) -> Pause:
    """Pauses targets and reminders. Raises AlreadyPaused where an open pause runs.

    One that begins takes back the weekly email that has not gone out and asks for the week anew (`decision.now`).
    """
    try:
        with transaction.atomic():
            made = Pause.objects.create(
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
            transaction.on_commit(wake_weekly_decision)
            return made
    except IntegrityError as error:
        raise AlreadyPaused("You are paused already.") from error


def end_pause(*, pause: Pause, last_day: date, at: datetime) -> None:
    """Ends a pause and asks for the week anew; `last_day` is the last local day that counted as paused."""
    Pause.objects.filter(pk=pause.pk, ended_at__isnull=True).update(
        ended_at=at, ends_on=max(last_day, pause.starts_on)
    )
    transaction.on_commit(wake_weekly_decision)
