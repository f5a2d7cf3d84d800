"""What was decided about one runner and why: the engine's weeks with their facts, and clinicians' decisions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange, WeeklyTarget
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision
from challenge.protocol.dose_text import load_text
from challenge.protocol.reasons import Reason
from challenge.review.tags import missing_words, spaced

NAMES = {str(key): entry.name for key, entry in CATALOG.items()}


@dataclass(frozen=True)
class TimelineReason:
    """A reason of a stored decision: its sentence, its rule, and the facts behind it."""

    words: str
    rule: str
    facts: str


@dataclass(frozen=True)
class TimelineWeek:
    """One revision of one week."""

    target: WeeklyTarget
    why: str
    reasons: list[TimelineReason]


def timeline_weeks(targets: Iterable[WeeklyTarget]) -> list[TimelineWeek]:
    """Return every revision with its reasons, in the order given."""
    return [_week(target) for target in targets]


def _week(target: WeeklyTarget) -> TimelineWeek:
    if not target.decision:  # the person was erased
        return TimelineWeek(target, "", [])
    decision = Decision.from_json(target.decision)
    return TimelineWeek(
        target, decision.cadence.reason.clinician, [_timeline_reason(reason) for reason in _reasons(decision)]
    )


def _reasons(decision: Decision) -> Iterator[Reason]:
    """Yield every reason of a decision, holds first."""
    yield from decision.holds
    yield decision.cadence.reason
    if decision.cadence.arithmetic is not None:
        yield decision.cadence.arithmetic
    yield decision.phase.reason
    if decision.longest_run is not None:
        yield decision.longest_run.reason
    yield from (warning.reason for warning in decision.warnings)
    if decision.strike.reason is not None:
        yield decision.strike.reason
    yield from decision.advice
    yield from (question.reason for question in decision.questions)


def _as_text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _timeline_reason(reason: Reason) -> TimelineReason:
    facts = ", ".join(
        f"{spaced(name)} {_as_text(value)}" for name, value in reason.facts if value is not None
    )
    return TimelineReason(reason.clinician, str(reason.rule), facts)


@dataclass(frozen=True)
class TimelineEvent:
    """A clinician's decision. `mark` is its label on the time axis, empty for none."""

    at: datetime
    what: str
    why: str
    by: str
    mark: str = ""
    shown: str = ""


