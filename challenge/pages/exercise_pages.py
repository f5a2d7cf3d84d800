"""The guide's exercise pages: the catalog in the order in which each phase and each track uses it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from challenge.protocol.catalog.form import Exercise, ExerciseVariant
from challenge.protocol.catalog.plan import ALTERNATIVES, CATALOG, PLAN, TRACK_PLAN, Place
from challenge.protocol.dose_text import about_minutes, amount_text, session_minutes, tempo_text
from challenge.protocol.exercises import guarded_form
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Site
from challenge.protocol.wording import rest_in_words, times

TITLES = {
    Phase.SETTLE: "settle the pain",
    Phase.STRENGTHEN: "build the tendon",
    Phase.POWER: "give the spring back",
}
TRACKS = {
    Site.KNEE: (
        "Knee",
        "For a knee that hurts now: the front of the thigh, held first, then slow, then on one leg.",
    ),
    Site.HIP: (
        "Hip",
        "For a hip that hurts now: the outer hip and the buttock, held first, then slow, then level.",
    ),
    Site.FOOT: ("Foot", "For a foot that hurts now: the arch work of the basic plan, in every phase."),
}
WHY_ITS_OWN = {
    FormKind.EASIER: "The easier form: it spares knee and hip.",
    FormKind.FLAT: "The form on the flat floor: the heel never goes below it.",
}
LEAVE_OUT = {
    FormKind.EASIER: "If your knee or hip still hurts in this form, leave it out and tell us in your log.",
    FormKind.FLAT: "If the heel bone still hurts in this form, leave it out and tell us in your log.",
}


@dataclass(frozen=True)
class ExercisePage:
    """One exercise, with its sessions a week in its phase.

    `kind` is the form shown. `own` is that form where it has a page of its own, for a runner who does that one instead
    of the full form.
    """

    exercise: Exercise
    phase: Phase
    sessions_per_week: int
    kind: FormKind = FormKind.STANDARD
    own: ExerciseVariant | None = None

    def in_form(self, kind: FormKind) -> "ExercisePage":
        """Return the page for a runner who does the exercise in this form."""
        return replace(self, kind=kind, own=guarded_form(self.exercise.id, kind))

    @property
    def slug(self) -> str:
        return self.exercise.id.value

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def form(self) -> ExerciseVariant:
        """Return the form shown."""
        return self.own or self.exercise.standard

    @property
    def why(self) -> str:
        """Return why the form has a page of its own."""
        return WHY_ITS_OWN.get(self.kind, "")

    @property
    def leave_out(self) -> str:
        """Return when to leave this form out as well."""
        return LEAVE_OUT.get(self.kind, "")

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the steps of the form shown."""
        return self.exercise.steps_of(self.kind)

    @property
    def doses(self) -> tuple[str, ...]:
        """Return each step of the ladder in words; only the first one adds that it is for each leg."""
        both_sides = replace(self.form, each="")
        forms = [self.form, *[both_sides] * (len(self.exercise.ladder) - 1)]
        return tuple(
            amount_text(dose.sets, dose.reps, dose.seconds, form) + (f", {dose.note}" if dose.note else "")
            for dose, form in zip(self.exercise.ladder, forms, strict=True)
        )

    @property
    def tempo(self) -> str:
        """Return the tempo in words."""
        tempo = self.exercise.tempo
        if self.exercise.kind is ExerciseKind.ISOMETRIC:
            return "one long hold"  # its seconds are the dose
        return tempo_text(tempo.up_s, tempo.hold_s, tempo.down_s) or self.exercise.pace

    @property
    def rest(self) -> str:
        """Return the rest between sets in words: the sets of the other leg count as rest."""
        rest = rest_in_words(self.exercise.rest_s)
        if self.form.each == "leg":
            rest = f"{rest} between sets of one leg, while you work the other"
        elif self.form.each == "side":
            rest = f"{rest} after both sides"
        else:
            rest = f"{rest} between sets"
        return self.exercise.rest_words or rest

    @property
    def loads(self) -> str:
        """Return the sites that carry the form shown."""
        return ", ".join(site.label.lower() for site in self.form.loads).capitalize()

    @property
    def how_often(self) -> str:
        """Return the sessions in words: "three times a week"."""
        return f"{times(self.sessions_per_week)} a week"

    @property
    def track(self) -> str:
        """Return the name of the track that brings the exercise; empty for the base."""
        return TRACKS[self.exercise.track][0] if self.exercise.track else ""


