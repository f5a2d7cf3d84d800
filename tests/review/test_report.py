"""The cohort's report and its replay: what they count, what they export, and which access they record."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import AccessEntry
from challenge.care.models import Flag, WeeklyTarget
from challenge.mail.models import OutboxMessage
from challenge.review.report import ReportSpread, build_report, report_csv
from challenge.review.what_if import differences_text
from tests.factories.cohorts import enroll
from tests.factories.log import log_run, log_strength
from tests.factories.people import make_runner_user
from tests.review.conftest import monday

pytestmark = pytest.mark.django_db


def address(care: SimpleNamespace, what: str) -> str:
    return f"/admin/review/{care.cohort.slug}/{what}"


def test_the_spread_is_least_quartiles_and_most() -> None:
    assert ReportSpread("x", (1, 2, 3, 4, 5), (0, 10)).five == (1, 2, 3, 4, 5)
    assert ReportSpread("x", (7,), (0, 10)).five == (7,) * 5
    assert ReportSpread("x", (), (0, 10)).five == ()


def test_its_picture_stands_on_the_scale_and_never_leaves_it() -> None:
    assert ReportSpread("x", (0, 5, 10), (0, 10)).box == ("2.0", "45.0", "88.0", "131.0", "174.0", "86.0")
    assert ReportSpread("x", (-5, 20), (0, 10)).box[0::4] == ("2.0", "174.0")
    assert ReportSpread("x", (), (0, 10)).box == ()


def test_it_counts_who_stayed_what_was_done_pain_and_cadence(care: SimpleNamespace) -> None:
    enroll(cohort=care.cohort, user=make_runner_user())
    log_run(care.runner, monday(2) + timedelta(days=2), cadence_spm=160, pain=4, site="achilles", side="left")
    log_strength(care.runner, monday(1) + timedelta(days=1))
    log_run(care.runner, monday(1) + timedelta(days=3), cadence_spm=170)
    found = build_report(care.cohort, today=timezone.localdate())
    line = next(line for line in found.lines if line.enrollment == care.runner)
    assert (found.stayed, len(found.lines)) == (2, 2)
    assert (line.weeks, line.weeks_logged, line.runs, line.sessions) == (2, 2, 3, 1)
    assert line.prescribed > 0
    assert line.cadence_now == 165
    assert line.pain_start == 0


def test_the_page_says_hints_not_proof_and_names_no_one(care: SimpleNamespace, desk: Client) -> None:
    page = desk.get(address(care, "report/")).content.decode()
    assert "hints, not proof" in page
    assert "Odalys" not in page


def test_the_export_is_one_line_a_runner_without_a_name_and_is_written_down(
    care: SimpleNamespace, desk: Client
) -> None:
    rows = list(csv.reader(io.StringIO(desk.get(address(care, "report.csv")).content.decode())))
    assert rows[0][:2] == ["bib", "active"]
    assert len(rows) == 2
    assert "Odalys" not in str(rows)
    assert AccessEntry.objects.get(what="cohort report as CSV").runner == care.runner.seat.user


def test_no_cell_is_run_by_a_spreadsheet(care: SimpleNamespace) -> None:
    text = report_csv(build_report(care.cohort, today=timezone.localdate()))
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in set("=+-@")]


def test_the_report_takes_the_same_queries_for_every_number_of_runners(
    care: SimpleNamespace, django_assert_max_num_queries: object
) -> None:
    for n in range(3):
        log_run(enroll(cohort=care.cohort, user=make_runner_user()), monday(1) + timedelta(days=n))
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        build_report(care.cohort, today=timezone.localdate())


def test_a_replay_shows_which_weeks_would_have_differed_and_changes_nothing(
    care: SimpleNamespace, desk: Client
) -> None:
    def state() -> tuple[int, int, int]:
        return WeeklyTarget.objects.count(), OutboxMessage.objects.count(), Flag.objects.count()

    before = state()
    for days in (0, 2, 4):
        log_run(care.runner, monday(1) + timedelta(days=days), cadence_spm=168)
    page = desk.get(address(care, "what-if/"), {"name": "baseline_runs", "value": "1"}).content.decode()
    assert "of 3 decisions would have differed" in page
    page = desk.get(address(care, "what-if/"), {"name": "settle_days", "value": "60"}).content.decode()
    assert "of 3 decisions would have differed" in page
    assert state() == before


def test_a_difference_reads_in_a_clinicians_words() -> None:
    texts = differences_text(
        ["phase.proposed: 2 -> None", "exercises[0].sets: 3 -> 4", "exercises[1].sets: 3 -> 4", "x.y: 1 -> 2"]
    )
    assert texts == ("proposed phase 2 → none", "exercises differ")
    assert differences_text(["phase.reason.rule: a -> b"]) == ("only its reasons differ",)


@pytest.mark.parametrize("value", ["", "much", "0", "9999", "-3"])
def test_a_number_that_cannot_be_is_refused_beside_its_field_and_kept(
    care: SimpleNamespace, desk: Client, value: str
) -> None:
    response = desk.get(address(care, "what-if/"), {"name": "raise_percent", "value": value})
    assert response.status_code == 200
    page = response.content.decode()
    assert "errorlist" in page
    assert f'value="{value}"' in page or not value
    assert "would have differed" not in page


def test_the_report_is_written_down_for_each_runner_in_it(care: SimpleNamespace, desk: Client) -> None:
    desk.get(address(care, "report/"))
    assert AccessEntry.objects.get(what="cohort report").runner == care.runner.seat.user


def test_a_look_at_the_board_is_written_down_once_a_day(care: SimpleNamespace, desk: Client) -> None:
    for _ in range(2):
        desk.get(address(care, ""))
    assert AccessEntry.objects.filter(what="cohort board").count() == 1
