"""Put together one runner's exercises: the base, approved tracks, and what a clinician changed (`decision.by_hand`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from challenge.protocol.catalog.plan import CATALOG, PLAN, TRACK_PLAN, Place, places_of
from challenge.protocol.clinical_record import ComplaintRecord, PlanChange
from challenge.protocol.log_view import LogView
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    Arch,
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FormKind,
    Phase,
    PlanChangeKind,
    Shoe,
    Site,
)


@dataclass(frozen=True, slots=True)
class PlannedExercise:
    """An exercise of one runner's week. `track`: the complaint's site that brings it. `by_hand`: a clinician does."""

    place: Place
    track: Site | None = None
    by_hand: bool = False

    @property
    def exercise(self) -> ExerciseId:
        return self.place.exercise


def planned_exercises(history: LogView) -> tuple[PlannedExercise, ...]:
    """Return the exercises of the phase and of approved tracks, as clinicians changed them, before any guard."""
    phase = history.phase.phase
    tracks = approved_tracks(history)
    planned = [
        PlannedExercise(place, track=_track_of(place, phase, tracks))
        for place in places_of(phase, tracks)
        # Arch work in phase 1 is only for runners whose intake shows the need.
        if not place.screened or needs_arch_work(history)
    ]
    for change in changes_in_force(history):
        planned = _changed(planned, change, phase)
    return tuple(planned)


def changes_in_force(history: LogView) -> tuple[PlanChange, ...]:
    """Return the changes set and not ended at the moment of deciding, oldest first."""
    now = history.snapshot.as_of
    return tuple(
        change
        for change in history.snapshot.plan_changes
        if change.set_at <= now and (change.ended_at is None or change.ended_at > now)
    )


def open_complaints(history: LogView) -> tuple[ComplaintRecord, ...]:
    """Return the present and settling complaints; version 3 knew no tracks and no kinds."""
    if not history.by_version_4:
        return ()
    return tuple(c for c in history.complaints if c.status is not ComplaintStatus.PAST)


def approved_tracks(history: LogView) -> frozenset[Site]:
    """Return the sites whose track a clinician let begin (`exercise.track`)."""
    return frozenset(c.site for c in open_complaints(history) if c.track_approved and c.site in TRACK_PLAN)


def form_for(planned: PlannedExercise, history: LogView) -> FormKind | None:
    """Return the form that spares what hurts; None leaves the exercise out (`exercise.approval`)."""
    exercise = planned.exercise
    entry, approved = CATALOG[exercise], exercise in history.snapshot.approved
    kind = allowed_form(planned.place, spared_sites(exercise, history), approved)
    insertional = any(c.kind is ComplaintKind.INSERTIONAL for c in open_complaints(history))
    if kind is FormKind.STANDARD and insertional and entry.flat is not None:
        return FormKind.FLAT
    return kind


def spared_sites(exercise: ExerciseId, history: LogView) -> frozenset[Site]:
    """Return the knee and hip that the exercise must spare; an approved track loads its own joint on purpose."""
    track = CATALOG[exercise].track
    own = {track} if track is not None and track in approved_tracks(history) else set()
    return (GUARDED_JOINTS & history.complained) - own


def allowed_form(place: Place, complained: frozenset[Site], approved: bool) -> FormKind | None:
    """Return the form that loads no complained-of knee or hip; once approved, the planned one. None: leave it out."""
    exercise = CATALOG[place.exercise]
    guarded = GUARDED_JOINTS & complained
    # The planned form may already be the easier one, then the second try changes nothing.
    for kind in (place.form, FormKind.EASIER):
        if approved or not guarded & {*exercise.form(kind).loads}:
            return kind
    return None


def needs_arch_work(history: LogView) -> bool:
    """Return whether the intake reports collapsing arches or shoes that tilt inward."""
    intake = history.snapshot.intake
    return intake.arch is Arch.COLLAPSING or intake.shoe is Shoe.TILTS_INWARD


def _track_of(place: Place, phase: Phase, tracks: Iterable[Site]) -> Site | None:
    return next((site for site in sorted(tracks) if place in TRACK_PLAN[site][phase]), None)


def _changed(planned: list[PlannedExercise], change: PlanChange, phase: Phase) -> list[PlannedExercise]:
    """Return the plan with one change; a change that the phase has overtaken has no effect until it fits again."""
    there = {one.exercise for one in planned}
    if change.kind is PlanChangeKind.LEAVE_OUT:
        return [one for one in planned if one.exercise is not change.exercise]
    new = change.exercise if change.kind is PlanChangeKind.ADD else change.replacement
    if new is None or new in there or phase not in CATALOG[new].phases:
        return planned
    if change.kind is PlanChangeKind.ADD:
        # As often as the rarest exercise of the phase: a clinician may set another number with the dose.
        weekly = min(place.sessions_per_week for place in PLAN[phase])
        return [*planned, PlannedExercise(Place(new, weekly), track=None, by_hand=True)]
    return [
        replace(one, place=replace(one.place, exercise=new, form=FormKind.STANDARD), by_hand=True)
        if one.exercise is change.exercise
        else one
        for one in planned
    ]
