"""What clinicians decide: each decision is one transaction, one row, a new revision of the week and a neutral email."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care import overrides
from challenge.care.answers import DecisionKind, MadeDecision, close_answered
from challenge.care.models import (
    ClinicianOverride,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.care.queries import current_phase, current_targets, open_flags, target_of_week
from challenge.care.questions import is_about_safety
from challenge.enrollment.cohort_parameters import parameters_for
from challenge.enrollment.models import Enrollment, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import current_week_start, local_day
from challenge.protocol.vocabulary import GUARDED_JOINTS, PauseReason, Phase
from challenge.review import emails
from challenge.review.entry_actions import write_note
from challenge.review.queries import page_version
from challenge.weekly.decide import quiet_until, revise_week
from challenge.workouts.day_notices import counts_already
from challenge.workouts.guards import guards_now
from challenge.workouts.models import Run

RevisionReason = WeeklyTarget.RevisionReason


HAS_LEFT = "This runner has left the challenge, so there’s nothing left to decide."


class StalePage(Exception):
    """The runner's week was decided again after the page was loaded: look again, then decide."""


class HeelStrikeRuledOut(Exception):
    """Heel strike would be asked back immediately, so that approving it would change nothing; `str()` is the reason."""


def check_page_is_fresh(*, enrollment: Enrollment, seen: str) -> None:
    """Raise StalePage unless `seen`, the version of the page, is the present one.

    Call it inside the transaction of the decision: the runner stays locked until it ends, so that of two
    clinicians deciding at the same time the second sees what the first did.
    """
    runner = (
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("seat")
        .get(pk=enrollment.pk)
    )
    if runner.seat.state != SeatState.CONFIRMED:
        raise StalePage(HAS_LEFT)
    if seen != page_version(enrollment):
        raise StalePage(
            "Something changed since you opened this page: look at it again, then decide. We kept what you wrote."
        )


def decide_phase(
    *, enrollment: Enrollment, expected_phase: int, to_phase: int, reason: str, by: User, at: datetime
) -> PhaseChange:
    """Advance, hold or step back, and store what the engine showed. Raise care.PhaseNotReady."""
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
        kind, words = _PHASE_DECISIONS[PhaseChange.PhaseChangeKind(change.kind)]
        made = MadeDecision(kind, f"phase:{change.pk}", f"{words} phase {to_phase}", phase=to_phase)
        record_decision(enrollment, RevisionReason.PHASE, made, reason=reason, by=by, at=at)
    return change


_PHASE_DECISIONS = {
    PhaseChange.PhaseChangeKind.ADVANCE: (DecisionKind.PHASE_FORWARD, "Advanced to"),
    PhaseChange.PhaseChangeKind.HOLD: (DecisionKind.PHASE_HOLD, "Stayed in"),
    PhaseChange.PhaseChangeKind.BACK: (DecisionKind.PHASE_BACK, "Stepped back to"),
}


def _phase_shown(enrollment: Enrollment, *, at: datetime) -> dict[str, Any]:
    """Return the phase part of the decision in force: what the engine proposed and what it found missing."""
    user = enrollment.seat.user
    if user is None:
        return {}
    target = target_of_week(enrollment, week_starts_on=current_week_start(at, user.zone))
    if target is None:
        return {}
    return {"week": target.week, "revision": target.revision, "phase": target.decision.get("phase", {})}


class Proposal(NamedTuple):
    """What the board showed of one runner: the present phase and the proposed one."""

    enrollment: Enrollment
    present: int
    proposed: int


@dataclass(frozen=True)
class Approved:
    """The result of approving all proposals: the decisions, and the refusals with their sentences."""

    decided: list[PhaseChange]
    refused: list[tuple[Enrollment, str]]


def approve_proposals(
    *, proposals: Iterable[Proposal], reason: str, by: User, at: datetime, hold: bool = False
) -> Approved:
    """Follow the engine's proposal for each runner, or hold against it; each is a decision of its own."""
    decided: list[PhaseChange] = []
    refused: list[tuple[Enrollment, str]] = []
    for proposal in proposals:
        try:
            decided.append(_approve(proposal, reason=reason, hold=hold, by=by, at=at))
        except care.PhaseNotReady as refusal:
            # One refusal must not undo the decisions about the others.
            refused.append((proposal.enrollment, str(refusal)))
    return Approved(decided, refused)


