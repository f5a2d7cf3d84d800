"""A window left open is closed: staff after a quarter of an hour, runners after two weeks."""

from datetime import timedelta

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.accounts.sessions import LAST_USED, STARTED
from tests.factories.people import make_clinician, sign_in_now, use_second_factor

pytestmark = pytest.mark.django_db


def leave_alone(client: Client, gone: timedelta) -> None:
    session = client.session
    session[LAST_USED] -= gone.total_seconds()
    session.save()


def signed_in_staff(client: Client) -> None:
    clinician = make_clinician()
    client.force_login(clinician)
    use_second_factor(client, clinician)
    assert client.get("/admin/").status_code == 200


def test_staff_are_signed_out_after_fifteen_idle_minutes(client: Client) -> None:
    signed_in_staff(client)
    leave_alone(client, timedelta(minutes=15, seconds=1))
    response = client.get("/admin/challenge/flag/?kind=stop")
    assert response["Location"] == "/accounts/login/?next=%2Fadmin%2Fchallenge%2Fflag%2F%3Fkind%3Dstop"
    assert "_auth_user_id" not in client.session
    assert "wasn’t used for a while" in client.get(response["Location"]).content.decode()


def test_staff_who_work_stay_signed_in(client: Client) -> None:
    signed_in_staff(client)
    for _ in range(4):
        leave_alone(client, timedelta(minutes=13))
        assert client.get("/admin/").status_code == 200


def test_a_form_sent_too_late_does_nothing(client: Client) -> None:
    signed_in_staff(client)
    leave_alone(client, timedelta(minutes=16))
    assert client.post("/admin/logout/")["Location"] == "/accounts/login/?"


@pytest.mark.parametrize(("days", "stays"), [(13, True), (15, False)])
def test_runners_are_signed_out_after_two_weeks(client: Client, runner: User, days: int, stays: bool) -> None:
    sign_in_now(client, runner)
    client.get("/")
    leave_alone(client, timedelta(days=days))
    assert (client.get("/accounts/email/").status_code == 200) == stays


def test_use_is_noted_once_a_minute_not_with_every_page(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    client.get("/")
    first = client.session[LAST_USED]
    client.get("/")
    assert client.session[LAST_USED] == first


def test_sessions_are_listed_and_the_others_can_be_ended(client: Client, runner: User) -> None:
    lost_phone = Client(
        headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Version/18.5 Safari/604.1"}
    )
    sign_in_now(lost_phone, runner)
    lost_phone.get("/")
    sign_in_now(client, runner)
    assert "Safari on iPhone" in client.get("/accounts/sessions/").content.decode()
    client.post("/accounts/sessions/")
    assert lost_phone.get("/accounts/email/").status_code == 302
    assert client.get("/accounts/email/").status_code == 200


def age(client: Client, by: timedelta) -> None:
    session = client.session
    session[STARTED] -= by.total_seconds()
    session.save()


def test_staff_who_work_on_are_signed_out_after_twelve_hours_and_keep_what_they_typed(client: Client) -> None:
    signed_in_staff(client)
    age(client, timedelta(hours=11, minutes=59))
    assert client.get("/admin/").status_code == 200
    left = client.post("/accounts/stay/").json()["seconds"]
    assert left < 61, "no press of a button makes it longer"
    age(client, timedelta(minutes=2))
    response = client.get("/admin/challenge/flag/")
    assert response["Location"].startswith("/accounts/login/?next=")
    assert "signed in a good while ago" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_runners_who_come_daily_sign_in_once_a_month(
    client: Client, runner: User, days: int, stays: bool
) -> None:
    sign_in_now(client, runner)
    client.get("/")
    age(client, timedelta(days=days))
    assert (client.get("/accounts/email/").status_code == 200) == stays
