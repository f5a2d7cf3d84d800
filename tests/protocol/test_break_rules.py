"""A break in strength work that begins to count in mid-week (`exercise.return`)."""

from dataclasses import replace
from typing import Any

import pytest

from challenge.protocol.absence import Absence, absence
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision, DoseInForce, PastDecision
from challenge.protocol.doses import dose_step, steps_since
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import ExerciseId, Phase, Rule, WeekState
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, monday, snapshot, strength
from tests.protocol.test_return_rules import DAY, HEAVY, RAISE, past, step


def back_in_week_5(days: int, *weeks: PastDecision, then: int = 4, **values: Any) -> Decision:
    """Return the decision of week 6 of a runner who came back on a day of week 5 (4: Friday), so many days after."""
    back = monday(5) + then * DAY
    lifted = (strength(back - days * DAY, RAISE), strength(back, RAISE))
    return decide(snapshot(6, phases=HEAVY, past=weeks, strength=lifted, **values))


@pytest.mark.parametrize(("days", "given"), [(13, (2, None)), (14, (1, 1)), (15, (0, 2)), (17, (0, 2))])
def test_a_break_that_became_one_in_the_week_counts_although_it_is_over(
    days: int, given: tuple[int, Any]
) -> None:
    decision = back_in_week_5(days, past(5, 2))
    assert step(decision) == given
    lower = given[1]
    welcome = reason_for(Rule.EXERCISE_RETURN, days=days, steps=lower)
    assert (welcome in decision.advice) is bool(lower)
    raised = next(p for p in decision.exercises if p.exercise is RAISE)
    assert (raised.since_on == monday(5) + 4 * DAY) is bool(lower)
    assert step(back_in_week_5(days, past(5, 2), engine_version="3")) == (2, None)
    # From the next Monday on the ladder goes on from there.
    week_7 = snapshot(
        7,
        phases=HEAVY,
        past=(past(5, 2), decision.past()),
        strength=(strength(monday(5) - 20 * DAY, RAISE), strength(monday(5) + 4 * DAY, RAISE)),
    )
    assert step(decide(week_7)) == (given[0], None)


@pytest.mark.parametrize(
    ("monday_gave", "days", "given"),
    [
        (1, 20, (0, 2)),  # 16 days on Monday would have been two steps; the week gave one: an older revision
        (0, 20, (0, None)),
        (0, 40, (0, None)),
    ],
)
def test_what_monday_counted_is_not_counted_again(
    monday_gave: int, days: int, given: tuple[int, Any]
) -> None:
    decision = back_in_week_5(days, past(2, 2), past(5, monday_gave))
    assert step(decision) == given
    assert (Rule.EXERCISE_RETURN in {r.rule for r in decision.advice}) is bool(given[1])


@pytest.mark.parametrize(("days", "asked"), [(27, False), (28, True)])
def test_four_weeks_that_end_in_the_week_are_a_question_too(days: int, asked: bool) -> None:
    decision = back_in_week_5(days, past(1, 2), past(5, 2))
    wanted = reason_for(Rule.EXERCISE_RETURN, days=days, steps=2, asked=True)
    assert (wanted in [q.reason for q in decision.questions]) is asked


@pytest.mark.parametrize(
    ("on_monday", "away", "lower"),
    [(0, 13, 1), (10, 14, 1), (13, 15, 2), (14, 14, 0), (14, 15, 1), (15, 28, 0), (27, 29, 1), (0, 29, 3)],
)
def test_the_week_comes_down_by_what_its_monday_could_not_count(
    on_monday: int, away: int, lower: int
) -> None:
    left_on = monday(5) - on_monday * DAY
    assert steps_since(monday(5), Absence(left_on, left_on + away * DAY), CLINIC) == lower


@pytest.mark.parametrize(
    ("day", "start", "found"),
    [
        (0, 0, None),
        (13, 7, None),
        (14, 14, Absence(START, START + 14 * DAY)),
        (20, 14, Absence(START, START + 20 * DAY)),
        (21, 14, Absence(START, START + 20 * DAY)),
        (27, 20, Absence(START, START + 20 * DAY)),
        (27, 21, None),
        (34, 28, Absence(START + 20 * DAY, START + 34 * DAY)),
    ],
)
def test_a_break_lasts_or_ended_since_the_start(day: int, start: int, found: Absence | None) -> None:
    """The runner trained on day 0, and twice on day 20."""
    days = [START, START + 20 * DAY, START + 20 * DAY]
    assert absence(days, START + start * DAY, START + day * DAY, 14) == found


def test_who_has_no_days_has_no_break() -> None:
    assert absence([], START, START + 20 * DAY, 14) is None


def arch_given(week: int, step: int, **changed: Any) -> PastDecision:
    """Return a stored week that gave the arch raise, whose ladder is long, at this step."""
    dose = DoseInForce(ExerciseId.ARCH_RAISE, step, monday(week))
    return replace(decide(snapshot(week)).past(), phase=Phase.STRENGTHEN, doses=(dose,), **changed)


def arch_now(week: int, *weeks: PastDecision, left: int = 2, **changed: Any) -> DoseInForce:
    """Return the dose of a week after the last session, on the Monday of week 2."""
    lifted = (strength(monday(left), ExerciseId.ARCH_RAISE),)
    s = snapshot(week, phases=HEAVY, past=weeks, strength=lifted, **changed)
    return dose_step(CATALOG[ExerciseId.ARCH_RAISE], LogView(s), CLINIC)


def test_a_long_break_is_counted_from_the_dose_before_it_and_not_from_the_week_before() -> None:
    fourth = (arch_given(2, 4), arch_given(3, 4), arch_given(4, 3))
    assert arch_now(5, *fourth) == DoseInForce(ExerciseId.ARCH_RAISE, 2, monday(5))
    assert arch_now(4, arch_given(3, 9)).step == 3


def test_a_revision_counts_the_lower_dose_from_the_day_it_was_first_given() -> None:
    wednesday = monday(4) + 2 * DAY
    moment: dict[str, Any] = {"revision": 2, "today_on": wednesday, "as_of": at(wednesday)}
    held = arch_given(4, 0, state=WeekState.ON_HOLD)
    assert arch_now(4, arch_given(3, 4), held, **moment).since_on == wednesday
    assert arch_now(4, arch_given(3, 4), arch_given(4, 3), **moment).since_on == monday(4)


@pytest.mark.parametrize("step", [4, 9])
def test_the_top_of_the_ladder_keeps_its_step_and_its_day(step: int) -> None:
    top = DoseInForce(ExerciseId.ARCH_RAISE, 4, monday(3))
    assert arch_now(4, arch_given(3, step), left=3) == top
