"""The answers that the join pages pass to the actions: complete, validated, in the units of the database."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ComplaintAnswer:
    """One body site and side; `present` is False if it hurt only in the past."""

    site: str
    side: str = ""
    kind: str = ""
    present: bool = True
    pain_now: int | None = None
    pain_morning: int | None = None


@dataclass(frozen=True)
class IntakeAnswers:
    """The intake of one runner. Distances in meters, cadence in steps per minute of both feet."""

    name: str
    phone: str
    time_zone: str
    email_content: str
    consent_version: str
    uses_kilometers: bool = False
    runs_per_week: int | None = None
    usual_week_m: int | None = None
    longest_run_m: int | None = None
    training_block_started_on: date | None = None
    used_to_hills: bool = False
    used_to_tempo: bool = False
    event: str = ""
    event_on: date | None = None
    baseline_cadence_spm: int | None = None
    baseline_cadence_source: str = ""
    strike: str = ""
    surface: str = ""
    arch: str = ""
    shoe: str = ""
    symptoms: tuple[str, ...] = ()
    complaints: tuple[ComplaintAnswer, ...] = ()
    tendon_history: tuple[str, ...] = ()
    knee_or_hip_history: str = ""
    goals: tuple[str, ...] = ()
    remarks: str = ""
