"""`exercise.return` and `load.return`: the way back after a break; `phase.propose_2`: what calm is."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.absence import gap_before
from challenge.protocol.decision import Decision, DoseInForce, PastDecision
from challenge.protocol.entries import RunInput
from challenge.protocol.load import LogNow, load_now
from challenge.protocol.long_run import limit_m
from challenge.protocol.longest_run import ReturnLimit, break_ahead, return_limit
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput, PauseInput, PhaseInput
from challenge.protocol.vocabulary import ExerciseId, PauseReason, Phase, Rule, Site, WeekState
from challenge.protocol.weekly import decide
from tests.protocol.story import START, daily, intake, miles, monday, morning, run, snapshot, strength

DAY = timedelta(days=1)
RAISE = ExerciseId.HEAVY_CALF_RAISE
HEAVY = (PhaseInput(Phase.STRENGTHEN, START),)
SORE = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3, pain_morning=2)


def past(
    week: int, step: int, phase: Phase = Phase.STRENGTHEN, state: WeekState = WeekState.ACTIVE
) -> PastDecision:
    """A stored week that gave the calf raise at this step."""
    doses = tuple(
        replace(d, step=step)
        for d in decide(snapshot(week, phases=HEAVY)).past().doses
        if d.exercise is RAISE
    )
    return replace(decide(snapshot(week)).past(), phase=phase, state=state, doses=doses)


def back_on(week: int, *weeks: PastDecision, last: date = START, **values: Any) -> Decision:
    lifted = (strength(last, RAISE),)
    return decide(snapshot(week, phases=HEAVY, past=weeks, strength=lifted, **values))


def step(decision: Decision) -> tuple[int, Any]:
    """The calf raise's step, and how many steps down its reason names."""
    found = next(p for p in decision.exercises if p.exercise is RAISE)
    return found.step, found.reason.fact("steps")


@pytest.mark.parametrize(
    ("days", "given"),
    [(13, (2, None)), (14, (1, 1)), (15, (0, 2)), (28, (0, 2)), (29, (0, 2)), (90, (0, 2))],
)
def test_one_step_down_for_every_fortnight_begun_never_below_the_first(
    days: int, given: tuple[int, Any]
) -> None:
    week = 14 if days > 60 else 6
    last = monday(week) - days * DAY
    decision = back_on(week, past(1, 2), last=last, weeks=20)
    assert step(decision) == given
    old = back_on(week, past(1, 2), last=last, weeks=20, engine_version="3")
    assert step(old) == (2, None)


def test_from_the_first_step_there_is_no_step_lower() -> None:
    decision = back_on(6, past(1, 0), last=monday(6) - 14 * DAY)
    assert step(decision) == (0, None)
    assert reason_for(Rule.EXERCISE_RETURN, days=14, steps=0) in decision.advice


def test_the_steps_are_counted_from_where_the_runner_left_not_week_by_week() -> None:
    left, third = past(2, 2), past(3, 2)
    fourth = back_on(4, left, third, last=monday(2))
    assert step(fourth) == (1, 1)
    assert step(back_on(5, left, third, fourth.past(), last=monday(2))) == (0, 2)
    stays = past(4, 1)
    assert next(p for p in back_on(4, left, third, stays, last=monday(2)).exercises).since_on == monday(4)


def test_after_the_first_session_the_ladder_goes_on_from_the_lower_step() -> None:
    left, lower = past(1, 2), replace(past(5, 1), week_on=monday(5))
    assert step(back_on(6, left, lower, last=monday(5) + DAY)) == (1, None)


def test_weeks_that_gave_nothing_and_phases_that_do_not_carry_over_are_no_measure() -> None:
    assert step(back_on(4, past(1, 1, phase=Phase.SETTLE), last=monday(1))) == (0, None)
    late = past(3, 2)
    assert step(back_on(4, late, last=monday(1))) == (0, None)
    skipped = replace(past(1, 2), doses=(DoseInForce(ExerciseId.ARCH_RAISE, 2, START),))
    assert step(back_on(4, skipped, late, last=monday(1))) == (0, None)


@pytest.mark.parametrize(("days", "asked"), [(27, False), (28, True)])
def test_four_weeks_without_strength_are_a_welcome_and_a_question(days: int, asked: bool) -> None:
    decision = back_on(6, past(1, 2), last=monday(6) - days * DAY)
    assert reason_for(Rule.EXERCISE_RETURN, days=days, steps=2) in decision.advice
    questions = {q.key: q.reason for q in decision.questions}
    key = f"exercise.return@{monday(6)}"
    assert questions.get(key) == (
        reason_for(Rule.EXERCISE_RETURN, days=days, steps=2, asked=True) if asked else None
    )
    again = back_on(7, past(1, 2), decision.past(), last=monday(6) - days * DAY)
    assert f"exercise.return@{monday(7)}" not in {q.key for q in again.questions} or not asked


