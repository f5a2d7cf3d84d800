"""The weeks as pictures and tables."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.vocabulary import ExerciseId, FlagKind, PauseReason, Rule
from challenge.review.charts import read_recorded
from challenge.review.runner_summary import runner_summaries
from challenge.workouts import charts
from challenge.workouts.models import Run
from challenge.workouts.pain_chart import pain_chart
from challenge.workouts.progress import progress_of
from challenge.workouts.queries import last_cadence
from challenge.workouts.strength_progress import strength_progress
from tests.factories.log import DAY, evening, log_morning, log_run, log_strength, sets_of
from tests.factories.weekly import MONDAY, make_target

WEDNESDAY = date(2026, 1, 7)


def page_of(phone: Client) -> str:
    answer = phone.get("/progress/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_log_says_how_to_begin(phone: Client) -> None:
    page = page_of(phone)
    assert "No run measured yet" in page
    assert "No pain reported yet" in page
    assert "No run yet" in page


def test_the_weeks_of_running_begin_with_the_latest_total(phone: Client, enrollment: Enrollment) -> None:
    log_run(enrollment, DAY - timedelta(weeks=1), distance_m=8047)
    assert '<b>5.0 mi</b> <span class="soft">last week, in 1 run. No run yet this week.' in page_of(phone)
    log_run(enrollment)
    log_run(enrollment, WEDNESDAY)
    assert '<b>6.2 mi</b> <span class="soft">this week so far, in 2 runs<' in page_of(phone)


def test_each_picture_has_its_table(phone: Client, enrollment: Enrollment, now: datetime) -> None:
    make_target(enrollment)
    log_run(enrollment, pain=4, site="achilles", side="left")
    log_morning(enrollment, WEDNESDAY, pain=2)
    log_strength(enrollment)
    care.start_phase(enrollment=enrollment, at=now)
    page = page_of(phone)
    for name in (
        "Cadence as a table",
        "Pain as a table",
        "Running as a table",
        "Sessions as a table",
        "Strength as a table",
        "Phases as a table",
    ):
        assert f"<summary>{name}</summary>" in page
    assert '<td class="num">165</td><td>yes</td>' in page
    assert '<td class="num">3.1 mi</td>' in page
    assert "style=" not in page


def test_an_average_over_walking_breaks_is_measured_nowhere(
    phone: Client, enrollment: Enrollment, clinician: User
) -> None:
    make_target(enrollment)
    for number in range(6):
        log_run(enrollment, cadence_spm=171 if number else 165, walk_breaks=bool(number))
    log_run(enrollment, MONDAY, cadence_spm=150, walk_breaks=True)
    # From a file, with a cadence that was typed afterwards: the file knows how much was walked.
    log_run(enrollment, WEDNESDAY, cadence_spm=149, cadence_source="watch", duration_s=2400, running_s=1200)
    told = progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC)
    assert sorted(run.cadence_spm or 0 for run in told.runs) == [0, 0, 0, 0, 0, 0, 0, 165]
    week = next(week for week in told.weeks if week.number == 1)
    assert (week.runs, week.measured, week.on_target) == (8, 1, 1)
    page = page_of(phone)
    assert "Your first runs were near" not in page
    assert '<td class="num">150</td>' not in page
    # Metronome, board and the runner's page for clinicians agree.
    assert last_cadence(enrollment) == 165
    assert read_recorded(enrollment, since=MONDAY).cadence_now == 165
    board = runner_summaries(enrollment.cohort, at=evening(WEDNESDAY))
    assert [row.cadence_now for row in board] == [165]


def test_a_run_counts_as_on_target_by_the_target_of_its_week(enrollment: Enrollment) -> None:
    make_target(enrollment)
    log_run(enrollment, cadence_spm=165)
    log_run(enrollment, cadence_spm=164)
    told = progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC)
    assert [run.on_target for run in told.runs] == [True, False]
    week = next(week for week in told.weeks if week.number == 1)
    assert (week.target_spm, week.runs, week.on_target) == (168, 2, 1)


def test_a_stop_that_is_open_hides_the_target_of_this_week(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    make_target(enrollment)
    care.raise_flag(
        enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=now
    )
    page = page_of(phone)
    assert not re.search(r"\b168\b", page)
    assert "on hold" in page


def test_a_stop_does_not_take_the_runs_of_its_week_off_target(enrollment: Enrollment) -> None:
    held = make_target(enrollment)
    log_run(enrollment, cadence_spm=168)
    held.pk, held.revision, held.on_hold, held.cadence_spm = None, 2, True, None
    held.save(force_insert=True)
    told = progress_of(enrollment, today=WEDNESDAY, stopped=True, parameters=CLINIC)
    assert [run.on_target for run in told.runs] == [True]
    assert told.weeks[0].target_spm is None


def test_each_kind_of_pain_has_a_lane_that_ends_where_the_reports_end(enrollment: Enrollment) -> None:
    log_run(enrollment, pain=1)
    log_morning(enrollment, WEDNESDAY, pain=2)
    pains = pain_chart(progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC))
    assert pains is not None
    assert [lane.title.text for lane in pains.lanes] == ["Runs and strength", "Mornings after"]
    assert [band.text for band in pains.lanes[0].bands] == ["fine", "acceptable"]
    assert [mark.says for lane in pains.lanes for mark in lane.marks] == [
        "Jan 6: 1 of 10, fine",
        "Jan 7: 2 of 10, fine",
    ]
    log_run(enrollment, WEDNESDAY, pain=8, site="calf")
    pains = pain_chart(progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC))
    assert pains is not None
    assert [band.text for band in pains.lanes[0].bands] == ["fine", "acceptable", "too much"]


def test_strength_shows_sets_and_loads_of_each_exercise(phone: Client, enrollment: Enrollment) -> None:
    for weeks, grams in ((0, 9072), (1, 15876)):
        sets = sets_of(ExerciseId.HEAVY_CALF_RAISE, load_g=grams)
        log_strength(enrollment, DAY + timedelta(weeks=weeks), sets=sets)
    told = progress_of(enrollment, today=WEDNESDAY + timedelta(weeks=1), stopped=False, parameters=CLINIC)
    (one,) = strength_progress(enrollment, told, "lb")
    assert (one.sets, one.loads) == (6, "20 to 35 lb")
    assert [bar.says for bar in one.bars] == [
        "Week of Jan 5: 3 sets, up to 20 lb",
        "Week of Jan 12: 3 sets, up to 35 lb",
    ]
    assert "20 to 35 lb" in page_of(phone)


def test_a_day_of_another_year_says_its_year(enrollment: Enrollment) -> None:
    log_run(enrollment, date(2025, 12, 30), cadence_spm=164)
    chart = charts.cadence_chart(progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC))
    assert chart is not None
    assert [mark.says for mark in chart.marks] == ["Dec 30, 2025: 164"]


def test_breaks_are_named_and_not_counted_against_anyone(enrollment: Enrollment, now: datetime) -> None:
    care.pause(
        enrollment=enrollment,
        reason=PauseReason.ILLNESS,
        starts_on=WEDNESDAY,
        ends_on=WEDNESDAY,
        by=enrollment.seat.user,  # type: ignore[arg-type]
        at=now,
    )
    weeks = progress_of(
        enrollment, today=WEDNESDAY + timedelta(weeks=1), stopped=False, parameters=CLINIC
    ).weeks_so_far
    assert [week.paused for week in weeks] == [True, False]


def test_after_the_last_week_no_session_is_owed(enrollment: Enrollment) -> None:
    over = enrollment.cohort.over_on
    make_target(enrollment, monday=over - timedelta(weeks=1))
    # What the finish gives to go on with.
    assert make_target(enrollment, monday=over).decision["exercises"]
    weeks = progress_of(enrollment, today=over, stopped=False, parameters=CLINIC).weeks_so_far
    assert [week.planned > 0 for week in weeks[-2:]] == [True, False]


def test_a_warning_stands_at_the_week_that_brought_it(phone: Client, enrollment: Enrollment) -> None:
    log_run(enrollment, DAY, distance_m=9900)
    reason = reason_for(Rule.LOAD_LONG_RUN, distance_m=9900, limit_m=8800, longest_m=8000)
    decided = make_target(enrollment, monday=MONDAY + timedelta(weeks=1))
    decided.pk, decided.revision = None, 2
    decided.decision["warnings"] = [{"reason": {"rule": reason.rule.value, "facts": reason.facts}}]
    decided.save(force_insert=True)
    told = progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC)
    assert [bool(week.warnings) for week in told.weeks[:2]] == [True, False]
    page = page_of(phone)
    assert 'class="warned"' in page
    assert "Week of Jan 5:" in page


def test_every_entry_lies_inside_its_picture(enrollment: Enrollment) -> None:
    make_target(enrollment)
    for day, spm, pain in ((0, 60, 0), (1, 250, 10), (2, 165, 5)):
        log_run(enrollment, MONDAY + timedelta(days=day), cadence_spm=spm, pain=pain, site="calf")
    log_run(enrollment, MONDAY - timedelta(days=20), distance_m=42195, duration_s=15000)
    told = progress_of(enrollment, today=WEDNESDAY, stopped=False, parameters=CLINIC)
    cadence, pains, load = charts.cadence_chart(told), pain_chart(told), charts.load_chart(told, "mi")
    assert cadence is not None
    assert pains is not None
    assert load is not None
    for mark in cadence.marks:
        assert charts.LEFT <= mark.x <= charts.RIGHT
        assert charts.TOP <= mark.y <= charts.BOTTOM
    for lane in pains.lanes:
        bands = sorted((band.y, band.y + band.height) for band in lane.bands)
        assert all(bands[0][0] <= mark.y <= bands[-1][1] for mark in lane.marks)
    assert all(bar.y >= charts.TOP for bar in load.bars)
    assert min(told.weeks, key=lambda week: week.starts_on).starts_on == date(2025, 12, 15)


def test_the_page_asks_as_many_questions_for_a_long_log_as_for_a_short_one(
    phone: Client, enrollment: Enrollment
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page_of(phone)
        return len(seen)

    make_target(enrollment)
    log_run(enrollment)
    phone.get("/progress/")
    short = queries()
    for back in range(25):
        log_run(enrollment, DAY - timedelta(days=back))
        log_strength(enrollment, DAY - timedelta(days=back))
        log_morning(enrollment, DAY - timedelta(days=back))
    assert queries() == short
    assert short <= 18


@pytest.mark.parametrize("cadences", [[], [150] * 5, [150, 152, 151, 160, 168, 166, 170]])
def test_then_and_now_needs_six_measured_runs(cadences: list[int]) -> None:
    runs: list[Any] = [Run(local_on=DAY, distance_m=1, cadence_spm=spm) for spm in cadences]
    found = charts.cadence_then_and_now(runs)
    assert found == ((151, 168) if len(cadences) > 5 else None)


def test_phases_follow_one_another_by_decision(
    enrollment: Enrollment, now: datetime, clinician: User
) -> None:
    care.start_phase(enrollment=enrollment, at=now - timedelta(days=2))
    for days, present, phase in ((7, 1, 2), (9, 2, 2)):
        care.change_phase(
            enrollment=enrollment,
            expected_phase=present,
            to_phase=phase,
            reason="ready",
            shown={},
            by=clinician,
            at=now + timedelta(days=days),
        )
    told = progress_of(
        enrollment, today=WEDNESDAY + timedelta(weeks=2), stopped=False, parameters=CLINIC
    ).stretches
    assert [(one.phase, one.first, one.last) for one in told] == [
        (1, MONDAY, date(2026, 1, 13)),
        (2, date(2026, 1, 14), date(2026, 1, 21)),
    ]


def test_a_stated_cadence_shows_from_the_first_day(phone: Client, enrollment: Enrollment) -> None:
    assert "You started at" not in phone.get("/progress/").content.decode()
    Intake.objects.create(
        enrollment=enrollment,
        answered_at=enrollment.created_at,
        answered_on=enrollment.created_at.date(),
        is_adult=True,
        baseline_cadence_spm=162,
        baseline_cadence_source="watch",
    )
    assert "You started at 162 steps a minute" in phone.get("/progress/").content.decode()
