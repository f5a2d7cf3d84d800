"""Email services by configuration, and the events that they report."""

import base64
import json
from typing import Any

import pytest
from django.test import RequestFactory

from challenge.mail import webhooks
from challenge.mail.models import AddressState
from challenge.mail.queries import wants_weekly
from thrive.email_url import KEYS, email_settings


@pytest.mark.parametrize("service", sorted(KEYS))
def test_a_service_is_one_url(service: str) -> None:
    domain = "&domain=mg.test" if service == "mailgun" else ""
    found = email_settings(f"anymail+{service}://s3cret@?webhook=us:them{domain}")
    assert found["EMAIL_BACKEND"] == f"anymail.backends.{service}.EmailBackend"
    assert found["ANYMAIL"][KEYS[service]] == "s3cret"
    assert found["ANYMAIL"]["WEBHOOK_SECRET"] == "us:them"
    assert webhooks.patterns(service)[0].name == "email_webhook"


def test_smtp_stays_what_it_was() -> None:
    found = email_settings("smtp+tls://user:password@mail.test:587")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.test", 587, True)
    assert found["EMAIL_WEBHOOK"] == ""


@pytest.mark.parametrize("url", ["anymail+nobody://key@", "anymail+postmark://"])
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        email_settings(url)


def post_event(settings: Any, event: dict[str, Any], secret: str = "us:them") -> int:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:them", "POSTMARK_SERVER_TOKEN": "x"}
    request = RequestFactory().post(
        "/email/webhook/postmark/",
        json.dumps(event),
        content_type="application/json",
        headers={"authorization": "Basic " + base64.b64encode(secret.encode()).decode()},
    )
    try:
        return int(webhooks.patterns("postmark")[0].callback(request).status_code)
    except Exception as refused:  # noqa: BLE001 - Django turns it into an answer further out
        return 400 if "Suspicious" in str(type(refused).__mro__) else 500


BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Email": "Gone@runners.test", "ID": 1}


@pytest.mark.django_db
def test_a_hard_bounce_stops_weekly_mail_to_the_address(settings: Any) -> None:
    assert post_event(settings, BOUNCE) == 200
    assert not wants_weekly(AddressState.objects.get(email="gone@runners.test"))


@pytest.mark.django_db
def test_a_complaint_stops_weekly_mail_to_the_address(settings: Any) -> None:
    complaint = BOUNCE | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512}
    assert post_event(settings, complaint) == 200
    assert AddressState.objects.get(email="gone@runners.test").complained_at is not None


@pytest.mark.django_db
def test_a_full_mailbox_stops_nothing(settings: Any) -> None:
    post_event(settings, BOUNCE | {"Type": "SoftBounce", "TypeCode": 4096})
    assert not AddressState.objects.filter(refused_at__isnull=False).exists()


@pytest.mark.django_db
def test_an_event_without_the_secret_is_ignored(settings: Any) -> None:
    assert post_event(settings, BOUNCE, secret="us:guess") == 400
    assert not AddressState.objects.exists()