@dataclass(frozen=True)
class FirstDose:
    """The first step of an exercise's ladder in one form, as the length of a session is computed from it."""

    exercise: ExerciseId
    form: FormKind
    sets: int
    reps: int | None
    seconds: int | None
    up_s: int
    hold_s: int
    down_s: int


def session_length(pages: Iterable[ExercisePage]) -> str:
    """Return how long a session of all these takes at their first dose: "about 35 minutes"."""
    return about_minutes(session_minutes(_first_dose(page) for page in pages))


def _first_dose(page: ExercisePage) -> FirstDose:
    dose, tempo = page.exercise.ladder[0], page.exercise.tempo
    return FirstDose(
        page.exercise.id,
        page.kind,
        dose.sets,
        dose.reps,
        dose.seconds,
        tempo.up_s,
        tempo.hold_s,
        tempo.down_s,
    )


@dataclass(frozen=True)
class PhaseGroup:
    """One phase with its exercises."""

    number: int
    title: str
    pages: tuple[ExercisePage, ...]


@dataclass(frozen=True)
class TrackGroup:
    """One track with its exercises: those of its plan, then those that a clinician swaps in."""

    site: Site
    title: str
    lead: str
    pages: tuple[ExercisePage, ...]


def by_phase() -> tuple[PhaseGroup, ...]:
    """Return the base exercises of each phase, in order."""
    return tuple(
        PhaseGroup(phase.value, TITLES[phase], tuple(_page(place, phase) for place in places))
        for phase, places in PLAN.items()
    )


def by_track() -> tuple[TrackGroup, ...]:
    """Return the exercises of each track, each one once, in the order of its phases."""
    return tuple(
        TrackGroup(site, *TRACKS[site], tuple(_pages_of_track(phases))) for site, phases in TRACK_PLAN.items()
    )


def _pages_of_track(phases: dict[Phase, tuple[Place, ...]]) -> list[ExercisePage]:
    pages: dict[ExerciseId, ExercisePage] = {}
    for phase, places in phases.items():
        for place in places:
            pages.setdefault(place.exercise, _page(place, phase))
    for other, planned in ALTERNATIVES.items():
        if planned in pages:
            pages[other] = replace(pages[planned], exercise=CATALOG[other])
    return list(pages.values())


Group = TypeVar("Group", PhaseGroup, TrackGroup)


def in_forms(
    pages: tuple[ExercisePage, ...], forms: Mapping[ExerciseId, FormKind]
) -> tuple[ExercisePage, ...]:
    """Return the pages in these forms, without the exercises that have none."""
    return tuple(page.in_form(forms[page.exercise.id]) for page in pages if page.exercise.id in forms)


def groups_in_forms(groups: tuple[Group, ...], forms: Mapping[ExerciseId, FormKind]) -> tuple[Group, ...]:
    """Return the groups with their pages in these forms, without those that hold none."""
    shown = (replace(group, pages=in_forms(group.pages, forms)) for group in groups)
    return tuple(group for group in shown if group.pages)


def page_of(slug: str) -> ExercisePage | None:
    """Return the page of an exercise under its first phase, or None for an unknown slug."""
    return next((page for page in all_pages() if page.slug == slug), None)


def slugs() -> tuple[ExerciseId, ...]:
    """Return every exercise with a page, once: those of two phases are one page."""
    return tuple({page.exercise.id: None for page in all_pages()})


def all_pages() -> tuple[ExercisePage, ...]:
    """Return every exercise of every phase and track; one that is in two of them comes twice."""
    in_phases = [page for group in by_phase() for page in group.pages]
    return (*in_phases, *(page for group in by_track() for page in group.pages))


def _page(place: Place, phase: Phase) -> ExercisePage:
    return ExercisePage(CATALOG[place.exercise], phase, place.sessions_per_week)
