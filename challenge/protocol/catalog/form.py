"""What one exercise is made of."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.vocabulary import ExerciseId, Phase, Site, Term


class ExerciseKind(Term):
    ISOMETRIC = "isometric"
    SHORT_RANGE = "short_range"
    HEAVY = "heavy"
    POSTERIOR_TIBIAL = "posterior_tibial"
    PLYOMETRIC = "plyometric"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to do an exercise. `loads` names the sites that carry it."""

    name: str
    how: str
    loads: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Dose:
    """One step of an exercise's ladder: `reps` or `seconds` a set. `note` says what changes at this step."""

    sets: int
    reps: int | None = None
    seconds: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds up, held and down; all zero where speed is the point."""

    up_s: int = 0
    hold_s: int = 0
    down_s: int = 0


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the method."""

    id: ExerciseId
    kind: ExerciseKind
    phases: tuple[Phase, ...]
    purpose: str
    standard: Form
    easier: Form
    harder: Form
    ladder: tuple[Dose, ...]
    tempo: Tempo
    steps: tuple[str, ...]
    feel: str
    never: str
    source: str

    @property
    def name(self) -> str:
        return self.id.label

    @property
    def dose_range(self) -> str:
        """The whole ladder in one phrase: "3-4 sets of 8-10"."""
        sets = _span([dose.sets for dose in self.ladder])
        reps = [dose.reps for dose in self.ladder if dose.reps is not None]
        seconds = [dose.seconds for dose in self.ladder if dose.seconds is not None]
        return f"{sets} sets of {_span(reps)}" if reps else f"{sets} sets of {_span(seconds)} s"


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}-{high}"
