"""A runner's own address for files: got on the page, mailed to through the service's webhook, looked at, saved once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from challenge.workouts import import_actions
from challenge.workouts.models import Run
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.people import sign_in_now
from tests.journeys.conftest import Open
from tests.workouts.test_inbound_mail import DOMAIN, SECRET, hand_over, postmark

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_is_mailed_looked_at_and_saved_once(window: Open, now: datetime, settings: Any) -> None:
    settings.INBOUND_MAIL_DOMAIN, settings.EMAIL_WEBHOOK = DOMAIN, "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "POSTMARK_SERVER_TOKEN": "x"}
    enrollment = enroll(cohort=make_open_cohort())
    assert enrollment.seat.user is not None
    client = Client()
    sign_in_now(
        client, enrollment.seat.user
    )  # an address that opens without signing in asks for a fresh sign-in
    page = window(client=client).new_page()
    page.goto("/log/import/")
    page.get_by_role("button", name="Get my address").click()
    address = page.locator(".address").inner_text()
    assert address.endswith(f"@{DOMAIN}")
    mail = postmark(address, ("morning.fit", fit_run([Stretch(1200)], start=now - timedelta(days=1))))
    assert [hand_over(mail), hand_over(mail)] == [200, 200]
    while import_actions.read_next(at=now):
        pass
    page.goto("/today/")
    page.get_by_role("link", name="Your files are here").click()
    expect(page.get_by_role("heading", name="1 run found")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/today/")
    expect(page.get_by_role("link", name="Your files are here")).to_have_count(0)
    assert Run.objects.count() == 1
    page.goto("/log/import/")
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("button", name="Get my address")).to_be_visible()
    assert hand_over(postmark(address, ("again.fit", b"x"))) == 200
    page.goto("/today/")
    expect(page.get_by_role("link", name="Your files are here")).to_have_count(0)
