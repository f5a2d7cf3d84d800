"""The weekly decision as a whole: states, holds, the finish, and what it records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Decision
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import FlagInput, PauseInput, Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    ExerciseId,
    FlagKind,
    PauseReason,
    Phase,
    Rule,
    Site,
    Symptom,
    WeekState,
)
from challenge.protocol.weekly import decide, state_of
from tests.protocol.story import (
    START,
    at,
    daily,
    intake,
    miles,
    monday,
    on_target,
    play,
    run,
    snapshot,
    strength,
    targets,
    week_of_runs,
)

DAY = timedelta(days=1)
STOP = FlagInput(FlagKind.STOP, START, Symptom.LIMP)


def pause(first: int, back: int | None) -> PauseInput:
    return PauseInput(START + first * DAY, None if back is None else START + back * DAY, PauseReason.ILLNESS)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, WeekState.ACTIVE),
        ({"flags": (STOP,)}, WeekState.ON_HOLD),
        ({"flags": (FlagInput(FlagKind.ASK, START),)}, WeekState.ACTIVE),
        ({"pauses": (pause(0, None),)}, WeekState.PAUSED),
        ({"pauses": (pause(7, 8),)}, WeekState.PAUSED),
        ({"pauses": (pause(0, 7),)}, WeekState.ACTIVE),
        ({"pauses": (pause(8, None),)}, WeekState.ACTIVE),
        ({"pauses": (pause(0, None),), "flags": (STOP,)}, WeekState.PAUSED),
        ({"withdrawn_on": monday(2)}, WeekState.WITHDRAWN),
        ({"withdrawn_on": monday(2) + DAY}, WeekState.ACTIVE),
        ({"weeks": 1}, WeekState.FINISHED),
        ({"weeks": 1, "flags": (STOP,)}, WeekState.FINISHED),
        ({"weeks": 1, "pauses": (pause(0, None),)}, WeekState.PAUSED),
    ],
)
def test_the_state_of_a_week(values: dict[str, Any], state: WeekState) -> None:
    s = snapshot(2, **values)
    assert state_of(s) is state
    assert decide(s).state is state


def nothing_to_obey(decision: Decision) -> bool:
    no_number = decision.cadence.target_spm is None and decision.cadence.arithmetic is None
    return no_number and not decision.exercises and decision.longest_run is None and decision.caution is None


def test_an_open_stop_flag_leaves_no_cadence_distance_or_exercise() -> None:
    runs = week_of_runs(1, 168, distance=9)
    decision = decide(snapshot(2, runs=runs, intake=intake(longest_run_m=1000), flags=(STOP,)))
    assert nothing_to_obey(decision)
    assert decision.on_hold
    assert decision.warnings == ()
    assert decision.strike.weekly_limit_m is None
    assert [(h.rule, h.fact("symptom"), h.fact("opened_on")) for h in decision.holds] == [
        (Rule.PAIN_STOP, "limp", START.isoformat())
    ]
    unnamed = decide(snapshot(2, flags=(FlagInput(FlagKind.STOP, START),))).holds[0]
    assert unnamed.fact("symptom") is None
    assert "get in touch" in decision.holds[0].email


def test_on_hold_clinicians_are_still_asked() -> None:
    reds = tuple(run(START + day * DAY, pain=8, site=Site.KNEE) for day in (1, 3))
    decision = decide(snapshot(2, runs=reds, flags=(STOP,)))
    assert {q.reason.rule for q in decision.questions} == {Rule.COMPLAINT_OPEN, Rule.PHASE_PROPOSE_BACK}


def test_a_pause_gives_nothing_and_keeps_what_was_in_force() -> None:
    first = decide(snapshot(1))
    paused = decide(snapshot(2, past=(first.past(),), pauses=(pause(7, None),), flags=(STOP,)))
    assert nothing_to_obey(paused)
    assert paused.on_hold
    assert (paused.cadence.in_force_spm, paused.cadence.reason.rule) == (168, Rule.DECISION_WEEK)
    assert paused.cadence.reason.fact("state") == "paused"
    assert paused.phase.reason == paused.cadence.reason
    assert paused.phase.present is Phase.SETTLE
    back = decide(snapshot(3, past=(first.past(), paused.past()), pauses=(pause(7, 14),)))
    assert back.cadence.target_spm == 168
    assert not back.on_hold


def test_a_withdrawn_runner_is_not_called_paused() -> None:
    left = decide(snapshot(2, withdrawn_on=monday(2)))
    assert left.cadence.reason.runner == "You’ve left the challenge, so there are no more targets."
    assert nothing_to_obey(left)


def test_a_stop_flag_before_any_decision_keeps_nothing_but_the_stated_baseline() -> None:
    held = decide(snapshot(1, flags=(STOP,))).cadence
    assert (held.in_force_spm, held.effective_on, held.baseline_checked) == (None, None, False)


def finished(**values: Any) -> Decision:
    runs = (run(START - DAY, key="before"), *week_of_runs(1, 168), *week_of_runs(2, 176))
    lifts = (strength(START - DAY, ExerciseId.ARCH_RAISE), strength(START + DAY, ExerciseId.ARCH_RAISE))
    past = tuple(d.past() for d in play(2, on_target()))
    told = {"daily_life": (daily(START + DAY, 4), daily(monday(2) + DAY, 1)), "runs": runs, "strength": lifts}
    return decide(snapshot(3, weeks=2, past=past, **{**told, **values}))


def test_the_monday_after_the_last_week_finishes_the_challenge() -> None:
    decision = finished()
    end = decision.finish
    assert end is not None
    assert (decision.state, decision.week_number) == (WeekState.FINISHED, 3)
    assert (end.phase, end.baseline_spm, end.target_spm) == (Phase.SETTLE, 160, 176)
    assert (end.runs, end.distance_m, end.strength_sessions) == (6, 6 * miles(4), 1)
    assert (end.first_daily_pain, end.last_daily_pain) == (4, 1)
    assert (end.reason.rule, end.reason.fact("weeks"), end.reason.fact("phase")) == (
        Rule.CHALLENGE_FINISH,
        2,
        1,
    )
    assert decision.cadence.target_spm == 176
    assert decision.cadence.reason == end.reason
    assert decision.phase.present is Phase.SETTLE
    assert not decision.cadence.raised
    assert decision.exercises
    assert decision.longest_run is not None
    assert decision.longest_run.longest_m == miles(4)


def test_a_finish_counts_from_the_first_monday_and_shows_the_last_answer() -> None:
    first = finished(
        runs=(run(START),),
        strength=(strength(START, ExerciseId.ARCH_RAISE),),
        daily_life=tuple(daily(START + day * DAY, pain) for day, pain in ((1, 4), (2, 3), (3, 1))),
    ).finish
    assert first is not None
    assert (first.runs, first.strength_sessions, first.last_daily_pain) == (1, 1, 1)


def test_a_finish_with_an_open_stop_flag_gives_no_number() -> None:
    decision = finished(flags=(STOP,))
    assert nothing_to_obey(decision)
    assert decision.finish is not None
    assert decision.finish.target_spm is None
    assert decision.exercises == ()
    assert [hold.rule for hold in decision.holds] == [Rule.PAIN_STOP]
    assert decision.cadence.reason == decision.finish.reason
    assert decision.phase.present is Phase.SETTLE
    silent = finished(daily_life=()).finish
    assert silent is not None
    assert (silent.first_daily_pain, silent.last_daily_pain) == (None, None)


def test_a_finish_still_asks_what_the_last_week_raised() -> None:
    night = run(monday(2) + DAY, 176, key="night", symptoms=(Symptom.NIGHT_PAIN,))
    decision = finished(runs=(night,))
    assert [q.reason.rule for q in decision.questions] == [Rule.PAIN_ASK]


def test_the_week_after_the_finish_is_refused() -> None:
    with pytest.raises(ProtocolError) as refused:
        snapshot(4, weeks=2)
    assert refused.value.field == "snapshot.week_on"


def test_a_decision_records_when_from_what_and_by_which_version() -> None:
    decision = decide(snapshot(3, as_of=at(monday(3), 9)))
    assert (decision.week_on, decision.week_number, decision.revision) == (monday(3), 3, 1)
    assert (decision.as_of, decision.log_as_of) == (at(monday(3), 9), at(monday(3)))
    assert (decision.engine_version, decision.parameters_version) == ("4", CLINIC.version)
    past = decision.past()
    assert (past.week_on, past.revision, past.as_of, past.log_as_of) == (
        monday(3),
        1,
        at(monday(3), 9),
        at(monday(3)),
    )
    assert (past.state, past.phase, past.cadence) == (WeekState.ACTIVE, Phase.SETTLE, decision.cadence)
    assert [(d.exercise, d.step, d.since_on) for d in past.doses] == [
        (p.exercise, p.step, p.since_on) for p in decision.exercises
    ]


def test_what_a_week_teaches_follows_its_phase() -> None:
    advice = decide(snapshot(1)).advice
    assert [(a.rule, a.fact("phase")) for a in advice if a.rule is Rule.EXERCISE_CONTENT] == [
        (Rule.EXERCISE_CONTENT, 1)
    ]
    assert Rule.CADENCE_RAISE in {a.rule for a in advice}


def test_other_parameters_give_other_decisions_and_say_so() -> None:
    slower = CLINIC.altered(consistent_runs=4)
    assert targets(play(2, on_target(), slower)) == [168, 168]
    assert slower.version == "2026-1+consistent_runs=4"
    twice = slower.altered(five_runs=6, cap_spm=182)
    assert twice.version == "2026-1+consistent_runs=4+cap_spm=182,five_runs=6"
    assert Parameters.from_json(twice.to_json()) == twice


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"raise_percentage": 5}, "parameters.raise_percentage"),
        ({"version": 3}, "parameters.version"),
        ({"cap_spm": 400}, "parameters.cap_spm"),
    ],
)
def test_unknown_or_impossible_parameters_are_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        CLINIC.altered(**values)
    assert refused.value.field == field
    if field == "parameters.version":
        assert refused.value.sentence == "is not a parameter"


def test_the_order_of_the_log_does_not_matter_even_between_days() -> None:
    s = snapshot(2, runs=week_of_runs(1, 168, 4))
    assert replace(s, runs=s.runs[::-1]) == s
    assert isinstance(s, Snapshot)
