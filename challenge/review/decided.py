"""What was decided about one runner and why: the engine's weeks with their facts, and what people decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from challenge.care.models import Flag, HandSet, Pause, PhaseChange, StrikeSpell, WeeklyTarget
from challenge.protocol.decision import Decision
from challenge.protocol.exercises import CATALOGUE
from challenge.protocol.reasons import Reason
from challenge.review.queries import words_of
from challenge.review.tags import missing_words, spaced

NAMES = {str(key): entry.name for key, entry in CATALOGUE.items()}


@dataclass(frozen=True)
class Because:
    """One reason of a stored decision: its sentence, its rule, and the facts that led to it."""

    words: str
    rule: str
    facts: str


@dataclass(frozen=True)
class Week:
    """One revision of one week."""

    target: WeeklyTarget
    why: str
    reasons: list[Because]


def weeks(targets: Iterable[WeeklyTarget]) -> list[Week]:
    """Every revision with its reasons, as the rows come."""
    return [_week(target) for target in targets]


def _week(target: WeeklyTarget) -> Week:
    if not target.decision:  # of a person who was erased
        return Week(target, "", [])
    decision = Decision.from_json(target.decision)
    return Week(
        target, decision.cadence.reason.clinician, [_because(reason) for reason in _reasons(decision)]
    )


def _reasons(decision: Decision) -> Iterator[Reason]:
    """Every reason of a decision, those that hold targets first."""
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


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _because(reason: Reason) -> Because:
    facts = ", ".join(f"{spaced(name)} {_said(value)}" for name, value in reason.facts if value is not None)
    return Because(reason.clinician, str(reason.rule), facts)


@dataclass(frozen=True)
class Decided:
    """One thing that a person decided. `mark` is its word on the time axis, empty where it has no place there."""

    at: datetime
    what: str
    why: str
    by: str
    mark: str = ""
    shown: str = ""


def decided(
    *,
    changes: Iterable[PhaseChange],
    hand_sets: Iterable[HandSet],
    spells: Iterable[StrikeSpell],
    pauses: Iterable[Pause],
    flags: Iterable[Flag],
) -> list[Decided]:
    """Phase decisions, values by hand, heel-strike spells, pauses and closed flags, the newest first."""
    found = [
        *map(_change, changes),
        *(one for row in hand_sets for one in _hand_set(row)),
        *(one for row in spells for one in _spell(row)),
        *map(_pause, pauses),
        *(_closed(flag) for flag in flags if flag.closed_at is not None),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _who(person: Any) -> str:
    return str(person) if person is not None else ""


def _change(row: PhaseChange) -> Decided:
    what = f"{row.get_kind_display().capitalize()}: phase {row.to_phase}"
    why = row.reason if row.by_id is not None else "Everyone begins here."
    return Decided(row.at, what, why, _who(row.by), f"phase {row.to_phase}", _shown(row.shown))


def _shown(shown: dict[str, Any]) -> str:
    """What the engine showed at the decision."""
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
    missing = f"; still missing: {missing_words(phase['missing'])}" if phase.get("missing") else ""
    return f"week {shown.get('week', '–')}: {words} ({rule}){missing}"


def _hand_set(row: HandSet) -> Iterator[Decided]:
    what = f"{row.get_what_display().capitalize()} by hand: {hand_set_words(row)}"
    mark = (
        str(row.cadence_spm)
        if row.cadence_spm
        else {HandSet.What.APPROVAL: "exercise", HandSet.What.LONG_RUN: "long run"}.get(
            HandSet.What(row.what), "dose"
        )
    )
    yield Decided(row.at, what, row.reason, _who(row.by), f"{mark} by hand")
    if row.ended_at is not None:
        yield Decided(row.ended_at, f"Ended: {what}", row.end_reason, _who(row.ended_by), "by hand ended")


def hand_set_words(row: HandSet) -> str:
    """The value: steps a minute, or the exercise and its dose."""
    if row.cadence_spm is not None:
        return f"{row.cadence_spm} steps a minute"
    if row.what == HandSet.What.LONG_RUN:
        return f"{row.exercise.replace(':', ' ')} raises the limit at once"
    name, dose = NAMES.get(row.exercise, spaced(row.exercise)), row.dose
    if not dose:
        return f"{name}, in its full form"
    amount = f"{dose['reps']}" if dose.get("reps") else f"{dose.get('seconds')} s"
    return f"{name}, {dose['sets']} × {amount}, {dose['sessions_per_week']} times a week"


def _spell(row: StrikeSpell) -> Iterator[Decided]:
    yield Decided(row.at, "Heel strike for a while", row.reason, _who(row.by), "heel strike")
    if row.ended_on is not None:
        day = f"{row.ended_on:%b} {row.ended_on.day}"
        ended_at = datetime.combine(row.ended_on, row.at.timetz())
        yield Decided(
            ended_at, f"Heel strike ended on {day}", row.end_reason, _who(row.ended_by), "strike ended"
        )


def _pause(row: Pause) -> Decided:
    until = f" until {row.ends_on:%b} {row.ends_on.day}" if row.ends_on is not None else ", open"
    what = f"Pause ({row.get_reason_display()}) from {row.starts_on:%b} {row.starts_on.day}{until}"
    return Decided(row.at, what, row.note, _who(row.by), "pause")


def _closed(flag: Flag) -> Decided:
    assert flag.closed_at is not None
    raised = localtime(flag.raised_at)
    what = f"Flag closed: {flag.get_kind_display()}, raised {raised:%b} {raised.day}"
    if flag.closed_by_id is None:
        return Decided(flag.closed_at, what, "The silence ended.", "", "", words_of(flag))
    return Decided(
        flag.closed_at, what, flag.closing_note, _who(flag.closed_by), "flag closed", words_of(flag)
    )
