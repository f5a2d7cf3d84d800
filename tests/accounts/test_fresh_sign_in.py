"""Exports, role changes, deletions and ways to sign in ask for a sign-in of the last minutes."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import User
from challenge.enrollment.models import EarlyAccess
from challenge.notifications.models import PlanFeed
from challenge.workouts.import_models import InboundAddress
from tests.accounts.conftest import Door
from tests.factories.calls import make_availability
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db


def age_sign_in(client: Client, by: timedelta) -> None:
    session = client.session
    session[RECORDS] = [r | {"at": time.time() - by.total_seconds()} for r in session[RECORDS]]
    session.save()


@pytest.fixture
def owner_client(client: Client) -> Client:
    owner = make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    return client


def test_a_role_is_given_after_a_fresh_sign_in_only(owner_client: Client) -> None:
    person = make_clinician()
    page = reverse("admin:challenge_user_change", args=[person.pk])
    assert owner_client.get(page).status_code == 200
    age_sign_in(owner_client, timedelta(minutes=6))
    assert (
        owner_client.get(page)["Location"]
        == f"{reverse('mfa_reauthenticate')}?next={page.replace('/', '%2F')}"
    )
    age_sign_in(owner_client, timedelta(minutes=16))
    owner_client.post(page, {"email": person.email, "time_zone": "America/Chicago", "is_active": "on"})
    assert person.groups.exists(), "nothing was changed"


def test_who_cares_for_a_cohort_is_a_role_as_well(owner_client: Client) -> None:
    page = reverse("admin:challenge_cohort_change", args=[make_cohort().pk])
    assert owner_client.get(page).status_code == 200
    age_sign_in(owner_client, timedelta(minutes=6))
    assert owner_client.get(page).status_code == 302


def test_deleting_in_the_admin_asks_too(client: Client) -> None:
    root = make_superuser()
    client.force_login(root)
    use_second_factor(client, root)
    listed = EarlyAccess.objects.create(which="launch", email="a@b.test", asked_at="2026-01-01T00:00Z")
    age_sign_in(client, timedelta(minutes=16))
    client.post(reverse("admin:challenge_earlyaccess_delete", args=[listed.pk]), {"post": "yes"})
    list_page = reverse("admin:challenge_earlyaccess_changelist")
    client.post(list_page, {"action": "delete_selected", "_selected_action": [listed.pk], "post": "yes"})
    assert EarlyAccess.objects.filter(pk=listed.pk).exists()


def test_a_new_passkey_or_app_is_added_after_a_fresh_sign_in_only(client: Client, runner: User) -> None:
    sign_in_now(client, runner)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    age_sign_in(client, timedelta(minutes=6))
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name))["Location"].startswith("/accounts/again/?next="), name


# Where the address is made -> the page with the button, whose context has the address.
MAKES = {"change_feed": "reminders", "log_import_address": "log_import"}


@pytest.mark.parametrize("name", MAKES)
def test_a_secret_address_is_made_after_a_fresh_sign_in_only(
    client: Client, settings: Any, name: str
) -> None:
    settings.INBOUND_MAIL_DOMAIN, runner = "in.clinic.test", enroll().seat.user
    assert runner is not None
    sign_in_now(client, runner)
    age_sign_in(client, timedelta(minutes=16))
    page = reverse(MAKES[name])
    asked = client.post(reverse(name), {"turn": "new"})
    assert asked["Location"] == f"/accounts/again/?next={page.replace('/', '%2F')}"
    assert not PlanFeed.objects.exists()
    assert not InboundAddress.objects.exists()
    assert client.post(reverse(name), {"turn": "off"})["Location"] == page, "turning off asks nothing"


@pytest.mark.parametrize(
    ("make", "page", "name"),
    [(make_front_desk, "calls_admin:day", "desk_feed"), (make_clinician, "calls_admin:hours", "renew_feed")],
)
def test_so_is_one_of_staff_and_the_page_shows_it_after_one_too(
    client: Client, make: Any, page: str, name: str
) -> None:
    person = make()
    of = [make_availability(staff=person).pk] if name == "renew_feed" else []
    there, button = reverse(page, args=of), reverse(f"calls_admin:{name}", args=of)
    client.force_login(person)
    use_second_factor(client, person)
    age_sign_in(client, timedelta(minutes=16))
    assert client.post(button)["Location"].startswith(reverse("mfa_reauthenticate"))
    assert client.get(there).context["feed"] is None
    use_second_factor(client, person)
    assert client.post(button)["Location"] == there
    address = client.get(there).context["feed"]
    assert address in client.get(there).content.decode()
    age_sign_in(client, timedelta(minutes=16))
    assert address not in client.get(there).content.decode()
    assert client.post(button, {"show": "1"})["Location"].endswith(f"?next={there.replace('/', '%2F')}")
    use_second_factor(client, person)
    client.post(button, {"show": "1"})
    assert client.get(there).context["feed"] == address, "showing makes no other"


def test_a_copied_cookie_reads_no_calendar_of_the_plan(client: Client) -> None:
    runner = enroll().seat.user
    assert runner is not None
    sign_in_now(client, runner)
    client.post("/me/reminders/calendar/", {"turn": "new"})
    shown = client.get("/me/reminders/").content.decode()
    address = client.get("/me/reminders/").context["feed_address"]
    assert address in shown
    age_sign_in(client, timedelta(minutes=16))
    hidden = client.get("/me/reminders/").content.decode()
    assert address.rpartition("=")[2] not in hidden
    assert "Show my address" in hidden
    sign_in_now(client, runner)
    client.post("/me/reminders/calendar/", {"turn": "show"})
    assert client.get("/me/reminders/").context["feed_address"] == address


def test_an_account_without_a_password_signs_in_once_more_by_code_and_comes_back(
    door: Door, runner: User
) -> None:
    sign_in_now(door.client, runner)
    age_sign_in(door.client, timedelta(minutes=6))
    there = door.client.get("/accounts/2fa/totp/activate/")["Location"]
    assert "Sign in one more time" in door.client.get(there).content.decode()
    assert "_auth_user_id" in door.client.session, "looking signs nobody out"
    asked = door.client.post("/accounts/again/", {"next": "/accounts/2fa/totp/activate/"})
    assert "_auth_user_id" not in door.client.session
    assert asked["Location"] == "/accounts/login/code/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"
    assert (
        door.sign_in(runner, next="/accounts/2fa/totp/activate/")["Location"]
        == "/accounts/2fa/totp/activate/"
    )
    assert door.client.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "http:evil.test"]
)
def test_coming_back_never_leads_elsewhere(client: Client, runner: User, elsewhere: str) -> None:
    sign_in_now(client, runner)
    response = client.post("/accounts/again/", {"next": elsewhere})
    assert response["Location"] == "/accounts/login/code/?next=%2Fme%2F"


def test_no_filter_in_the_address_asks_of_a_password(owner_client: Client) -> None:
    assert owner_client.get("/admin/challenge/user/?password__startswith=a").status_code == 400