def test_who_never_lifted_is_not_welcomed_back() -> None:
    decision = decide(snapshot(6, phases=HEAVY, past=(past(1, 2),)))
    assert Rule.EXERCISE_RETURN not in {
        r.rule for r in (*decision.advice, *(q.reason for q in decision.questions))
    }


def test_a_run_beyond_both_limits_is_measured_by_the_lower_one() -> None:
    away, back = run(START, distance=10), monday(4) + DAY
    log = LogNow((away,), intake(), START)
    (_, far) = load_now(run(back, distance=14), log)
    assert (far.rule, far.fact("limit_m")) == (Rule.LOAD_LONG_RUN, miles(5))
    assert "5.0 mi would have been within your limit" in far.runner
    (_, near) = load_now(run(back, distance=6), log)
    assert (near.rule, near.fact("limit_m")) == (Rule.LOAD_RETURN, miles(5))
    soon = START + 5 * DAY
    (_, without_break) = load_now(run(soon, distance=14), log)
    assert without_break.fact("limit_m") == limit_m(miles(10))


def limit(week: int, *runs: Any, **values: Any) -> tuple[Any, Any, Rule]:
    found = decide(snapshot(week, runs=runs, **values)).longest_run
    assert found is not None
    return found.limit_m, found.reason.fact("percent"), found.reason.rule


TEN = run(START, distance=10)


def test_two_weeks_without_a_run_halve_the_longest_run_then_three_quarters_then_the_log_decides() -> None:
    assert limit(2, TEN)[2] is Rule.LOAD_LONG_RUN
    assert limit(3, TEN) == (miles(5), 50, Rule.LOAD_RETURN)
    assert limit(12, TEN) == (miles(5), 50, Rule.LOAD_RETURN)
    back = run(monday(3) + DAY, distance=5)
    assert limit(4, TEN, back) == (miles(7.5), 75, Rule.LOAD_RETURN)
    again = run(monday(4) + DAY, distance=5, key="again")
    assert limit(5, TEN, back, again)[2] is Rule.LOAD_LONG_RUN
    # Where nothing of the time before lies within the last 30 days, these bound the second week.
    late = run(monday(6) + DAY, distance=5)
    assert limit(7, TEN, late) == (limit_m(miles(5)), None, Rule.LOAD_LONG_RUN)
    assert limit(3, TEN, engine_version="3")[2] is Rule.LOAD_LONG_RUN


def test_the_reasons_state_the_parameters_in_force() -> None:
    soon = CLINIC.altered(run_return_days=10, long_run_percent=120)
    for week, name, value in ((2, "long_run_percent", 120), (3, "run_return_days", 10)):
        found = decide(snapshot(week, runs=(run(START, distance=10),)), soon).longest_run
        assert found is not None
        assert found.reason.fact(name) == value


WEDNESDAY = run(monday(1) + 2 * DAY, distance=10)


def ahead(week: int, *runs: Any, **values: Any) -> tuple[Any, Any]:
    found = decide(snapshot(week, runs=runs, **values)).longest_run
    assert found is not None
    return found.reason.fact("break_on"), found.reason.fact("break_m")


def test_a_break_that_reaches_its_days_in_mid_week_is_said_on_monday() -> None:
    assert limit(3, WEDNESDAY)[2] is Rule.LOAD_LONG_RUN
    found = decide(snapshot(3, runs=(WEDNESDAY,))).longest_run
    assert found is not None
    assert (found.limit_m, found.longest_m) == (limit_m(miles(10)), miles(10))
    assert (found.reason.fact("break_days"), found.reason.fact("limit_m")) == (14, limit_m(miles(10)))
    assert "that’s two weeks without one: then keep it to 5.0 mi" in found.reason.runner
    assert ahead(3, WEDNESDAY) == (str(monday(3) + 2 * DAY), miles(5))
    # On a Monday that is the fourteenth day the break has its limit already; one on the next Monday is not ahead yet.
    assert ahead(3, run(monday(1), distance=10)) == (None, None)
    assert ahead(3, run(monday(2), distance=10)) == (None, None)
    assert ahead(3, run(monday(2) - DAY, distance=10)) == (str(monday(3) + 6 * DAY), miles(5))
    assert ahead(3, run(monday(1) + DAY, distance=10)) == (str(monday(3) + DAY), miles(5))
    assert ahead(3) == (None, None)
    assert ahead(3, WEDNESDAY, engine_version="3") == (None, None)


