"""A dose in words. Every page, sheet and email that shows a dose takes it from here."""

from __future__ import annotations

from challenge.protocol.catalog.form import ExerciseVariant
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.session_length import DoseLike
from challenge.protocol.vocabulary import ExerciseId, FormKind
from challenge.protocol.wording import times

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
