"""The pages of the intake: what they keep, what they refuse, what they show."""

import html
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.models import Cohort, Seat
from challenge.intake.models import Draft, Intake
from tests.conftest import NOW
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll
from tests.factories.people import make_front_desk, make_runner_user, use_second_factor
from tests.intake.pages import PAGES, RUNNING, YOU, answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_countdown_speaks_from_the_servers_time(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = runner_client.get("/join/intake/").content.decode()
    assert f'data-now="{int(NOW.timestamp())}"' in page
    assert f'data-until="{int((NOW + timedelta(minutes=20)).timestamp())}"' in page
    assert "9:20 AM" in page


def test_all_seats_held_says_when_one_may_come_free(runner_client: Client, cohort: Cohort) -> None:
    for minutes in (13, 5, 2):
        at = NOW - timedelta(minutes=minutes)
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=at)
    assert runner_client.post("/join/")["Location"] == "/join/?missed"
    page = runner_client.get("/join/?missed").content.decode()
    assert "You just missed it" in page
    assert "one may open up in 7 minutes" in page


def test_an_expired_hold_still_confirms_until_another_person_claims_the_seat(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    with time_machine.travel(NOW + timedelta(minutes=50), tick=False):
        assert "Your hold ran out" in runner_client.get("/join/intake/").content.decode()
        assert answer(runner_client)["Location"] == "/join/done/"


def test_a_lost_hold_takes_another_free_seat_when_the_answers_are_done(
    runner_client: Client, runner: User, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW + timedelta(minutes=30))
        answer(runner_client)
    assert Seat.objects.get(user=runner, state="confirmed").number == 2


def test_a_draft_is_saved_as_it_is_typed_right_or_wrong(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    assert (
        runner_client.post("/join/intake/you/draft/", {"name": "Ro\x00bin", "phone": "1"}).status_code == 204
    )
    assert Draft.objects.get().answers["you"] == {"name": ["Robin"], "phone": ["1"]}
    assert 'value="Robin"' in runner_client.get("/join/intake/you/").content.decode()


def test_a_seat_is_given_back_and_the_draft_stays(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    runner_client.post("/join/intake/you/", YOU)
    runner_client.post("/join/release/")
    assert Seat.objects.get().end_reason == "released"
    assert Draft.objects.exists()


@pytest.mark.parametrize(
    ("step", "changes", "sentence"),
    [
        ("you", {"name": ""}, "Enter your name, so we know what to call you."),
        ("you", {"phone": "12"}, "Enter the whole number"),
        ("you", {"is_adult": ""}, "18 or older"),
        ("you", {"time_zone": "Mars/Olympus"}, "We don’t have that time zone"),
        ("running", {"usual_week": "NaN"}, "like 12 or 6.5"),
        ("running", {"usual_week": "-3"}, "like 12 or 6.5"),
        ("running", {"longest_run": "1e9"}, "like 12 or 6.5"),
        ("running", {"longest_run": "🏃"}, "like 12 or 6.5"),
        ("running", {"runs_per_week": "1.5"}, "whole number from 0 to 21"),
        ("running", {"training_block_started_on": "2026-02-01"}, "hasn’t come yet"),
        ("running", {"training_block_started_on": "1970-01-01"}, "check the year"),
        ("running", {"training_block_started_on": "soon"}, "like 4/25/2026"),
        ("running", {"cadence_spm": ""}, "or choose “later”"),
        ("running", {"cadence_spm": "999"}, "from 60 to 250"),
        ("running", {"cadence_how": ""}, "“later” is fine"),
        ("body", {"now_1": ""}, "0 is an answer too"),
        ("body", {"now_1": "11"}, "0 to 10"),
        ("body", {"side_1": ""}, "Left, right or both?"),
        ("body", {"site_2": "achilles", "side_2": "left", "now_2": "3"}, "already listed this spot above"),
        ("body", {"now_2": "3"}, "Where is this pain?"),
        ("body", {"site_2": "lower_back", "side_2": "left", "now_2": "3"}, "The lower back has no side"),
        ("body", {"symptoms": []}, "Check what’s true, or “None of these”"),
        ("body", {"tendon_history": []}, "Check what’s true, or “None of these”"),
        ("body", {"symptoms": ["pop", "none"]}, "“None of these”, not both"),
        ("body", {"tendon_history": ["steroids", "none"]}, "“None of these”, not both"),
        ("agree", {"consent": ""}, "Please check the box to join"),
        ("agree", {"email_content": ""}, "Choose one: your targets in the email"),
        ("agree", {"remarks": "x" * 10_000}, "Please shorten it to 2000 characters; it has 10000."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    runner_client: Client, cohort: Cohort, step: str, changes: dict[str, Any], sentence: str
) -> None:
    runner_client.post("/join/")
    page = runner_client.post(f"/join/intake/{step}/", PAGES[step] | changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert Draft.objects.exists()


def test_the_last_page_leads_back_to_what_is_missing(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = runner_client.post("/join/intake/agree/", PAGES["agree"])
    assert page.status_code == 422
    assert "About you" in page.content.decode()
    assert not Intake.objects.exists()


def upload(client: Client, data: bytes, name: str) -> object:
    fields = RUNNING | {"cadence_how": "file", "cadence_spm": ""}
    return client.post("/join/intake/running/", fields | {"cadence_file": SimpleUploadedFile(name, data)})


def test_a_cadence_comes_from_an_activity_file(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    upload(runner_client, fit_run([Stretch(1200)]), "easy.fit")
    answer(runner_client, running={"cadence_how": "file", "cadence_spm": "166"})
    intake = Intake.objects.get()
    assert intake.baseline_cadence_source == "file"
    assert intake.baseline_cadence_spm is not None


def test_the_number_read_from_a_file_is_kept_in_its_place(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    upload(runner_client, fit_run([Stretch(1200)]), "easy.fit")
    kept = Draft.objects.get().answers["running"]
    assert kept["cadence_how"] == ["file"]
    assert 120 <= int(kept["cadence_spm"][0]) <= 220


def test_a_doubtful_cadence_makes_no_baseline(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = upload(runner_client, fit_run([Stretch(1200, 4.5, 212)]), "sprint.fit")
    assert page.status_code == 422  # type: ignore[attr-defined]
    assert "doesn’t fit its pace" in html.unescape(page.content.decode())  # type: ignore[attr-defined]


def test_a_file_that_is_no_run_is_refused_kindly(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = upload(runner_client, b"not an activity", "holiday.fit")
    assert page.status_code == 422  # type: ignore[attr-defined]
    assert Draft.objects.get().answers["running"]["usual_week"] == ["20,5"]


def test_staff_walk_through_a_preview_without_a_trace(client: Client, cohort: Cohort) -> None:
    user = make_front_desk()
    client.force_login(user)
    use_second_factor(client, user)
    assert "Staff accounts take no seat" in client.get("/join/").content.decode()
    client.post("/join/")
    for step, following in (("you", "running"), ("running", "body"), ("body", "agree")):
        sent = client.post(f"/join/preview/{step}/", PAGES[step])
        assert sent["Location"] == f"/join/preview/{following}/"
    assert client.post("/join/preview/agree/", PAGES["agree"])["Location"] == "/join/"
    assert not Seat.objects.exists()
    assert not Draft.objects.exists()


def test_the_preview_reads_a_file_too(client: Client, cohort: Cohort) -> None:
    user = make_front_desk()
    client.force_login(user)
    use_second_factor(client, user)
    run = SimpleUploadedFile("easy.fit", fit_run([Stretch(1200)]))
    said = RUNNING | {"cadence_how": "file", "cadence_spm": "", "cadence_file": run}
    assert client.post("/join/preview/running/", said)["Location"] == "/join/preview/body/"


def test_runners_have_no_preview(runner_client: Client, cohort: Cohort) -> None:
    assert runner_client.get("/join/preview/you/").status_code == 404


def test_opening_any_page_changes_nothing(runner_client: Client, cohort: Cohort) -> None:
    for path in ("/join/", "/join/intake/", "/join/intake/body/", "/join/done/", "/me/"):
        runner_client.get(path)
    assert runner_client.get("/join/release/").status_code == 405
    assert not Seat.objects.exists()


def test_the_page_with_seats_left_costs_a_query_for_seats_team_and_others_and_then_none(
    client: Client, cohort: Cohort, django_assert_num_queries: object
) -> None:
    enroll(cohort=cohort, at=NOW)
    with django_assert_num_queries(3):  # type: ignore[operator]
        client.get("/")
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get("/")