@transaction.atomic
def _approve(proposal: Proposal, *, reason: str, hold: bool, by: User, at: datetime) -> PhaseChange:
    """Raise PhaseNotReady if the proposal differs from what the board showed, or a flag about safety is open."""
    enrollment = proposal.enrollment
    # The week's decision locks the runner too: lock before reading what it proposes.
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
    target = current_targets(enrollment).first()
    phase = Decision.from_json(target.decision).phase if target is not None else None
    if phase is None or (phase.present, phase.proposed) != (proposal.present, proposal.proposed):
        raise care.PhaseNotReady("This is no longer proposed. Look at the runner again, then decide.")
    user = enrollment.seat.user
    today = local_day(at, user.zone) if user is not None else at.date()
    if not hold and any(is_about_safety(flag, today=today) for flag in open_flags(enrollment)):
        raise care.PhaseNotReady("A flag about safety is open: decide on this runner’s own page.")
    return decide_phase(
        enrollment=enrollment,
        expected_phase=proposal.present,
        to_phase=proposal.present if hold else proposal.proposed,
        reason=reason,
        by=by,
        at=at,
    )


def set_cadence(
    *, enrollment: Enrollment, cadence_spm: int, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Set a cadence by hand, 120 to 180 steps a minute. Raise overrides.OutOfRange."""
    with transaction.atomic():
        row = overrides.set_cadence(
            enrollment=enrollment, cadence_spm=cadence_spm, reason=reason, by=by, at=at
        )
        made = MadeDecision(DecisionKind.CADENCE, f"hand:{row.pk}", f"Cadence set to {cadence_spm}")
        record_decision(enrollment, RevisionReason.BY_HAND, made, reason=reason, by=by, at=at)
    return row


def count_long_run(
    *, enrollment: Enrollment, run: Run, on: date, reason: str, by: User, at: datetime
) -> ClinicianOverride:
    """Allow a run beyond the limit to raise the next limit, from the local day `on`. Raise overrides.AlreadySet."""
    with transaction.atomic():
        if counts_already(enrollment, run, on=on, at=at):
            raise overrides.AlreadySet(
                "This run already counts, or it’s too old to count, so nothing would change."
            )
        row = overrides.count_long_run(enrollment=enrollment, run_id=run.pk, reason=reason, by=by, at=at)
        made = MadeDecision(
            DecisionKind.LONG_RUN, f"hand:{row.pk}", "This run counts", distance_m=run.distance_m
        )
        record_decision(enrollment, RevisionReason.BY_HAND, made, reason=reason, by=by, at=at)
    return row


def end_override(*, override: ClinicianOverride, reason: str, by: User, at: datetime) -> None:
    """End a value set by hand, so that the method decides again."""
    with transaction.atomic():
        if overrides.end_override(override=override, reason=reason, by=by, at=at):
            revise_and_notify(
                override.enrollment, RevisionReason.BY_HAND, by=by, at=at, key=f"hand-end:{override.pk}"
            )


def approve_heel_strike(
    *, enrollment: Enrollment, starts_on: date, reason: str, by: User, at: datetime
) -> HeelStrikePeriod:
    """Start a period of heel strike. Raise overrides.AlreadySet or HeelStrikeRuledOut (`strike.never`)."""
    with transaction.atomic():
        _check_heel_strike(enrollment, at=at)
        spell = overrides.start_heel_strike_period(
            enrollment=enrollment, starts_on=starts_on, reason=reason, by=by, at=at
        )
        made = MadeDecision(
            DecisionKind.HEEL_STRIKE, f"strike:{spell.pk}", "Heel strike for a while: approved"
        )
        record_decision(enrollment, RevisionReason.BY_HAND, made, reason=reason, by=by, at=at)
    return spell


def _check_heel_strike(enrollment: Enrollment, *, at: datetime) -> None:
    """Raise HeelStrikeRuledOut where a joint hurts that heel strike would load, or the phase ends it."""
    guards = guards_now(enrollment, parameters=parameters_for(enrollment, at=at))
    sore = sorted(guards.joints & GUARDED_JOINTS)
    if sore:
        raise HeelStrikeRuledOut(
            f"The {sore[0].label.lower()} hurts now, and heel strike would move load onto it: the runner would be "
            "asked right away to go back toward midfoot."
        )
    if current_phase(enrollment) == Phase.POWER:
        raise HeelStrikeRuledOut("Phase 3 works on midfoot mechanics, so heel strike would end right away.")


def end_heel_strike(*, spell: HeelStrikePeriod, ended_on: date, reason: str, by: User, at: datetime) -> None:
    """End a period of heel strike; the runner returns toward midfoot."""
    with transaction.atomic():
        if overrides.end_heel_strike_period(period=spell, ended_on=ended_on, reason=reason, by=by):
            made = MadeDecision(DecisionKind.HEEL_STRIKE_END, f"strike-end:{spell.pk}", "Heel strike ended")
            record_decision(spell.enrollment, RevisionReason.BY_HAND, made, reason=reason, by=by, at=at)


def pause_runner(
    *, enrollment: Enrollment, starts_on: date, ends_on: date | None, note: str, by: User, at: datetime
) -> Pause:
    """Pause the runner. Raise care.AlreadyPaused."""
    with transaction.atomic():
        row = care.pause(
            enrollment=enrollment,
            reason=PauseReason.CLINICIAN,
            starts_on=starts_on,
            ends_on=ends_on,
            note=note,
            by=by,
            at=at,
        )
        made = MadeDecision(DecisionKind.PAUSE, f"pause:{row.pk}", "Paused")
        record_decision(enrollment, RevisionReason.PAUSE, made, reason=note, by=by, at=at)
    return row


def end_pause(*, pause: Pause, last_day: date, reason: str, by: User, at: datetime) -> None:
    """End a pause after `last_day`; reason and author are stored as a note."""
    with transaction.atomic():
        care.end_pause(pause=pause, last_day=last_day, at=at)
        write_note(enrollment=pause.enrollment, text=f"The pause was ended: {reason}", by=by, at=at)
        revise_and_notify(pause.enrollment, RevisionReason.PAUSE, by=by, at=at, key=f"pause-end:{pause.pk}")


def record_decision(
    enrollment: Enrollment,
    because: RevisionReason,
    made: MadeDecision,
    *,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    """Close the questions that this decision answers, decide the week again and announce it.

    Call it inside the decision's transaction. The questions close first: an open one may hold what the week gives.
    """
    close_answered(enrollment=enrollment, made=made, reason=reason, by=by, at=at)
    revise_and_notify(enrollment, because, by=by, at=at, key=made.key)
    # The engine may ask just now what this decision has answered: a complaint that is opened at a joint, for instance.
    close_answered(enrollment=enrollment, made=made, reason=reason, by=by, at=at)


def revise_and_notify(
    enrollment: Enrollment,
    because: RevisionReason,
    *,
    by: User,
    at: datetime,
    key: str,
    announced: bool = True,
) -> None:
    """Revise the week; if that sends no email, send a neutral one that the page has changed.

    With `announced` false nothing is left to announce: what was decided was taken back before its email went out.

    Either email waits until no decision has followed for `quiet_minutes` (`decision.quiet`): a new one replaces the
    unsent ones of before.
    """
    revision = revise_week(enrollment=enrollment, because=because, by=by, at=at)
    if revision is None and not active_enrollments().filter(pk=enrollment.pk).exists():
        return  # without a seat there is no plan, so no page has changed
    withdraw_unsent(about=enrollment.about, kind=MessageKind.PHASE, at=at)
    # A revision that writes the weekly email needs no second one.
    if announced and (revision is None or revision.message is None):
        send_at = quiet_until(parameters_for(enrollment, at=at), at=at)
        emails.page_changed(enrollment=enrollment, key=key, at=at, send_at=send_at)
