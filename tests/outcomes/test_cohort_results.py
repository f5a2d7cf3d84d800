"""Did it help: how many changed by more than noise, with injuries and time lost beside it."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from challenge.enrollment.models import Cohort, Enrollment
from challenge.outcomes.actions import load
from challenge.outcomes.definition import ScoreVerdict
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.outcomes.queries import runners_with_due
from challenge.outcomes.results import TimeLost, charted_scores, cohort_outcomes, results_of
from challenge.review.models import OutcomeScore
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.outcomes import QUIET_WEEK, give_answer, tendon_file
from tests.factories.people import make_clinician, make_owner

START = date(2026, 1, 5)


@pytest.fixture
def cohort(db: None) -> Cohort:
    return make_cohort()


def answer_running(runner: Enrollment, *scores: int) -> None:
    for week, score in zip((0, 4, 8, 12), scores, strict=False):
        give_answer(runner, "running", week, {"normal": score}, on=START + timedelta(weeks=week))


def lose_days(runner: Enrollment, *days: int | None) -> None:
    for number, lost in enumerate(days, start=1):
        if lost is not None:
            on = START + timedelta(weeks=number - 1, days=5)
            give_answer(runner, "weekly", number, QUIET_WEEK | {"days": lost}, on=on)


def test_first_and_last_score_are_compared_with_noise(cohort: Cohort) -> None:
    for scores in ((40, 60, 55), (40, 54), (40, 25), (40,), (70, 84, 85)):
        answer_running(enroll(cohort=cohort), *scores)
    answer_running(enroll(), 10, 90)  # of another cohort
    (change,) = cohort_outcomes(cohort).changes
    assert (change.better, change.unclear, change.worse, change.once) == (2, 1, 1, 1)
    assert change.compared == 4


def test_scores_of_another_scale_are_not_compared(cohort: Cohort) -> None:
    owner, runner = make_owner(), enroll(cohort=cohort)
    load(data=tendon_file(), by=owner, at=NOW)
    give_answer(runner, "lake-tendon", 0, {"stairs": 2, "hop": 2, "run": 6})
    score = tendon_file()["score"] | {"method": "percent", "to": 100}
    two = {"version": 2, "language": {"code": "en-US", "version": 2}}
    load(data=tendon_file(score=score, **two), by=owner, at=NOW)
    give_answer(runner, "lake-tendon", 4, {"stairs": 2, "hop": 2, "run": 6})
    (result,) = results_of(runner)
    assert [str(one.score) for one in result.answers] == ["10.0", "20.0"]
    assert (result.verdict, result.change) == (None, None)
    # Other words on the same scale are compared.
    give_answer(runner, "lake-tendon", None, {"stairs": 9, "hop": 9, "run": 29})
    three = {
        "version": 3,
        "language": {"code": "en-US", "version": 3},
        "title": "Lake tendon, in other words",
    }
    load(data=tendon_file(score=score, **three), by=owner, at=NOW)
    (result,) = results_of(runner)
    assert result.verdict is ScoreVerdict.BETTER


def test_days_lost_and_new_problems_are_counted(cohort: Cohort) -> None:
    # A problem from the start is not new; nor is one that goes on, nor one after a week that no one knows of.
    lose_days(enroll(cohort=cohort), 2, 3, 0, 1, 1)
    lose_days(enroll(cohort=cohort), 0, None, 4)
    lose_days(enroll(cohort=cohort), 0, 0)
    enroll(cohort=cohort)
    lost = cohort_outcomes(cohort).lost
    assert lost == TimeLost(runners=3, weeks=9, days=11, new_problems=2, with_new_problem=2)


def test_a_correction_counts_instead_of_what_it_corrects(cohort: Cohort) -> None:
    runner = enroll(cohort=cohort)
    answer_running(runner, 40, 90)
    give_answer(runner, "running", 4, {"normal": 41}, on=START + timedelta(weeks=4))
    assert cohort_outcomes(cohort).changes[0].unclear == 1
    assert len(results_of(runner)[0].answers) == 2


def test_ratings_are_counted_best_first(cohort: Cohort) -> None:
    for value in (2, 2, -1):
        give_answer(enroll(cohort=cohort), "change", 12, {"change": value}, on=START + timedelta(weeks=12))
    outcomes = cohort_outcomes(cohort)
    assert [one for one in outcomes.ratings if one[1]] == [("Much better", 2), ("A little worse", 1)]
    assert outcomes.rated == 3


def test_the_numbers_of_runners_do_not_add_queries(cohort: Cohort) -> None:
    runners = [enroll(cohort=cohort) for _ in range(3)]
    for runner in runners:
        answer_running(runner, 40, 60)
    with CaptureQueriesContext(connection) as queries:
        cohort_outcomes(cohort)
    assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        waiting = runners_with_due(runners, on=START + timedelta(days=5))
    assert len(queries) == 2
    assert waiting == {runner.pk for runner in runners}


def test_who_has_answered_everything_is_not_asked(cohort: Cohort) -> None:
    first, second = enroll(cohort=cohort), enroll(cohort=cohort)
    monday = START + timedelta(weeks=3)
    give_answer(first, "weekly", 3, QUIET_WEEK)
    assert runners_with_due([first, second], on=monday) == {second.pk}
    assert runners_with_due([], on=monday) == set()


def test_outcome_scores_of_before_became_answers_from_paper(cohort: Cohort) -> None:
    runner, clinician = enroll(cohort=cohort), make_clinician()
    who = {"enrollment": runner, "by": clinician, "at": runner.created_at}
    OutcomeScore.objects.create(**who, instrument="visa_a", score=52, scored_on=START)
    OutcomeScore.objects.create(**who, instrument="visa_a", score=71, scored_on=START + timedelta(weeks=6))
    OutcomeScore.objects.create(**who, instrument="other", score=30, scored_on=START)
    move = import_module("challenge.migrations.0017_scores_as_answers")
    with connection.cursor() as cursor:
        cursor.execute(move.MOVE)
    other, visa = results_of(runner)
    assert visa.questionnaire.code == "visa-a-total"
    assert visa.verdict_text == "Clearly better"
    assert [one.text for one in visa.answers] == ["52 of 100 (100 is best)", "71 of 100 (100 is best)"]
    assert (other.answers[0].text, other.verdict_text) == ("30 of 100 (100 is best)", "")
    assert all(row.on_paper and row.by == clinician for row in QuestionnaireAnswer.objects.all())
    assert charted_scores([visa, other]) == visa.scores
    assert OutcomeScore.objects.count() == 3
