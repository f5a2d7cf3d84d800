"""Every parameter reaches the decision: altered, it changes the decision of at least one runner."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.clinical_record import ComplaintRecord
from challenge.protocol.parameters import CLINIC, Parameters, parameter_infos
from challenge.protocol.snapshot import (
    ComplaintInput,
    FunctionTestInput,
    HeelStrikeInput,
    IntakeInput,
    PauseInput,
    PhaseInput,
    Snapshot,
)
from challenge.protocol.vocabulary import (
    ComplaintStatus,
    Effort,
    ExerciseId,
    FootStrike,
    PauseReason,
    Phase,
    Site,
    TestKind,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    START,
    daily,
    intake,
    miles,
    monday,
    morning,
    run,
    snapshot,
    strength,
    week_of_runs,
)

DAY = timedelta(days=1)
GIVEN = decide(snapshot(1))
KNEE = ComplaintRecord("knee", Site.KNEE, ComplaintStatus.PRESENT, START, START, track_approved=True)
SORE = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3, pain_morning=2)


def after(**values: Any) -> Snapshot:
    """Week 2 of a runner with a target of 168."""
    return snapshot(2, past=(GIVEN.past(),), **values)


def on_target(count: int, hits: int) -> Snapshot:
    made = week_of_runs(1, 166, count)
    return after(runs=(*made[:hits], *(replace(r, cadence_spm=160) for r in made[hits:])))


def unknown(*cadences: int) -> Snapshot:
    made = tuple(run(START + day * DAY, spm) for day, spm in enumerate(cadences))
    return snapshot(2, runs=made, intake=intake(baseline_spm=None))


def stuck(decisions: int) -> Snapshot:
    past = [GIVEN.past()]
    for week in range(2, decisions + 1):
        past.append(decide(snapshot(week, runs=week_of_runs(week - 1, 158, 2), past=tuple(past))).past())
    return snapshot(decisions + 1, runs=week_of_runs(decisions, 158, 2), past=tuple(past))


def silently_slow(weeks: int) -> Snapshot:
    """One measured run a week, never on target."""
    past = [GIVEN.past()]
    runs = tuple(run(monday(week) + DAY, 158) for week in range(1, weeks + 1))
    for week in range(2, weeks + 1):
        past.append(decide(snapshot(week, runs=runs[: week - 1], past=tuple(past))).past())
    return snapshot(weeks + 1, runs=runs, past=tuple(past))


def red_days(*days: int) -> Snapshot:
    runs = tuple(run(START + day * DAY, pain=8, key=f"red-{day}") for day in days)
    return snapshot(2, runs=runs, intake=SORE, phases=(PhaseInput(Phase.STRENGTHEN, START),))


def worse(*weeks: int) -> Snapshot:
    mornings = tuple(morning(monday(week) + day * DAY, 4) for week in weeks for day in (1, 2))
    phases = (PhaseInput(Phase.STRENGTHEN, START),)
    return snapshot(max(weeks) + 1, mornings=mornings, intake=SORE, phases=phases)


def building(**values: Any) -> Snapshot:
    """Everything phase 3 needs in week 6, just so."""
    lifts = tuple(
        strength(monday(6) - (2 * back + 1) * DAY, ExerciseId.HEAVY_CALF_RAISE, load_g=10_000 + (back < 9))
        for back in range(10)
    )
    made: dict[str, Any] = {
        "phases": (PhaseInput(Phase.STRENGTHEN, monday(2)),),
        "strength": lifts,
        "daily_life": (daily(monday(6) - 14 * DAY, 2),),
        "tests": tuple(FunctionTestInput(kind, monday(3)) for kind in TestKind),
        "intake": SORE,
        **values,
    }
    return snapshot(6, **made)


def lifted(sessions: int) -> Snapshot:
    phases = (PhaseInput(Phase.STRENGTHEN, START),)
    first = decide(snapshot(1, phases=phases))
    done = tuple(strength(START + 2 * day * DAY, ExerciseId.HEAVY_CALF_RAISE) for day in range(sessions))
    return snapshot(2, phases=phases, past=(first.past(),), strength=done)


def weekly(*totals: float, said: IntakeInput | None = None, **last: Any) -> Snapshot:
    """One run on each Wednesday; the last one with these values."""
    made = [run(monday(at + 1) + 2 * DAY, distance=total, key=f"w{at}") for at, total in enumerate(totals)]
    return snapshot(len(totals) + 1, runs=(*made[:-1], replace(made[-1], **last)), intake=said or intake())


def hard(**values: Any) -> Snapshot:
    made = [run(START + day * DAY, distance=4, key=f"easy-{at}-{day}") for day in (0, 1) for at in (1, 2)]
    return snapshot(2, runs=(*made, *(run(START + day * DAY, **values) for day in (3, 4, 5))))


def every_day(days: int) -> Snapshot:
    return snapshot(2, runs=tuple(run(START + day * DAY) for day in range(days)))


def block(weeks: int) -> Snapshot:
    said = intake(block_started_on=START - 7 * weeks * DAY, longest_run_m=miles(2))
    return snapshot(2, runs=(run(START + 2 * DAY, distance=5),), intake=said)


def spell(week: int, **values: Any) -> Snapshot:
    said = replace(SORE, strike=FootStrike.FOREFOOT, usual_week_m=30_000)
    return snapshot(week, intake=said, strike_spells=(HeelStrikeInput(START, **values),))


def knee(week: int) -> Snapshot:
    sore = run(monday(week) - DAY, 168, pain=2, site=Site.KNEE)
    first = decide(snapshot(2, runs=(run(START, 168, pain=2, site=Site.KNEE),)))
    return snapshot(week, runs=(sore,), past=(first.past(),))


def sessions(*pains: int) -> Snapshot:
    """One run a week, each with this pain."""
    runs = tuple(run(monday(week), pain=pain, key=f"s{week}") for week, pain in enumerate(pains, 1))
    return snapshot(len(pains) + 1, runs=runs)


def stiff(first: int, last: int) -> Snapshot:
    minutes = ((1, first), (3, last))
    return snapshot(
        4, mornings=tuple(morning(monday(at), 1, key=f"m{at}", stiffness_min=count) for at, count in minutes)
    )


def calf(*days: int) -> Snapshot:
    return snapshot(3, runs=tuple(run(START + day * DAY, pain=4, site=Site.CALF) for day in days))


def jumping() -> Snapshot:
    """Three days of jumps in phase 3, with a knee that is complained of."""
    said, hops = replace(SORE, complaints=(ComplaintInput(Site.KNEE),)), ExerciseId.POGO_HOPS
    values: dict[str, Any] = {
        "intake": said,
        "phases": (PhaseInput(Phase.POWER, START),),
        "approved": (hops,),
    }
    past = (decide(snapshot(1, **values)).past(),)
    done = tuple(strength(START + day * DAY, hops, 3, 10) for day in (0, 2, 4))
    return snapshot(2, past=past, strength=done, **values)


FIRST_MORNINGS = tuple(morning(START + day * DAY, pain) for day, pain in enumerate((0, 0, 0, 2, 2, 2)))
MATTERS: dict[str, tuple[Snapshot, int]] = {
    "raise_percent": (snapshot(1), 4),
    "longest_session_minutes": (snapshot(1, complaints=(KNEE,)), 50),
    "cap_spm": (snapshot(1, intake=intake(baseline_spm=178)), 182),
    "consistent_runs": (on_target(3, 2), 4),
    "consistent_on_target": (on_target(3, 2), 3),
    "five_runs": (on_target(2, 2), 2),
    "on_target_margin_spm": (on_target(3, 3), 1),
    "on_target_minutes": (after(runs=week_of_runs(1, 168, 3, duration_s=700)), 12),
    "baseline_runs": (unknown(160, 170), 3),
    "correction_runs": (after(runs=week_of_runs(1, 150, 3)), 4),
    "correction_below_spm": (after(runs=week_of_runs(1, 154, 3)), 6),
    "level_runs": (after(runs=week_of_runs(1, 172, 3, effort=Effort.EASY)), 4),
    "stuck_decisions": (stuck(3), 4),
    "stuck_measured": (stuck(3), 3),
    "review_percent": (after(runs=week_of_runs(1, 176, 3, effort=Effort.EASY)), 15),
    "amber_from": (
        after(runs=(run(START, pain=4, site=Site.KNEE),), phases=(PhaseInput(Phase.POWER, START),)),
        5,
    ),
    "red_from": (after(runs=week_of_runs(1, 168, 3, pain=5)), 5),
    "worse_by": (after(runs=week_of_runs(1, 168), mornings=worse(1).mornings, intake=SORE), 3),
    "worse_mornings": (after(runs=week_of_runs(1, 168), mornings=worse(1).mornings, intake=SORE), 3),
    "baseline_mornings": (after(runs=week_of_runs(1, 168), mornings=FIRST_MORNINGS), 6),
    "settle_days": (snapshot(2, intake=SORE), 8),
    "strengthen_days": (building(), 29),
    "heavy_sessions": (building(), 11),
    "heavy_within_days": (building(), 14),
    "daily_pain_at_most": (building(), 1),
    "daily_pain_fresh_days": (building(), 13),
    "back_reds": (red_days(1, 3), 3),
    "back_days": (red_days(0, 6), 6),
    "back_worse_weeks": (worse(2, 3), 3),
    "step_after_sessions": (lifted(3), 4),
    "long_run_percent": (weekly(10, 10.5), 100),
    "long_run_days": (weekly(20, 10, 10, 10, 10), 40),
    "long_run_quiet_days": (weekly(8, 13.9), 2),
    "stacked_stresses": (weekly(10, 10, 10, 10, 10, hills=True), 1),
    "stacked_days": (
        snapshot(3, runs=(run(START + 2 * DAY, hills=True), run(START + 9 * DAY, effort=Effort.TEMPO))),
        8,
    ),
    "stacked_extra_m": (weekly(10, 10, 10, 10, 13, hills=True, effort=Effort.STEADY), 6000),
    "usual_weeks": (weekly(20, 20, 20, 10, 10, 12.5, hills=True), 2),
    "jump_percent": (weekly(10, 12), 110),
    "days_without_off": (every_day(6), 6),
    "hard_days": (hard(hills=True), 4),
    "long_session_percent": (hard(distance=7), 200),
    "window_first_week": (block(3), 5),
    "window_last_week": (block(7), 7),
    "volume_cut_percent": (spell(1), 40),
    "volume_days": (spell(2), 7),
    "strike_review_days": (spell(2), 7),
    "strike_return_days": (spell(4, return_on=monday(3)), 7),
    "ask_again_days": (knee(3), 7),
    "not_better_weeks": (sessions(4, 4, 4), 4),
    "rise_by": (sessions(1, 1, 3), 3),
    "stiff_minutes": (stiff(10, 21), 25),
    "improve_days": (sessions(3, 2, 2, 2, 3), 35),
    "complaint_days": (calf(0, 13), 13),
    "complaint_reports": (calf(0, 1), 3),
    "settle_sessions": (snapshot(2, intake=SORE, strength=lifted(3).strength), 4),
    "calm_after_days": (
        snapshot(
            4,
            intake=SORE,
            strength=tuple(strength(monday(4) - day * DAY, ExerciseId.ARCH_RAISE) for day in (1, 3, 5)),
            pauses=(PauseInput(monday(2), monday(2) + 10 * DAY, PauseReason.TRAVEL),),
        ),
        10,
    ),
    "return_days": (snapshot(3, strength=(strength(START + DAY, ExerciseId.ARCH_RAISE),)), 13),
    "return_ask_days": (snapshot(5, strength=(strength(START + DAY, ExerciseId.ARCH_RAISE),)), 27),
    "joint_power_days": (jumping(), 0),
    "walking_percent": (after(runs=week_of_runs(1, 168, 3, duration_s=1000, running_s=950)), 2),
    "unmeasured_weeks": (after(runs=(run(START),)), 1),
    "off_target_weeks": (silently_slow(2), 2),
    "run_return_days": (snapshot(3, runs=(run(START, distance=10),)), 13),
    "first_week_percent": (snapshot(4, runs=(run(START, distance=10),)), 40),
    "second_week_percent": (snapshot(4, runs=(run(START, distance=10), run(monday(3) + DAY))), 60),
}


def told(s: Snapshot, parameters: Parameters) -> dict[str, Any]:
    found = decide(s, parameters).to_data()
    del found["parameters_version"]
    return found


@pytest.mark.parametrize("name", MATTERS)
def test_a_parameter_that_is_altered_changes_the_decision(name: str) -> None:
    s, value = MATTERS[name]
    assert told(s, CLINIC) != told(s, CLINIC.altered(**{name: value}))


def test_only_what_is_asked_on_a_screen_or_by_an_action_is_not_in_a_decision() -> None:
    outside = {"doubtful_below_spm", "red_call_days", "quiet_minutes"}
    assert set(parameter_infos()) - set(MATTERS) == outside
