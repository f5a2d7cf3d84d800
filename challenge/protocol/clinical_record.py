"""What clinicians recorded about a runner, as the engine sees it: complaints, pauses, flags, changes by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from challenge.protocol import validation
from challenge.protocol.vocabulary import (
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    PlanChangeKind,
    Side,
    Site,
    Symptom,
    TestKind,
)


@dataclass(frozen=True, slots=True)
class ComplaintRecord:
    """A complaint in the state that holds at the moment of deciding; `since_on` is the local day of its last change.

    `track_approved`: a clinician lets the exercises of its track begin (`exercise.track`).
    """

    key: str
    site: Site
    status: ComplaintStatus
    opened_on: date
    since_on: date
    side: Side | None = None
    kind: ComplaintKind | None = None
    track_approved: bool = False
    changed_at: datetime | None = None

    def __post_init__(self) -> None:
        validation.check_term("complaint.site", self.site, Site)
        validation.check_term("complaint.side", self.side, Side, optional=True)
        validation.check_term("complaint.status", self.status, ComplaintStatus)
        validation.check_term("complaint.kind", self.kind, ComplaintKind, optional=True)
        if self.kind is not None and self.site is not Site.ACHILLES:
            raise validation.ProtocolError("complaint.kind", "is for the Achilles tendon only")
        validation.check_day("complaint.opened_on", self.opened_on)
        validation.check_day("complaint.since_on", self.since_on)
        validation.check_order("complaint.since_on", self.opened_on, self.since_on)
        validation.check_moment("complaint.changed_at", self.changed_at, optional=True)


@dataclass(frozen=True, slots=True)
class ComplaintDismissal:
    """A clinician's answer "no complaint" to what the log reported at a site up to `at`."""

    site: Site
    side: Side | None
    at: datetime

    def __post_init__(self) -> None:
        validation.check_term("dismissal.site", self.site, Site)
        validation.check_term("dismissal.side", self.side, Side, optional=True)
        validation.check_moment("dismissal.at", self.at)


@dataclass(frozen=True, slots=True)
class PlanChange:
    """An exercise that a clinician added, left out or swapped for `replacement`, until they end it."""

    kind: PlanChangeKind
    exercise: ExerciseId
    set_at: datetime
    replacement: ExerciseId | None = None
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        validation.check_term("plan_change.kind", self.kind, PlanChangeKind)
        validation.check_term("plan_change.exercise", self.exercise, ExerciseId)
        swaps = self.kind is PlanChangeKind.SWAP
        validation.check_term("plan_change.replacement", self.replacement, ExerciseId, optional=not swaps)
        if not swaps and self.replacement is not None:
            raise validation.ProtocolError("plan_change.replacement", "is for a swap only")
        validation.check_moment("plan_change.set_at", self.set_at)
        validation.check_moment("plan_change.ended_at", self.ended_at, optional=True)


@dataclass(frozen=True, slots=True)
class PauseInput:
    """A pause from its first day up to, not including, the day of return (None: open)."""

    from_on: date
    back_on: date | None
    reason: PauseReason

    def __post_init__(self) -> None:
        validation.check_day("pause.from_on", self.from_on)
        validation.check_day("pause.back_on", self.back_on, optional=True)
        validation.check_order("pause.back_on", self.from_on, self.back_on)
        validation.check_term("pause.reason", self.reason, PauseReason)

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.back_on is None or day < self.back_on)


@dataclass(frozen=True, slots=True)
class FlagInput:
    """A flag that is open at the moment of deciding."""

    kind: FlagKind
    opened_on: date
    symptom: Symptom | None = None

    def __post_init__(self) -> None:
        validation.check_term("flag.kind", self.kind, FlagKind)
        validation.check_day("flag.opened_on", self.opened_on)
        validation.check_term("flag.symptom", self.symptom, Symptom, optional=True)


@dataclass(frozen=True, slots=True)
class PhaseInput:
    """A phase and the local day it began, as a clinician decided. The first begins with the challenge."""

    phase: Phase
    since_on: date

    def __post_init__(self) -> None:
        validation.check_term("phase_spell.phase", self.phase, Phase)
        validation.check_day("phase_spell.since_on", self.since_on)


@dataclass(frozen=True, slots=True)
class HeelStrikeInput:
    """A spell of heel strike as a clinician approved it: begun, on the way back, over; or declined."""

    started_on: date
    declined: bool = False
    return_on: date | None = None
    ended_on: date | None = None

    def __post_init__(self) -> None:
        validation.check_day("strike_spell.started_on", self.started_on)
        validation.check_day("strike_spell.return_on", self.return_on, optional=True)
        validation.check_day("strike_spell.ended_on", self.ended_on, optional=True)
        validation.check_order("strike_spell.return_on", self.started_on, self.return_on)
        validation.check_order("strike_spell.ended_on", self.return_on or self.started_on, self.ended_on)


@dataclass(frozen=True, slots=True)
class FunctionTestInput:
    """A heel-raise or hop test that a clinician recorded, or decided not to do (`tested` is False)."""

    kind: TestKind
    recorded_on: date
    tested: bool = True

    def __post_init__(self) -> None:
        validation.check_term("function_test.kind", self.kind, TestKind)
        validation.check_day("function_test.recorded_on", self.recorded_on)


@dataclass(frozen=True, slots=True)
class CadenceOverride:
    """A cadence set by a clinician, in force until they end it or, with `one_week`, for this week only."""

    cadence_spm: int
    set_at: datetime
    ended_at: datetime | None = None
    one_week: bool = False

    def __post_init__(self) -> None:
        validation.check_whole("hand_cadence.cadence_spm", self.cadence_spm, validation.HAND_CADENCE_SPM)
        validation.check_moment("hand_cadence.set_at", self.set_at)
        validation.check_moment("hand_cadence.ended_at", self.ended_at, optional=True)


@dataclass(frozen=True, slots=True)
class DoseOverride:
    """A dose set by a clinician, in force until they end it. None leaves a number as the catalog has it."""

    exercise: ExerciseId
    sets: int
    set_at: datetime
    reps: int | None = None
    seconds: int | None = None
    sessions_per_week: int | None = None
    ended_at: datetime | None = None
    load_g: int | None = None
    up_s: int | None = None
    hold_s: int | None = None
    down_s: int | None = None

    def __post_init__(self) -> None:
        validation.check_term("hand_dose.exercise", self.exercise, ExerciseId)
        validation.check_whole("hand_dose.sets", self.sets, (1, 6))
        validation.check_whole("hand_dose.reps", self.reps, (1, 30), optional=True)
        validation.check_whole("hand_dose.seconds", self.seconds, (5, 300), optional=True)
        validation.check_whole("hand_dose.sessions_per_week", self.sessions_per_week, (1, 7), optional=True)
        validation.check_whole("hand_dose.load_g", self.load_g, validation.LOAD_G, optional=True)
        for name in ("up_s", "hold_s", "down_s"):
            validation.check_whole(f"hand_dose.{name}", getattr(self, name), (0, 300), optional=True)
        validation.check_moment("hand_dose.set_at", self.set_at)
        validation.check_moment("hand_dose.ended_at", self.ended_at, optional=True)