@pytest.mark.parametrize(
    ("days", "warns"),
    [((2,), True), ((1,), False), ((1, 2), False), ((2, 3), True), ((3, 5), True)],
)
def test_a_run_after_a_break_of_mid_week_is_measured_by_the_half(days: tuple[int, ...], warns: bool) -> None:
    ran = [run(monday(3) + day * DAY, distance=3, key=f"{day}") for day in days]
    far = replace(ran[-1], distance_m=miles(6))
    found = [w.reason for w in decide(snapshot(4, runs=(WEDNESDAY, *ran[:-1], far))).warnings]
    assert [(r.rule, r.fact("limit_m")) for r in found] == ([(Rule.LOAD_RETURN, miles(5))] if warns else [])
    first = load_now(far, LogNow((WEDNESDAY, *ran[:-1], far), intake(), START))
    assert (first[0].fact("limit_m") if first else None) == (miles(5) if warns else None)


@pytest.mark.parametrize(
    "log",
    [
        {"runs": (TEN, run(monday(3) + DAY, distance=5.1))},
        {"runs": (TEN, run(monday(3) + DAY, distance=5, pain=6))},
        {"runs": (TEN, run(monday(3) + DAY, distance=5)), "mornings": (morning(monday(3) + 2 * DAY, 7),)},
    ],
)
def test_the_second_week_waits_for_a_first_one_that_kept_to_its_limit_and_stayed_quiet(
    log: dict[str, Any],
) -> None:
    found = decide(snapshot(4, **log)).longest_run
    assert found is not None
    assert (found.limit_m, found.reason.fact("percent")) == (miles(5), 50)


def test_a_run_beyond_the_half_is_a_warning_of_that_week() -> None:
    far = run(monday(6) + DAY, distance=7)
    assert [w.reason.rule for w in decide(snapshot(7, runs=(TEN, far))).warnings] == [Rule.LOAD_RETURN]
    kept = run(monday(6) + DAY, distance=5)
    assert decide(snapshot(7, runs=(TEN, kept))).warnings == ()


def test_a_week_with_less_volume_still_bounds_the_way_back() -> None:
    short = [run(START, distance=1), run(START + 20 * DAY, distance=0.4)]
    assert limit(4, *short)[2] is Rule.LOAD_RETURN


def held(week: int, count: int = 3) -> dict[str, Any]:
    days = (monday(week) - (1 + 2 * back) * DAY for back in range(count))
    return {
        "strength": tuple(strength(day, ExerciseId.ISOMETRIC_CALF_HOLD, 5, None, seconds=45) for day in days)
    }


def missing(week: int, **values: Any) -> list[tuple[str, Any, Any]]:
    decided = decide(snapshot(week, intake=SORE, **{**held(week), **values})).phase
    assert (decided.proposed is None) is bool(decided.missing)
    return [(m.what, m.have, m.need) for m in decided.missing]


CLOSED = "days since the stop flag was closed or the pause ended"


def pause(last: int) -> dict[str, Any]:
    """A pause that ends with week 3; it began so many days before."""
    return {"pauses": (PauseInput(monday(4) - (last + 3) * DAY, monday(4) - 3 * DAY, PauseReason.ILLNESS),)}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        (held(4, 2), [("strength sessions in the last days", 2, 3)]),
        ({"stops_closed_on": (monday(3),)}, []),
        ({"stops_closed_on": (monday(3) + DAY,)}, [(CLOSED, 6, 7)]),
        ({"stops_closed_on": (monday(4) + DAY,)}, []),
        (pause(14), [(CLOSED, 3, 7)]),
        (pause(13), []),
        ({"pauses": (PauseInput(monday(5), monday(9), PauseReason.LIFE),)}, []),
        ({"pauses": (PauseInput(monday(5), None, PauseReason.LIFE),)}, []),
        ({"daily_life": (daily(monday(4) - DAY, 6),)}, [("red days in daily life", 1, 0)]),
        ({"daily_life": (daily(monday(4) - 8 * DAY, 6), daily(monday(4) - DAY, 5))}, []),
    ],
)
def test_calm_is_a_week_of_sessions_without_red_since_the_last_stop_or_long_pause(
    values: dict[str, Any], found: list[Any]
) -> None:
    assert missing(4, **values) == found
    assert missing(4, engine_version="3", **values) == []


def test_a_limit_after_a_break_names_the_longest_run_that_it_is_a_part_of() -> None:
    found = decide(snapshot(3, runs=(TEN,))).longest_run
    assert found is not None
    assert (found.longest_m, found.reason.fact("longest_m")) == (miles(10), miles(10))
    assert "50%" in found.reason.clinician or "half" in found.reason.clinician
    assert "10.0 mi" in found.reason.clinician


