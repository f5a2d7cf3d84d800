"""The privacy notice says what is so: the clinic's own words, the retention rules, and who carries what."""

from typing import Any

import pytest
from django.test import Client

from challenge.clinic.actions import forget_cached, save_clinic
from challenge.clinic.queries import WORDS
from challenge.operations import nightly
from challenge.privacy.retention import RULES, RetentionRule
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def notice(client: Client) -> str:
    answer = client.get("/privacy/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_names_the_clinic_and_how_to_reach_it(client: Client, settings: Any) -> None:
    words = dict.fromkeys(WORDS, "") | {"name": "Heel & Toe", "address": "12 Pine Street, Duluth"}
    save_clinic(words=words, based_on=0, author="Olive Brook", reason="", at=NOW)
    forget_cached()  # no commit in a test
    page = notice(client)
    assert "Heel &amp; Toe runs this challenge" in page
    assert "12 Pine Street, Duluth" in page
    assert f"mailto:{settings.CLINIC_EMAIL}" in page
    assert 'href="/privacy/"' in client.get("/").content.decode()


def test_every_time_is_that_of_its_rule(client: Client) -> None:
    page = notice(client)
    for rule in RULES:
        line = f"<li>{rule.name[0].upper()}{rule.name[1:]}: {rule.words}</li>"
        assert (line in page) == bool(rule.days), rule.name
    days = {1: "1 days", 90: "90 days", 365: "a year", 730: "2 years", 2190: "6 years"}
    assert {d: RetentionRule("", d, lambda before: 0).words for d in days} == days


def test_who_carries_notifications_and_errors_is_named_where_they_are_on(
    client: Client, settings: Any
) -> None:
    settings.PUSH_KEY = settings.SENTRY_DSN = ""
    assert "Notifications, if" not in notice(client)
    assert "When the program breaks" not in notice(client)
    settings.PUSH_KEY, settings.SENTRY_DSN = "key", "https://key@reports.test/1"
    assert "Notifications, if" in notice(client)
    assert "When the program breaks" in notice(client)


def test_backups_are_kept_as_long_as_the_notice_says(client: Client) -> None:
    assert "Encrypted backups are kept for up to a year" in notice(client)
    assert nightly.MONTHS == 12
