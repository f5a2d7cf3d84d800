"""The input of one weekly decision, as data. Nothing here reads a clock: moments arrive as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from challenge.protocol import validation
from challenge.protocol.clinical_record import (
    CadenceOverride,
    ComplaintDismissal,
    ComplaintRecord,
    DoseOverride,
    FlagInput,
    FunctionTestInput,
    HeelStrikeInput,
    PauseInput,
    PhaseInput,
    PlanChange,
)
from challenge.protocol.decision import PastDecision
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput
from challenge.protocol.json_codec import Document
from challenge.protocol.parameters import REPLAYED_VERSIONS
from challenge.protocol.vocabulary import (
    Arch,
    CadenceSource,
    ExerciseId,
    FootStrike,
    Shoe,
    Side,
    Site,
    Surface,
    Symptom,
)

# The whole input of a decision comes from one place, whichever file defines a part of it.
__all__ = [
    "CadenceOverride",
    "ComplaintDismissal",
    "ComplaintInput",
    "ComplaintRecord",
    "CorrectionInput",
    "DoseOverride",
    "FlagInput",
    "FunctionTestInput",
    "HeelStrikeInput",
    "IntakeInput",
    "JointReport",
    "PauseInput",
    "PhaseInput",
    "PlanChange",
    "Snapshot",
]


@dataclass(frozen=True, slots=True)
class ComplaintInput:
    """A body site that the runner complains of, now or only in the past."""

    site: Site
    side: Side | None = None
    present: bool = True

    def __post_init__(self) -> None:
        validation.check_term("complaint.site", self.site, Site)
        validation.check_term("complaint.side", self.side, Side, optional=True)


@dataclass(frozen=True, slots=True)
class IntakeInput:
    """The runner's answers before the start. None means "not answered", never a guess."""

    answered_on: date
    baseline_spm: int | None = None
    baseline_source: CadenceSource | None = None
    longest_run_m: int | None = None
    usual_week_m: int | None = None
    usual_week_runs: int | None = None
    used_to_hills: bool = False
    used_to_tempo: bool = False
    block_started_on: date | None = None
    complaints: tuple[ComplaintInput, ...] = ()
    pain_now: int | None = None
    pain_morning: int | None = None
    arch: Arch | None = None
    shoe: Shoe | None = None
    strike: FootStrike | None = None
    surface: Surface | None = None

    def __post_init__(self) -> None:
        validation.check_day("intake.answered_on", self.answered_on)
        validation.check_whole(
            "intake.baseline_spm", self.baseline_spm, validation.CADENCE_SPM, optional=True
        )
        validation.check_term("intake.baseline_source", self.baseline_source, CadenceSource, optional=True)
        validation.check_whole(
            "intake.longest_run_m", self.longest_run_m, (0, validation.DISTANCE_M[1]), optional=True
        )
        validation.check_whole(
            "intake.usual_week_m", self.usual_week_m, validation.WEEKLY_DISTANCE_M, optional=True
        )
        validation.check_whole("intake.usual_week_runs", self.usual_week_runs, (0, 21), optional=True)
        validation.check_day("intake.block_started_on", self.block_started_on, optional=True)
        validation.check_whole("intake.pain_now", self.pain_now, validation.PAIN, optional=True)
        validation.check_whole("intake.pain_morning", self.pain_morning, validation.PAIN, optional=True)
        validation.check_term("intake.arch", self.arch, Arch, optional=True)
        validation.check_term("intake.shoe", self.shoe, Shoe, optional=True)
        validation.check_term("intake.strike", self.strike, FootStrike, optional=True)
        validation.check_term("intake.surface", self.surface, Surface, optional=True)


@dataclass(frozen=True, slots=True)
class CorrectionInput:
    """The pain and symptoms of the entry `key` before it was corrected at `at`."""

    key: str
    at: datetime
    pain: int | None = None
    symptoms: tuple[Symptom, ...] = ()

    def __post_init__(self) -> None:
        validation.check_moment("correction.at", self.at)
        validation.check_whole("correction.pain", self.pain, validation.PAIN, optional=True)
        for symptom in self.symptoms:
            validation.check_term("correction.symptoms", symptom, Symptom)


@dataclass(frozen=True, slots=True)
class JointReport:
    """A report of pain.

    In the log at the moment of deciding, also after `log_as_of`: any pain at a joint, elsewhere from amber up.
    """

    site: Site
    on: date
    pain: int
    side: Side | None = None
    logged_at: datetime | None = None

    def __post_init__(self) -> None:
        validation.check_term("joint_report.side", self.side, Side, optional=True)
        validation.check_moment("joint_report.logged_at", self.logged_at, optional=True)
        validation.check_term("joint_report.site", self.site, Site)
        validation.check_day("joint_report.on", self.on)
        validation.check_whole("joint_report.pain", self.pain, validation.PAIN)


