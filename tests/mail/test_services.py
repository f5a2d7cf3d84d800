"""Email services by configuration, and the events that they report."""

import base64
import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from anymail.backends.test import EmailBackend as ServiceBackend
from anymail.message import AnymailRecipientStatus
from django.test import RequestFactory

from challenge.mail import views
from challenge.mail.delivery import deliver_due
from challenge.mail.models import AddressState, MessageState, OutboxMessage
from challenge.mail.queries import wants_weekly
from tests.conftest import NOW
from tests.mail.conftest import make_message
from thrive.url_settings import KEYS, email_settings


@pytest.mark.parametrize("service", sorted(KEYS))
def test_a_service_is_one_url(service: str) -> None:
    domain = "&domain=mg.test" if service == "mailgun" else ""
    found = email_settings(f"anymail+{service}://s3cret@?webhook=us:them{domain}", debug=False)
    assert found["EMAIL_BACKEND"] == f"anymail.backends.{service}.EmailBackend"
    assert found["ANYMAIL"][KEYS[service]] == "s3cret"
    assert found["ANYMAIL"]["WEBHOOK_SECRET"] == "us:them"
    assert views.patterns(service)[0].name == "email_webhook"


def test_smtp_stays_what_it_was() -> None:
    found = email_settings("smtp+tls://user:password@mail.test:587", debug=False)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.test", 587, True)
    assert found["EMAIL_WEBHOOK"] == ""


@pytest.mark.parametrize("url", ["anymail+nobody://key@", "anymail+postmark://"])
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        email_settings(url, debug=False)


def post_event(settings: Any, event: dict[str, Any], secret: str = "us:them") -> int:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:them", "POSTMARK_SERVER_TOKEN": "x"}
    request = RequestFactory().post(
        "/email/webhook/postmark/",
        json.dumps(event),
        content_type="application/json",
        headers={"authorization": "Basic " + base64.b64encode(secret.encode()).decode()},
    )
    try:
        return int(views.patterns("postmark")[0].callback(request).status_code)
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


def service_says(settings: Any, monkeypatch: pytest.MonkeyPatch, word: str, *, to: set[str]) -> None:
    """Send through anymail's own test backend, which answers `word` for these recipients and takes the others."""

    def answer(backend: Any, response: Any, payload: Any, message: Any) -> dict[str, AnymailRecipientStatus]:
        return {
            address: AnymailRecipientStatus(message_id="1", status=word if address in to else "sent")
            for address in payload.recipient_emails
        }

    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    monkeypatch.setattr(ServiceBackend, "parse_recipient_status", answer)


def deliver_for(hours: int) -> None:
    for minutes in range(0, hours * 60, 2):
        ticks = itertools.count()
        deliver_due(now=lambda m=minutes, t=ticks: NOW + timedelta(minutes=m, milliseconds=next(t)))  # type: ignore[misc]


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["invalid", "rejected"])
def test_a_service_that_refuses_every_recipient_marks_no_address(
    settings: Any, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    addresses = {f"runner@place{number}.test" for number in range(4)}
    for number, address in enumerate(sorted(addresses)):
        make_message(number, to=address)
    service_says(settings, monkeypatch, word, to=addresses)
    deliver_for(hours=2)
    assert not AddressState.objects.filter(refused_at__isnull=False).exists()
    assert OutboxMessage.objects.filter(state=MessageState.QUEUED).count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize(("word", "is_marked"), [("invalid", True), ("rejected", False)])
def test_a_service_marks_an_address_by_calling_it_invalid(
    settings: Any, monkeypatch: pytest.MonkeyPatch, word: str, is_marked: bool
) -> None:
    for number in range(1, 4):
        make_message(number)
    service_says(settings, monkeypatch, word, to={"runner1@runners.test"})
    deliver_for(hours=1)
    assert OutboxMessage.objects.filter(state=MessageState.SENT).count() == 2
    marked = AddressState.objects.filter(email="runner1@runners.test", refused_at__isnull=False)
    assert marked.exists() == is_marked
