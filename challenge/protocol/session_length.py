"""How long a strength session takes, from its sets, repetitions, tempo, sides and rests."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Protocol

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind

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
