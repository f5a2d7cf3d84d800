"""After the last raise the week leads with what still moves: the strength ladder and the phase."""

from dataclasses import replace
from datetime import timedelta

import pytest

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Prescription
from challenge.protocol.dose_text import hold_text, ladder_text, opens_with_strength, phase_text
from challenge.protocol.snapshot import PhaseInput
from challenge.protocol.vocabulary import ExerciseId, Phase
from challenge.protocol.weekly import decide
from tests.protocol.story import START, intake, snapshot

WEEK = START
RAISE = ExerciseId.HEAVY_CALF_RAISE


def in_phase_2(baseline: int = 160) -> tuple[Prescription, ...]:
    said = intake(baseline_spm=baseline)
    return decide(snapshot(intake=said, phases=(PhaseInput(Phase.STRENGTHEN, START),))).exercises


def on_step(one: Prescription, step: int, *, weeks_ago: int = 0) -> Prescription:
    dose = CATALOG[one.exercise].ladder[step]
    return replace(one, step=step, sets=dose.sets, reps=dose.reps, since_on=WEEK - timedelta(weeks=weeks_ago))


@pytest.mark.parametrize(("baseline", "ended"), [(160, False), (172, False), (180, True), (186, True)])
def test_the_rest_leads_only_where_raising_has_ended(baseline: int, ended: bool) -> None:
    cadence = decide(snapshot(intake=intake(baseline_spm=baseline))).cadence
    assert opens_with_strength(cadence, WEEK, raising_has_ended=False) is ended


def test_the_week_of_the_last_raise_leads_with_its_number() -> None:
    cadence = decide(snapshot(intake=intake(baseline_spm=172))).cadence
    assert (cadence.target_spm, cadence.effective_on) == (180, WEEK)
    assert not opens_with_strength(cadence, WEEK, raising_has_ended=True)
    assert opens_with_strength(cadence, WEEK + timedelta(weeks=1), raising_has_ended=True)
    assert not opens_with_strength(cadence, WEEK + timedelta(weeks=1), raising_has_ended=False)


def test_the_cadence_is_one_line() -> None:
    assert hold_text(180) == "Cadence: hold 180."
    assert hold_text(None) == ""


def test_a_new_step_of_the_ladder_leads() -> None:
    first, *others = in_phase_2()
    assert first.exercise is RAISE
    stepped = (on_step(first, 1), *others)
    assert ladder_text(stepped, WEEK) == (
        "A step up: Heavy slow calf raise, now 3 × 7 each leg, the sore one first."
    )
    both = (on_step(first, 1), on_step(others[0], 1), *others[1:])
    assert ladder_text(both, WEEK).endswith("the sore one first, and 1 other exercise goes up, too.")


def test_without_a_new_step_the_heavy_exercise_says_where_it_is() -> None:
    first, *others = in_phase_2()
    older = (*others, on_step(first, 1, weeks_ago=1))
    assert ladder_text((on_step(first, 1, weeks_ago=1), others[-1]), WEEK) == (
        "Heavy slow calf raise is on step 2 of 3: 3 × 7 each leg, the sore one first."
    )
    assert ladder_text(older, WEEK).startswith("Heavy slow seated calf raise is on step 1 of 3")
    assert ladder_text((others[-1],), WEEK).startswith("Arch raise, front to back is on step 1 of 5")


def test_at_the_top_of_every_ladder_the_load_moves() -> None:
    first, seated, *_ = in_phase_2()
    top = tuple(on_step(one, 2, weeks_ago=2) for one in (first, seated))
    assert ladder_text(top, WEEK).startswith("Every exercise is on its top step.")


def test_an_email_names_no_track_and_no_sore_leg() -> None:
    first, *_ = in_phase_2()
    squat = replace(on_step(first, 1), exercise=ExerciseId.SLOW_SPLIT_SQUAT)
    assert "Slow split squat" in ladder_text((squat,), WEEK)
    assert ladder_text((squat,), WEEK, private=False) == ""
    assert "sore" not in ladder_text((on_step(first, 1),), WEEK, private=False)
    assert ladder_text((), WEEK) == ""


@pytest.mark.parametrize("phase", Phase)
def test_the_phase_in_words_fits_an_email(phase: Phase) -> None:
    text = phase_text(phase)
    assert text.startswith(f"Phase {phase.value} of 3: ")
    assert "pain" not in text.lower()
