"""From a flag to the first human answer: what counts, and what no one was asked."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care.actions import acknowledge_flag, close_flag, end_silence_flags, raise_flag
from challenge.care.models import Flag
from challenge.protocol.vocabulary import FlagKind
from challenge.review.response_times import answers_by_cohort, duration_text, response_times
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db
RAISED = moment(monday(1))


@pytest.fixture(autouse=True)
def no_other_flags(care: SimpleNamespace) -> None:
    Flag.objects.all().delete()


def ask(care: SimpleNamespace, kind: FlagKind, number: int = 0, **values: Any) -> Flag:
    return raise_flag(
        enrollment=care.runner, kind=kind, rule=f"x.{kind}", source=f"x:{number}", facts={}, at=RAISED
    )


def hours(count: float) -> datetime:
    return RAISED + timedelta(hours=count)


def test_taking_or_closing_is_an_answer_and_the_first_of_them_counts(care: SimpleNamespace) -> None:
    for number, wait in enumerate((1, 3, 9)):
        flag = ask(care, FlagKind.STOP, number)
        acknowledge_flag(flag=flag, by=care.clinician, at=hours(wait))
        close_flag(flag=flag, note="Called.", by=care.clinician, at=hours(wait + 50))
    close_flag(flag=ask(care, FlagKind.STOP, 3), note="Called.", by=care.clinician, at=hours(5))
    stop, day, week = response_times(care.cohort, at=hours(100))
    assert (stop.answered, stop.median, stop.nine_of_ten, stop.longest) == (4, "4 h", "9 h", "9 h")
    assert (stop.waiting, day.answered, week.median) == ("none", 0, "–")
    assert answers_by_cohort([care.cohort.pk])[care.cohort.pk].median == "4 h"


def test_what_waits_is_counted_by_itself_and_what_no_one_was_asked_is_not(care: SimpleNamespace) -> None:
    ended = ask(care, FlagKind.SILENCE)
    end_silence_flags(flags=[ended.pk], at=hours(2))
    replaced, newer = ask(care, FlagKind.RED, 1), ask(care, FlagKind.RED, 2)
    Flag.objects.filter(pk=replaced.pk).update(closed_at=hours(1), replaced_by=newer)
    ask(care, FlagKind.LOAD)
    _, day, week = response_times(care.cohort, at=hours(72))
    assert (day.answered, day.waiting) == (0, "1, for up to 3 days")
    assert (week.answered, week.waiting) == (0, "none")
    numbers = answers_by_cohort([care.cohort.pk])[care.cohort.pk]
    assert (numbers.waiting, numbers.median) == (1, "–")


def test_they_stand_on_the_report(care: SimpleNamespace, desk: Client) -> None:
    close_flag(flag=ask(care, FlagKind.STOP), note="Called.", by=care.clinician, at=hours(5))
    page = desk.get(f"/admin/review/{care.cohort.slug}/report/").content.decode()
    assert "How soon someone answered" in page
    assert "5 h" in page


@pytest.mark.parametrize(
    ("wait", "words"),
    [(0, "0 min"), (0.5, "30 min"), (1, "1 h"), (3.5, "3.5 h"), (47.9, "47.9 h"), (60, "2.5 days")],
)
def test_a_wait_in_words(wait: float, words: str) -> None:
    assert duration_text(timedelta(hours=wait)) == words


def test_a_clock_that_ran_behind_is_no_negative_wait(care: SimpleNamespace) -> None:
    acknowledge_flag(flag=ask(care, FlagKind.STOP), by=care.clinician, at=hours(-1))
    assert response_times(care.cohort, at=timezone.now())[0].longest == "0 min"
