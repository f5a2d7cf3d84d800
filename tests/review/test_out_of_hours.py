"""Who reads the log, and when, is one fact: every page and letter that speaks of it quotes the same sentence."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from challenge.messages.emails import message_waiting
from challenge.protocol.reading_hours import NOT_AT_NIGHT, READS, clock, is_working_day, next_working_day
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_morning, log_run, log_strength
from tests.review.conftest import moment, monday

OTHER_WAYS = re.compile(
    r"not watched|out of hours|reads (this|it) (today|on)|(looks?|clinician) the same day|next working day|reads along",
    re.IGNORECASE,
)
WHERE_IT_IS_MADE = {"protocol/reading_hours.py", "care/stop.py"}


@pytest.mark.django_db
def test_every_form_that_asks_for_pain_says_who_reads_it_and_when(client: Client) -> None:
    cohort = make_cohort(starts_on=monday(1), opens_at=moment(monday(5)))
    runner = enroll(cohort=cohort)
    client.force_login(runner.seat.user)  # type: ignore[arg-type]
    for path in ("/log/run/", "/log/strength/", "/log/morning/", "/log/daily-life/", "/log/offline/"):
        says_so(client, path)
    on = timezone.localdate()
    entries: list[Any] = [log_run(runner, on), log_strength(runner, on), log_morning(runner, on)]
    for entry in entries:
        says_so(client, f"/log/{entry.kind}/{entry.pk}/")


def says_so(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200, path
    assert 'class="pain-row"' in page.content.decode(), path
    assert READS in page.content.decode(), path


@pytest.mark.django_db
def test_messages_feedback_the_guide_and_emails_say_it_in_the_same_words(client: Client) -> None:
    runner = enroll(cohort=make_cohort(starts_on=monday(1), opens_at=moment(monday(5))))
    client.force_login(runner.seat.user)  # type: ignore[arg-type]
    assert (
        NOT_AT_NIGHT in client.get("/messages/").content.decode()
    )  # which names the day instead of the rule
    for path in ("/feedback/", "/guide/pain/"):
        assert READS in client.get(path).content.decode(), path
    letter = message_waiting(enrollment=runner, after=0, at=timezone.now())
    assert READS in letter.text
    assert READS in letter.html


def test_no_template_and_no_code_says_it_in_another_way() -> None:
    folders = (Path(settings.BASE_DIR) / "templates", Path(settings.BASE_DIR) / "challenge")
    found = [
        f"{path.relative_to(folder)}: {line.strip()}"
        for folder in folders
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in {".html", ".txt", ".py"} and str(path.relative_to(folder)) not in WHERE_IT_IS_MADE
        for line in path.read_text().splitlines()
        if OTHER_WAYS.search(line)
    ]
    assert found == []


def test_the_sentence_and_the_promise_come_from_the_same_hours() -> None:
    friday, monday_after = date(2026, 1, 9), date(2026, 1, 12)
    assert next_working_day(friday) == monday_after
    assert [is_working_day(date(2026, 1, day)) for day in range(5, 12)] == [True] * 5 + [False] * 2
    assert clock() in READS
    assert "Monday to Friday" in READS
