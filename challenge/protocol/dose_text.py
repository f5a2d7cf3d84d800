"""A dose in words, the time a session takes, and what still moves once raising the cadence has ended.

Every page, sheet and email that shows a dose takes it from here. The time comes from a session's sets, repetitions,
tempo, sides and rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil
from typing import Protocol

from challenge.protocol.catalog.form import ExerciseVariant
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import CadenceDecision, Prescription
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Rule
from challenge.protocol.wording import times

CHANGE_SIDES_S = 5
CHANGE_EXERCISE_S = 30
_ROUNDED_TO_MIN = 5


class DoseLike(Protocol):
    """One exercise with its dose: of a decision, of a page, or of the catalog."""

    @property
    def exercise(self) -> ExerciseId: ...
    @property
    def form(self) -> FormKind: ...
    @property
    def sets(self) -> int: ...
    @property
    def reps(self) -> int | None: ...
    @property
    def seconds(self) -> int | None: ...
    @property
    def up_s(self) -> int: ...
    @property
    def hold_s(self) -> int: ...
    @property
    def down_s(self) -> int: ...


def session_minutes(doses: Iterable[DoseLike]) -> int | None:
    """Return the whole minutes, rounded up, of a session with all these exercises; None without any.

    Drills are done inside a run and take no session time.
    """
    lengths = [exercise_seconds(d) for d in doses if CATALOG[d.exercise].kind is not ExerciseKind.DRILL]
    if not lengths:
        return None
    return ceil((sum(lengths) + CHANGE_EXERCISE_S * (len(lengths) - 1)) / 60)


def exercise_seconds(dose: DoseLike) -> int:
    """Return the seconds from the first repetition to the last. While one leg works, the other one rests."""
    entry = CATALOG[dose.exercise]
    work = set_seconds(dose)
    one_round = 2 * work + CHANGE_SIDES_S if entry.form(dose.form).one_sided else work
    return (dose.sets - 1) * max(one_round, work + entry.rest_s) + one_round


def set_seconds(dose: DoseLike) -> int:
    """Return the seconds that one set of one leg takes."""
    if dose.seconds is not None:
        return dose.seconds
    rep_s = dose.up_s + dose.hold_s + dose.down_s
    return (dose.reps or 0) * (rep_s or CATALOG[dose.exercise].seconds_per_rep)


def about_minutes(minutes: int | None) -> str:
    """Return "about 35 minutes", to the nearest five; empty without a session."""
    if minutes is None:
        return ""
    return f"about {max(1, round(minutes / _ROUNDED_TO_MIN)) * _ROUNDED_TO_MIN} minutes"


NO_BREAK = "\N{NO-BREAK SPACE}"
SORE_FIRST = ", the sore one first"
# Grams in a tenth of a pound and of a kilogram, times 100,000, so that the arithmetic stays in whole numbers.
_TENTH_OF_POUND, _TENTH_OF_KILOGRAM, _SCALE = 4_535_924, 10_000_000, 100_000


def dose_text(
    dose: DoseLike,
    *,
    weekly: int | None = None,
    load_g: int | None = None,
    kilometers: bool = False,
    private: bool = True,
) -> str:
    """Return the whole dose: "3 × 8 each leg, the sore one first · 3 times a week · 3 s up, 4 s down".

    `weekly` is the sessions a week, `load_g` a load that a clinician set; kilograms go with kilometers. An email is
    not `private`: it does not say that a leg is sore.
    """
    form = CATALOG[dose.exercise].form(dose.form)
    parts = [
        amount_text(dose.sets, dose.reps, dose.seconds, form, private=private),
        f"{times(weekly)} a week" if weekly else "",
        "" if dose.seconds is not None else tempo_text(dose.up_s, dose.hold_s, dose.down_s),
        load_text(load_g, kilometers=kilometers) if load_g else "",
    ]
    return " · ".join(part for part in parts if part)


def amount_text(
    sets: int, reps: int | None, seconds: int | None, form: ExerciseVariant, *, private: bool = True
) -> str:
    """Return sets and repetitions or seconds: "5 × 45 s each leg, the sore one first"."""
    amount = f"{sets} × {seconds}{NO_BREAK}s" if seconds is not None else f"{sets} × {reps}"
    if not form.one_sided:
        return amount
    return f"{amount} each {form.each}{SORE_FIRST if private else ''}"


def next_amount(exercise: ExerciseId, form: FormKind, step: int) -> str:
    """Return the amount of the step after `step` of the ladder, with what changes at it; empty after the last."""
    entry = CATALOG[exercise]
    if step + 1 >= len(entry.ladder):
        return ""
    after = entry.ladder[step + 1]
    amount = amount_text(after.sets, after.reps, after.seconds, entry.form(form))
    return f"{amount}, {after.note}" if after.note else amount


def tempo_text(up_s: int, hold_s: int, down_s: int) -> str:
    """Return a counted tempo: "3 s up, 2 s held, 4 s down"; empty where the movement is not counted.

    A number and its unit do not break apart at the end of a line.
    """
    parts = [(up_s, "up"), (hold_s, "held"), (down_s, "down")]
    return ", ".join(f"{seconds}{NO_BREAK}s {word}" for seconds, word in parts if seconds)


def load_text(load_g: int, *, kilometers: bool) -> str:
    """Return a load to the nearest tenth: 45 lb, 22.5 kg."""
    unit = _TENTH_OF_KILOGRAM if kilometers else _TENTH_OF_POUND
    tenths = (2 * load_g * _SCALE + unit) // (2 * unit)
    number = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
    return f"{number} {'kg' if kilometers else 'lb'}"


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
