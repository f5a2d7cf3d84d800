"""The complete decision of one week. The page, the email and the board are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from challenge.protocol.json_codec import Document
from challenge.protocol.reasons import LoadWarning, Question, Reason
from challenge.protocol.vocabulary import (
    BaselineSource,
    ExerciseId,
    FormKind,
    HeelStrikeStep,
    Phase,
    Site,
    WeekState,
)


@dataclass(frozen=True, slots=True)
class CadenceDecision:
    """Steps per minute, both feet.

    `target_spm` is what the runner is given (None while on hold or without a number), `in_force_spm` what the
    next decision starts from.
    """

    target_spm: int | None
    in_force_spm: int | None
    reason: Reason
    arithmetic: Reason | None = None
    effective_on: date | None = None
    raised: bool = False
    baseline_spm: int | None = None
    baseline_source: BaselineSource | None = None
    baseline_checked: bool = False
    judged_spm: int | None = None
    runs: int = 0
    measured_runs: int = 0
    on_target_runs: int = 0
    on_target_since: int = 0
    stuck_for: int = 0
    unmeasured_for: int = 0
    off_target_for: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a phase proposal still waits for or, where it does not block, a thing not recorded."""

    what: str
    have: int | None = None
    need: int | None = None


@dataclass(frozen=True, slots=True)
class PhaseDecision:
    """The present phase and what the engine proposes. Only a clinician decides."""

    present: Phase
    reason: Reason
    proposed: Phase | None = None
    missing: tuple[Missing, ...] = ()
    noted: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Prescription:
    """One exercise with its dose: `reps` or `seconds` a set, and its tempo in seconds up, held and down.

    `each_leg`: the dose is for one leg, the sore one first, then the other. `track`: the complaint's site that brings
    the exercise, None for the base. `load_g`: set by a clinician. `added_by_hand`: not in the plan of the phase.
    """

    exercise: ExerciseId
    form: FormKind
    name: str
    sets: int
    reps: int | None
    seconds: int | None
    sessions_per_week: int
    up_s: int
    hold_s: int
    down_s: int
    step: int
    since_on: date
    reason: Reason
    each_leg: bool = False
    track: Site | None = None
    load_g: int | None = None
    added_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class LongestRun:
    """The longest run that stays inside `load.long_run`, in meters, and what it is measured against."""

    limit_m: int | None
    longest_m: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class HeelStrikeDecision:
    """The step of heel strike for a while; `weekly_limit_m` is set while volume is cut."""

    step: HeelStrikeStep
    reason: Reason | None = None
    weekly_limit_m: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The way from start to now, for the last page."""

    phase: Phase
    baseline_spm: int | None
    target_spm: int | None
    runs: int
    distance_m: int
    strength_sessions: int
    first_daily_pain: int | None
    last_daily_pain: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class DoseInForce:
    """The step of one exercise's ladder, and the day it took effect."""

    exercise: ExerciseId
    step: int
    since_on: date


@dataclass(frozen=True, slots=True)
class PastDecision:
    """The part of an earlier decision that later ones need, made by `Decision.past()`."""

    week_on: date
    revision: int
    as_of: datetime
    log_as_of: datetime
    state: WeekState
    phase: Phase
    cadence: CadenceDecision
    doses: tuple[DoseInForce, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision(Document):
    """One runner, one local week, one revision.

    `session_minutes`: how long the longest session of the week takes, where that is known. `cadence_done`: raising has
    ended, so that pages and emails lead with what still moves.
    """

    week_on: date
    week_number: int
    revision: int
    state: WeekState
    as_of: datetime
    log_as_of: datetime
    engine_version: str
    parameters_version: str
    phase: PhaseDecision
    cadence: CadenceDecision
    exercises: tuple[Prescription, ...] = ()
    longest_run: LongestRun | None = None
    caution: LoadWarning | None = None
    warnings: tuple[LoadWarning, ...] = ()
    strike: HeelStrikeDecision = HeelStrikeDecision(HeelStrikeStep.NOT_RELEVANT)
    advice: tuple[Reason, ...] = ()
    questions: tuple[Question, ...] = ()
    holds: tuple[Reason, ...] = ()
    finish: Finish | None = None
    session_minutes: int | None = None
    cadence_done: bool = False

    @property
    def on_hold(self) -> bool:
        """Whether a stop flag is open: then no cadence, distance or loading exercise may be shown or sent."""
        return bool(self.holds)

    def past(self) -> PastDecision:
        """Return the summary that later snapshots carry."""
        return PastDecision(
            week_on=self.week_on,
            revision=self.revision,
            as_of=self.as_of,
            log_as_of=self.log_as_of,
            state=self.state,
            phase=self.phase.present,
            cadence=self.cadence,
            doses=tuple(DoseInForce(p.exercise, p.step, p.since_on) for p in self.exercises),
            asked=tuple(question.key for question in self.questions),
        )
