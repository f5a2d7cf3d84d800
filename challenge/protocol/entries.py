"""The entries of a runner's log, as the engine sees them, and arithmetic of the log in whole numbers.

`key` is unique; `local_on` is the runner's local date; a cadence or a distance is never a fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from challenge.protocol import validation
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FootStrike,
    Side,
    Site,
    Surface,
    Symptom,
)


def median(values: Sequence[int]) -> int:
    """Return the middle value; with two middles, their mean cut to a whole number."""
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) // 2


def percent_m(meters: int, percent: int) -> int:
    """Return the longest whole distance within a share of another one, half a meter forgiven on both."""
    # Integer arithmetic for (meters + 0.5) * percent / 100 + 0.5, so that the limit is exact.
    return (2 * meters * percent + percent + 100) // 200


@dataclass(frozen=True, slots=True)
class RunInput:
    """One run. `logged_at` is when it was entered; `running_s` is without walking and standing.

    `walk_breaks` is the runner's own answer, for runs without a recording.
    """

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
    strike: FootStrike | None = None
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    symptoms: tuple[Symptom, ...] = ()
    walk_breaks: bool = False

    def __post_init__(self) -> None:
        _check_entry("run", self.local_on, self.logged_at)
        validation.check_moment("run.started_at", self.started_at, optional=True)
        validation.check_whole("run.distance_m", self.distance_m, validation.DISTANCE_M)
        validation.check_whole("run.duration_s", self.duration_s, validation.DURATION_S)
        validation.check_whole("run.running_s", self.running_s, (0, self.duration_s), optional=True)
        validation.check_whole("run.cadence_spm", self.cadence_spm, validation.CADENCE_SPM, optional=True)
        validation.check_term(
            "run.cadence_source", self.cadence_source, CadenceSource, optional=self.cadence_spm is None
        )
        validation.check_term("run.surface", self.surface, Surface, optional=True)
        validation.check_term("run.effort", self.effort, Effort, optional=True)
        validation.check_term("run.strike", self.strike, FootStrike, optional=True)
        _check_pain("run", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class SetsInput:
    """One exercise of a strength session. `load_g` in grams, None for body weight."""

    exercise: ExerciseId
    sets: int
    reps: int | None = None
    seconds: int | None = None
    load_g: int | None = None

    def __post_init__(self) -> None:
        validation.check_term("sets_done.exercise", self.exercise, ExerciseId)
        validation.check_whole("sets_done.sets", self.sets, (1, 20))
        validation.check_whole("sets_done.reps", self.reps, (1, 200), optional=True)
        validation.check_whole("sets_done.seconds", self.seconds, (1, 3600), optional=True)
        validation.check_whole("sets_done.load_g", self.load_g, validation.LOAD_G, optional=True)


@dataclass(frozen=True, slots=True)
class StrengthInput:
    """One strength session with its exercises and the worst pain."""

    key: str
    local_on: date
    logged_at: datetime
    done: tuple[SetsInput, ...]
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        _check_entry("strength_session", self.local_on, self.logged_at)
        _check_pain("strength_session", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class MorningInput:
    """One morning check-in: the worst pain and its site. Minutes of stiffness are shown, not judged."""

    key: str
    local_on: date
    logged_at: datetime
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    stiffness_min: int | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        _check_entry("morning", self.local_on, self.logged_at)
        validation.check_whole(
            "morning.stiffness_min", self.stiffness_min, validation.STIFFNESS_MIN, optional=True
        )
        _check_pain("morning", self.pain, self.site, self.side, self.symptoms)


@dataclass(frozen=True, slots=True)
class DailyLifeInput:
    """The weekly answer about the worst pain in daily life."""

    key: str
    local_on: date
    logged_at: datetime
    pain: int

    def __post_init__(self) -> None:
        _check_entry("daily_life", self.local_on, self.logged_at)
        validation.check_whole("daily_life.pain", self.pain, validation.PAIN)


def _check_entry(name: str, local_on: date, logged_at: datetime) -> None:
    validation.check_day(f"{name}.local_on", local_on)
    validation.check_moment(f"{name}.logged_at", logged_at)


def _check_pain(
    name: str, pain: int | None, site: Site | None, side: Side | None, symptoms: tuple[Symptom, ...]
) -> None:
    validation.check_whole(f"{name}.pain", pain, validation.PAIN, optional=True)
    validation.check_term(f"{name}.site", site, Site, optional=True)
    validation.check_term(f"{name}.side", side, Side, optional=True)
    for symptom in symptoms:
        validation.check_term(f"{name}.symptoms", symptom, Symptom)
