"""A correction that makes an entry worse counts like a late entry: once, in the next decision."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import Decision, PastDecision
from challenge.protocol.entries import RunInput
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import new_reports, pain_summary
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import CorrectionInput, PauseInput, PhaseInput
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import ExerciseId, PauseReason, Phase, Rule, Side, Site, Symptom
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    START,
    at,
    daily,
    intake,
    later,
    monday,
    morning,
    run,
    snapshot,
    strength,
    week_of_runs,
)

DAY = timedelta(days=1)
SUNDAY = START + 6 * DAY
TUESDAY = at(monday(2) + DAY, 12)
LATE = at(monday(2) + DAY, 12)
SORE = intake(pain_morning=1)
FIRST = decide(snapshot(1)).past()


def second(*runs: RunInput, **values: Any) -> PastDecision:
    """The decision that read Sunday's run as it was logged."""
    return decide(snapshot(2, runs=runs, past=(FIRST,), **values)).past()


def before(key: str, pain: int | None, moment: datetime = TUESDAY, **values: Any) -> CorrectionInput:
    return CorrectionInput(key, moment, pain, **values)


def third(*runs: RunInput, **values: Any) -> Decision:
    return decide(
        snapshot(3, **{"runs": (*runs, *week_of_runs(2, 168)), "past": (FIRST, second()), **values})
    )


def test_sundays_run_corrected_on_tuesday_from_2_to_8_holds_once() -> None:
    now = run(SUNDAY, 168, pain=8, key="sunday")
    said = (before("sunday", 2),)
    held = third(now, corrections=said)
    assert (held.cadence.target_spm, held.cadence.reason.rule) == (168, Rule.CADENCE_HOLD_PAIN)
    fourth = snapshot(
        4,
        runs=(now, *week_of_runs(2, 168), *week_of_runs(3, 168)),
        past=(FIRST, second(), held.past()),
        corrections=said,
    )
    assert decide(fourth).cadence.target_spm == 176


def test_a_correction_and_a_late_entry_of_the_same_values_decide_alike() -> None:
    on_time = run(SUNDAY, 168, pain=8, key="sunday", site=Site.KNEE, symptoms=(Symptom.NIGHT_PAIN,))
    late = replace(on_time, logged_at=LATE)
    corrected, logged = third(on_time, corrections=(before("sunday", 2),)), third(late)
    assert corrected.cadence.reason == logged.cadence.reason
    assert corrected.questions == logged.questions
    assert corrected.phase.reason == logged.phase.reason
    assert corrected.phase.missing == logged.phase.missing
    assert corrected.longest_run == logged.longest_run
    assert corrected.exercises == logged.exercises


def test_alone_in_the_week_it_holds_too_and_is_not_called_silence() -> None:
    now = run(SUNDAY, 168, pain=8, key="sunday")
    past = (FIRST, second())
    held = decide(snapshot(3, runs=(now,), corrections=(before("sunday", 2),), past=past))
    assert held.cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    assert decide(snapshot(3, runs=(now,), past=past)).cadence.reason.rule is Rule.CADENCE_HOLD_NO_DATA


@pytest.mark.parametrize(
    ("was", "now", "counts"),
    [
        ({"pain": 2}, {"pain": 8}, True),
        ({"pain": None}, {"pain": 6}, True),
        ({"pain": 5}, {"pain": 6}, True),
        ({"pain": 3}, {"pain": 4}, True),
        ({"pain": 4}, {"pain": 5}, False),
        ({"pain": 6}, {"pain": 9}, False),
        ({"pain": 8}, {"pain": 2}, False),
        ({"pain": None}, {"pain": 3}, False),
        ({"pain": 2}, {"pain": 2, "symptoms": (Symptom.REST_PAIN,)}, True),
        ({"pain": 2}, {"pain": 2, "symptoms": (Symptom.LIMP,)}, True),
        ({"pain": 2, "symptoms": (Symptom.LIMP,)}, {"pain": 2, "symptoms": (Symptom.LIMP,)}, False),
        ({"pain": 2, "symptoms": (Symptom.LIMP,)}, {"pain": 2}, False),
    ],
)
def test_only_what_makes_an_entry_worse_counts(
    was: dict[str, Any], now: dict[str, Any], counts: bool
) -> None:
    for entry in (
        run(SUNDAY, 168, key="entry", **now),
        strength(SUNDAY, ExerciseId.HEAVY_CALF_RAISE, key="entry", **now),
    ):
        name = "runs" if isinstance(entry, RunInput) else "strength"
        given: dict[str, Any] = {name: (entry,)}
        s = snapshot(
            3, **given, past=(FIRST, second()), corrections=(CorrectionInput("entry", TUESDAY, **was),)
        )
        assert bool(new_reports(LogView(s), CLINIC)) is counts


@pytest.mark.parametrize(
    ("was", "now", "counts"), [(2, 3, True), (3, 3, False), (3, 2, False), (None, 3, True)]
)
def test_a_morning_corrected_to_a_worse_one_counts(was: int | None, now: int, counts: bool) -> None:
    """Baseline 1: a worse morning begins at 3."""
    entry = morning(SUNDAY, now, key="m")
    s = snapshot(3, mornings=(entry,), intake=SORE, past=(FIRST, second()), corrections=(before("m", was),))
    assert bool(new_reports(LogView(s), CLINIC)) is counts


