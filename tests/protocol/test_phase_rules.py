"""The phases: what is proposed, what is still missing, and which moves a clinician may make."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Missing, PastDecision, PhaseDecision
from challenge.protocol.entries import StrengthInput
from challenge.protocol.parameters import CLINIC
from challenge.protocol.phases import MOVES
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput, FlagInput, FunctionTestInput, PhaseInput
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import ExerciseId, FlagKind, Phase, Rule, Site, TestKind
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    START,
    at,
    check_can_move,
    daily,
    intake,
    may_move,
    monday,
    morning,
    run,
    snapshot,
    strength,
    week_of_runs,
)

DAY = timedelta(days=1)
HURTS = intake(complaints=(ComplaintInput(Site.ACHILLES),), pain_now=3, pain_morning=2)
STOP = FlagInput(FlagKind.STOP, START)


def phase(week: int, **values: Any) -> PhaseDecision:
    return decide(snapshot(week, **values)).phase


def held(week: int, count: int = 3) -> dict[str, Any]:
    """Sessions of phase 1 in the week before this Monday, as calm days need them."""
    days = (monday(week) - (1 + 2 * back) * DAY for back in range(count))
    return {
        "strength": tuple(strength(day, ExerciseId.ISOMETRIC_CALF_HOLD, 5, None, seconds=45) for day in days)
    }


def in_phase(number: int, since: date = START) -> dict[str, Any]:
    return {"phases": (PhaseInput(Phase(number), since),)}


@pytest.mark.parametrize(
    ("values", "proposed"),
    [
        ({"intake": intake(pain_now=0, pain_morning=0)}, 2),
        ({"intake": intake(pain_now=0)}, 2),
        ({"intake": intake(pain_now=None)}, None),
        ({"intake": intake(pain_now=1)}, None),
        ({"intake": intake(pain_now=0, pain_morning=1)}, None),
        ({"intake": intake(pain_now=0, complaints=(ComplaintInput(Site.FOOT),))}, None),
        ({"intake": intake(pain_now=0, complaints=(ComplaintInput(Site.FOOT, present=False),))}, 2),
        ({"intake": intake(pain_now=0), "flags": (FlagInput(FlagKind.ASK, START),)}, None),
        ({"intake": intake(pain_now=0), "flags": (STOP,)}, None),
    ],
)
def test_a_start_without_complaint_pain_or_flag_proposes_phase_2(
    values: dict[str, Any], proposed: int | None
) -> None:
    decided = phase(1, **values)
    assert (decided.present, decided.proposed, decided.reason.rule) == (
        Phase.SETTLE,
        proposed,
        Rule.PHASE_START,
    )
    assert decided.reason.fact("calm") is (proposed == 2)
    if proposed is None:
        assert [(m.what, m.have, m.need) for m in decided.missing] == [("days in phase 1", 0, 7)]


def test_a_calm_week_in_phase_1_proposes_phase_2() -> None:
    decided = phase(2, intake=HURTS, runs=week_of_runs(1, 168, pain=5), **held(2))
    assert (decided.proposed, decided.reason.rule, decided.missing) == (
        Phase.STRENGTHEN,
        Rule.PHASE_PROPOSE_2,
        (),
    )
    assert decided.reason.fact("days") == 7
    later = phase(2, intake=HURTS, **in_phase(1, START + DAY), **held(2))
    assert [(m.what, m.have, m.need) for m in later.missing] == [("days in phase 1", 6, 7)]


def test_a_red_report_a_worse_week_or_a_stop_flag_keep_phase_1() -> None:
    red = phase(2, intake=HURTS, runs=(run(START, pain=6),), **held(2))
    assert (red.proposed, red.reason.rule) == (None, Rule.PHASE_STAY)
    assert [(m.what, m.have, m.need) for m in red.missing] == [("red reports in the last days", 1, 0)]
    mornings = tuple(morning(START + day * DAY, 4) for day in (1, 3))
    assert [m.what for m in phase(2, intake=HURTS, mornings=mornings, **held(2)).missing] == ["a worse week"]
    assert [m.what for m in phase(2, intake=HURTS, flags=(STOP,), **held(2)).missing] == [
        "a stop flag is open"
    ]
    assert (
        phase(3, intake=HURTS, runs=(run(START + 6 * DAY, pain=6),), mornings=mornings, **held(3)).proposed
        is Phase.STRENGTHEN
    )


def test_a_week_without_any_entry_is_noted_and_is_no_calm_week() -> None:
    decided = phase(2, intake=HURTS)
    assert decided.proposed is None
    sessions = Missing("strength sessions in the last days", 0, 3)
    assert decided.missing == (sessions,)
    assert phase(2, intake=HURTS, engine_version="3").proposed is Phase.STRENGTHEN
    assert [n.what for n in decided.noted] == ["nothing logged in the week just ended"]
    assert [n.what for n in phase(2, intake=HURTS, runs=(run(START + 6 * DAY),)).noted] == []


def heavy(days: int, end: date, **values: Any) -> tuple[StrengthInput, ...]:
    """Sessions every other day up to the day before `end`, the first one lighter."""
    return tuple(
        strength(
            end - (2 * back + 1) * DAY,
            ExerciseId.HEAVY_CALF_RAISE,
            load_g=10_000 + (back < days - 1),
            **values,
        )
        for back in range(days)
    )


def ready(week: int = 6, **values: Any) -> dict[str, Any]:
    """Everything that phase 3 needs, for a decision in this week."""
    tests = tuple(FunctionTestInput(kind, START + 20 * DAY) for kind in TestKind)
    return {
        **in_phase(2, monday(week) - 28 * DAY),
        "strength": heavy(10, monday(week)),
        "daily_life": (daily(monday(week) - 14 * DAY, 2),),
        "tests": tests,
        "intake": HURTS,
        **values,
    }


def test_phase_3_is_proposed_when_all_of_it_is_there() -> None:
    decided = phase(6, **ready())
    assert (decided.proposed, decided.reason.rule, decided.missing) == (Phase.POWER, Rule.PHASE_PROPOSE_3, ())
    assert decided.reason.fact("days") == 28


HEEL, HOP = (FunctionTestInput(kind, START + 20 * DAY) for kind in TestKind)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (in_phase(2, monday(6) - 27 * DAY), ("days in phase 2", 27, 28)),
        ({"strength": heavy(9, monday(6))}, ("heavy sessions in the last 28 days", 9, 10)),
        (
            {"strength": (*heavy(9, monday(6)), strength(monday(6) - 29 * DAY, ExerciseId.HEAVY_CALF_RAISE))},
            ("heavy sessions in the last 28 days", 9, 10),
        ),
        (
            {"strength": tuple(replace(s, done=heavy(1, monday(6))[0].done) for s in heavy(10, monday(6)))},
            ("load or repetitions up", None, None),
        ),
        ({"daily_life": ()}, ("weekly answer about daily life", None, None)),
        ({"daily_life": (daily(monday(6) - 15 * DAY, 0),)}, ("weekly answer about daily life", None, None)),
        ({"daily_life": (daily(monday(6) - DAY, 3),)}, ("daily-life pain at most", 3, 2)),
        (
            {"daily_life": (daily(monday(6) - 2 * DAY, 1), daily(monday(6) - DAY, 3))},
            ("daily-life pain at most", 3, 2),
        ),
        ({"tests": (HOP,)}, ("heel raise test, or why it was not done", None, None)),
        ({"tests": (HEEL,)}, ("hop test, or why it was not done", None, None)),
        (
            {"tests": (HEEL, replace(HOP, recorded_on=START))},
            ("hop test, or why it was not done", None, None),
        ),
        ({"flags": (STOP,)}, ("a stop flag is open", None, None)),
    ],
)
def test_whatever_is_missing_for_phase_3_is_listed(change: dict[str, Any], missing: tuple[Any, ...]) -> None:
    decided = phase(6, **ready(**change))
    assert (decided.proposed, decided.reason.rule) == (None, Rule.PHASE_STAY)
    assert [(m.what, m.have, m.need) for m in decided.missing] == [missing]
    assert decided.reason.fact("missing") == 1


def test_a_test_not_done_for_a_reason_does_not_block() -> None:
    tests = (replace(HEEL, tested=False), replace(HOP, tested=False, recorded_on=monday(6) - 28 * DAY))
    assert phase(6, **ready(tests=tests)).proposed is Phase.POWER


def test_heavy_sessions_are_counted_by_day() -> None:
    twice = tuple(replace(s, key=f"{s.key}-again") for s in heavy(9, monday(6)))
    assert phase(6, **ready(strength=(*heavy(9, monday(6)), *twice))).missing[0].have == 9


def test_more_repetitions_at_no_less_load_are_progress() -> None:
    first, *rest = heavy(10, monday(6))[::-1]
    same = [replace(s, done=first.done) for s in rest]
    more = replace(same[-1], done=(replace(first.done[0], reps=9),))
    assert phase(6, **ready(strength=(first, *same[:-1], more))).proposed is Phase.POWER
    lighter = replace(more, done=(replace(first.done[0], reps=12, load_g=5_000),))
    assert phase(6, **ready(strength=(first, *same[:-1], lighter))).proposed is None
    before = replace(
        first, key="before", local_on=monday(6) - 29 * DAY, done=(replace(first.done[0], load_g=1),)
    )
    assert phase(6, **ready(strength=(before, first, *same))).proposed is None


def reds(*days: int, since: int = 7) -> tuple[Any, ...]:
    return tuple(run(monday(2) + day * DAY, pain=8, key=f"red{day}-{at}") for at, day in enumerate(days))


@pytest.mark.parametrize(
    ("days", "proposed"),
    [
        ((0, 6), 1),
        ((-1, 5), 1),
        ((-2, 5), None),
        ((3,), None),
        ((3, 3), 1),
        ((6, -1), None),
        ((-6, -1), None),
    ],
)
def test_two_red_reports_in_seven_days_propose_a_step_back(
    days: tuple[int, ...], proposed: int | None
) -> None:
    first = decide(snapshot(1, **in_phase(2)))
    second = decide(snapshot(2, runs=tuple(r for r in reds(*days) if r.local_on < monday(2)), **in_phase(2)))
    decided = phase(3, runs=reds(*days), past=(first.past(), second.past()), **in_phase(2))
    assert decided.proposed == proposed
    assert (decided.reason.rule is Rule.PHASE_PROPOSE_BACK) is (proposed == 1)
    if proposed:
        assert (decided.reason.fact("reds"), decided.reason.fact("worse_weeks")) == (2, 0)


def test_red_reports_before_the_present_phase_propose_nothing() -> None:
    assert phase(3, runs=reds(0, 2), **in_phase(2, monday(2) + DAY)).reason.rule is Rule.PHASE_STAY
    assert phase(3, runs=reds(1, 2), **in_phase(2, monday(2) + DAY)).proposed is Phase.SETTLE


def worse_in(*weeks: int) -> dict[str, Any]:
    mornings = tuple(morning(monday(week) + day * DAY, 4) for week in weeks for day in (1, 2))
    return {"mornings": mornings, "intake": HURTS}


@pytest.mark.parametrize(
    ("weeks", "proposed"), [((2, 3), 1), ((3,), None), ((1, 3), None), ((1, 2), None), ((1, 2, 3), 1)]
)
def test_two_worse_weeks_running_propose_a_step_back(weeks: tuple[int, ...], proposed: int | None) -> None:
    decided = phase(4, **worse_in(*weeks), **in_phase(2))
    assert decided.proposed == proposed
    if proposed:
        assert decided.reason == reason_for(Rule.PHASE_PROPOSE_BACK, reds=0, worse_weeks=len(weeks))


def test_worse_weeks_before_the_present_phase_do_not_count() -> None:
    assert phase(4, **worse_in(2, 3), **in_phase(2, monday(3))).proposed is None
    assert phase(4, **worse_in(2, 3), **in_phase(2, monday(2) + 2 * DAY)).proposed is Phase.SETTLE
    assert phase(4, **worse_in(3), **in_phase(2, monday(4))).reason.fact("phase") == 2
    one = CLINIC.altered(back_worse_weeks=1)
    assert decide(snapshot(4, **in_phase(2)), one).phase.proposed is None
    assert decide(snapshot(4, **worse_in(3), **in_phase(2, monday(4))), one).phase.proposed is None
    assert isinstance(phase(4, **worse_in(2, 3), **in_phase(2)).reason.fact("worse_weeks"), int)


def test_a_late_worse_week_joins_the_ones_around_it() -> None:
    both = worse_in(1, 2)["mornings"]
    late = (*(replace(m, logged_at=at(monday(3), 9)) for m in both[:2]), *both[2:])
    past: tuple[PastDecision, ...] = ()
    for week, proposed in ((1, None), (2, None), (3, None), (4, Phase.SETTLE), (5, None)):
        known = tuple(m for m in late if m.logged_at <= at(monday(week)))
        decided = decide(snapshot(week, mornings=known, intake=HURTS, past=past, **in_phase(2)))
        assert decided.phase.proposed is proposed
        past = (*past, decided.past())


def test_phase_1_has_nothing_behind_it_so_two_reds_are_a_question() -> None:
    decided = decide(snapshot(3, runs=reds(0, 6), intake=HURTS))
    assert decided.phase.proposed is None
    assert [q.key for q in decided.questions] == [f"phase.propose_back@{monday(3)}"]
    look = decided.questions[0].reason.clinician
    assert look == "2 reports of red pain within 7 days. There is no phase before phase 1, so please look."


def test_in_phase_3_what_was_not_recorded_is_noted_all_the_same() -> None:
    nothing = (Missing("nothing logged in the week just ended"),)
    assert phase(3, **in_phase(2)).noted == nothing
    stays = phase(3, **in_phase(3))
    assert stays.reason == reason_for(Rule.PHASE_STAY, phase=3, missing=0)
    assert stays.noted == nothing
    back = phase(3, runs=reds(0, 6), **in_phase(3))
    assert [note.what for note in back.noted] == ["mornings after a session not recorded"]


def test_phase_3_steps_back_to_2_and_otherwise_stays() -> None:
    assert phase(3, runs=reds(0, 6), **in_phase(3)).proposed is Phase.STRENGTHEN
    stays = phase(3, **in_phase(3))
    assert (stays.proposed, stays.reason.rule, stays.missing) == (None, Rule.PHASE_STAY, ())


def test_the_phase_in_force_is_the_last_that_has_begun() -> None:
    spells = (PhaseInput(Phase.SETTLE, START), PhaseInput(Phase.STRENGTHEN, monday(3)))
    assert phase(2, phases=spells).present is Phase.SETTLE
    assert phase(3, phases=spells[::-1]).present is Phase.STRENGTHEN
    assert phase(3, phases=spells).missing[0].have == 0


@pytest.mark.parametrize("origin", Phase)
@pytest.mark.parametrize("to", Phase)
def test_moves_go_one_step_at_a_time_and_a_stop_flag_blocks_the_way_forward(origin: Phase, to: Phase) -> None:
    assert may_move(origin, to, stop_flag_open=False) is (abs(origin - to) == 1)
    assert may_move(origin, to, stop_flag_open=True) is (origin - to == 1)
    assert any(move.origin is origin and move.to is to for move in MOVES) is (abs(origin - to) == 1)


@pytest.mark.parametrize(
    ("origin", "to", "said"),
    [
        (Phase.SETTLE, Phase.SETTLE, "is 1 already"),
        (Phase.SETTLE, Phase.STRENGTHEN, "cannot advance while a stop flag is open"),
        (Phase.POWER, Phase.SETTLE, "must go one step at a time: 3 does not lead to 1"),
    ],
)
def test_a_refused_move_gives_its_reason(origin: Phase, to: Phase, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        check_can_move(origin, to, stop_flag_open=True)
    assert (refused.value.field, refused.value.sentence) == ("phase", said)
