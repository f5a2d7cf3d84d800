"""`load.long_run`: a run that went beyond raises the next limit only after seven quiet days."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.decision import LongestRun
from challenge.protocol.entries import MorningInput, RunInput
from challenge.protocol.load import LogNow, load_now, with_new_limit
from challenge.protocol.log_view import LogView
from challenge.protocol.long_run import limit_m, long_runs
from challenge.protocol.longest_run import longest_run as week_limit
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import LoadWarning, Reason, reason_for
from challenge.protocol.sentences.facts import distance
from challenge.protocol.vocabulary import ExerciseId, Rule, Site, Symptom
from challenge.protocol.weekly import decide
from tests.protocol.single_runs import longest_run, run_warnings, week_warnings
from tests.protocol.story import (
    NO_BREAK,
    START,
    daily,
    intake,
    miles,
    monday,
    morning,
    run,
    snapshot,
    strength,
)

DAY = timedelta(days=1)
SATURDAY = START + 5 * DAY
EIGHT = run(START + DAY, distance=8, key="eight")
FAR = run(SATURDAY, distance=13.9, key="far", pain=0)


def stated(week: int, *runs: RunInput, **values: Any) -> LongestRun:
    found = decide(snapshot(week, runs=runs, **values), NO_BREAK).longest_run
    assert found is not None
    return found


def up_to(week: int, *runs: RunInput, **values: Any) -> str:
    return distance(stated(week, *runs, **values).limit_m or 0)


def test_a_run_far_beyond_with_red_pain_raises_nothing() -> None:
    """Stated 5.0 miles; 15 miles with pain 7 in week 1: up to 5.5 in week 2 and still in week 3."""
    said = intake(longest_run_m=miles(5))
    fifteen = run(SATURDAY, distance=15, pain=7)
    assert up_to(1, intake=said) == "5.5 mi"
    for week in (2, 3, 4):
        found = stated(week, fifteen, intake=said)
        assert distance(found.limit_m or 0) == "5.5 mi"
        assert found.longest_m == miles(5)
    assert up_to(2, fifteen, intake=said, engine_version="3") == "16.5 mi"


def test_a_quiet_run_beyond_counts_once_seven_days_have_followed_it() -> None:
    """Longest 8.0 miles; 13.9 on Saturday: Monday gives up to 8.8, the Monday after up to 15.29, cut to 15.2."""
    assert up_to(2, EIGHT, FAR) == "8.8 mi"
    assert up_to(3, EIGHT, FAR) == "15.2 mi"


@pytest.mark.parametrize(("late", "limit"), [(0, "15.2 mi"), (1, "8.8 mi")])
def test_the_seventh_day_must_be_over_on_the_monday_of_the_decision(late: int, limit: str) -> None:
    far = run(monday(2) - DAY + late * DAY, distance=13.9)
    assert up_to(3, EIGHT, far) == limit
    assert up_to(4, EIGHT, far) == "15.2 mi"


def test_the_number_of_quiet_days_is_a_parameter() -> None:
    s = snapshot(2, runs=(EIGHT, replace(FAR, local_on=START + 3 * DAY)))
    for days, meters in ((3, miles(13.9)), (4, miles(8))):
        parameters = NO_BREAK.altered(long_run_quiet_days=days)
        assert longest_run(LogView(s), parameters).limit_m == limit_m(meters)


def sore_on(day: date, **values: Any) -> dict[str, Any]:
    return {"runs": (EIGHT, FAR, run(day, distance=2, key="sore", **values))}


SEVENTH = SATURDAY + 7 * DAY
WORSE = intake(pain_morning=1)


@pytest.mark.parametrize(
    ("log", "counts"),
    [
        (sore_on(SATURDAY, pain=6), False),
        (sore_on(SATURDAY - DAY, pain=6), True),
        (sore_on(SEVENTH, pain=6), False),
        (sore_on(SEVENTH + DAY, pain=6), True),
        (sore_on(SEVENTH, pain=5), True),
        (sore_on(SEVENTH, symptoms=(Symptom.LIMP,)), False),
        (sore_on(SEVENTH, symptoms=(Symptom.NIGHT_PAIN,)), True),
        ({"runs": (EIGHT, replace(FAR, pain=6))}, False),
        ({"strength": (strength(SEVENTH, ExerciseId.HEAVY_CALF_RAISE, pain=6),)}, False),
        ({"daily_life": (daily(SATURDAY, 6),)}, False),
        ({"daily_life": (daily(SEVENTH, 5),)}, True),
        ({"mornings": (morning(SATURDAY + DAY, 3),), "intake": WORSE}, False),
        ({"mornings": (morning(SEVENTH, 3),), "intake": WORSE}, False),
        ({"mornings": (morning(SATURDAY, 3),), "intake": WORSE}, True),
        ({"mornings": (morning(SEVENTH + DAY, 3),), "intake": WORSE}, True),
        ({"mornings": (morning(SEVENTH, 2),), "intake": WORSE}, True),
        ({"mornings": (morning(SEVENTH, 5),)}, True),
        ({"mornings": (morning(SEVENTH, 6),)}, False),
    ],
)
def test_what_keeps_a_run_beyond_from_counting(log: dict[str, Any], counts: bool) -> None:
    s = snapshot(4, **{"runs": (EIGHT, FAR), **log})
    assert longest_run(LogView(s), NO_BREAK).limit_m == limit_m(miles(13.9 if counts else 8))


def test_a_clinician_lets_a_run_count_immediately() -> None:
    sore = replace(FAR, pain=7)
    assert up_to(2, EIGHT, sore) == "8.8 mi"
    assert up_to(2, EIGHT, sore, long_runs_by_hand=("far",)) == "15.2 mi"


def test_a_late_report_takes_the_run_back() -> None:
    assert up_to(3, EIGHT, FAR) == "15.2 mi"
    assert up_to(4, EIGHT, FAR, mornings=(morning(SATURDAY + DAY, 7),)) == "8.8 mi"


def test_while_it_waits_the_old_longest_counts_however_old_it_is() -> None:
    """The eight miles are 34 days old in week 6; the sore run of week 4 was measured against them."""
    sore = run(monday(4), distance=13.9, pain=8, key="sore")
    short = run(monday(4) + 2 * DAY, distance=3, key="short")
    assert up_to(6, EIGHT, sore, short) == "8.8 mi"
    assert up_to(6, EIGHT, short) == "3.3 mi"


def test_each_run_is_measured_by_what_counted_on_its_day() -> None:
    """Twice beyond: the second one is still measured against eight miles, and warns of them."""
    again = run(monday(2) + 2 * DAY, distance=12, key="again")
    history = LogView(snapshot(3, runs=(EIGHT, FAR, again)))
    (warning,) = [w for w in week_warnings(history, CLINIC) if w.reason.rule is Rule.LOAD_LONG_RUN]
    assert (warning.reason.fact("limit_m"), warning.reason.fact("held")) == (limit_m(miles(8)), True)
    assert "the longest run of yours that counts so far (8.0 mi)" in warning.reason.runner
    later = run(SATURDAY + 8 * DAY, distance=13.9, key="later")
    assert week_warnings(LogView(snapshot(3, runs=(EIGHT, FAR, later))), CLINIC) == ()


def test_the_screen_after_logging_measures_alike() -> None:
    sore = replace(FAR, pain=7)
    new = run(SATURDAY + 9 * DAY, distance=12, key="new")
    (found,) = run_warnings(new, (EIGHT, sore), (), intake(), START)
    assert found.reason.fact("limit_m") == limit_m(miles(8))
    assert run_warnings(new, (EIGHT, FAR), (), intake(), START) == ()


def test_without_anything_to_measure_against_the_first_run_counts_immediately() -> None:
    assert up_to(2, run(SATURDAY, distance=15)) == "16.5 mi"


def test_the_sentence_names_the_run_that_waits_and_calls_no_other_one_the_longest() -> None:
    waits, sore = stated(2, EIGHT, FAR).reason, stated(2, EIGHT, replace(FAR, pain=7)).reason
    assert dict(waits.facts) == {
        "limit_m": limit_m(miles(8)),
        "longest_m": miles(8),
        "from_intake": False,
        "before_day": None,
        "beyond_m": miles(13.9),
        "beyond_on": "2026-01-10",
        "long_run_days": 30,
        "long_run_percent": 110,
        "long_run_quiet_days": 7,
        "sore": False,
    }
    assert sore.fact("sore") is True
    for reason in (waits, sore):
        for sentence in (reason.runner, reason.clinician, reason.email):
            assert "13.9 mi" in sentence
            assert "your longest" not in sentence
    counted = stated(3, EIGHT, FAR).reason
    assert counted.fact("beyond_m") is None
    assert "13.9 mi, your longest of the last 30 days" in counted.runner


def test_a_longer_run_that_counts_speaks_for_itself() -> None:
    sore = replace(FAR, pain=7)
    longer = run(START + 2 * DAY, distance=14, key="first")
    found = stated(2, longer, replace(sore, distance_m=miles(15.5)))
    assert found.reason.fact("beyond_m") == miles(15.5)
    grown = [run(monday(2) + n * DAY, distance=d, key=f"g{n}") for n, d in enumerate((8.8, 9.6, 10.5, 11.5))]
    grown += [run(monday(3) + n * DAY, distance=d, key=f"h{n}") for n, d in enumerate((12.6, 13.8, 14.2))]
    assert stated(4, EIGHT, sore, *grown).reason.fact("beyond_m") is None


@pytest.mark.parametrize(
    ("ran", "size", "hazard"),
    [
        (11.1, "more than a tenth longer than your longest", "1.64"),
        (13, "more than a tenth longer than your longest", "1.64"),
        (13.1, "more than 30% longer than your longest", "1.52"),
        (20, "more than 30% longer than your longest", "1.52"),
        (20.1, "more than twice your longest", "2.28"),
    ],
)
def test_the_stated_hazard_fits_the_size_of_the_spike(ran: float, size: str, hazard: str) -> None:
    ten = run(START, distance=10, key="ten")
    reason = _warning(run(START + 3 * DAY, distance=ran), ten)
    assert f"was {size} " in reason.runner
    assert f"hazard ratio {hazard}" in reason.clinician


def _warning(new: RunInput, *log: RunInput) -> Reason:
    (found,) = run_warnings(new, log, (), intake(), START)
    return found.reason


def test_a_morning_without_an_answer_is_quiet() -> None:
    silent: MorningInput = morning(SATURDAY + DAY, None)
    assert up_to(3, EIGHT, FAR, mornings=(silent,)) == "15.2 mi"


@pytest.mark.parametrize(
    ("key", "days", "counts"), [("far", 7, False), ("far", 8, True), ("eight", 7, True), ("gone", 7, True)]
)
def test_a_single_run_counts_in_full_from_the_day_after_its_quiet_days(
    key: str, days: int, counts: bool
) -> None:
    log = long_runs(LogView(snapshot(3, runs=(EIGHT, FAR))), NO_BREAK)
    assert log.counts(key, SATURDAY + days * DAY) is counts


def test_a_week_that_allows_as_much_does_not_ask_for_shorter_runs() -> None:
    """The 13.9 miles of week 1 count in week 3: what was too far in week 2 is within the limit now."""
    for miles_run, allowed, words in (
        (15.2, True, "8.8 mi would have been within your limit then."),
        (15.3, None, "Keep the next ones shorter."),
    ):
        later = run(SATURDAY + 4 * DAY, distance=miles_run)
        decision = decide(snapshot(3, runs=(EIGHT, FAR, later)), NO_BREAK)
        assert decision.longest_run is not None
        assert decision.longest_run.limit_m == limit_m(miles(13.9))
        (warning,) = [w.reason for w in decision.warnings if w.reason.rule is Rule.LOAD_LONG_RUN]
        assert (warning.fact("distance_m"), warning.fact("allowed")) == (miles(miles_run), allowed)
        assert words in warning.runner
        wide = CLINIC.altered(run_return_days=60, long_run_percent=120)
        for caution in decide(snapshot(3, runs=(EIGHT, FAR, later)), wide).warnings:
            if caution.reason.rule is Rule.LOAD_LONG_RUN:
                assert caution.reason.fact("long_run_percent") == 120
        old = decide(snapshot(3, runs=(EIGHT, FAR, later), engine_version="3"), NO_BREAK)
        assert "allowed" not in {name for w in old.warnings for name, _ in w.reason.facts}


@pytest.mark.parametrize(("limit", "allowed"), [(9_999, None), (10_000, True), (None, None)])
def test_as_much_is_allowed_to_the_meter(limit: int | None, allowed: bool | None) -> None:
    far, other = (
        LoadWarning(reason_for(rule, distance_m=10_000)) for rule in (Rule.LOAD_LONG_RUN, Rule.LOAD_RETURN)
    )
    found = with_new_limit((far, other), limit, CLINIC)
    assert found[0].reason.fact("allowed") is allowed
    assert found[1] is other


def test_a_waiting_run_as_long_as_one_that_counts_needs_no_word() -> None:
    counted = run(SATURDAY, distance=13.9, key="counted")
    found = stated(2, EIGHT, replace(FAR, local_on=SATURDAY - DAY), counted, long_runs_by_hand=("counted",))
    assert (found.longest_m, found.reason.fact("beyond_m")) == (miles(13.9), None)


def test_beside_a_waiting_run_as_long_the_longest_is_not_called_the_one_that_counts_so_far() -> None:
    counted = run(SATURDAY, distance=13.9, key="counted")
    runs = (EIGHT, replace(FAR, local_on=SATURDAY - DAY), counted)
    (_, far) = load_now(
        run(monday(2), distance=20), LogNow(runs, intake(), START, by_hand=frozenset({"counted"}))
    )
    assert (far.fact("longest_m"), far.fact("held")) == (miles(13.9), None)


def test_a_morning_is_worse_against_the_usual_one_of_its_site() -> None:
    usual = [morning(START + ahead * DAY, 4, site=Site.KNEE) for ahead in range(5)]
    after = morning(SATURDAY + DAY, 5, site=Site.KNEE)
    s = snapshot(3, runs=(EIGHT, FAR), mornings=(*usual, after), intake=intake(pain_morning=1))
    assert long_runs(LogView(s), NO_BREAK).counts("far", SATURDAY + 8 * DAY)


def test_the_reason_of_a_cut_states_the_parameters_in_force() -> None:
    wide = CLINIC.altered(long_run_percent=120, run_return_days=60)
    log = long_runs(LogView(snapshot(2, runs=(EIGHT,)), wide), wide)
    cut = week_limit(log, monday(2), 5_000)
    assert (cut.limit_m, cut.reason.fact("cut"), cut.reason.fact("long_run_percent")) == (5_000, True, 120)
    # A break that comes true in mid-week lowers a cut week further, where it is the shorter one.
    soon = CLINIC.altered(run_return_days=10)
    early = long_runs(LogView(snapshot(2, runs=(EIGHT,)), soon), soon)
    for limit, ahead in ((6_439, 6_438), (6_438, None)):
        assert week_limit(early, monday(2), limit).reason.fact("break_m") == ahead


def test_without_a_run_the_reason_states_the_days_that_were_looked_back_on() -> None:
    short = CLINIC.altered(long_run_days=20)
    unknown = week_limit(long_runs(LogView(snapshot(1), short), short), monday(1))
    assert (unknown.limit_m, unknown.reason.fact("long_run_days")) == (None, 20)