def test_two_mornings_corrected_make_a_worse_week_once() -> None:
    mornings = tuple(morning(SUNDAY - n * DAY, 3, key=f"m{n}") for n in (0, 1))
    said = tuple(before(f"m{n}", 1) for n in (0, 1))
    s = snapshot(3, mornings=mornings, intake=SORE, past=(FIRST, second()), corrections=said)
    assert pain_summary(LogView(s), CLINIC).newly_worse == {START}
    assert decide(s).cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    again = replace(snapshot(4), mornings=mornings, intake=SORE, corrections=said)
    again = replace(again, past=(*s.past, decide(s).past()))
    assert not pain_summary(LogView(again), CLINIC).holds_cadence


def test_a_worse_week_that_was_seen_is_not_seen_again_when_a_morning_gets_worse_still() -> None:
    mornings = tuple(morning(SUNDAY - n * DAY, pain, key=f"m{n}") for n, pain in ((0, 5), (1, 3)))
    s = snapshot(3, mornings=mornings, intake=SORE, past=(FIRST, second()), corrections=(before("m0", 3),))
    assert [m.key for m in new_reports(LogView(s), CLINIC)] == ["m0"]
    assert not pain_summary(LogView(s), CLINIC).holds_cadence


def test_red_in_daily_life_by_a_correction_is_asked_once() -> None:
    answer = daily(SUNDAY, 8)
    s = snapshot(3, daily_life=(answer,), past=(FIRST, second()), corrections=(before(answer.key, 2),))
    assert any(question.key.startswith("pain.scale:daily_life") for question in decide(s).questions)
    for said in ((), (before(answer.key, 7),)):
        assert not decide(replace(s, corrections=said)).questions


def test_a_front_shin_is_asked_about_after_a_correction() -> None:
    shin = run(SUNDAY, 168, pain=5, site=Site.FRONT_SHIN, side=Side.LEFT, key="sunday")
    asked = [question.key for question in third(shin, corrections=(before("sunday", 1),)).questions]
    assert f"strike.shin:log@{monday(3)}" in asked


def test_what_was_corrected_before_the_last_decision_read_the_log_was_read() -> None:
    now = run(SUNDAY, 168, pain=8, key="sunday")
    for moment, rule in (
        (at(monday(2), 6), Rule.CADENCE_WEEKLY),
        (at(monday(2), 7), Rule.CADENCE_HOLD_PAIN),
    ):
        assert third(now, corrections=(before("sunday", 2, moment),)).cadence.reason.rule is rule


def test_of_several_corrections_what_the_last_decision_read_is_compared() -> None:
    now = run(SUNDAY, 168, pain=8, key="sunday")
    twice = (before("sunday", 2), before("sunday", 6, TUESDAY + DAY))
    assert third(now, corrections=twice).cadence.reason.rule is Rule.CADENCE_HOLD_PAIN
    back = (before("sunday", 8), before("sunday", 2, TUESDAY + DAY))
    assert third(now, corrections=back).cadence.reason.rule is Rule.CADENCE_WEEKLY


def test_the_revisions_of_a_week_share_the_reading_of_its_first() -> None:
    """Corrected between the two: the second one did not read it, so it counts in the next week."""
    now = run(SUNDAY, 168, pain=8, key="sunday")
    again = decide(snapshot(**later(monday(2) + 2 * DAY, 2, log_as_of=at(monday(2))), past=(FIRST, second())))
    found = third(now, corrections=(before("sunday", 2),), past=(FIRST, second(), again.past()))
    assert found.cadence.reason.rule is Rule.CADENCE_HOLD_PAIN


def test_a_correction_during_a_pause_counts_after_it() -> None:
    now = run(SUNDAY, 168, pain=8, key="sunday")
    pause = (PauseInput(monday(3), monday(4), PauseReason.TRAVEL),)
    paused = decide(snapshot(3, past=(FIRST, second()), pauses=pause))
    back = snapshot(
        4,
        runs=(now,),
        past=(FIRST, second(), paused.past()),
        pauses=pause,
        corrections=(before("sunday", 2, at(monday(3), 12)),),
    )
    assert decide(back).cadence.reason.rule is Rule.CADENCE_HOLD_PAIN


def test_an_entry_that_counts_here_anyway_counts_once() -> None:
    sunday = monday(3) - DAY
    now = run(sunday, 168, pain=8, key="sunday")
    s = snapshot(3, runs=(now,), past=(FIRST, second()), corrections=(before("sunday", 2, at(sunday, 23)),))
    assert [report.key for report in new_reports(LogView(s), CLINIC)] == ["sunday"]


def test_before_the_first_decision_and_before_the_start_there_is_nothing_to_count_again() -> None:
    early = run(START - DAY, 168, pain=8, key="early")
    said = (before("early", 2),)
    assert not new_reports(
        LogView(snapshot(1, runs=(early,), corrections=(before("early", 2, at(START)),))), CLINIC
    )
    s = snapshot(3, runs=(early,), past=(FIRST, second()), corrections=said)
    assert not new_reports(LogView(s), CLINIC)


def test_a_corrected_red_proposes_a_step_back_like_a_late_one() -> None:
    reds = tuple(run(SUNDAY - n * DAY, 168, pain=8, key=f"r{n}") for n in (0, 1))
    phases = (PhaseInput(Phase.STRENGTHEN, START),)
    found = third(*reds, corrections=(before("r0", 2),), phases=phases)
    assert found.phase.proposed is Phase.SETTLE


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"at": TUESDAY.replace(tzinfo=None)}, "correction.at"),
        ({"pain": 11}, "correction.pain"),
        ({"symptoms": ("limp",)}, "correction.symptoms"),
    ],
)
def test_an_impossible_correction_is_refused_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        CorrectionInput(**{"key": "run:1", "at": TUESDAY, **values})
    assert refused.value.field == field