def timeline_events(
    *,
    changes: Iterable[PhaseChange],
    overrides: Iterable[ClinicianOverride],
    spells: Iterable[HeelStrikePeriod],
    pauses: Iterable[Pause],
    flags: Iterable[Flag],
    complaint_changes: Iterable[ComplaintChange],
) -> list[TimelineEvent]:
    """Return all decisions of clinicians, newest first."""
    events = [
        *map(_phase_change_event, changes),
        *(event for row in overrides for event in _override_events(row)),
        *(event for row in spells for event in _period_events(row)),
        *map(_pause_event, pauses),
        *(_closed_flag_event(flag) for flag in flags if flag.closed_at is not None),
        *map(_complaint_event, complaint_changes),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _complaint_event(change: ComplaintChange) -> TimelineEvent:
    track = ", its own exercises approved" if change.track_approved else ""
    where = f" ({change.get_kind_display().lower()})" if change.kind else ""
    what = f"Complaint, {change.complaint.place}{where}: {change.get_status_display().lower()}{track}"
    why = change.reason or f"From {change.get_source_display()}."
    return TimelineEvent(change.at, what, why, _author(change.by), "complaint")


def _author(person: Any) -> str:
    return str(person) if person is not None else ""


def _phase_change_event(row: PhaseChange) -> TimelineEvent:
    what = f"{row.get_kind_display().capitalize()}: phase {row.to_phase}"
    why = row.reason if row.by_id is not None else "Everyone starts here."
    return TimelineEvent(row.at, what, why, _author(row.by), f"phase {row.to_phase}", _engine_view(row.shown))


def _engine_view(shown: dict[str, Any]) -> str:
    """Return what the engine showed when the phase was decided."""
    phase = shown.get("phase") or {}
    if not phase:
        return ""
    proposed = phase.get("proposed")
    words = (
        f"phase {proposed} proposed"
        if proposed and proposed != phase.get("present")
        else "no change proposed"
    )
    rule = (phase.get("reason") or {}).get("rule", "")
    missing = f"; still needed: {missing_words(phase['missing'])}" if phase.get("missing") else ""
    return f"week {shown.get('week', '–')}: {words} ({rule}){missing}"


def _override_events(row: ClinicianOverride) -> Iterator[TimelineEvent]:
    what = f"{row.get_what_display().capitalize()} by hand: {override_text(row)}"
    mark = (
        str(row.cadence_spm)
        if row.cadence_spm
        else {
            ClinicianOverride.OverrideKind.APPROVAL: "exercise",
            ClinicianOverride.OverrideKind.LONG_RUN: "long run",
            ClinicianOverride.OverrideKind.ADD: "exercise",
            ClinicianOverride.OverrideKind.LEAVE_OUT: "exercise",
            ClinicianOverride.OverrideKind.SWAP: "exercise",
        }.get(ClinicianOverride.OverrideKind(row.what), "dose")
    )
    yield TimelineEvent(row.at, what, row.reason, _author(row.by), f"{mark} by hand")
    if row.ended_at is not None:
        yield TimelineEvent(
            row.ended_at, f"Ended: {what}", row.end_reason, _author(row.ended_by), "by hand ended"
        )


def override_text(row: ClinicianOverride) -> str:
    """Return an override's value: steps a minute, or the exercise and its dose."""
    if row.cadence_spm is not None:
        return f"{row.cadence_spm} steps a minute"
    if row.what == ClinicianOverride.OverrideKind.LONG_RUN:
        return f"{row.exercise.replace(':', ' ')} raises the limit at once"
    name = _exercise_name(row.exercise)
    if row.what == ClinicianOverride.OverrideKind.SWAP:
        return f"{_exercise_name(row.replacement)} instead of {name}"
    if row.dose:
        return f"{name}, {_dose_text(row.dose)}"
    approved = row.what == ClinicianOverride.OverrideKind.APPROVAL
    return f"{name}, in its full form" if approved else name


def _exercise_name(exercise: str) -> str:
    return NAMES.get(exercise, spaced(exercise))


def _dose_text(dose: dict[str, Any]) -> str:
    """Return a stored dose in words; a number that it lacks stays the catalog's (`DoseOverride`)."""
    amount = dose.get("reps") or (f"{dose['seconds']} s" if dose.get("seconds") else "")
    words = [f"{dose['sets']} × {amount}" if amount else f"{dose['sets']} sets"]
    if dose.get("sessions_per_week") is not None:
        words.append(f"{dose['sessions_per_week']} times a week")
    if dose.get("load_g") is not None:
        words.append(load_text(dose["load_g"], kilometers=False))
    tempo = [
        f"{dose[name]} s {word}"
        for name, word in (("up_s", "up"), ("hold_s", "held"), ("down_s", "down"))
        if dose.get(name) is not None
    ]
    return ", ".join([*words, *tempo])


def _period_events(row: HeelStrikePeriod) -> Iterator[TimelineEvent]:
    yield TimelineEvent(row.at, "Heel strike for a while", row.reason, _author(row.by), "heel strike")
    if row.ended_on is not None:
        day = f"{row.ended_on:%b} {row.ended_on.day}"
        # Only the day of the end is stored; the time of its start sorts it within the day.
        ended_at = datetime.combine(row.ended_on, row.at.timetz())
        yield TimelineEvent(
            ended_at, f"Heel strike ended on {day}", row.end_reason, _author(row.ended_by), "strike ended"
        )


def _pause_event(row: Pause) -> TimelineEvent:
    until = f" until {row.ends_on:%b} {row.ends_on.day}" if row.ends_on is not None else ", open"
    what = f"Pause ({row.get_reason_display().lower()}) from {row.starts_on:%b} {row.starts_on.day}{until}"
    return TimelineEvent(row.at, what, row.note, _author(row.by), "pause")


def _closed_flag_event(flag: Flag) -> TimelineEvent:
    assert flag.closed_at is not None
    raised = localtime(flag.raised_at)
    what = f"Flag closed: {flag.get_kind_display()}, raised {raised:%b} {raised.day}"
    if flag.replaced_by_id is not None:
        why = flag.closing_note or "A newer question asks the same."
        return TimelineEvent(flag.closed_at, what, why, "", "", flag.text)
    # The program itself closes a silence when the runner logs again, and a question whose report was corrected.
    if flag.closed_by_id is None:
        why = flag.closing_note or "The silence ended."
        return TimelineEvent(flag.closed_at, what, why, "", "", flag.text)
    return TimelineEvent(
        flag.closed_at, what, flag.closing_note, _author(flag.closed_by), "flag closed", flag.text
    )
