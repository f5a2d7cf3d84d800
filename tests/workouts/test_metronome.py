"""The metronome page: open to all, set to the target that stands, silent while targets are on hold."""

import re
from datetime import datetime

from django.test import Client

from challenge.care.actions import raise_flag
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.protocol.vocabulary import FlagKind
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.factories.weekly import make_target


def test_a_runner_hears_the_target_of_the_week(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    page = phone.get("/metronome/").content.decode()
    assert 'value="168"' in page
    assert "Your target this week" in page


def test_before_a_target_it_beats_at_the_runners_own_number(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    Intake.objects.create(
        enrollment=enrollment,
        answered_at=now,
        answered_on=now.date(),
        is_adult=True,
        baseline_cadence_spm=157,
        baseline_cadence_source="counted",
    )
    page = phone.get("/metronome/").content.decode()
    assert 'value="157"' in page
    assert "Your own cadence" in page
    log_run(enrollment, cadence_spm=161)
    assert 'value="161"' in phone.get("/metronome/").content.decode()


def test_a_visitor_can_measure_a_cadence_for_the_intake(client: Client, db: None) -> None:
    page = client.get("/metronome/").content.decode()
    assert "Measure your own" in page
    assert "Your target" not in page


def test_someone_without_a_seat_gets_the_same_page(client: Client, db: None) -> None:
    client.force_login(make_runner_user())
    assert "Measure your own" in client.get("/metronome/").content.decode()


def test_there_is_no_beat_while_targets_are_on_hold(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    make_target(enrollment)
    raise_flag(enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=now)
    page = phone.get("/metronome/").content.decode()
    assert not re.search(r"\b168\b", page)
    assert "Measure your own" not in page
    assert "Please don’t run for now" in page


def test_how_to_count_is_said_in_words_for_who_has_no_javascript(client: Client, db: None) -> None:
    page = client.get("/metronome/").content.decode()
    assert "How often it lands, times four, is your cadence" in page
    assert "The beat needs JavaScript." in page
