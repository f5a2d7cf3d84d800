"""Impossible values are refused by field and range; missing ones are fine; everything survives JSON."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from challenge.protocol import validation
from challenge.protocol.entries import SetsInput
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintDismissal,
    ComplaintInput,
    ComplaintRecord,
    DoseOverride,
    FlagInput,
    FunctionTestInput,
    HeelStrikeInput,
    JointReport,
    PauseInput,
    PhaseInput,
    PlanChange,
)
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    ComplaintKind,
    ComplaintStatus,
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    PlanChangeKind,
    Site,
    TestKind,
)
from tests.protocol.story import START, at, daily, intake, morning, run, snapshot, strength

DAY = timedelta(days=1)
NAIVE = datetime(2026, 1, 5, 6)  # noqa: DTZ001 - a naive time is what must be refused


def pause(first: Any, back: Any, reason: Any = PauseReason.LIFE) -> PauseInput:
    return PauseInput(first, back, reason)


def complaint(site: Any = Site.KNEE, **values: Any) -> ComplaintRecord:
    made = {"key": "c1", "status": ComplaintStatus.PRESENT, "opened_on": START, "since_on": START}
    return ComplaintRecord(site=site, **{**made, **values})


def changed(kind: Any = PlanChangeKind.ADD, **values: Any) -> PlanChange:
    return PlanChange(kind, **{"exercise": ExerciseId.POGO_HOPS, "set_at": at(START), **values})


REFUSED: list[tuple[Callable[[], object], str, str]] = [
    (lambda: run(START, 0), "run.cadence_spm", "from 60 to 250, not 0"),
    (lambda: run(START, 400), "run.cadence_spm", "from 60 to 250, not 400"),
    (lambda: run(START, 160, cadence_source=None), "run.cadence_source", "one of file, watch"),
    (lambda: run(START, distance=-1), "run.distance_m", "from 1 to 300000"),
    (lambda: run(START, duration_s=0), "run.duration_s", "from 1 to 172800"),
    (lambda: run(START, duration_s=60, running_s=61), "run.running_s", "from 0 to 60"),
    (lambda: run(START, pain=11), "run.pain", "from 0 to 10"),
    (lambda: run(START, pain=True), "run.pain", "from 0 to 10"),
    (lambda: run(START, site="elbow"), "run.site", "one of achilles"),
    (lambda: run(START, side="up"), "run.side", "one of left"),
    (lambda: run(START, symptoms=("pop",)), "run.symptoms", "one of pop"),
    (lambda: run(START, surface="moon"), "run.surface", "one of road"),
    (lambda: run(START, effort="much"), "run.effort", "one of easy"),
    (lambda: run(START, strike="toe"), "run.strike", "one of heel"),
    (lambda: run(START, logged_at=NAIVE), "run.logged_at", "with a time zone"),
    (lambda: run(START, started_at=NAIVE), "run.started_at", "with a time zone"),
    (lambda: run(START, logged_at=START), "run.logged_at", "with a time zone"),
    (lambda: replace(run(START), local_on=at(START)), "run.local_on", "must be a date"),
    (lambda: run(START, local_on=None), "run.local_on", "must be a date"),
    (lambda: strength(START, ExerciseId.ARCH_RAISE, sets=0), "sets_done.sets", "from 1 to 20"),
    (lambda: strength(START, ExerciseId.ARCH_RAISE, reps=201), "sets_done.reps", "from 1 to 200"),
    (lambda: strength(START, ExerciseId.ARCH_RAISE, seconds=3601), "sets_done.seconds", "from 1 to 3600"),
    (lambda: strength(START, ExerciseId.ARCH_RAISE, load_g=-1), "sets_done.load_g", "from 0 to 500000"),
    (lambda: strength(START, ExerciseId.ARCH_RAISE, pain=-1), "strength_session.pain", "from 0 to 10"),
    (
        lambda: strength(START, ExerciseId.ARCH_RAISE, logged_at=NAIVE),
        "strength_session.logged_at",
        "time zone",
    ),
    (lambda: SetsInput("squat", 3), "sets_done.exercise", "one of isometric_calf_hold"),  # type: ignore[arg-type]
    (lambda: morning(START, 11), "morning.pain", "from 0 to 10"),
    (lambda: morning(START, 1, stiffness_min=-1), "morning.stiffness_min", "from 0 to 600"),
    (lambda: morning(START, 1, logged_at=NAIVE), "morning.logged_at", "time zone"),
    (lambda: daily(START, 12), "daily_life.pain", "from 0 to 10"),
    (lambda: replace(daily(START, 1), logged_at=NAIVE), "daily_life.logged_at", "time zone"),
    (lambda: complaint("elbow"), "complaint.site", "one of achilles"),
    (lambda: complaint(side="up"), "complaint.side", "one of left"),
    (lambda: complaint(status="gone"), "complaint.status", "one of present"),
    (lambda: complaint(Site.ACHILLES, kind="low"), "complaint.kind", "one of insertional"),
    (lambda: complaint(kind=ComplaintKind.INSERTIONAL), "complaint.kind", "is for the Achilles tendon only"),
    (lambda: complaint(opened_on=at(START)), "complaint.opened_on", "must be a date"),
    (lambda: complaint(since_on=None), "complaint.since_on", "must be a date"),
    (lambda: complaint(since_on=START - DAY), "complaint.since_on", f"must be {START} or later"),
    (lambda: ComplaintDismissal("elbow", None, at(START)), "dismissal.site", "one of achilles"),  # type: ignore[arg-type]
    (lambda: ComplaintDismissal(Site.HIP, "up", at(START)), "dismissal.side", "one of left"),  # type: ignore[arg-type]
    (lambda: ComplaintDismissal(Site.HIP, None, NAIVE), "dismissal.at", "with a time zone"),
    (lambda: changed("move"), "plan_change.kind", "one of add"),
    (lambda: changed(exercise="squat"), "plan_change.exercise", "one of isometric_calf_hold"),
    (lambda: changed(PlanChangeKind.SWAP), "plan_change.replacement", "one of isometric_calf_hold"),
    (lambda: changed(replacement=ExerciseId.SKIPPING), "plan_change.replacement", "is for a swap only"),
    (lambda: changed(set_at=NAIVE), "plan_change.set_at", "with a time zone"),
    (lambda: changed(ended_at=NAIVE), "plan_change.ended_at", "with a time zone"),
    (
        lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), load_g=-1),
        "hand_dose.load_g",
        "from 0 to 500000",
    ),
    (lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), up_s=301), "hand_dose.up_s", "from 0 to 300"),
    (lambda: JointReport(Site.HIP, START, 5, "up"), "joint_report.side", "one of left"),  # type: ignore[arg-type]
    (lambda: JointReport(Site.HIP, START, 5, None, NAIVE), "joint_report.logged_at", "with a time zone"),
    (
        lambda: snapshot(complaints=(complaint(), complaint())),
        "snapshot.complaints",
        "must not hold 'c1' twice",
    ),
    (lambda: intake(answered_on=None), "intake.answered_on", "must be a date"),
    (lambda: intake(baseline_spm=30), "intake.baseline_spm", "from 60 to 250"),
    (lambda: intake(baseline_source="ear"), "intake.baseline_source", "one of file"),
    (lambda: intake(longest_run_m=-1), "intake.longest_run_m", "from 0 to 300000"),
    (lambda: intake(usual_week_m=-1), "intake.usual_week_m", "from 0 to 1000000"),
    (lambda: intake(usual_week_runs=22), "intake.usual_week_runs", "from 0 to 21"),
    (lambda: intake(block_started_on=at(START)), "intake.block_started_on", "must be a date"),
    (lambda: intake(pain_now=11), "intake.pain_now", "from 0 to 10"),
    (lambda: intake(pain_morning=-1), "intake.pain_morning", "from 0 to 10"),
    (lambda: intake(arch="flat"), "intake.arch", "one of steady"),
    (lambda: intake(shoe="red"), "intake.shoe", "one of even"),
    (lambda: intake(strike="toe"), "intake.strike", "one of heel"),
    (lambda: intake(surface="moon"), "intake.surface", "one of road"),
    (lambda: ComplaintInput("elbow"), "complaint.site", "one of achilles"),  # type: ignore[arg-type]
    (lambda: ComplaintInput(None), "complaint.site", "one of achilles"),  # type: ignore[arg-type]
    (lambda: ComplaintInput(Site.KNEE, "up"), "complaint.side", "one of left"),  # type: ignore[arg-type]
    (lambda: pause(None, None), "pause.from_on", "must be a date"),
    (lambda: pause(START, at(START)), "pause.back_on", "must be a date"),
    (lambda: pause(START, START - DAY), "pause.back_on", "2026-01-05 or later"),
    (lambda: pause(START, None, "tired"), "pause.reason", "one of illness"),
    (lambda: FlagInput("red", START), "flag.kind", "one of stop, ask"),  # type: ignore[arg-type]
    (lambda: FlagInput(FlagKind.STOP, at(START)), "flag.opened_on", "must be a date"),
    (lambda: FlagInput(FlagKind.STOP, START, "sore"), "flag.symptom", "one of pop"),  # type: ignore[arg-type]
    (lambda: PhaseInput(4, START), "phase_spell.phase", "one of 1, 2, 3"),  # type: ignore[arg-type]
    (lambda: PhaseInput(Phase.SETTLE, at(START)), "phase_spell.since_on", "must be a date"),
    (lambda: HeelStrikeInput(at(START)), "strike_spell.started_on", "must be a date"),
    (lambda: HeelStrikeInput(START, return_on=START - DAY), "strike_spell.return_on", "or later"),
    (lambda: HeelStrikeInput(START, return_on=at(START)), "strike_spell.return_on", "must be a date"),
    (lambda: HeelStrikeInput(START, ended_on=START - DAY), "strike_spell.ended_on", "or later"),
    (lambda: HeelStrikeInput(START, ended_on=at(START)), "strike_spell.ended_on", "must be a date"),
    (
        lambda: HeelStrikeInput(START, return_on=START + 2 * DAY, ended_on=START + DAY),
        "strike_spell.ended_on",
        "2026-01-07 or later",
    ),
    (lambda: FunctionTestInput("jump", START), "function_test.kind", "one of heel_raise, hop"),  # type: ignore[arg-type]
    (lambda: FunctionTestInput(TestKind.HOP, at(START)), "function_test.recorded_on", "must be a date"),
    (lambda: CadenceOverride(119, at(START)), "hand_cadence.cadence_spm", "from 120 to 180"),
    (lambda: CadenceOverride(181, at(START)), "hand_cadence.cadence_spm", "from 120 to 180"),
    (lambda: CadenceOverride(160, NAIVE), "hand_cadence.set_at", "time zone"),
    (lambda: CadenceOverride(160, at(START), NAIVE), "hand_cadence.ended_at", "time zone"),
    (lambda: DoseOverride("squat", 3, at(START)), "hand_dose.exercise", "one of"),  # type: ignore[arg-type]
    (lambda: DoseOverride(ExerciseId.SKIPPING, 7, at(START)), "hand_dose.sets", "from 1 to 6"),
    (lambda: DoseOverride(ExerciseId.SKIPPING, 3, NAIVE), "hand_dose.set_at", "time zone"),
    (lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), reps=31), "hand_dose.reps", "from 1 to 30"),
    (
        lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), seconds=4),
        "hand_dose.seconds",
        "from 5 to 300",
    ),
    (
        lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), sessions_per_week=8),
        "hand_dose.sessions_per_week",
        "from 1 to 7",
    ),
    (
        lambda: DoseOverride(ExerciseId.SKIPPING, 3, at(START), ended_at=NAIVE),
        "hand_dose.ended_at",
        "time zone",
    ),
    (lambda: snapshot(week_on=START + DAY), "snapshot.week_on", "must be a Monday, not Tuesday 2026-01-06"),
    (lambda: snapshot(week_on=at(START)), "snapshot.week_on", "must be a date"),
    (lambda: snapshot(starts_on=START - DAY), "snapshot.starts_on", "must be a Monday"),
    (lambda: snapshot(0), "snapshot.week_on", "must be 2026-01-05 or later, not 2025-12-29"),
    (lambda: snapshot(14), "snapshot.week_on", "must be 2026-03-30 or earlier, not 2026-04-06"),
    (lambda: snapshot(weeks=0), "snapshot.weeks", "from 1 to 104"),
    (lambda: snapshot(revision=0), "snapshot.revision", "from 1 to 10000"),
    (lambda: snapshot(as_of=NAIVE), "snapshot.as_of", "time zone"),
    (lambda: snapshot(log_as_of=NAIVE), "snapshot.log_as_of", "time zone"),
    (lambda: snapshot(log_as_of=at(START, 7)), "snapshot.log_as_of", "or earlier"),
    (lambda: snapshot(today_on=at(START)), "snapshot.today_on", "must be a date"),
    (lambda: snapshot(today_on=START + 2 * DAY), "snapshot.today_on", "must be the local date at"),
    (lambda: snapshot(today_on=START - 2 * DAY), "snapshot.today_on", "must be the local date at"),
    (lambda: snapshot(runs=(run(START + DAY, logged_at=at(START)),)), "snapshot.runs.local_on", "or earlier"),
    (lambda: snapshot(runs=(run(START),)), "snapshot.runs.logged_at", "or earlier"),
    (
        lambda: snapshot(2, runs=(run(START), run(START))),
        "snapshot.runs",
        "must not hold 'run-2026-01-05' twice",
    ),
    (lambda: snapshot(mornings=(morning(START + DAY, 1),)), "snapshot.mornings.local_on", "or earlier"),
    (lambda: snapshot(daily_life=(daily(START + DAY, 1),)), "snapshot.daily_life.local_on", "or earlier"),
    (
        lambda: snapshot(strength=(strength(START + DAY, ExerciseId.SKIPPING),)),
        "snapshot.strength.local_on",
        "or earlier",
    ),
    (lambda: Reason("cadence.lower"), "reason.rule", "one of cadence.baseline"),  # type: ignore[arg-type]
    (lambda: Parameters(raise_percent=0), "parameters.raise_percent", "from 1 to 10"),
]


@pytest.mark.parametrize(
    ("make", "field", "said"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_impossible_value_is_refused_by_field_and_range(
    make: Callable[[], object], field: str, said: str
) -> None:
    with pytest.raises(ProtocolError) as refused:
        make()
    assert refused.value.field == field
    assert said in refused.value.sentence
    assert str(refused.value) == f"{field}: {refused.value.sentence}"
    assert isinstance(refused.value, ValueError)


def test_the_edges_themselves_are_fine() -> None:
    for low, high in (validation.CADENCE_SPM, validation.PAIN, validation.DISTANCE_M):
        validation.check_whole("edge", low, (low, high))
        validation.check_whole("edge", high, (low, high))
    snapshot(today_on=START + DAY)
    snapshot(today_on=START - DAY)
    assert snapshot(13).week_number == 13
    validation.check_day("day", None, optional=True)
    validation.check_moment("moment", None, optional=True)
    validation.check_term("term", None, Site, optional=True)
    HeelStrikeInput(START, return_on=START, ended_on=START)
    assert pause(START, START).covers(START) is False


@pytest.mark.parametrize("check", [validation.check_day, validation.check_moment])
def test_a_missing_value_is_refused_where_it_is_needed(check: Callable[[str, Any], None]) -> None:
    with pytest.raises(ProtocolError, match=r"^needed: must be"):
        check("needed", None)
