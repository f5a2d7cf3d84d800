"""Doses: one step up after three sessions, the ladder's ends, revisions, and doses by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision, DoseInForce, PastDecision, Prescription
from challenge.protocol.dose_text import next_amount
from challenge.protocol.doses import dose_step
from challenge.protocol.entries import StrengthInput
from challenge.protocol.exercises import has_kind
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import DoseOverride, PhaseInput, Snapshot
from challenge.protocol.vocabulary import Arch, ExerciseId, ExerciseKind, FormKind, Phase, Rule
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, later, monday, snapshot, strength

DAY = timedelta(days=1)
RAISE = ExerciseId.HEAVY_CALF_RAISE


def in_phase(number: int, since: date = START) -> dict[str, Any]:
    return {"phases": (PhaseInput(Phase(number), since),)}


def given(s: Snapshot) -> dict[ExerciseId, Prescription]:
    return {p.exercise: p for p in decide(s).exercises}


def sessions(count: int, **values: Any) -> tuple[StrengthInput, ...]:
    return tuple(strength(monday(1) + 2 * number * DAY, RAISE, **values) for number in range(count))


def second_week(done: tuple[StrengthInput, ...], **values: Any) -> Prescription:
    first = decide(snapshot(1, **in_phase(2)))
    return given(snapshot(2, strength=done, past=(first.past(),), **in_phase(2), **values))[RAISE]


@pytest.mark.parametrize(
    ("done", "step"),
    [
        (sessions(3), 1),
        (sessions(2), 0),
        (sessions(3, pain=5), 1),
        (sessions(3, pain=6), 0),
        ((*sessions(2), replace(sessions(3)[2], pain=6)), 0),
        (sessions(3, reps=7), 0),
        (sessions(3, sets=2), 0),
        (sessions(3, sets=4, reps=12), 1),
        (sessions(3, reps=None), 0),
        (tuple(replace(s, local_on=monday(1)) for s in sessions(3)), 0),
        (
            tuple(
                replace(s, done=(replace(s.done[0], exercise=ExerciseId.ARCH_RAISE),)) for s in sessions(3)
            ),
            0,
        ),
    ],
)
def test_one_step_up_after_three_sessions_at_the_dose_without_red(
    done: tuple[StrengthInput, ...], step: int
) -> None:
    p = second_week(done)
    assert (p.step, p.reps, p.sets) == (step, 8 - step, 3)
    assert p.since_on == monday(2 if step else 1)
    assert p.reason.fact("note") == ("one notch heavier" if step else "a load you could lift ten times")


def test_holds_are_counted_in_seconds() -> None:
    drill = ExerciseId.CADENCE_DRILL
    first = decide(snapshot(1, **in_phase(3)))
    for seconds, step in ((60, 1), (59, 0), (None, 0)):
        done = tuple(
            strength(monday(1) + 2 * number * DAY, drill, sets=4, reps=90, seconds=seconds)
            for number in range(3)
        )
        p = given(snapshot(2, strength=done, past=(first.past(),), **in_phase(3)))[drill]
        assert (p.step, p.sets) == (step, 4 + step)


def climb(weeks: int, phases: tuple[PhaseInput, ...]) -> list[Decision]:
    decisions: list[Decision] = []
    done: tuple[StrengthInput, ...] = ()
    for week in range(1, weeks + 1):
        past = tuple(d.past() for d in decisions)
        decisions.append(decide(snapshot(week, strength=done, phases=phases, past=past)))
        done += tuple(strength(monday(week) + 2 * n * DAY, RAISE) for n in range(3))
    return decisions


def steps_of(decisions: list[Decision]) -> list[int | None]:
    return [next((p.step for p in d.exercises if p.exercise is RAISE), None) for d in decisions]


def test_the_ladder_ends_at_its_top_one_step_a_week() -> None:
    assert steps_of(climb(5, in_phase(2)["phases"])) == [0, 1, 2, 2, 2]


def test_phase_3_keeps_the_step_and_coming_back_from_phase_1_starts_again() -> None:
    power = (PhaseInput(Phase.STRENGTHEN, START), PhaseInput(Phase.POWER, monday(3)))
    assert steps_of(climb(4, power)) == [0, 1, 2, 2]
    back = (
        PhaseInput(Phase.STRENGTHEN, START),
        PhaseInput(Phase.SETTLE, monday(3)),
        PhaseInput(Phase.STRENGTHEN, monday(4)),
    )
    assert steps_of(climb(4, back)) == [0, 1, None, 0]


def test_a_later_revision_gives_the_same_step_and_day() -> None:
    first = decide(snapshot(1, **in_phase(2)))
    second = decide(snapshot(2, strength=sessions(3), past=(first.past(),), **in_phase(2)))
    past = (first.past(), second.past())
    on_wednesday = later(monday(2) + 2 * DAY, 2, strength=sessions(3), past=past, log_as_of=at(monday(2)))
    again = decide(snapshot(**on_wednesday, **in_phase(2)))
    assert again.exercises == second.exercises
    start = decide(
        snapshot(**later(monday(1) + DAY, 1, past=(first.past(),), log_as_of=at(START), **in_phase(2)))
    )
    assert {p.since_on for p in start.exercises} == {START}


def test_a_step_back_taken_back_in_the_same_week_keeps_the_dose() -> None:
    back_and_forth = (
        PhaseInput(Phase.STRENGTHEN, START),
        PhaseInput(Phase.SETTLE, monday(2) + DAY),
        PhaseInput(Phase.STRENGTHEN, monday(2) + 2 * DAY),
    )
    log: dict[str, Any] = {"strength": sessions(3), "phases": back_and_forth}
    past = [decide(snapshot(1, **in_phase(2))).past()]
    past.append(decide(snapshot(2, past=tuple(past), **log)).past())
    for revision in (2, 3):
        day = monday(2) + (revision - 1) * DAY
        moment = later(day, 2, past=tuple(past), log_as_of=at(monday(2)), **log)
        decided = decide(snapshot(**{**moment, "revision": revision}))
        past.append(decided.past())
    assert decided.phase.present is Phase.STRENGTHEN
    assert next(p.step for p in decided.exercises if p.exercise is RAISE) == 1


def test_the_dose_in_force_names_its_exercise() -> None:
    past = (decide(snapshot(1, **in_phase(2))).past(),)
    for done, step, since in ((sessions(2), 0, START), (sessions(3), 1, monday(2))):
        history = LogView(snapshot(2, strength=done, past=past, **in_phase(2)))
        assert dose_step(CATALOG[RAISE], history, CLINIC) == DoseInForce(RAISE, step, since)


def test_a_dose_by_hand_begins_and_ends_at_its_very_moment() -> None:
    now = hand(set_at=at(START))
    assert given(snapshot(1, hand_doses=(now,), **in_phase(2)))[RAISE].sets == 2
    ended = replace(now, set_at=at(START, 5), ended_at=at(START))
    assert given(snapshot(1, hand_doses=(ended,), **in_phase(2)))[RAISE].sets == 3


def test_a_shorter_ladder_than_before_is_taken_at_its_top() -> None:
    first = decide(snapshot(1, **in_phase(2)))
    high = replace(first.past(), doses=tuple(replace(d, step=9) for d in first.past().doses))
    p = given(snapshot(2, past=(high,), **in_phase(2)))[RAISE]
    assert (p.step, p.reps) == (2, 6)


def hand(**values: Any) -> DoseOverride:
    return DoseOverride(**{"exercise": RAISE, "sets": 2, "set_at": at(START, 7), **values})


def test_a_dose_by_hand_holds_until_it_is_ended() -> None:
    p = second_week((), hand_doses=(hand(reps=5, sessions_per_week=2),))
    assert (p.sets, p.reps, p.sessions_per_week, p.reason.rule) == (2, 5, 2, Rule.DECISION_BY_HAND)
    kept = second_week((), hand_doses=(hand(),))
    assert (kept.sets, kept.reps, kept.seconds, kept.sessions_per_week) == (2, 8, None, 3)
    held = second_week((), hand_doses=(hand(seconds=30),))
    assert (held.reps, held.seconds, held.hold_s) == (None, 30, 0)
    newest = second_week((), hand_doses=(hand(sets=4, set_at=at(START, 9)), hand(sets=1)))
    assert newest.sets == 4
    for other in (
        hand(ended_at=at(monday(2))),
        hand(set_at=at(monday(2), 7)),
        hand(exercise=ExerciseId.ARCH_RAISE),
    ):
        assert second_week((), hand_doses=(other,)).sets == 3
    assert second_week((), hand_doses=(hand(ended_at=at(monday(2), 7)),)).sets == 2


def test_a_hold_set_by_hand_is_held_for_that_long() -> None:
    hold = ExerciseId.ISOMETRIC_CALF_HOLD
    p = given(snapshot(2, hand_doses=(hand(exercise=hold, sets=4, seconds=30),)))[hold]
    assert (p.sets, p.reps, p.seconds, p.hold_s) == (4, None, 30, 30)
    counted = given(snapshot(2, hand_doses=(hand(exercise=hold, reps=8),)))[hold]
    assert (counted.reps, counted.seconds, counted.hold_s) == (8, None, 45)
    usual = given(snapshot(2, hand_doses=(hand(exercise=hold),)))[hold]
    assert (usual.sets, usual.reps, usual.seconds, usual.hold_s) == (2, None, 45, 45)


ARCH = ExerciseId.ARCH_RAISE
COLLAPSING = intake(arch=Arch.COLLAPSING)


def climbed(phase: Phase) -> PastDecision:
    """Week 1 in this phase, with the arch raise at the top of its ladder."""
    spell = (PhaseInput(phase, START),)
    first = decide(snapshot(1, intake=COLLAPSING, phases=spell)).past()
    return replace(first, doses=tuple(replace(d, step=4) for d in first.doses))


def test_the_easier_arch_raise_of_phase_1_does_not_carry_its_dose_into_phase_2() -> None:
    settled = climbed(Phase.SETTLE)
    stayed = given(snapshot(2, intake=COLLAPSING, past=(settled,)))[ARCH]
    assert (stayed.form, stayed.sets, stayed.reps) == (FormKind.EASIER, 4, 10)
    on = (PhaseInput(Phase.SETTLE, START), PhaseInput(Phase.STRENGTHEN, monday(2)))
    p = given(snapshot(2, intake=COLLAPSING, past=(settled,), phases=on))[ARCH]
    assert (p.form, p.sets, p.reps, p.since_on) == (FormKind.STANDARD, 3, 8, monday(2))


def test_a_dose_is_not_carried_over_a_step_back() -> None:
    back = (PhaseInput(Phase.STRENGTHEN, START), PhaseInput(Phase.SETTLE, monday(2)))
    p = given(snapshot(2, intake=COLLAPSING, past=(climbed(Phase.STRENGTHEN),), phases=back))[ARCH]
    assert (p.form, p.step) == (FormKind.EASIER, 0)
    easier = (PhaseInput(Phase.POWER, START), PhaseInput(Phase.STRENGTHEN, monday(2)))
    assert given(snapshot(2, past=(climbed(Phase.POWER),), phases=easier))[RAISE].step == 0


def test_a_phase_begun_in_mid_week_begins_its_doses_that_day() -> None:
    monday_decision = decide(snapshot(1, intake=COLLAPSING))
    on_wednesday = later(
        START + 2 * DAY, 1, past=(monday_decision.past(),), log_as_of=at(START), intake=COLLAPSING
    )
    phases = (PhaseInput(Phase.SETTLE, START), PhaseInput(Phase.STRENGTHEN, START + 2 * DAY))
    assert given(snapshot(**on_wednesday, phases=phases))[ARCH].since_on == START + 2 * DAY


def test_the_kind_of_a_session_is_that_of_any_of_its_exercises() -> None:
    session = strength(START, RAISE)
    assert has_kind(session, ExerciseKind.HEAVY)
    assert not has_kind(session, ExerciseKind.PLYOMETRIC)


@pytest.mark.parametrize(
    ("exercise", "form", "step", "says"),
    [
        (RAISE, FormKind.STANDARD, 0, "3 × 7 each leg, the sore one first, one notch heavier"),
        (RAISE, FormKind.EASIER, 0, "3 × 7, one notch heavier"),
        (
            ExerciseId.ISOMETRIC_CALF_HOLD,
            FormKind.STANDARD,
            len(CATALOG[ExerciseId.ISOMETRIC_CALF_HOLD].ladder) - 1,
            "",
        ),
    ],
)
def test_the_step_after_this_one_is_said_until_the_ladder_ends(
    exercise: ExerciseId, form: FormKind, step: int, says: str
) -> None:
    assert next_amount(exercise, form, step) == says


def test_a_step_without_a_note_is_its_amount_alone() -> None:
    bare = [
        (entry.id, step)
        for entry in CATALOG.values()
        for step, dose in enumerate(entry.ladder)
        if step and not dose.note
    ]
    assert bare
    for exercise, step in bare:
        assert "," not in next_amount(exercise, FormKind.STANDARD, step - 1).replace(
            ", the sore one first", ""
        )
