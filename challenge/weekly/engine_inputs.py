"""Read what the engine must know of each runner: one `RunnerRecord` per runner, a few queries for a whole group.

The first functions turn rows of the clinical record into what the engine reads, one for each kind of row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from challenge.care.complaint_models import DismissedProposal, RunnerComplaint
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.care.overrides import TAKEN_BACK
from challenge.care.queries import past_decision_of
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_inputs_of
from challenge.protocol import snapshot as protocol
from challenge.protocol.decision import PastDecision
from challenge.protocol.local_week import DAY, local_day, week_decided_at
from challenge.protocol.parameters import CLINIC, ENGINE_VERSION
from challenge.protocol.vocabulary import (
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    PlanChangeKind,
    Symptom,
    TestKind,
)
from challenge.weekly.models import PlannedCadence
from challenge.weekly.queries import planned_cadences
from challenge.workouts.guards import pain_reports
from challenge.workouts.runner_log import LogSpan, RunnerLog, logs_for_snapshot

PLAN_CHANGES = {kind.value: kind for kind in PlanChangeKind}
SYMPTOMS = frozenset(Symptom)


def pause_input(row: Pause) -> protocol.PauseInput:
    """Return a pause as the engine reads it."""
    # The model has the last paused day, the engine the first day back.
    back_on = row.ends_on + DAY if row.ends_on is not None else None
    return protocol.PauseInput(row.starts_on, back_on, PauseReason(row.reason))


def first_symptom(row: Flag) -> Symptom | None:
    """Return the first known symptom of a flag: an entry's flag lists all, a question's has one."""
    words = [*row.facts.get("symptoms", ()), row.facts.get("symptom")]
    return next((Symptom(word) for word in words if word in SYMPTOMS), None)


def dose_override(row: ClinicianOverride) -> protocol.DoseOverride:
    """Return a dose that a clinician set, as the engine reads it."""
    dose = row.dose or {}
    return protocol.DoseOverride(
        exercise=ExerciseId(row.exercise),
        sets=dose["sets"],
        set_at=row.at,
        reps=dose.get("reps"),
        seconds=dose.get("seconds"),
        sessions_per_week=dose.get("sessions_per_week"),
        load_g=dose.get("load_g"),
        up_s=dose.get("up_s"),
        hold_s=dose.get("hold_s"),
        down_s=dose.get("down_s"),
        ended_at=row.ended_at,
    )


def plan_change(row: ClinicianOverride) -> protocol.PlanChange:
    """Return an exercise that a clinician added, left out or swapped, as the engine reads it."""
    return protocol.PlanChange(
        kind=PLAN_CHANGES[row.what],
        exercise=ExerciseId(row.exercise),
        replacement=ExerciseId(row.replacement) if row.replacement else None,
        set_at=row.at,
        ended_at=row.ended_at,
    )


LOOKED_BACK = timedelta(days=60)  # before the start: the longest span any parameter may look back
READ_BY_THE_ENGINE = (FlagKind.STOP, FlagKind.ASK, FlagKind.COMPLAINT)


def gather_snapshots(
    runners: Sequence[Enrollment],
    *,
    week_starts_on: date,
    at: datetime,
    least_pain: int = CLINIC.amber_from,
) -> dict[int, protocol.Snapshot]:
    """Return the engine's input for each runner, by enrollment id; about twenty queries, however many runners.

    `revision` is the next one of the week. `least_pain` is where amber begins in their cohorts: lower pain outside a
    joint proposes nothing. Runners whose account is erased are left out.
    """
    records = {
        runner.pk: RunnerRecord(runner, runner.seat.user.zone, week_starts_on, at)
        for runner in runners
        if runner.seat.user is not None
    }
    _read_care(records, week_starts_on=week_starts_on)
    _read_first_decisions(records, week_starts_on=week_starts_on)
    intakes = intake_inputs_of(runners)
    logs = logs_for_snapshot({pk: record.log_span() for pk, record in records.items()})
    joints = pain_reports([*records], at=at, least=least_pain)
    return {
        pk: record.snapshot(intakes.get(pk), record.first_log() or logs[pk], joints[pk])
        for pk, record in records.items()
    }


@dataclass
class RunnerRecord:
    """One runner, the week decided for, and the rows of the clinical record that the decision may read.

    `past` holds every earlier decision, `revision` the last one of this week (0 before any), and `first` the input of
    this week's first decision, where there is one. `taken_back` holds from when to when a value set by hand held that
    its clinician took back: what was decided between is not in `past`.
    """

    runner: Enrollment
    zone: ZoneInfo
    week_starts_on: date
    at: datetime
    first: protocol.Snapshot | None = None
    revision: int = 0
    past: list[PastDecision] = field(default_factory=list)
    phases: list[PhaseChange] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    heel_strike: list[HeelStrikePeriod] = field(default_factory=list)
    tests: list[FunctionTest] = field(default_factory=list)
    overrides: list[ClinicianOverride] = field(default_factory=list)
    planned: list[PlannedCadence] = field(default_factory=list)
    taken_back: list[tuple[datetime, datetime]] = field(default_factory=list)
    complaints: list[RunnerComplaint] = field(default_factory=list)
    dismissed: list[DismissedProposal] = field(default_factory=list)

    @property
    def log_as_of(self) -> datetime:
        """Return the moment up to which the log counts: Monday 06:00, or now for a preview of a coming week."""
        # A revision keeps the first decision's moment. Had the runner changed zones since, their Monday 06:00 would be
        # another moment, and runs that counted would count no more.
        if self.first is not None:
            return self.first.log_as_of
        return min(week_decided_at(self.week_starts_on, self.zone), self.at)

    def day(self, moment: datetime) -> date:
        """Return the runner's local day."""
        return local_day(moment, self.zone)

    def log_span(self) -> LogSpan:
        """Return which entries of the log the decision may read."""
        return LogSpan(self.runner.seat.cohort.starts_on - LOOKED_BACK, self.day(self.at), self.log_as_of)

    def first_log(self) -> RunnerLog | None:
        """Return the log that this week's first decision saw: later edits count in the next week's decision."""
        if self.first is None:
            return None
        return RunnerLog(
            runs=self.first.runs,
            strength=self.first.strength,
            mornings=self.first.mornings,
            daily_life=self.first.daily_life,
            nothing_weeks=self.first.nothing_weeks,
            corrections=self.first.corrections,
        )

    def snapshot(
        self, intake: protocol.IntakeInput | None, log: RunnerLog, joints: list[protocol.JointReport]
    ) -> protocol.Snapshot:
        """Return the engine's input. A runner without an intake has answered nothing, and nothing is guessed."""
        cohort = self.runner.seat.cohort
        return protocol.Snapshot(
            week_on=self.week_starts_on,
            starts_on=cohort.starts_on,
            weeks=cohort.weeks,
            as_of=self.at,
            today_on=self.day(self.at),
            log_as_of=self.log_as_of,
            intake=intake or protocol.IntakeInput(answered_on=self.runner.created_at.date()),
            revision=self.revision + 1,
            pauses=tuple(pause_input(row) for row in self.pauses),
            flags=tuple(self._open_flags()),
            phases=tuple(self._phase_inputs()),
            strike_spells=tuple(self._heel_strike_inputs()),
            tests=tuple(self._test_inputs()),
            hand_cadences=tuple(self._cadence_overrides()),
            hand_doses=tuple(map(dose_override, self._overrides(ClinicianOverride.OverrideKind.DOSE))),
            approved=tuple(ExerciseId(name) for name in self._named(ClinicianOverride.OverrideKind.APPROVAL)),
            past=tuple(self.past),
            runs=log.runs,
            strength=log.strength,
            mornings=log.mornings,
            daily_life=log.daily_life,
            nothing_weeks=log.nothing_weeks,
            corrections=log.corrections,
            joint_reports=tuple(joints),
            long_runs_by_hand=tuple(self._named(ClinicianOverride.OverrideKind.LONG_RUN)),
            complaints=tuple(row.as_record() for row in self.complaints),
            dismissals=tuple(row.as_answer() for row in self.dismissed),
            plan_changes=tuple(plan_change(row) for row in self.overrides if row.what in PLAN_CHANGES),
            stops_closed_on=tuple(self._stops_closed_on()),
            engine_version=ENGINE_VERSION,
        )

    def _open_flags(self) -> Iterator[protocol.FlagInput]:
        for row in self.flags:
            if row.raised_at <= self.at and (row.closed_at is None or row.closed_at > self.at):
                yield protocol.FlagInput(FlagKind(row.kind), self.day(row.raised_at), first_symptom(row))

    def _stops_closed_on(self) -> Iterator[date]:
        for row in self.flags:
            if row.kind == FlagKind.STOP and row.closed_at is not None and row.closed_at <= self.at:
                yield self.day(row.closed_at)

    def _phase_inputs(self) -> Iterator[protocol.PhaseInput]:
        """Holds change nothing; a phase decided before the start counts from the start.

        A decision that was taken back counts as never made, so that the days in the phase do not begin again.
        """
        starts_on = self.runner.seat.cohort.starts_on
        known = [row for row in self.phases if row.at <= self.at]
        undone = {row.undoes_id for row in known if row.undoes_id is not None}
        for row in known:
            taken_back = row.undoes_id is not None or row.pk in undone
            if row.kind != PhaseChange.PhaseChangeKind.HOLD and not taken_back:
                yield protocol.PhaseInput(Phase(row.to_phase), max(starts_on, self.day(row.at)))

    def _heel_strike_inputs(self) -> Iterator[protocol.HeelStrikeInput]:
        """Yield the periods; one that a clinician ended is on its way back to midfoot (`strike.return`)."""
        for row in self.heel_strike:
            yield protocol.HeelStrikeInput(row.starts_on, return_on=row.ended_on)

    def _test_inputs(self) -> Iterator[protocol.FunctionTestInput]:
        for row in self.tests:
            tested = row.repetitions is not None
            yield protocol.FunctionTestInput(TestKind(row.kind), self.day(row.at), tested=tested)

    def _cadence_overrides(self) -> Iterator[protocol.CadenceOverride]:
        for row in self._overrides(ClinicianOverride.OverrideKind.CADENCE):
            # Ended ones too: past weeks were decided while they were in force.
            yield protocol.CadenceOverride(row.cadence_spm or 0, row.at, row.ended_at)
        for planned in self.planned:
            yield protocol.CadenceOverride(planned.cadence_spm, planned.at, one_week=True)

    def _overrides(self, kind: ClinicianOverride.OverrideKind) -> Iterator[ClinicianOverride]:
        return (row for row in self.overrides if row.what == kind)

    def _named(self, kind: ClinicianOverride.OverrideKind) -> Iterator[str]:
        """Yield what the overrides in force of this kind name: an exercise, or a run."""
        return (row.exercise for row in self._overrides(kind) if row.ended_at is None)


