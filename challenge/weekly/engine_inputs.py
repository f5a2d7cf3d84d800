"""Read what the engine needs to know of each runner, for a whole group in a few queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet

from challenge.care import models as care
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_inputs_of
from challenge.protocol import snapshot as protocol
from challenge.protocol.decision import PastDecision
from challenge.protocol.json_codec import revive
from challenge.protocol.local_week import local_day, week_decided_at
from challenge.protocol.parameters import ENGINE_VERSION
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.upcasters import upcast
from challenge.protocol.vocabulary import ExerciseId, FlagKind, PauseReason, Phase, Symptom, TestKind
from challenge.weekly.queries import changes_in_force
from challenge.workouts.guards import joint_reports
from challenge.workouts.queries import LogSpan, RunnerLog, logs_for_snapshot

LOOKED_BACK = timedelta(days=60)  # before the start: the longest span any parameter may look back


def intakes_of(runners: Sequence[Enrollment]) -> dict[int, IntakeInput]:
    """The intake of each runner, by enrollment id; unanswered is None, never a guess."""
    answered = intake_inputs_of(runners)
    return {
        runner.pk: answered.get(runner.pk) or IntakeInput(answered_on=runner.created_at.date())
        for runner in runners
    }


def log_span_of(runner: Enrollment, *, until: date, as_of: datetime) -> LogSpan:
    """The runner's log up to this local day, as it stood at `as_of`."""
    return LogSpan(runner.seat.cohort.starts_on - LOOKED_BACK, until, as_of)


M = TypeVar("M", bound=Model)

PAUSE_REASON = {
    care.Pause.PauseReason.ILLNESS: PauseReason.ILLNESS,
    care.Pause.PauseReason.HOLIDAY: PauseReason.TRAVEL,
    care.Pause.PauseReason.CLINICIAN: PauseReason.CLINICIAN,
    care.Pause.PauseReason.OTHER: PauseReason.OTHER,
}


@dataclass(frozen=True)
class SnapshotMoment:
    """The week decided for, and when, on one runner's clock."""

    week_starts_on: date
    at: datetime
    zone: ZoneInfo
    first: protocol.Snapshot | None = None

    @property
    def log_as_of(self) -> datetime:
        """Monday 06:00; a decision made beforehand, for a preview, sees the log as it stands.

        What is decided anew keeps the first decision's: in another zone meanwhile, the same Monday 06:00 is another
        moment, and runs that counted would count no more.
        """
        if self.first is not None:
            return self.first.log_as_of
        return min(week_decided_at(self.week_starts_on, self.zone), self.at)

    def day(self, moment: datetime) -> date:
        return local_day(moment, self.zone)


def gather_snapshots(
    runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime
) -> dict[int, protocol.Snapshot]:
    """The snapshot of each runner, by enrollment id; `revision` is the next one of the week."""
    ids = [runner.pk for runner in runners]
    about = _RunnerRecords.read(ids, week_starts_on=week_starts_on)
    said = intakes_of(runners)
    first = _first_looks(about.revisions, week_starts_on=week_starts_on)
    moments = {
        runner.pk: SnapshotMoment(week_starts_on, at, runner.seat.user.zone, first.get(runner.pk))
        for runner in runners
        if runner.seat.user is not None
    }
    spans = {
        runner.pk: log_span_of(runner, until=moments[runner.pk].day(at), as_of=moments[runner.pk].log_as_of)
        for runner in runners
        if runner.pk in moments
    }
    sore = joint_reports(ids, at=at)
    logs = logs_for_snapshot(spans) | {pk: _log_in(stored) for pk, stored in first.items()}
    return {
        runner.pk: about.snapshot(
            runner, moments[runner.pk], said[runner.pk], logs[runner.pk], sore[runner.pk]
        )
        for runner in runners
        if runner.pk in moments
    }


def _first_looks(revisions: dict[int, int], *, week_starts_on: date) -> dict[int, protocol.Snapshot]:
    """What the week's first decision saw of the log: what is edited or deleted later counts in the next week's."""
    again = [pk for pk, revision in revisions.items() if revision]
    if not again:
        return {}
    rows = care.WeeklyTarget.objects.filter(enrollment__in=again, week_starts_on=week_starts_on, revision=1)
    stored = rows.exclude(snapshot={}).values_list("enrollment_id", "snapshot")
    return {pk: protocol.Snapshot.from_json(snapshot) for pk, snapshot in stored}


