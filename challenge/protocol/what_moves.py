"""What still moves once raising the cadence has ended: the strength ladder and the phase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import CadenceDecision, Prescription
from challenge.protocol.dose_text import amount_text
from challenge.protocol.vocabulary import ExerciseKind, Phase, Rule


def opens_with_strength(cadence: CadenceDecision, week_on: date, *, raising_has_ended: bool) -> bool:
    """Return whether the week opens with strength and phase instead of cadence.

    It does once raising has ended and the target isn't new this week.
    """
    ended = raising_has_ended or cadence.reason.rule is Rule.CADENCE_CAP
    is_new = cadence.effective_on is not None and cadence.effective_on >= week_on
    return ended and not is_new


def hold_text(target_spm: int | None) -> str:
    """Return the one line that is left of the cadence; empty for a runner who never had a target."""
    return f"Cadence: hold {target_spm}." if target_spm else ""


def ladder_text(exercises: Sequence[Prescription], week_on: date, *, private: bool = True) -> str:
    """Return what the strength ladder does this week; empty without exercises.

    An email is not `private`: it leaves out the exercises of a track and names no sore leg.
    """
    shown = [one for one in exercises if private or CATALOG[one.exercise].track is None]
    if not shown:
        return ""
    up = [one for one in shown if one.step and one.since_on >= week_on]
    if up:
        first = up[0]
        more = len(up) - 1
        others = f", and {more} other exercise{' goes' if more == 1 else 's go'} up, too" if more else ""
        return f"A step up: {first.exercise.label}, now {_amount(first, private=private)}{others}."
    climbing = [one for one in shown if one.step + 1 < len(CATALOG[one.exercise].ladder)]
    if not climbing:
        return "Every exercise is on its top step. When all sets feel steady, add a little weight."
    first = next((one for one in climbing if CATALOG[one.exercise].kind is ExerciseKind.HEAVY), climbing[0])
    steps = len(CATALOG[first.exercise].ladder)
    return (
        f"{first.exercise.label} is on step {first.step + 1} of {steps}: {_amount(first, private=private)}."
    )


def _amount(one: Prescription, *, private: bool) -> str:
    # The tempo is with the exercise itself; here it would drown the news.
    form = CATALOG[one.exercise].form(one.form)
    return amount_text(one.sets, one.reps, one.seconds, form, private=private)


# In the words of what is done: emails, too, may say them.
_DONE_IN = {
    Phase.SETTLE: "long holds and short movements",
    Phase.STRENGTHEN: "heavy and slow",
    Phase.POWER: "hops, drills and heavy work",
}


def phase_text(phase: Phase) -> str:
    """Return the phase in words: "Phase 2 of 3: heavy and slow."."""
    return f"Phase {phase.value} of {len(Phase)}: {_DONE_IN[phase]}."