def test_the_run_of_the_last_day_before_a_break_counts_only_as_far_as_it_may() -> None:
    # Far beyond, and nothing is known of the quiet days after it: half of what counted before, 10 miles.
    far = run(START + DAY, distance=14)
    assert limit(3, TEN, far)[2] is Rule.LOAD_LONG_RUN
    assert limit(4, TEN, far) == (miles(5), 50, Rule.LOAD_RETURN)


@pytest.mark.parametrize(
    ("log", "percent"),
    [
        ({"runs": (TEN, run(monday(3), distance=6))}, 50),
        ({"runs": (TEN, run(monday(3), distance=5, pain=6))}, 50),
        ({"runs": (TEN, run(monday(3) + 6 * DAY, distance=6))}, 50),
        ({"runs": (TEN, run(monday(3), distance=5))}, 75),
        ({"runs": (TEN, run(monday(3) + 6 * DAY, distance=5))}, 75),
    ],
)
def test_the_whole_first_week_counts_from_monday_to_sunday(log: dict[str, Any], percent: int) -> None:
    found = decide(snapshot(4, **log)).longest_run
    assert found is not None
    assert found.reason.fact("percent") == percent


def test_a_run_of_the_third_monday_says_nothing_of_the_first_week_back() -> None:
    back = run(monday(3) + DAY, distance=5)
    for after in (run(monday(4), distance=7), run(monday(4), distance=1, pain=7)):
        log = LogNow((TEN, back, after, run(monday(4) + DAY, distance=7)), intake(), START)
        assert return_limit(log.long_runs(CLINIC), monday(4) + DAY) == ReturnLimit(75, miles(10))


@pytest.mark.parametrize(("days", "back"), [(13, False), (14, True), (15, True)])
def test_a_break_is_two_weeks_of_silence_to_the_day(days: int, back: bool) -> None:
    last = run(monday(4) - days * DAY, 168)
    decision = decide(snapshot(4, runs=(last,), past=(decide(snapshot(1)).past(),)))
    assert bool(decision.cadence.reason.fact("back")) is back


@pytest.mark.parametrize(("away", "percent"), [(13, None), (14, 75)])
def test_a_gap_that_ended_last_week_is_a_break_from_its_days_on(away: int, percent: int | None) -> None:
    back = run(monday(3), distance=4)
    assert limit(4, run(monday(3) - away * DAY, distance=10), back)[1] == percent


def test_a_gap_ends_before_the_end_and_has_its_least_days() -> None:
    fourteen = START + 14 * DAY
    assert gap_before([START, fourteen], START, fourteen + DAY, 14) == START
    assert gap_before([START, fourteen], START, fourteen, 14) is None
    assert gap_before([START, fourteen], START, fourteen + DAY, 15) is None


def test_a_break_that_is_one_already_is_not_ahead() -> None:
    log = LogNow((run(monday(1), distance=10),), intake(), START).long_runs(CLINIC)
    assert break_ahead(log, monday(3)) is None
    assert break_ahead(log, monday(3) - DAY) == (monday(3), ReturnLimit(50, miles(10)))


def test_the_limit_ahead_is_a_part_of_what_counted_when_the_runner_left() -> None:
    old = run(monday(4) - 28 * DAY, distance=10)
    last = run(monday(4) - 12 * DAY, distance=4)
    log = LogNow((old, last), intake(), START).long_runs(CLINIC)
    assert break_ahead(log, monday(4)) == (monday(4) + 2 * DAY, ReturnLimit(50, miles(10)))


def test_a_break_that_would_lower_nothing_is_not_spoken_of() -> None:
    even = CLINIC.altered(long_run_percent=100, first_week_percent=100)
    found = decide(snapshot(3, runs=(WEDNESDAY,)), even).longest_run
    assert found is not None
    assert found.reason.fact("break_on") is None


def test_a_run_that_proved_itself_by_the_last_day_counts_for_the_way_back() -> None:
    far = run(START + DAY, distance=14)
    last = run(START + 8 * DAY, distance=4)
    assert left_with(TEN, far, last) == ReturnLimit(50, miles(14))
    # One day later it would not have counted yet when the runner left.
    assert left_with(TEN, replace(far, local_on=START + 2 * DAY), last) == ReturnLimit(50, miles(10))


def left_with(*runs: RunInput) -> ReturnLimit | None:
    return return_limit(LogNow(runs, intake(), START).long_runs(CLINIC), monday(5))


def test_of_two_equal_limits_the_one_of_the_last_days_is_said() -> None:
    long, short = (
        replace(run(START + day * DAY), distance_m=meters) for day, meters in ((0, 11_001), (25, 5_000))
    )
    assert limit(7, long, short) == (5_501, None, Rule.LOAD_LONG_RUN)
    assert limit(7, replace(long, distance_m=10_999), short) == (5_500, 50, Rule.LOAD_RETURN)
