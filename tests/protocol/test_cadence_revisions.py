"""Revisions of a week, hand-set cadences, and the baseline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import CadenceDecision, Decision
from challenge.protocol.entries import RunInput
from challenge.protocol.measured_cadence import raised_cadence
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import CadenceOverride, FlagInput, Snapshot
from challenge.protocol.vocabulary import BaselineSource, CadenceSource, FlagKind, Rule
from challenge.protocol.weekly import decide
from tests.protocol.story import (
    at,
    intake,
    later,
    monday,
    run,
    snapshot,
    targets,
    week_of_runs,
)


def on_168(runs: Sequence[RunInput] = (), week: int = 2, **values: Any) -> CadenceDecision:
    """The cadence decided in week 2 for a runner given 168 in week 1."""
    first = decide(snapshot(1))
    return decide(snapshot(week, runs=tuple(runs), past=(first.past(),), **values)).cadence


def revision(day: date, *past: Decision, **values: Any) -> Decision:
    number = sum(p.week_on == monday(2) for p in past) + 1
    moment = later(
        day, 2, runs=week_of_runs(1, 168), past=tuple(p.past() for p in past), log_as_of=at(monday(2))
    )
    return decide(snapshot(**{**moment, "revision": number, **values}))


def test_a_second_revision_of_a_week_gives_the_same_raise_and_no_second_one() -> None:
    first = decide(snapshot(1))
    monday_decision = revision(monday(2), first)
    stopped = revision(
        monday(2) + timedelta(days=1), first, monday_decision, flags=(FlagInput(FlagKind.STOP, monday(2)),)
    )
    freed = revision(monday(2) + timedelta(days=3), first, monday_decision, stopped)
    assert targets([monday_decision, stopped, freed]) == [176, None, 176]
    assert stopped.cadence.in_force_spm == 176
    assert freed.cadence.effective_on == monday_decision.cadence.effective_on == monday(2)
    assert Rule.DECISION_NOW in {advice.rule for advice in freed.advice}
    assert Rule.DECISION_NOW not in {advice.rule for advice in monday_decision.advice}


def test_closing_a_stop_flag_may_issue_the_target_of_this_week() -> None:
    first = decide(snapshot(1))
    stopped = revision(monday(2), first, flags=(FlagInput(FlagKind.STOP, monday(2)),))
    freed = revision(monday(2) + timedelta(days=2), first, stopped)
    assert targets([stopped, freed]) == [None, 176]
    assert freed.cadence.effective_on == monday(2) + timedelta(days=2)


def test_a_hand_set_cadence_holds_until_it_is_ended() -> None:
    hand = CadenceOverride(165, at(monday(1), 9))
    held = on_168(week_of_runs(1, 168), hand_cadences=(hand,))
    assert (held.target_spm, held.raised) == (165, False)
    assert held.reason == reason_for(Rule.DECISION_BY_HAND, target_spm=165, ended=False)
    ended = replace(hand, ended_at=at(monday(2), 5))
    assert on_168(week_of_runs(1, 168), hand_cadences=(ended,)).target_spm == 176
    at_this_moment = replace(hand, ended_at=at(monday(2)))
    assert on_168(week_of_runs(1, 168), hand_cadences=(at_this_moment,)).target_spm == 176
    assert on_168(hand_cadences=(replace(hand, set_at=at(monday(2))),)).target_spm == 165
    newer = CadenceOverride(163, at(monday(1), 10))
    assert on_168(hand_cadences=(newer, hand)).target_spm == 163
    future = CadenceOverride(150, at(monday(3)))
    assert on_168(week_of_runs(1, 168), hand_cadences=(future,)).target_spm == 176


def test_a_cadence_set_for_one_week_names_the_week_and_a_lasting_one_names_its_end() -> None:
    hand = CadenceOverride(165, at(monday(1), 9))
    until_ended = on_168(hand_cadences=(hand,)).reason
    one_week = on_168(hand_cadences=(replace(hand, one_week=True),)).reason
    for told in (until_ended.runner, until_ended.email):
        assert told == "A clinician set your cadence to 165; it stays until they change it."
    assert until_ended.clinician == "The cadence was set to 165 by hand, until a clinician ends it."
    for told in (one_week.runner, one_week.email):
        assert told == "A clinician set your cadence to 165 for this week only."
    assert one_week.clinician == "The cadence was set to 165 by hand, for this week only."
    later_one = CadenceOverride(163, at(monday(1), 10))
    both = on_168(hand_cadences=(replace(hand, one_week=True), later_one))
    assert (both.target_spm, both.reason.fact("one_week")) == (163, None)


def test_a_hand_set_cadence_keeps_its_day_of_effect_over_the_weeks() -> None:
    hand = (CadenceOverride(165, at(monday(1), 7)),)
    first = decide(snapshot(1))
    second = decide(snapshot(2, hand_cadences=hand, past=(first.past(),)))
    third = decide(snapshot(3, hand_cadences=hand, past=(first.past(), second.past())))
    assert second.cadence.effective_on == third.cadence.effective_on == monday(2)


def test_a_hand_set_cadence_ended_in_mid_week_stays_until_monday_and_then_goes_on_from_there() -> None:
    first = decide(snapshot(1))
    hand = CadenceOverride(160, at(monday(2), 8))
    monday_decision = revision(monday(2), first)
    by_hand = revision(monday(2) + timedelta(days=1), first, monday_decision, hand_cadences=(hand,))
    ended = replace(hand, ended_at=at(monday(2) + timedelta(days=2)))
    after = revision(monday(2) + timedelta(days=3), first, monday_decision, by_hand, hand_cadences=(ended,))
    assert targets([monday_decision, by_hand, after]) == [176, 160, 160]
    assert after.cadence.reason.fact("ended") is True
    past = tuple(d.past() for d in (first, monday_decision, by_hand, after))
    runs = (*week_of_runs(1, 168), *week_of_runs(2, 160))
    assert decide(snapshot(3, runs=runs, past=past)).cadence.target_spm == 168


def test_a_hand_set_cadence_ended_under_a_stop_flag_stays_until_monday_too() -> None:
    first = decide(snapshot(1))
    hand = CadenceOverride(160, at(monday(2), 1))
    by_hand = revision(monday(2), first, hand_cadences=(hand,))
    flag = (FlagInput(FlagKind.STOP, monday(2)),)
    stopped = revision(monday(2) + timedelta(days=1), first, by_hand, hand_cadences=(hand,), flags=flag)
    ended = replace(hand, ended_at=at(monday(2) + timedelta(days=2)))
    freed = revision(monday(2) + timedelta(days=3), first, by_hand, stopped, hand_cadences=(ended,))
    assert targets([by_hand, stopped, freed]) == [160, None, 160]


def test_the_baseline_is_still_corrected_once_a_hand_set_cadence_ends() -> None:
    hand = CadenceOverride(165, at(monday(1), 7))
    first = decide(snapshot(1))
    runs = tuple(run(monday(1) + timedelta(days=day), 150) for day in range(3))
    second = decide(snapshot(2, runs=runs, hand_cadences=(hand,), past=(first.past(),)))
    held = second.cadence
    assert (held.target_spm, held.baseline_spm, held.baseline_checked) == (165, 160, False)
    assert held.baseline_source is BaselineSource.INTAKE
    ended = replace(hand, ended_at=at(monday(2), 9))
    past = (first.past(), second.past())
    third = decide(snapshot(3, runs=runs, hand_cadences=(ended,), past=past)).cadence
    assert (third.target_spm, third.baseline_spm) == (157, 150)
    assert third.baseline_source is BaselineSource.CORRECTED


def test_a_counted_baseline_stays_a_counted_one_while_a_hand_set_cadence_holds() -> None:
    hand = CadenceOverride(165, at(monday(1), 7))
    nothing = intake(baseline_spm=None)
    counted = run(monday(1), 170, cadence_source=CadenceSource.COUNTED)
    first = decide(snapshot(2, intake=nothing, runs=(counted,)))
    runs = (counted, *(run(monday(2) + timedelta(days=day), 150) for day in range(2)))
    held = decide(snapshot(3, intake=nothing, runs=runs, hand_cadences=(hand,), past=(first.past(),))).cadence
    assert (held.baseline_spm, held.baseline_source) == (170, BaselineSource.COUNTED)


def test_a_cadence_set_by_hand_goes_on_after_the_last_week() -> None:
    first = decide(snapshot(12))
    hand = CadenceOverride(163, at(monday(12), 9))
    end = {"past": (first.past(),), "hand_cadences": (hand,)}
    finished = decide(snapshot(13, **end))
    assert (finished.cadence.target_spm, finished.cadence.in_force_spm) == (163, 163)
    assert finished.finish is not None
    assert finished.finish.target_spm == 163
    later_on = decide(snapshot(13, **{**end, "past": (first.past(), finished.past()), "revision": 2}))
    assert later_on.cadence.effective_on == finished.cadence.effective_on == monday(13)
    assert decide(snapshot(13, past=(first.past(),))).cadence.target_spm == 168


def test_a_stop_flag_holds_a_hand_set_cadence_too() -> None:
    held = on_168(
        hand_cadences=(CadenceOverride(165, at(monday(1))),), flags=(FlagInput(FlagKind.STOP, monday(1)),)
    )
    assert held.target_spm is None


def test_a_hand_set_cadence_needs_no_baseline() -> None:
    hand = CadenceOverride(165, at(monday(1), 1))
    first = decide(snapshot(1, intake=intake(baseline_spm=None), hand_cadences=(hand,)))
    assert first.cadence.target_spm == 165
    ended = replace(hand, ended_at=at(monday(1), 9))
    runs = week_of_runs(1, None, cadence_source=CadenceSource.METRONOME)
    after = decide(
        snapshot(2, intake=intake(baseline_spm=None), runs=runs, hand_cadences=(ended,), past=(first.past(),))
    )
    assert after.cadence.target_spm == 173


def measured_log(*cadences: int, **values: Any) -> Snapshot:
    runs = tuple(run(monday(1) + timedelta(days=day), spm, **values) for day, spm in enumerate(cadences))
    return snapshot(2, runs=runs, intake=intake(baseline_spm=None))


@pytest.mark.parametrize(
    ("cadences", "source", "baseline", "found"),
    [
        ((164,), CadenceSource.WATCH, None, None),
        ((164, 167), CadenceSource.WATCH, 165, BaselineSource.MEASURED),
        ((164, 168, 120), CadenceSource.FILE, 166, BaselineSource.MEASURED),
        ((165,), CadenceSource.COUNTED, 165, BaselineSource.COUNTED),
        ((165,), CadenceSource.TAPPED, 165, BaselineSource.COUNTED),
        ((164, 168), CadenceSource.COUNTED, 166, BaselineSource.MEASURED),
    ],
)
def test_without_a_stated_baseline_two_measured_runs_or_one_counted_make_it(
    cadences: tuple[int, ...], source: CadenceSource, baseline: int | None, found: BaselineSource | None
) -> None:
    decided = decide(measured_log(*cadences, cadence_source=source)).cadence
    assert (decided.baseline_spm, decided.baseline_source) == (baseline, found)
    assert decided.baseline_checked is (found is BaselineSource.MEASURED)
    assert decided.target_spm == (None if baseline is None else raised_cadence(baseline))
    if baseline is None:
        assert decided.reason.rule is Rule.CADENCE_BASELINE
        assert decided.reason.fact("measured_runs") == 1


def test_a_found_baseline_is_kept() -> None:
    second = decide(measured_log(165, cadence_source=CadenceSource.COUNTED))
    assert second.cadence.baseline_source is BaselineSource.COUNTED
    runs = (run(monday(1), 165, cadence_source=CadenceSource.COUNTED), run(monday(2), 150))
    third = decide(snapshot(3, runs=runs, intake=intake(baseline_spm=None), past=(second.past(),)))
    assert third.cadence.baseline_spm == 165


@pytest.mark.parametrize(
    ("cadences", "baseline", "target"),
    [
        ((154, 154, 154), 154, 161),
        ((155, 155, 155), 160, 168),
        ((150, 154, 170), 154, 161),
        ((140, 140), 160, 168),
    ],
)
def test_a_stated_baseline_more_than_five_above_the_first_three_runs_is_replaced_once(
    cadences: tuple[int, ...], baseline: int, target: int
) -> None:
    decided = on_168([run(monday(1) + timedelta(days=day), spm) for day, spm in enumerate(cadences)])
    assert (decided.baseline_spm, decided.target_spm) == (baseline, target)
    assert decided.baseline_checked is (len(cadences) == 3)
    assert (decided.baseline_source is BaselineSource.CORRECTED) is (baseline == 154)


def test_the_check_of_a_baseline_happens_once() -> None:
    fine = [run(monday(1) + timedelta(days=day), 158) for day in range(3)]
    first = decide(snapshot(1))
    second = decide(snapshot(2, runs=tuple(fine), past=(first.past(),)))
    early = [
        run(monday(1) + timedelta(days=day), 140, key=f"early{day}", logged_at=at(monday(2), 9))
        for day in range(3)
    ]
    log = tuple(replace(r, local_on=r.local_on + timedelta(days=3)) for r in fine)
    third = decide(snapshot(3, runs=(*early, *log), past=(first.past(), second.past())))
    assert third.cadence.baseline_spm == 160


def test_a_correction_never_raises() -> None:
    hand = CadenceOverride(150, at(monday(1), 1), ended_at=at(monday(1), 9))
    first = decide(snapshot(1, hand_cadences=(hand,)))
    assert first.cadence.target_spm == 150
    runs = tuple(run(monday(1) + timedelta(days=day), 152) for day in range(3))
    second = decide(snapshot(2, runs=runs, hand_cadences=(hand,), past=(first.past(),)))
    assert (second.cadence.target_spm, second.cadence.baseline_spm) == (150, 152)
    assert second.cadence.effective_on == monday(1)


def test_a_correction_names_what_it_replaced_and_takes_effect_that_day() -> None:
    runs = tuple(run(monday(1) + timedelta(days=day), 150) for day in range(3))
    past = (decide(snapshot(1)).past(),)
    decided = decide(snapshot(2, runs=runs, past=past)).cadence
    assert decided.reason == reason_for(
        Rule.CADENCE_BASELINE, stated_spm=160, baseline_spm=150, target_spm=157
    )
    assert (decided.target_spm, decided.in_force_spm, decided.effective_on) == (157, 157, monday(2))
    slower = decide(snapshot(2, runs=runs, past=past), CLINIC.altered(raise_percent=4)).cadence
    assert slower.target_spm == 156
    on_tuesday = later(monday(2) + timedelta(days=1), 2, runs=runs, past=past, log_as_of=at(monday(2)))
    first = decide(snapshot(**{**on_tuesday, "revision": 1}))
    on_thursday = later(
        monday(2) + timedelta(days=3), 2, runs=runs, past=(*past, first.past()), log_as_of=at(monday(2))
    )
    assert decide(snapshot(**on_thursday)).cadence.effective_on == monday(2) + timedelta(days=1)


def test_what_is_carried_through_a_hold_counts_nothing_of_its_own_week() -> None:
    first = decide(snapshot(1))
    second = decide(snapshot(2, runs=week_of_runs(1, 168), past=(first.past(),)))
    assert (second.cadence.runs, second.cadence.measured_runs, second.cadence.raised) == (3, 3, True)
    stop = (FlagInput(FlagKind.STOP, monday(2)),)
    held = decide(snapshot(3, flags=stop, past=(first.past(), second.past()))).cadence
    assert (held.runs, held.measured_runs, held.on_target_runs, held.on_target_since) == (0, 0, 0, 0)
    assert held.raised is False
    assert held.reason == reason_for(Rule.CADENCE_HOLD_PAIN, stop_flag=True)
    assert (
        decide(snapshot(1, flags=stop[:0], withdrawn_on=monday(1))).cadence.reason.rule is Rule.DECISION_WEEK
    )


def test_who_starts_at_180_has_no_target_again_once_a_hand_set_one_has_ended() -> None:
    fast = intake(baseline_spm=186)
    hand = CadenceOverride(175, at(monday(1), 1), ended_at=at(monday(1), 9))
    first = decide(snapshot(1, intake=fast, hand_cadences=(hand,)))
    assert first.cadence.target_spm == 175
    after = decide(snapshot(2, intake=fast, hand_cadences=(hand,), past=(first.past(),))).cadence
    assert (after.target_spm, after.in_force_spm, after.effective_on) == (None, None, None)
    assert after.reason == reason_for(Rule.CADENCE_CAP, baseline_spm=186, cap_spm=180)
