"""The names of the rules. They are stored with every decision and never change their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Fact = int | str | bool | None
Facts = tuple[tuple[str, Fact], ...]


class Rule(StrEnum):
    CADENCE_BASELINE = "cadence.baseline"
    CADENCE_RAISE = "cadence.raise"
    CADENCE_CAP = "cadence.cap"
    CADENCE_WEEKLY = "cadence.weekly"
    CADENCE_FIVE_RUNS = "cadence.five_runs"
    CADENCE_ON_TARGET = "cadence.on_target"
    CADENCE_HOLD_PAIN = "cadence.hold.pain"
    CADENCE_HOLD_NO_DATA = "cadence.hold.no_data"
    CADENCE_STUCK = "cadence.stuck"
    CADENCE_REVIEW = "cadence.review"
    PHASE_START = "phase.start"
    PHASE_PROPOSE_2 = "phase.propose_2"
    PHASE_PROPOSE_3 = "phase.propose_3"
    PHASE_PROPOSE_BACK = "phase.propose_back"
    PHASE_STAY = "phase.stay"
    EXERCISE_CONTENT = "exercise.content"
    EXERCISE_DOSE = "exercise.dose"
    EXERCISE_APPROVAL = "exercise.approval"
    PAIN_SCALE = "pain.scale"
    PAIN_MORNING = "pain.morning"
    PAIN_STOP = "pain.stop"
    PAIN_ASK = "pain.ask"
    LOAD_LONG_RUN = "load.long_run"
    LOAD_STACKED = "load.stacked"
    LOAD_WEEKLY_JUMP = "load.weekly_jump"
    LOAD_RECOVERY = "load.recovery"
    LOAD_WINDOW = "load.window"
    LOAD_TREADMILL = "load.treadmill"
    STRIKE_OFFER = "strike.offer"
    STRIKE_NEVER = "strike.never"
    STRIKE_SHIN = "strike.shin"
    STRIKE_VOLUME = "strike.volume"
    STRIKE_RETURN = "strike.return"
    DECISION_WEEK = "decision.week"
    DECISION_NOW = "decision.now"
    DECISION_BY_HAND = "decision.by_hand"
    CHALLENGE_FINISH = "challenge.finish"


@dataclass(frozen=True, slots=True)
class Sentences:
    """What a rule says: on the runner's page, to the clinician, in an email (which never speaks of pain)."""

    runner: str
    clinician: str
    email: str


def facts(**values: Fact) -> Facts:
    """Facts in one order, so that equal facts are equal."""
    return tuple(sorted(values.items()))
