"""The parts of an exercise: forms, ladder of doses, tempo, rest, limits, texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Site
from challenge.protocol.wording import span

Range = tuple[int, int]

# How much slower than the catalog a tempo set by hand may be, in seconds for each part.
SLOWER_BY_S = 4


@dataclass(frozen=True, slots=True)
class ExerciseVariant:
    """One form of an exercise: one way to do it. `loads` are the body sites that carry the load.

    `each` is "leg" or "side" where the dose counts for one side of the body at a time, else empty.
    `steps` are this form's own where they differ from those of the standard form.
    """

    name: str
    how: str
    loads: tuple[Site, ...]
    each: Literal["", "leg", "side"] = ""
    steps: tuple[str, ...] = ()

    @property
    def one_sided(self) -> bool:
        """Whether the dose counts for each leg or side."""
        return bool(self.each)


@dataclass(frozen=True, slots=True)
class Dose:
    """One step of an exercise's ladder: `reps` or `seconds` a set. `note` is what changes at this step."""

    sets: int
    reps: int | None = None
    seconds: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds up, held and down; all zero where the movement is not counted."""

    up_s: int = 0
    hold_s: int = 0
    down_s: int = 0

    @property
    def rep_s(self) -> int:
        """Seconds of one repetition; 0 where the movement is not counted."""
        return self.up_s + self.hold_s + self.down_s


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the method. Its texts take their numbers from its ladder and tempo.

    `rest_s` is the rest of one leg between its sets. `track` is the complaint that brings the exercise; None is the
    clinic's base, which everyone does. `load_range_g` limits a load set by hand, in grams; None: body weight only.
    `flat` is the form whose heel never goes below the floor, for an Achilles that hurts at the heel bone; exercises
    without one never go there. `pace` replaces "quick, and springy" where a movement without a counted tempo is slow,
    and `uncounted_rep_s` is what one repetition of it takes. `rest_words` replaces the rest where it is a walk or
    a run. `email_name` replaces a name that names a joint. `steps` are three lines, read next to the
    figure.
    """

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
    rest_s: int = 60
    track: Site | None = None
    load_range_g: Range | None = None
    flat: ExerciseVariant | None = None
    pace: str = "quick, and springy"
    uncounted_rep_s: int = 1
    rest_words: str = ""
    email_name: str = ""

    @property
    def name(self) -> str:
        return self.id.label

    def form(self, kind: FormKind) -> ExerciseVariant:
        """Return the form of this kind; an exercise without a flat form stays on the floor in its standard one."""
        if kind is FormKind.EASIER:
            return self.easier
        if kind is FormKind.HARDER:
            return self.harder
        return self.flat if kind is FormKind.FLAT and self.flat is not None else self.standard

    def steps_of(self, kind: FormKind) -> tuple[str, ...]:
        """Return the steps of a form: its own, else those of the standard form."""
        return self.form(kind).steps or self.steps

    @property
    def confirmed(self) -> bool:
        """Whether the clinic has confirmed the exercise; those of a track are a default until then."""
        return self.track is None

    @property
    def dose_range(self) -> str:
        """The whole ladder in one phrase: "3-4 sets of 8-10"."""
        sets = span([dose.sets for dose in self.ladder])
        reps = [dose.reps for dose in self.ladder if dose.reps is not None]
        seconds = [dose.seconds for dose in self.ladder if dose.seconds is not None]
        return f"{sets} sets of {span(reps)}" if reps else f"{sets} sets of {span(seconds)} s"

    @property
    def seconds_per_rep(self) -> int:
        """Seconds that one repetition takes."""
        return self.tempo.rep_s or self.uncounted_rep_s

    @property
    def tempo_range(self) -> tuple[Tempo, Tempo]:
        """The quickest and the slowest tempo that a clinician may set; the catalog's own is the quickest.

        A movement that is not counted, and a hold, have one tempo only.
        """
        slow = self.tempo
        if slow.up_s and slow.down_s:
            slow = Tempo(slow.up_s + SLOWER_BY_S, slow.hold_s + SLOWER_BY_S, slow.down_s + SLOWER_BY_S)
        return self.tempo, slow