@dataclass(frozen=True)
class Snapshot(Document):
    """One runner at one moment; lists may come in any order.

    `week_on` is the Monday decided for, `starts_on` the Monday of week 1, `today_on` the runner's local date
    at `as_of`, `log_as_of` the moment up to which the log counts (Monday 06:00 local). `engine_version` names the
    rules that decide: documents stored before version 4 do not name it, and replay by the rules of version 3.
    `long_runs_by_hand` are keys of runs that a clinician lets count (`load.long_run`). `complaints` is the living
    record as of `as_of`; None in documents from before there was one, which read the intake's. `stops_closed_on` are
    the days on which stop flags were closed. Raises ProtocolError for impossible values.
    """

    week_on: date
    starts_on: date
    weeks: int
    as_of: datetime
    today_on: date
    log_as_of: datetime
    intake: IntakeInput
    revision: int = 1
    runs: tuple[RunInput, ...] = ()
    strength: tuple[StrengthInput, ...] = ()
    mornings: tuple[MorningInput, ...] = ()
    daily_life: tuple[DailyLifeInput, ...] = ()
    nothing_weeks: tuple[date, ...] = ()
    pauses: tuple[PauseInput, ...] = ()
    withdrawn_on: date | None = None
    flags: tuple[FlagInput, ...] = ()
    phases: tuple[PhaseInput, ...] = ()
    strike_spells: tuple[HeelStrikeInput, ...] = ()
    tests: tuple[FunctionTestInput, ...] = ()
    hand_cadences: tuple[CadenceOverride, ...] = ()
    hand_doses: tuple[DoseOverride, ...] = ()
    approved: tuple[ExerciseId, ...] = ()
    past: tuple[PastDecision, ...] = ()
    engine_version: str = REPLAYED_VERSIONS[0]
    corrections: tuple[CorrectionInput, ...] = ()
    joint_reports: tuple[JointReport, ...] = ()
    long_runs_by_hand: tuple[str, ...] = ()
    complaints: tuple[ComplaintRecord, ...] | None = None
    dismissals: tuple[ComplaintDismissal, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    stops_closed_on: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        validation.check_one_of("snapshot.engine_version", self.engine_version, REPLAYED_VERSIONS)
        self._check_time()
        for name in ("runs", "strength", "mornings", "daily_life"):
            self._check_entries(name, getattr(self, name))
        validation.check_distinct("snapshot.complaints", (row.key for row in self.complaints or ()))
        # The database returns rows in any order. Sorted here, equal input is equal, and so is its JSON.
        for name, key in _ORDER.items():
            if (rows := getattr(self, name)) is not None:
                object.__setattr__(self, name, tuple(sorted(rows, key=key)))

    @property
    def week_number(self) -> int:
        """The number of the week; 1 begins on `starts_on`."""
        return (self.week_on - self.starts_on).days // 7 + 1

    def _check_time(self) -> None:
        validation.check_monday("snapshot.week_on", self.week_on)
        validation.check_monday("snapshot.starts_on", self.starts_on)
        validation.check_order("snapshot.week_on", self.starts_on, self.week_on)
        validation.check_whole("snapshot.weeks", self.weeks, (1, 104))
        validation.check_whole("snapshot.revision", self.revision, (1, 10_000))
        validation.check_at_most(
            "snapshot.week_on", self.week_on, self.starts_on + timedelta(weeks=self.weeks)
        )
        validation.check_moment("snapshot.as_of", self.as_of)
        validation.check_moment("snapshot.log_as_of", self.log_as_of)
        validation.check_at_most("snapshot.log_as_of", self.log_as_of, self.as_of)
        validation.check_day("snapshot.today_on", self.today_on)
        if abs((self.today_on - self.as_of.date()).days) > 1:
            raise validation.ProtocolError(
                "snapshot.today_on", f"must be the local date at {self.as_of.isoformat()}"
            )

    def _check_entries(
        self, name: str, entries: Sequence[RunInput | StrengthInput | MorningInput | DailyLifeInput]
    ) -> None:
        validation.check_distinct(f"snapshot.{name}", (entry.key for entry in entries))
        # Only an entry that fails is looked at closely.
        for entry in (e for e in entries if e.local_on > self.today_on or e.logged_at > self.as_of):
            validation.check_at_most(f"snapshot.{name}.local_on", entry.local_on, self.today_on)
            validation.check_at_most(f"snapshot.{name}.logged_at", entry.logged_at, self.as_of)


_ENTRY_ORDER = attrgetter("local_on", "logged_at", "key")
_ORDER = {
    "runs": _ENTRY_ORDER,
    "strength": _ENTRY_ORDER,
    "mornings": _ENTRY_ORDER,
    "daily_life": _ENTRY_ORDER,
    "nothing_weeks": None,
    "pauses": attrgetter("from_on"),
    "flags": attrgetter("opened_on", "kind"),
    "phases": attrgetter("since_on"),
    "strike_spells": attrgetter("started_on"),
    "tests": attrgetter("recorded_on", "kind"),
    "hand_cadences": attrgetter("set_at"),
    "hand_doses": attrgetter("set_at", "exercise"),
    "approved": None,
    "past": attrgetter("week_on", "revision"),
    "corrections": attrgetter("at", "key"),
    "joint_reports": attrgetter("on", "site", "pain"),
    "complaints": attrgetter("opened_on", "key"),
    "dismissals": attrgetter("at", "site"),
    "plan_changes": attrgetter("set_at", "exercise"),
    "stops_closed_on": None,
}
