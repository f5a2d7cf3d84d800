"""Every number of the method, in one frozen, versioned object, each with meaning, unit, status and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from challenge.protocol import bounds
from challenge.protocol.serial import Document
from challenge.protocol.terms import Status

ENGINE_VERSION = "1"

_METHOD = "the clinic's published method"
_SILENT = "ours, where the clinic is silent"
_PAIN_MODEL = "Silbernagel 2007, pain-monitoring model"
_LONG_RUN = "BJSM 2025, 5,205 runners, hazard 1.64"
_NIELSEN = "Nielsen 2014, not significant"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one parameter means. `span` is what it may be set to."""

    says: str
    unit: str
    status: Status
    source: str
    span: tuple[int, int]


def _number(value: int, says: str, unit: str, status: str, source: str, span: tuple[int, int]) -> Any:
    return field(default=value, metadata={"meaning": Meaning(says, unit, Status(status), source, span)})


def _clinic(value: int, says: str, unit: str, span: tuple[int, int]) -> Any:
    return _number(value, says, unit, "clinic", _METHOD, span)


def _evidence(value: int, says: str, unit: str, source: str, span: tuple[int, int]) -> Any:
    return _number(value, says, unit, "evidence", source, span)


def _default(value: int, says: str, unit: str, span: tuple[int, int], source: str = _SILENT) -> Any:
    return _number(value, says, unit, "default", source, span)


@dataclass(frozen=True)
class Parameters(Document):
    """The numbers in force. A decision records `version`; change a number and change the version with it."""

    version: str = "2026-1"

    raise_percent: int = _clinic(5, "a raise, of the level", "percent", (1, 10))
    cap_spm: int = _clinic(180, "where raising ends", "steps a minute", (160, 200))
    consistent_runs: int = _default(3, "runs that make a consistent week", "runs", (1, 14))
    consistent_on_target: int = _default(2, "of them on target", "runs", (1, 14))
    five_runs: int = _clinic(5, "on-target runs that earn a raise otherwise", "runs", (1, 30))
    on_target_margin_spm: int = _default(3, "how far below target still counts", "steps a minute", (0, 10))
    on_target_minutes: int = _default(10, "running time that makes a cadence count", "minutes", (1, 60))
    baseline_runs: int = _default(2, "measured runs that make a baseline", "runs", (1, 10))
    correction_runs: int = _default(3, "first measured runs that check a stated baseline", "runs", (1, 10))
    correction_below_spm: int = _default(5, "further below than this replaces it", "steps a minute", (1, 40))
    level_runs: int = _default(3, "last easy measured runs whose median may lift the level", "runs", (1, 10))
    doubtful_below_spm: int = _default(
        120, "a typed cadence below this is asked back", "steps a minute", (100, 150)
    )
    stuck_decisions: int = _default(3, "decisions in a row with none on target", "decisions", (2, 10))
    stuck_measured: int = _default(2, "measured runs each", "runs", (1, 10))
    review_percent: int = _default(
        10, "above baseline: look at the form", "percent", (5, 30), "Heiderscheit 2011 tested 10 % either way"
    )

    amber_from: int = _evidence(4, "amber begins", "pain 0-10", _PAIN_MODEL, (1, 10))
    red_from: int = _evidence(6, "red begins: above 5", "pain 0-10", _PAIN_MODEL, (2, 10))
    worse_by: int = _default(2, "above baseline makes a worse morning", "pain 0-10", (1, 5))
    worse_mornings: int = _default(2, "worse mornings in one week make a worse week", "mornings", (1, 7))
    baseline_mornings: int = _default(5, "first mornings whose median is the baseline", "mornings", (1, 14))

    settle_days: int = _default(7, "in phase 1, calm, before phase 2 is proposed", "days", (1, 60))
    strengthen_days: int = _default(28, "in phase 2 before phase 3 is proposed", "days", (7, 180))
    heavy_sessions: int = _default(10, "heavy sessions before phase 3 is proposed", "sessions", (1, 40))
    heavy_within_days: int = _default(28, "in which these are counted", "days", (7, 90))
    daily_pain_at_most: int = _default(2, "daily-life pain before phase 3 is proposed", "pain 0-10", (0, 5))
    daily_pain_fresh_days: int = _default(14, "how old that answer may be", "days", (7, 28))
    back_reds: int = _default(2, "red reports that propose a step back", "reports", (1, 7))
    back_days: int = _default(7, "in which they lie", "days", (1, 28))
    back_worse_weeks: int = _default(2, "worse weeks running that propose a step back", "weeks", (1, 4))

    step_after_sessions: int = _default(
        3, "sessions at a dose, without red, before one step up", "sessions", (1, 12)
    )

    long_run_percent: int = _evidence(
        110, "of the longest run: beyond it warns", "percent", _LONG_RUN, (100, 150)
    )
    long_run_days: int = _evidence(30, "in which the longest run is looked for", "days", _LONG_RUN, (7, 60))
    stacked_stresses: int = _clinic(2, "new stresses that warn together", "stresses", (1, 3))
    stacked_days: int = _clinic(7, "in which they lie", "days", (3, 14))
    stacked_extra_m: int = _clinic(3219, "above the usual week: 2 miles", "metres", (500, 20_000))
    usual_weeks: int = _clinic(4, "last weeks whose median is the usual week", "weeks", (1, 12))
    jump_percent: int = _evidence(
        130, "of the week before: beyond it informs", "percent", _NIELSEN, (105, 300)
    )
    days_without_off: int = _default(7, "training days without a day off", "days", (3, 21))
    hard_days: int = _default(3, "hard days running", "days", (2, 7))
    long_session_percent: int = _default(150, "of the median run makes a long one", "percent", (110, 300))
    window_first_week: int = _clinic(4, "of the training block: warnings weigh more from", "week", (1, 52))
    window_last_week: int = _clinic(8, "and up to", "week", (1, 52))

    volume_cut_percent: int = _default(30, "less volume with heel strike for a while", "percent", (10, 60))
    volume_days: int = _default(14, "for so long", "days", (7, 42))
    strike_review_days: int = _default(14, "until heel strike is reviewed", "days", (7, 42))
    strike_return_days: int = _default(14, "the way back toward midfoot", "days", (7, 42))

    ask_again_days: int = _default(28, "the same question is not repeated within", "days", (7, 365))

    def __post_init__(self) -> None:
        for name, meaning in meanings().items():
            bounds.whole(f"parameters.{name}", getattr(self, name), meaning.span)

    def altered(self, **values: int) -> Parameters:
        """A copy with other numbers, marked in its version. ProtocolError for unknown names or values."""
        for name in values:
            if name not in meanings():
                raise bounds.ProtocolError(f"parameters.{name}", "is not a parameter")
        marks = ",".join(f"{name}={value}" for name, value in sorted(values.items()))
        changed: Mapping[str, Any] = {**values, "version": f"{self.version}+{marks}"}
        return replace(self, **changed)


def meanings() -> dict[str, Meaning]:
    """Every number's meaning, in the order of the document."""
    return {f.name: f.metadata["meaning"] for f in fields(Parameters) if "meaning" in f.metadata}


CLINIC = Parameters()
