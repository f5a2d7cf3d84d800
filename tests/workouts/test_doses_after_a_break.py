"""Who comes back to strength work in mid-week finds the doses lower on every page (`exercise.return`)."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.dose_text import amount_text
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import DoseOverride
from challenge.protocol.vocabulary import ExerciseId, Rule
from challenge.workouts.prescribed_sets import lower_after_break
from tests.factories.cohorts import enroll
from tests.factories.log import evening, log_strength
from tests.factories.weekly import make_target
from tests.protocol.story import at, monday, strength
from tests.protocol.test_return_rules import HEAVY, RAISE, past
from tests.workouts.test_doses_shown import text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK_5 = monday(5)
ADDRESSES = ("/plan/5/", "/log/strength/", "/log/strength/by-hand/")


def amount(step: int) -> str:
    exercise = CATALOG[RAISE]
    dose = exercise.ladder[step]
    return amount_text(dose.sets, dose.reps, dose.seconds, exercise.standard)


def week_5(runner: Enrollment, *, away: int, **values: Any) -> WeeklyTarget:
    """Return week 5 as decided: the calf raise at its third step, the last session so many days before Monday."""
    last = WEEK_5 - away * DAY
    log_strength(runner, last)
    return make_target(
        runner, monday=WEEK_5, phases=HEAVY, past=(past(4, 2),), strength=(strength(last, RAISE),), **values
    )


def pages(client: Client, runner: Enrollment, on: date) -> list[str]:
    assert runner.seat.user is not None
    with time_machine.travel(evening(on), tick=False):
        client.force_login(runner.seat.user)
        return [text(client, address) for address in ADDRESSES]


def test_the_doses_come_down_on_the_day_on_which_the_days_are_a_break(client: Client) -> None:
    runner = enroll()
    target = week_5(runner, away=10)
    for page in pages(client, runner, WEEK_5 + 3 * DAY):
        assert amount(2) in page
        assert "Welcome back" not in page
    for page in pages(client, runner, WEEK_5 + 4 * DAY):
        assert amount(1) in page
        assert amount(2) not in page.replace(f"Next step: {amount(2)}", "")
    plan = pages(client, runner, WEEK_5 + 4 * DAY)[0]
    assert "After 14 days without strength work, you start one step lower." in plan
    # The week stays lower after the first session; the stored decision is as it was.
    log_strength(runner, WEEK_5 + 4 * DAY)
    for on in (4, 5, 6):
        assert amount(1) in pages(client, runner, WEEK_5 + on * DAY)[0]
    stored = WeeklyTarget.objects.get(pk=target.pk)
    assert stored.decision == target.decision


def test_who_trains_in_time_keeps_the_dose(client: Client) -> None:
    runner = enroll()
    week_5(runner, away=10)
    log_strength(runner, WEEK_5 + 3 * DAY)
    for on in (3, 5, 6):
        for page in pages(client, runner, WEEK_5 + on * DAY):
            assert amount(2) in page


def test_an_earlier_week_is_shown_as_it_was_decided(client: Client) -> None:
    runner = enroll()
    week_5(runner, away=10)
    assert runner.seat.user is not None
    with time_machine.travel(evening(WEEK_5 + 8 * DAY), tick=False):
        client.force_login(runner.seat.user)
        assert amount(2) in text(client, "/plan/5/")


def lowered(target: WeeklyTarget, days: list[date], today: date) -> dict[str, Any]:
    shown = lower_after_break(target, days, today=today, parameters=CLINIC)
    assert shown is not None
    lines: list[dict[str, Any]] = shown.decision["exercises"]
    return {line["exercise"]: line for line in lines}


def test_a_break_that_monday_counted_comes_down_further_only_with_the_next_fortnight() -> None:
    target = week_5(enroll(), away=14)
    last = WEEK_5 - 14 * DAY
    assert lowered(target, [last], WEEK_5)[RAISE]["step"] == 1
    line = lowered(target, [last], WEEK_5 + DAY)[RAISE]
    assert (line["step"], line["since_on"]) == (0, str(WEEK_5 + DAY))
    assert line["reason"] == {"rule": "exercise.return", "facts": [["days", 15], ["steps", 2]]}


def test_what_a_clinician_set_and_a_guarded_reason_stay() -> None:
    hand = DoseOverride(RAISE, 5, at(WEEK_5 - DAY), reps=7)
    target = week_5(enroll(), away=10, hand_doses=(hand,))
    line = lowered(target, [WEEK_5 - 10 * DAY], WEEK_5 + 5 * DAY)[RAISE]
    assert (line["sets"], line["reps"], line["reason"]["rule"]) == (5, 7, Rule.DECISION_BY_HAND)
    other = week_5(enroll(), away=10)
    other.decision["exercises"][0]["reason"] = {"rule": "exercise.approval", "facts": []}
    line = lowered(other, [WEEK_5 - 10 * DAY], WEEK_5 + 5 * DAY)[RAISE]
    assert (line["step"], line["reason"]["rule"]) == (0, "exercise.approval")


def test_an_added_exercise_comes_down_and_holds_have_one_step() -> None:
    target = week_5(enroll(), away=10)
    raised = next(line for line in target.decision["exercises"] if line["exercise"] == RAISE)
    raised["reason"], raised["added_by_hand"] = {"rule": "decision.by_hand", "facts": []}, True
    hold = raised | {
        "exercise": ExerciseId.WALL_SIT.value,
        "step": 1,
        "reason": {"rule": "exercise.dose", "facts": []},
    }
    target.decision["exercises"] = [raised, hold]
    lines = lowered(target, [WEEK_5 - 10 * DAY], WEEK_5 + 4 * DAY)
    assert (lines[RAISE]["step"], lines[RAISE]["reason"]["rule"]) == (1, "decision.by_hand")
    wall = CATALOG[ExerciseId.WALL_SIT].ladder[0]
    assert (lines["wall_sit"]["seconds"], lines["wall_sit"]["hold_s"]) == (wall.seconds, wall.seconds)


def test_without_a_target_or_a_session_nothing_comes_down() -> None:
    assert lower_after_break(None, [], today=WEEK_5, parameters=CLINIC) is None
    target = week_5(enroll(), away=10)
    assert lowered(target, [], WEEK_5 + 5 * DAY)[RAISE]["step"] == 2
