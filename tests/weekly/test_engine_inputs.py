"""The engine gets the runner's answers and records, and nothing that was not answered."""

from datetime import date, timedelta

import pytest

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.care.overrides import end_heel_strike_period, start_heel_strike_period
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.intake.queries import intake_inputs_of
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import week_decided_at
from challenge.protocol.vocabulary import HeelStrikeStep, Phase
from challenge.weekly.decide import revise_week
from challenge.workouts.actions import delete_entry
from tests.factories.cohorts import STARTS, enroll, make_cohort
from tests.factories.log import evening, log_run
from tests.factories.weekly import decide_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner() -> Enrollment:
    return enroll(cohort=make_cohort())


def decision_of(runner: Enrollment, monday: date) -> Decision:
    user = runner.seat.user
    assert user is not None
    target = decide_week(enrollment=runner, week_starts_on=monday, at=week_decided_at(monday, user.zone))
    return Decision.from_json(target.decision)


def answer(runner: Enrollment) -> Intake:
    return Intake.objects.create(
        enrollment=runner, answered_at=runner.created_at, answered_on=runner.created_at.date(), is_adult=True
    )


def test_a_runner_without_complaints_has_no_pain_now(runner: Enrollment) -> None:
    answer(runner)
    assert intake_inputs_of([runner])[runner.pk].pain_now == 0


def test_a_runner_without_complaints_is_proposed_for_phase_2_immediately(runner: Enrollment) -> None:
    answer(runner)
    assert decision_of(runner, STARTS).phase.proposed is Phase.STRENGTHEN


def test_a_heel_strike_spell_that_a_clinician_ends_goes_back_over_two_weeks(
    runner: Enrollment, clinician: User
) -> None:
    answer(runner)
    spell = start_heel_strike_period(
        enrollment=runner, starts_on=STARTS, reason="for two weeks", by=clinician, at=runner.created_at
    )
    end_heel_strike_period(period=spell, ended_on=STARTS + timedelta(days=14), reason="back", by=clinician)
    weeks = {n: decision_of(runner, STARTS + timedelta(weeks=n)) for n in (2, 4)}
    assert weeks[2].strike.step is HeelStrikeStep.RETURNING
    assert weeks[4].strike.step is HeelStrikeStep.OVER


def test_what_is_deleted_after_monday_does_not_change_the_week_that_was_decided(
    runner: Enrollment, clinician: User
) -> None:
    user = runner.seat.user
    assert user is not None
    answer(runner)
    Intake.objects.update(baseline_cadence_spm=160, baseline_cadence_source="watch")
    assert decision_of(runner, STARTS).cadence.target_spm == 168
    runs = [
        log_run(runner, STARTS + timedelta(days=n), cadence_spm=168, at=evening(STARTS + timedelta(days=n)))
        for n in (1, 3, 5)
    ]
    monday = STARTS + timedelta(weeks=1)
    assert decision_of(runner, monday).cadence.target_spm == 176
    later = week_decided_at(monday, user.zone) + timedelta(days=2)
    for run in runs[:2]:
        delete_entry(entry=run, by=user, at=later)
    again = revise_week(
        enrollment=runner,
        because=WeeklyTarget.RevisionReason.BY_HAND,
        by=clinician,
        at=later + timedelta(hours=1),
    )
    assert again is not None
    assert (again.revision, again.cadence_spm) == (2, 176)


def test_a_revision_in_another_time_zone_still_counts_the_runs_that_counted(
    runner: Enrollment, clinician: User
) -> None:
    user = runner.seat.user
    assert user is not None
    answer(runner)
    Intake.objects.update(baseline_cadence_spm=160, baseline_cadence_source="watch")
    assert decision_of(runner, STARTS).cadence.target_spm == 168
    for n in (1, 3, 5):  # all three logged on Sunday evening
        log_run(runner, STARTS + timedelta(days=n), cadence_spm=168, at=evening(STARTS + timedelta(days=6)))
    monday = STARTS + timedelta(weeks=1)
    assert decision_of(runner, monday).cadence.target_spm == 176
    later = week_decided_at(monday, user.zone) + timedelta(days=2)
    User.objects.filter(pk=user.pk).update(time_zone="Pacific/Kiritimati")
    again = revise_week(enrollment=runner, because=WeeklyTarget.RevisionReason.PHASE, by=clinician, at=later)
    assert again is not None
    assert (again.revision, again.cadence_spm) == (2, 176)
    user.refresh_from_db()
    third = monday + timedelta(weeks=1)
    decide_week(enrollment=runner, week_starts_on=third, at=week_decided_at(third, user.zone))
    last = Decision.from_json(WeeklyTarget.objects.get(week_starts_on=third).decision)
    assert last.cadence.runs == 0  # each run counts once


def test_a_stop_flag_reports_the_runners_symptom_and_not_who_opened_it(runner: Enrollment) -> None:
    log_run(runner, on=STARTS - timedelta(days=1), symptoms=["limp"])
    decision = decision_of(runner, STARTS)
    assert decision.on_hold
    assert [reason.clinician for reason in decision.holds] == [
        (
            "A stop flag is open (a limp that stays after warming up). Targets are on hold until a clinician closes it "
            "with a note."
        )
    ]
