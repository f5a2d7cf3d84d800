"""`/me/`: settings, and the way out."""

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment, LedgerEntry, Seat
from challenge.mail.models import MessageKind, OutboxMessage
from tests.factories.cohorts import enroll

pytestmark = pytest.mark.django_db
SETTINGS = {
    "name": "Robin Marsh",
    "phone": "+1 612 555 0100",
    "time_zone": "America/Denver",
    "unit": "km",
    "email_content": "link",
}


def test_a_runner_changes_their_settings(runner_client: Client, runner: User) -> None:
    enrollment = enroll(user=runner)
    assert runner_client.post("/me/", SETTINGS)["Location"] == "/me/"
    runner.refresh_from_db()
    enrollment.refresh_from_db()
    assert (runner.name, runner.time_zone, runner.uses_kilometers) == ("Robin Marsh", "America/Denver", True)
    assert enrollment.email_content == "link"


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(runner_client: Client) -> None:
    page = runner_client.post("/me/", SETTINGS | {"time_zone": "Mars/Olympus", "name": "Kim <b>"})
    assert page.status_code == 422
    assert "Kim &lt;b&gt;" in page.content.decode()


def test_a_person_without_a_seat_has_settings_too(runner_client: Client) -> None:
    page = runner_client.get("/me/").content.decode()
    assert "weekly email" not in page
    assert runner_client.post("/me/", SETTINGS).status_code == 302


def test_a_runner_keeps_a_phone_number_and_others_need_none(runner_client: Client, runner: User) -> None:
    assert runner_client.post("/me/", SETTINGS | {"phone": ""}).status_code == 302
    enroll(user=runner)
    page = runner_client.post("/me/", SETTINGS | {"phone": ""})
    assert page.status_code == 422
    assert "Enter a number where a clinician can reach you" in page.content.decode()
    runner_client.post("/me/", SETTINGS | {"phone": "(612) 555-0188"})
    runner.refresh_from_db()
    assert runner.phone == "+16125550188"


def test_a_zone_outside_the_list_is_kept(runner_client: Client, runner: User) -> None:
    User.objects.filter(pk=runner.pk).update(time_zone="UTC")
    assert 'name="time_zone" value="UTC"' in runner_client.get("/me/").content.decode()


def test_withdrawing_is_asked_twice_and_then_for_good(runner_client: Client, runner: User) -> None:
    enrollment = enroll(user=runner)
    runner_client.get("/me/withdraw/")
    assert runner_client.post("/me/withdraw/").status_code == 422
    assert Seat.objects.get().state == "confirmed"
    runner_client.post("/me/withdraw/", {"sure": "on"})
    seat = Seat.objects.get(pk=enrollment.seat_id)
    assert (seat.state, seat.end_reason) == ("ended", "withdrew")
    entry = LedgerEntry.objects.get(happened="withdrew")
    assert entry.by == runner
    assert OutboxMessage.objects.get(kind=MessageKind.SEAT).to_email == seat.email
    assert Enrollment.objects.filter(pk=enrollment.pk).exists()
    assert runner_client.get("/me/withdraw/")["Location"] == "/me/"