def _log_in(stored: protocol.Snapshot) -> RunnerLog:
    return RunnerLog(
        runs=stored.runs,
        strength=stored.strength,
        mornings=stored.mornings,
        daily_life=stored.daily_life,
        nothing_weeks=stored.nothing_weeks,
        corrections=stored.corrections,
    )


@dataclass(frozen=True)
class _RunnerRecords:
    """The rows of several runners, by enrollment id."""

    phases: dict[int, list[Any]]
    flags: dict[int, list[care.Flag]]
    pauses: dict[int, list[care.Pause]]
    strike: dict[int, list[care.HeelStrikePeriod]]
    tests: dict[int, list[care.FunctionTest]]
    hand: dict[int, list[care.ClinicianOverride]]
    changes: dict[int, list[Any]]
    past: dict[int, list[dict[str, Any]]]
    revisions: dict[int, int]

    @classmethod
    def read(cls, ids: list[int], *, week_starts_on: date) -> "_RunnerRecords":
        targets = (
            care.WeeklyTarget.objects.filter(enrollment__in=ids, week_starts_on__lte=week_starts_on)
            .order_by("week_starts_on", "revision")
            .values_list("enrollment_id", "week_starts_on", "revision", "decision")
        )
        past: dict[int, list[dict[str, Any]]] = defaultdict(list)
        revisions: dict[int, int] = defaultdict(int)
        for runner, week, revision, decision in targets:
            past[runner].append(decision)
            if week == week_starts_on:
                revisions[runner] = revision
        changes = changes_in_force(week_starts_on=week_starts_on).filter(enrollment__in=ids)
        return cls(
            phases=_phases(ids),
            flags=_grouped(care.Flag.objects.filter(enrollment__in=ids, kind__in=["stop", "ask"])),
            pauses=_grouped(care.Pause.objects.filter(enrollment__in=ids)),
            strike=_grouped(care.HeelStrikePeriod.objects.filter(enrollment__in=ids)),
            tests=_grouped(care.FunctionTest.objects.filter(enrollment__in=ids)),
            hand=_grouped(care.ClinicianOverride.objects.filter(enrollment__in=ids).order_by("at", "pk")),
            changes=_grouped(changes),
            past=past,
            revisions=revisions,
        )

    def snapshot(
        self,
        runner: Enrollment,
        moment: SnapshotMoment,
        intake: protocol.IntakeInput,
        log: RunnerLog,
        sore: list[protocol.JointReport],
    ) -> protocol.Snapshot:
        cohort, pk = runner.seat.cohort, runner.pk
        hand = self.hand.get(pk, [])
        cadences = [
            _hand_cadence(row) for row in hand if row.what == care.ClinicianOverride.OverrideKind.CADENCE
        ]
        cadences += [
            protocol.CadenceOverride(row.cadence_spm, row.at, one_week=True)
            for row in self.changes.get(pk, [])
        ]
        return protocol.Snapshot(
            week_on=moment.week_starts_on,
            starts_on=cohort.starts_on,
            weeks=cohort.weeks,
            as_of=moment.at,
            today_on=moment.day(moment.at),
            log_as_of=moment.log_as_of,
            intake=intake,
            revision=self.revisions.get(pk, 0) + 1,
            pauses=_each(_pause, self.pauses.get(pk, [])),
            flags=tuple(_flag(row, moment) for row in self.flags.get(pk, []) if _is_open(row, moment.at)),
            phases=_spells(self.phases.get(pk, []), cohort.starts_on, moment),
            strike_spells=_each(_strike, self.strike.get(pk, [])),
            tests=tuple(_test(row, moment) for row in self.tests.get(pk, [])),
            hand_cadences=tuple(cadences),
            hand_doses=_each(
                _hand_dose, [row for row in hand if row.what == care.ClinicianOverride.OverrideKind.DOSE]
            ),
            approved=tuple(
                ExerciseId(row.exercise)
                for row in hand
                if row.what == care.ClinicianOverride.OverrideKind.APPROVAL and row.ended_at is None
            ),
            past=_each(_past, self.past.get(pk, [])),
            runs=log.runs,
            strength=log.strength,
            mornings=log.mornings,
            daily_life=log.daily_life,
            nothing_weeks=log.nothing_weeks,
            corrections=log.corrections,
            joint_reports=tuple(sore),
            long_runs_by_hand=tuple(
                row.exercise
                for row in hand
                if row.what == care.ClinicianOverride.OverrideKind.LONG_RUN and row.ended_at is None
            ),
            engine_version=ENGINE_VERSION,
        )


