"""The guide's exercise pages: the catalog in the order in which each phase uses it."""

from dataclasses import dataclass, replace

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.catalog.plan import CATALOG, PLAN
from challenge.protocol.exercises import guarded_form
from challenge.protocol.vocabulary import FormKind, Phase

TITLES = {
    Phase.SETTLE: "settle the pain",
    Phase.STRENGTHEN: "build the tendon",
    Phase.POWER: "give the spring back",
}


@dataclass(frozen=True)
class ExercisePage:
    """One exercise, with its sessions a week in its phase.

    `spared` is the form that spares knee and hip, for a runner who does that one instead of the full form.
    """

    exercise: Exercise
    phase: Phase
    sessions_per_week: int
    spared: ExerciseVariant | None = None

    def in_form(self, kind: FormKind) -> "ExercisePage":
        """Return the page for a runner who does the exercise in this form."""
        return replace(self, spared=guarded_form(self.exercise.id, kind))

    @property
    def slug(self) -> str:
        return self.exercise.id.value

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def doses(self) -> tuple[str, ...]:
        """Return each step of the ladder in words, the first one first."""
        return tuple(_dose_text(dose) for dose in self.exercise.ladder)

    @property
    def tempo(self) -> str:
        """Return the tempo in words."""
        return _tempo_text(self.exercise.tempo)

    @property
    def loads(self) -> str:
        """Return the sites that carry the standard form."""
        return ", ".join(site.label.lower() for site in self.exercise.standard.loads).capitalize()


@dataclass(frozen=True)
class PhaseGroup:
    """One phase with its exercises."""

    number: int
    title: str
    pages: tuple[ExercisePage, ...]


def by_phase() -> tuple[PhaseGroup, ...]:
    """Return the exercises of each phase, in order."""
    return tuple(
        PhaseGroup(
            phase.value,
            TITLES[phase],
            tuple(ExercisePage(CATALOG[place.exercise], phase, place.sessions_per_week) for place in places),
        )
        for phase, places in PLAN.items()
    )


def page_of(slug: str) -> ExercisePage | None:
    """Return the page of an exercise under its first phase, or None for an unknown slug."""
    return next((page for group in by_phase() for page in group.pages if page.slug == slug), None)


def _dose_text(dose: Dose) -> str:
    amount = f"{dose.sets} × {dose.reps}" if dose.reps is not None else f"{dose.sets} × {dose.seconds} s"
    return f"{amount}, {dose.note}" if dose.note else amount


def _tempo_text(tempo: Tempo) -> str:
    if tempo == Tempo():
        return "quick, and springy"
    parts = [(tempo.up_s, "up"), (tempo.hold_s, "held"), (tempo.down_s, "down")]
    return ", ".join(f"{seconds} s {word}" for seconds, word in parts if seconds)
