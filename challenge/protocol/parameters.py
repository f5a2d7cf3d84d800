"""Every number of the method in one frozen, versioned object, each with meaning, unit, status and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from challenge.protocol import validation
from challenge.protocol.json_codec import Document
from challenge.protocol.parameter_info import (
    LONG_RUN,
    NIELSEN,
    PAIN_MODEL,
    ParameterInfo,
    clinic,
    default,
    evidence,
)

ENGINE_VERSION = "4"
# The rules of these versions are still in the code, so that a stored decision replays as it was.
REPLAYED_VERSIONS = ("3", ENGINE_VERSION)


@dataclass(frozen=True)
class Parameters(Document):
    """The numbers in force. A decision records `version`: change it whenever a number changes."""

    version: str = "2026-1"

    raise_percent: int = clinic(5, "how much one raise adds to the cadence reached", "%", (1, 10))
    cap_spm: int = clinic(180, "the highest target", "steps a minute", (160, 200))
    consistent_runs: int = default(3, "runs that make a consistent week", "runs", (1, 14))
    consistent_on_target: int = default(2, "runs on target that a consistent week needs", "runs", (1, 14))
    five_runs: int = clinic(5, "on-target runs that earn a raise otherwise", "runs", (1, 30))
    on_target_margin_spm: int = default(3, "how far below target still counts", "steps a minute", (0, 10))
    on_target_minutes: int = default(10, "running time that makes a cadence count", "minutes", (1, 60))
    walking_percent: int = default(
        10, "share of the time walked above which a typed average doesn’t count", "%", (1, 50)
    )
    baseline_runs: int = default(2, "measured runs that make a baseline", "runs", (1, 10))
    correction_runs: int = default(3, "first measured runs that check a stated baseline", "runs", (1, 10))
    correction_below_spm: int = default(
        5, "how far below a stated baseline the first runs must be to replace it", "steps a minute", (1, 40)
    )
    level_runs: int = default(3, "last easy measured runs whose median may lift the level", "runs", (1, 10))
    doubtful_below_spm: int = default(
        120, "below this, we ask whether a typed cadence is right", "steps a minute", (100, 150)
    )
    stuck_decisions: int = default(3, "decisions in a row with none on target", "decisions", (2, 10))
    stuck_measured: int = default(2, "measured runs in each of these decisions", "runs", (1, 10))
    unmeasured_weeks: int = default(3, "weeks with runs and no measured cadence", "weeks", (1, 12))
    off_target_weeks: int = default(6, "weeks with measured runs, none on target", "weeks", (2, 26))
    review_percent: int = default(
        10,
        "how far above the baseline a clinician looks at the running form",
        "%",
        (5, 30),
        "Heiderscheit 2011 tested 10% above and below",
    )

    amber_from: int = evidence(4, "where amber begins", "pain 0-10", PAIN_MODEL, (1, 10))
    red_from: int = evidence(6, "where red begins", "pain 0-10", PAIN_MODEL, (2, 10))
    worse_by: int = default(2, "how far above the usual morning a worse morning begins", "pain 0-10", (1, 5))
    worse_mornings: int = default(2, "worse mornings in one week make a worse week", "mornings", (1, 7))
    baseline_mornings: int = default(5, "first mornings whose median is the baseline", "mornings", (1, 14))

    not_better_weeks: int = evidence(
        3, "weeks in a row that show that pain is not better", "weeks", PAIN_MODEL, (2, 8)
    )
    rise_by: int = default(
        2, "rise of the weekly median over these weeks that asks a clinician", "pain 0-10", (1, 5)
    )
    stiff_minutes: int = default(
        20, "doubled morning stiffness beyond this asks a clinician", "minutes", (5, 120)
    )
    improve_days: int = default(28, "days within which some improvement is expected", "days", (14, 84))
    red_call_days: int = default(
        2, "after red pain: the runner calls if it is still amber or red", "days", (1, 7)
    )
    complaint_days: int = default(
        14, "days in which painful days are counted to propose a complaint", "days", (2, 60)
    )
    complaint_reports: int = default(
        2, "days with amber or red pain that propose a complaint", "days", (1, 7)
    )

    settle_days: int = default(7, "calm days in phase 1 before phase 2 is proposed", "days", (1, 60))
    settle_sessions: int = default(
        3, "phase-1 sessions logged before phase 2 is proposed", "sessions", (0, 14)
    )
    calm_after_days: int = default(
        14, "days of a pause after which the calm days start over", "days", (7, 60)
    )
    strengthen_days: int = default(28, "days in phase 2 before phase 3 is proposed", "days", (7, 180))
    heavy_sessions: int = default(10, "heavy sessions before phase 3 is proposed", "sessions", (1, 40))
    heavy_within_days: int = default(28, "days in which the heavy sessions are counted", "days", (7, 90))
    daily_pain_at_most: int = default(
        2, "highest daily-life pain with which phase 3 is proposed", "pain 0-10", (0, 5)
    )
    daily_pain_fresh_days: int = default(
        14, "how old the answer about daily-life pain may be", "days", (7, 28)
    )
    back_reds: int = default(2, "red reports that propose a step back", "reports", (1, 7))
    back_days: int = default(7, "days in which the red reports are counted", "days", (1, 28))
    back_worse_weeks: int = default(2, "worse weeks in a row that propose a step back", "weeks", (1, 4))

    step_after_sessions: int = default(
        3, "sessions at a dose, without red, before one step up", "sessions", (1, 12)
    )
    joint_power_days: int = default(
        28, "days in phase 3 before jumps get harder for a runner with a sore joint", "days", (0, 84)
    )
    return_days: int = default(
        14,
        "days without strength work before a step down (and one more each time they pass again)",
        "days",
        (7, 60),
    )
    return_ask_days: int = default(
        28, "days without strength work before a clinician is asked", "days", (7, 120)
    )
    # The catalog's plan stays below 45 with every ladder at its top (a test); a clinician may allow more by hand.
    longest_session_minutes: int = default(45, "the longest strength session", "minutes", (45, 90))

    long_run_percent: int = evidence(
        110, "share of the longest run beyond which a run warns", "%", LONG_RUN, (100, 150)
    )
    long_run_days: int = evidence(
        30, "days in which the longest run is looked for", "days", LONG_RUN, (7, 60)
    )
    long_run_quiet_days: int = default(
        7, "days without red pain or a worse morning before a run beyond the limit counts", "days", (1, 28)
    )
    run_return_days: int = default(14, "days without a run after which shorter weeks follow", "days", (7, 60))
    first_week_percent: int = default(
        50, "share of the longest run allowed in the first week back", "%", (20, 100)
    )
    second_week_percent: int = default(
        75, "share of the longest run allowed in the second week back", "%", (20, 100)
    )
    stacked_stresses: int = clinic(2, "new stresses that warn together", "stresses", (1, 3))
    stacked_days: int = clinic(7, "days in which the new stresses are counted", "days", (3, 14))
    stacked_extra_m: int = clinic(
        3219, "meters above the usual week that are a new stress", "meters", (500, 20_000)
    )
    usual_weeks: int = clinic(4, "last weeks whose median is the usual week", "weeks", (1, 12))
    jump_percent: int = evidence(
        130, "share of the week before beyond which a note is shown", "%", NIELSEN, (105, 300)
    )
    days_without_off: int = default(7, "training days without a day off", "days", (3, 21))
    hard_days: int = default(3, "hard days in a row", "days", (2, 7))
    long_session_percent: int = default(
        150, "share of the median run from which a run is long", "%", (110, 300)
    )
    window_first_week: int = clinic(
        4, "week of the training block from which warnings weigh more", "week", (1, 52)
    )
    window_last_week: int = clinic(
        8, "last week of the training block in which warnings weigh more", "week", (1, 52)
    )

    volume_cut_percent: int = default(30, "cut of the volume with heel strike for a while", "%", (10, 60))
    volume_days: int = default(14, "days for which volume is cut with heel strike", "days", (7, 42))
    strike_review_days: int = default(14, "days until heel strike is reviewed", "days", (7, 42))
    strike_return_days: int = default(14, "days of the way back toward midfoot", "days", (7, 42))

    quiet_minutes: int = default(
        10, "minutes in which several decisions make one revision", "minutes", (1, 60)
    )
    ask_again_days: int = default(28, "days within which the same question isn’t repeated", "days", (7, 365))

    def __post_init__(self) -> None:
        for name, info in parameter_infos().items():
            validation.check_whole(f"parameters.{name}", getattr(self, name), info.span)

    def altered(self, **values: int) -> Parameters:
        """Return a copy with other numbers, marked in its version. Raises ProtocolError for unknown names or values."""
        for name in values:
            if name not in parameter_infos():
                raise validation.ProtocolError(f"parameters.{name}", "is not a parameter")
        marks = ",".join(f"{name}={value}" for name, value in sorted(values.items()))
        changed: Mapping[str, Any] = {**values, "version": f"{self.version}+{marks}"}
        return replace(self, **changed)


@cache
def parameter_infos() -> Mapping[str, ParameterInfo]:
    """Return every number's meaning, in the order of the document."""
    return MappingProxyType({f.name: f.metadata["info"] for f in fields(Parameters) if "info" in f.metadata})


CLINIC = Parameters()