def _grouped(rows: QuerySet[M]) -> dict[int, list[M]]:
    found: dict[int, list[M]] = defaultdict(list)
    for row in rows:
        found[row.enrollment_id].append(row)  # type: ignore[attr-defined]
    return found


def _phases(ids: list[int]) -> dict[int, list[Any]]:
    """Everybody has one: read as named tuples, which cost less than models."""
    rows = care.PhaseChange.objects.filter(enrollment__in=ids).order_by("at", "pk")
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows.values_list("enrollment_id", "kind", "at", "to_phase", named=True):
        found[row.enrollment_id].append(row)
    return found


def _each(make: Callable[[Any], Any], rows: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(make(row) for row in rows)


def _pause(row: care.Pause) -> protocol.PauseInput:
    back_on = None if row.ends_on is None else row.ends_on + timedelta(days=1)
    return protocol.PauseInput(row.starts_on, back_on, PAUSE_REASON[care.Pause.PauseReason(row.reason)])


def _is_open(row: care.Flag, at: datetime) -> bool:
    return row.raised_at <= at and (row.closed_at is None or row.closed_at > at)


def _flag(row: care.Flag, moment: SnapshotMoment) -> protocol.FlagInput:
    """Of several symptoms the first is told: an entry's flag names all, a question's its one."""
    told = [*row.facts.get("symptoms", ()), row.facts.get("symptom")]
    known = next((Symptom(symptom) for symptom in told if symptom in set(Symptom)), None)
    return protocol.FlagInput(FlagKind(row.kind), moment.day(row.raised_at), known)


def _spells(rows: list[Any], starts_on: date, moment: SnapshotMoment) -> tuple[protocol.PhaseInput, ...]:
    """Holds change nothing; what was decided before the start counts from it."""
    moved = [row for row in rows if row.kind != care.PhaseChange.PhaseChangeKind.HOLD and row.at <= moment.at]
    return tuple(
        protocol.PhaseInput(Phase(row.to_phase), max(starts_on, moment.day(row.at))) for row in moved
    )


def _strike(row: care.HeelStrikePeriod) -> protocol.HeelStrikeInput:
    """What a clinician ends is on its way back toward midfoot (`strike.return`); the engine says when it is over."""
    return protocol.HeelStrikeInput(row.starts_on, return_on=row.ended_on)


def _test(row: care.FunctionTest, moment: SnapshotMoment) -> protocol.FunctionTestInput:
    return protocol.FunctionTestInput(
        TestKind(row.kind), moment.day(row.at), tested=row.repetitions is not None
    )


def _hand_cadence(row: care.ClinicianOverride) -> protocol.CadenceOverride:
    return protocol.CadenceOverride(row.cadence_spm or 0, row.at, row.ended_at)


def _hand_dose(row: care.ClinicianOverride) -> protocol.DoseOverride:
    dose = row.dose or {}
    return protocol.DoseOverride(
        exercise=ExerciseId(row.exercise),
        sets=dose["sets"],
        set_at=row.at,
        reps=dose.get("reps"),
        seconds=dose.get("seconds"),
        sessions_per_week=dose.get("sessions_per_week"),
        ended_at=row.ended_at,
    )


def _past(stored: dict[str, Any]) -> PastDecision:
    """Return the part of a stored decision that later ones need; the rest is not decoded."""
    decision = upcast(stored)
    data = {
        name: decision[name] for name in ("week_on", "revision", "as_of", "log_as_of", "state", "cadence")
    }
    data["phase"] = decision["phase"]["present"]
    data["doses"] = [{k: p[k] for k in ("exercise", "step", "since_on")} for p in decision["exercises"]]
    data["asked"] = [question["key"] for question in decision["questions"]]
    return revive(PastDecision, data, "past")
