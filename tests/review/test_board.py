"""The cohort board: every runner in a row, worst first, whatever the numbers in the same few queries."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenge.care.actions import raise_flag
from challenge.care.models import Flag, PhaseChange
from challenge.review.board import board
from challenge.review.queries import words_of
from tests.factories.cohorts import enroll
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.people import make_clinician, make_runner_user, use_second_factor

pytestmark = pytest.mark.django_db


def address(care: SimpleNamespace) -> str:
    return f"/admin/review/{care.cohort.slug}/"


def stop(care: SimpleNamespace, runner: object) -> Flag:
    return raise_flag(
        enrollment=runner,  # type: ignore[arg-type]
        kind=Flag.Kind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={"symptoms": ["pop"]},
        at=timezone.now(),
    )


def test_a_row_says_where_the_runner_stands(care: SimpleNamespace, desk: Client) -> None:
    page = desk.get(address(care)).content.decode()
    assert "Odalys Finch" in page
    assert "week 3, phase 1" in page


def test_the_runner_with_a_stop_flag_comes_first(care: SimpleNamespace) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    stop(care, care.runner)
    assert [row.enrollment.pk for row in board(care.cohort, at=timezone.now())] == [care.runner.pk, other.pk]


def test_an_untaken_flag_weighs_more_than_a_taken_one(care: SimpleNamespace) -> None:
    flag = stop(care, care.runner)
    before = board(care.cohort, at=timezone.now())[0].weight
    Flag.objects.filter(pk=flag.pk).update(taken_by=care.clinician, taken_at=timezone.now())
    assert board(care.cohort, at=timezone.now())[0].weight < before


def test_filters_leave_out_who_does_not_match(care: SimpleNamespace, desk: Client) -> None:
    assert b"Odalys" in desk.get(address(care), {"phase": "1"}).content
    assert b"Odalys" not in desk.get(address(care), {"phase": "3"}).content
    assert b"Odalys" not in desk.get(address(care), {"flag": "stop"}).content
    stop(care, care.runner)
    assert b"Odalys" in desk.get(address(care), {"flag": "stop"}).content


def test_a_clinician_of_another_cohort_finds_nothing(care: SimpleNamespace, client: Client) -> None:
    stranger = make_clinician()
    client.force_login(stranger)
    use_second_factor(client, stranger)
    assert client.get(address(care)).status_code == 404


def test_silence_shows_after_a_week_without_an_entry(care: SimpleNamespace) -> None:
    assert board(care.cohort, at=timezone.now())[0].is_silent
    log_run(care.runner, timezone.localdate())
    assert not board(care.cohort, at=timezone.now())[0].is_silent


def test_the_worst_pain_of_a_day_is_the_days_pain(care: SimpleNamespace) -> None:
    today = timezone.localdate()
    log_run(care.runner, today, pain=2, site="achilles", side="left")
    log_morning(care.runner, today, pain=4, site="achilles", side="left")
    assert board(care.cohort, at=timezone.now())[0].days[-1] == (today, 4)


def test_the_words_of_a_flag_are_the_methods(care: SimpleNamespace) -> None:
    assert words_of(stop(care, care.runner))


def test_the_board_takes_at_most_twelve_queries_however_many_runners_and_entries(
    care: SimpleNamespace, desk: Client
) -> None:
    queries: list[dict[str, str]] = []

    def count() -> int:
        desk.get(address(care))  # sessions and roles are remembered from here on
        with CaptureQueriesContext(connection) as found:
            assert desk.get(address(care)).status_code == 200
        queries[:] = found.captured_queries
        return len(found)

    few = count()
    for n in range(4):
        runner = enroll(cohort=care.cohort, user=make_runner_user(name=f"Runner {n}"))
        for day in range(5):
            log_run(runner, timezone.localdate() - timedelta(days=day))
            log_strength(runner, timezone.localdate() - timedelta(days=day))
        stop(care, runner)
    assert count() == few
    assert few <= 12, "\n".join(q["sql"][:150] for q in queries)


def test_approving_all_follows_only_proposals_without_a_flag(care: SimpleNamespace, desk: Client) -> None:
    desk.post(f"{address(care)}approve/", {"runner": [care.runner.pk]})
    changes = PhaseChange.objects.filter(enrollment=care.runner)
    proposed = board(care.cohort, at=timezone.now())[0]
    assert changes.filter(kind="advance").count() in {0, 1}
    assert proposed.proposed is None
