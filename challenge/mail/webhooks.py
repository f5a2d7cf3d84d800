"""What an email service tells back: an address that refuses, a complaint, an unsubscription.

Anymail checks the secret and speaks every service's dialect; its signal is the one way it hands an event over.
"""

from importlib import import_module
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver
from django.urls import URLPattern, path
from django.utils import timezone

from challenge.mail.actions import addresses_of, mark_complained, mark_refused, unsubscribe_weekly

VIEWS = {
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
}
GONE = {RejectReason.BOUNCED, RejectReason.INVALID}


def patterns(service: str) -> list[URLPattern]:
    """The one address for the configured service."""
    view = getattr(import_module(f"anymail.webhooks.{service}"), VIEWS[service])
    return [path(f"email/webhook/{service}/", view.as_view(), name="email_webhook")]


def _is_soft_bounce(event: AnymailTrackingEvent) -> bool:
    """A full mailbox is a bounce to some services; in their own words they say that it is a soft one."""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    words = [str(raw.get(name, "")).lower() for name in ("Type", "type", "bounceType", "event", "severity")]
    return any(sign in word for word in words for sign in ("soft", "transient", "temporary"))


@receiver(tracking)
def record_event(sender: Any, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """Only what a person must act on; opens and clicks are not asked for and not kept."""
    address, at = event.recipient, timezone.now()
    if not address:
        return
    if event.event_type == EventType.COMPLAINED:
        mark_complained(email=address, at=at)
    elif event.event_type == EventType.UNSUBSCRIBED:
        unsubscribe_weekly(address=addresses_of([address])[address.strip().lower()], at=at)
    elif event.event_type in {EventType.BOUNCED, EventType.REJECTED} and event.reject_reason in GONE:
        if _is_soft_bounce(event):
            return
        mark_refused(email=address, at=at)
