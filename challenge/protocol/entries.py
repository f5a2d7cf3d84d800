"""What a runner logs, as the engine sees it. `key` names the entry; `local_on` is the runner's local date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from challenge.protocol import bounds
from challenge.protocol.terms import CadenceSource, Effort, ExerciseId, Side, Site, Strike, Surface, Symptom


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `logged_at` is when it was entered; `running_s` leaves walking and standing out."""

    key: str
    local_on: date
    logged_at: datetime
    distance_m: int
    duration_s: int
    started_at: datetime | None = None
    running_s: int | None = None
    cadence_spm: int | None = None
    cadence_source: CadenceSource | None = None
    surface: Surface | None = None
    hills: bool = False
    effort: Effort | None = None
    strike: Strike | None = None
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        _entry("run", self.local_on, self.logged_at)
        bounds.moment("run.started_at", self.started_at, optional=True)
        bounds.whole("run.distance_m", self.distance_m, bounds.DISTANCE_M)
        bounds.whole("run.duration_s", self.duration_s, bounds.DURATION_S)
        bounds.whole("run.running_s", self.running_s, (0, self.duration_s), optional=True)
        bounds.whole("run.cadence_spm", self.cadence_spm, bounds.CADENCE_SPM, optional=True)
        bounds.term(
            "run.cadence_source", self.cadence_source, CadenceSource, optional=self.cadence_spm is None
        )
        bounds.term("run.surface", self.surface, Surface, optional=True)
        bounds.term("run.effort", self.effort, Effort, optional=True)
        bounds.term("run.strike", self.strike, Strike, optional=True)
        _painful("run", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class SetsDone:
    """One exercise of a strength session. `load_g` in grams, None for body weight."""

    exercise: ExerciseId
    sets: int
    reps: int | None = None
    seconds: int | None = None
    load_g: int | None = None

    def __post_init__(self) -> None:
        bounds.term("sets_done.exercise", self.exercise, ExerciseId)
        bounds.whole("sets_done.sets", self.sets, (1, 20))
        bounds.whole("sets_done.reps", self.reps, (1, 200), optional=True)
        bounds.whole("sets_done.seconds", self.seconds, (1, 3600), optional=True)
        bounds.whole("sets_done.load_g", self.load_g, bounds.LOAD_G, optional=True)


@dataclass(frozen=True, slots=True)
class StrengthSession:
    """One session with its exercises and the worst pain."""

    key: str
    local_on: date
    logged_at: datetime
    done: tuple[SetsDone, ...]
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        _entry("strength_session", self.local_on, self.logged_at)
        _painful("strength_session", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class Morning:
    """One morning check-in: worst pain and where; minutes of stiffness are shown, not judged."""

    key: str
    local_on: date
    logged_at: datetime
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    stiffness_min: int | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        _entry("morning", self.local_on, self.logged_at)
        bounds.whole("morning.stiffness_min", self.stiffness_min, bounds.STIFFNESS_MIN, optional=True)
        _painful("morning", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class DailyLife:
    """The weekly answer: worst pain in daily life."""

    key: str
    local_on: date
    logged_at: datetime
    pain: int

    def __post_init__(self) -> None:
        _entry("daily_life", self.local_on, self.logged_at)
        bounds.whole("daily_life.pain", self.pain, bounds.PAIN)


def _entry(name: str, local_on: date, logged_at: datetime) -> None:
    bounds.day(f"{name}.local_on", local_on)
    bounds.moment(f"{name}.logged_at", logged_at)


def _painful(
    name: str, pain: int | None, site: Site | None, side: Side | None, symptoms: tuple[Symptom, ...]
) -> None:
    bounds.whole(f"{name}.pain", pain, bounds.PAIN, optional=True)
    bounds.term(f"{name}.site", site, Site, optional=True)
    bounds.term(f"{name}.side", side, Side, optional=True)
    for symptom in symptoms:
        bounds.term(f"{name}.symptoms", symptom, Symptom)
