"""Put together one runner's exercises: the base, approved tracks, and what a clinician changed (`decision.by_hand`).

`PainRecord` adds what the record of complaints and the log spare between two decisions. Pages and the weekly decision
both ask `protocol.complaints`, so that a page spares what the next decision will spare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from challenge.protocol.catalog.plan import CATALOG, PLAN, TRACK_PLAN, Place, places_of
from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord, PlanChange
from challenge.protocol.complaints import OPEN, SiteReport, proposals, sites_in, unanswered
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    JOINTS,
    Arch,
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FormKind,
    Phase,
    PlanChangeKind,
    Shoe,
    Side,
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


@dataclass(frozen=True, slots=True)
class Guards:
    """What decides the form of each exercise: knees and hips that hurt, what clinicians approved, the heel bone.

    Pages ask it between two decisions as the engine does when it decides.
    """

    joints: frozenset[Site] = frozenset()
    tracks: frozenset[Site] = frozenset()
    approved: frozenset[ExerciseId] = frozenset()
    heel_bone: bool = False

    def spared_by(self, exercise: ExerciseId) -> frozenset[Site]:
        """Return the joints that the exercise must spare; an approved track loads its own joint on purpose."""
        track = CATALOG[exercise].track
        return self.joints - {track} if track in self.tracks else self.joints


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
    return tracks_of(open_complaints(history))


def tracks_of(complaints: Iterable[ComplaintRecord]) -> frozenset[Site]:
    """Return the sites of these open complaints whose track is approved."""
    return frozenset(c.site for c in complaints if c.track_approved and c.site in TRACK_PLAN)


def guards_of(history: LogView) -> Guards:
    """Return what guards the runner's exercises as of deciding."""
    return Guards(
        joints=GUARDED_JOINTS & history.complained,
        tracks=approved_tracks(history),
        approved=frozenset(history.snapshot.approved),
        heel_bone=heel_bone_hurts(open_complaints(history)),
    )


def heel_bone_hurts(complaints: Iterable[ComplaintRecord]) -> bool:
    """Return whether one of these open complaints sits where the Achilles tendon meets the heel bone."""
    return any(c.kind is ComplaintKind.INSERTIONAL for c in complaints)


def allowed_form(place: Place, guards: Guards) -> FormKind | None:
    """Return the form that spares what hurts; None leaves the exercise out (`exercise.approval`).

    An approved exercise is given as planned, except that no heel goes below the floor where the heel bone hurts.
    """
    exercise, joints = CATALOG[place.exercise], guards.spared_by(place.exercise)
    # The planned form may already be the easier one, then the second try changes nothing.
    for kind in (place.form, FormKind.EASIER):
        if place.exercise in guards.approved or not joints & {*exercise.form(kind).loads}:
            flat = kind is FormKind.STANDARD and guards.heel_bone and exercise.flat is not None
            return FormKind.FLAT if flat else kind
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


SiteAndSide = tuple[Site, Side | None]


@dataclass(frozen=True, slots=True)
class PainRecord:
    """A runner's complaints, the pain they reported by place, and what a clinician declined, all as of one moment.

    Pages ask it between two decisions, so that they spare what the next decision will spare.
    """

    complaints: tuple[ComplaintRecord, ...] = ()
    reports: tuple[JointReport, ...] = ()
    dismissals: tuple[ComplaintDismissal, ...] = ()

    def spared_joints(self, parameters: Parameters = CLINIC) -> frozenset[Site]:
        """Return the knees and hips to spare: an open complaint, or a report that no clinician has answered."""
        return GUARDED_JOINTS & self.sore_joints(parameters)

    def sore_joints(self, parameters: Parameters = CLINIC) -> frozenset[Site]:
        """Return every joint with an open complaint or an unanswered report: the scale of tendons is not theirs."""
        recorded = sites_in(self.complaints, *OPEN)
        proposed = {p.site for p in proposals(self._unanswered(parameters), parameters)}
        return JOINTS & (recorded | proposed)

    def guards(self, approved: Iterable[str] = (), parameters: Parameters = CLINIC) -> Guards:
        """Return what guards each exercise now, as the next decision would see it."""
        opened = [record for record in self.complaints if record.status in OPEN]
        return Guards(
            joints=self.spared_joints(parameters),
            tracks=tracks_of(opened),
            approved=frozenset(ExerciseId(name) for name in approved),
            heel_bone=heel_bone_hurts(opened),
        )

    def proposed(self, parameters: Parameters = CLINIC) -> frozenset[SiteAndSide]:
        """Return the places to ask about: once at a joint, elsewhere on several days within the window."""
        reports = self._unanswered(parameters)
        sites = {proposal.site for proposal in proposals(reports, parameters)}
        return frozenset((report.site, report.side) for report in reports if report.site in sites)

    def _unanswered(self, parameters: Parameters) -> tuple[SiteReport, ...]:
        reports = (
            SiteReport(report.site, report.side, report.on, report.pain, report.logged_at)
            for report in self.reports
            if report.pain >= parameters.amber_from
        )
        return unanswered(reports, self.complaints, self.dismissals)
