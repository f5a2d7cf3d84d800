"""Events from the email service: bounces, complaints and unsubscriptions.

Anymail checks the secret and translates every service's format; it hands events over through its signal only.
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
    """Return the webhook URL of the configured service."""
    view = getattr(import_module(f"anymail.webhooks.{service}"), VIEWS[service])
    return [path(f"email/webhook/{service}/", view.as_view(), name="email_webhook")]


def _is_soft_bounce(event: AnymailTrackingEvent) -> bool:
    """Return whether the service's own event calls it soft: some report a full mailbox as a bounce."""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    values = [str(raw.get(name, "")).lower() for name in ("Type", "type", "bounceType", "event", "severity")]
    return any(sign in value for value in values for sign in ("soft", "transient", "temporary"))


@receiver(tracking)
def record_event(sender: Any, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """Record the events that a person must act on; opens and clicks are ignored."""
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