def _read_care(records: dict[int, RunnerRecord], *, week_starts_on: date) -> None:
    """Add the rows of the clinical record to each runner's, in one query per table."""
    mine = {"enrollment__in": [*records]}
    for change in PhaseChange.objects.filter(**mine).defer("reason", "shown").order_by("at", "pk"):
        records[change.enrollment_id].phases.append(change)
    for flag in Flag.objects.filter(kind__in=READ_BY_THE_ENGINE, **mine):
        records[flag.enrollment_id].flags.append(flag)
    for pause in Pause.objects.filter(**mine, undone_at__isnull=True):
        records[pause.enrollment_id].pauses.append(pause)
    for period in HeelStrikePeriod.objects.filter(**mine).exclude(end_reason=TAKEN_BACK):
        records[period.enrollment_id].heel_strike.append(period)
    for test in FunctionTest.objects.filter(**mine):
        records[test.enrollment_id].tests.append(test)
    for override in ClinicianOverride.objects.filter(**mine).order_by("at", "pk"):
        record = records[override.enrollment_id]
        if override.ended_at is not None and override.end_reason == TAKEN_BACK:
            record.taken_back.append((override.at, override.ended_at))
        else:
            record.overrides.append(override)
    for planned in planned_cadences(week_starts_on=week_starts_on).filter(**mine):
        records[planned.enrollment_id].planned.append(planned)
    for complaint in RunnerComplaint.objects.filter(**mine, taken_back=False):
        records[complaint.enrollment_id].complaints.append(complaint)
    for dismissed in DismissedProposal.objects.filter(**mine).defer("reason"):
        records[dismissed.enrollment_id].dismissed.append(dismissed)
    _read_past(records, week_starts_on=week_starts_on)


def _read_past(records: dict[int, RunnerRecord], *, week_starts_on: date) -> None:
    """Add what was decided before, with all revisions of a week: the engine orders them by number."""
    decided = WeeklyTarget.objects.filter(week_starts_on__lte=week_starts_on, enrollment__in=[*records])
    for pk, week, revision, at, decision in decided.order_by("week_starts_on", "revision").values_list(
        "enrollment_id", "week_starts_on", "revision", "at", "decision"
    ):
        record = records[pk]
        if week == week_starts_on:
            record.revision = revision
        # The engine goes on from the last cadence in force: one that was taken back must not be it.
        if not any(start <= at < end for start, end in record.taken_back):
            record.past.append(past_decision_of(decision))


def _read_first_decisions(records: dict[int, RunnerRecord], *, week_starts_on: date) -> None:
    """Add the input of the week's first decision to the runners whose week is decided again."""
    again = [pk for pk, record in records.items() if record.revision]
    if again:
        rows = WeeklyTarget.objects.filter(enrollment__in=again, week_starts_on=week_starts_on, revision=1)
        for pk, stored in rows.exclude(snapshot={}).values_list("enrollment_id", "snapshot"):
            records[pk].first = protocol.Snapshot.from_json(stored)
