"""The parts of an exercise: forms, ladder of doses, tempo, texts."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site
from challenge.protocol.wording import span


@dataclass(frozen=True, slots=True)
class ExerciseVariant:
    """One form of an exercise: one way to do it. `loads` are the body sites that carry the load."""

    name: str
    how: str
    loads: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Dose:
    """One step of an exercise's ladder: `reps` or `seconds` a set. `note` is what changes at this step."""

    sets: int
    reps: int | None = None
    seconds: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds up, held and down; all zero where the movement is quick."""

    up_s: int = 0
    hold_s: int = 0
    down_s: int = 0


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the method. Its texts take their numbers from its ladder and tempo."""

    id: ExerciseId
    kind: ExerciseKind
    phases: tuple[Phase, ...]
    purpose: str
    standard: ExerciseVariant
    easier: ExerciseVariant
    harder: ExerciseVariant
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
        sets = span([dose.sets for dose in self.ladder])
        reps = [dose.reps for dose in self.ladder if dose.reps is not None]
        seconds = [dose.seconds for dose in self.ladder if dose.seconds is not None]
        return f"{sets} sets of {span(reps)}" if reps else f"{sets} sets of {span(seconds)} s"
