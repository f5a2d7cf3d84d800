"""One-click unsubscribing from weekly emails (RFC 8058), and what the email service hands over.

That is bounces, complaints, unsubscriptions, and mail to addresses of the program's own. Anymail checks the secret
and translates every service's format; it hands events over through its signal only.
"""

from importlib import import_module
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from anymail.utils import get_anymail_setting, get_request_basic_auth
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from challenge.mail.actions import (
    addresses_of,
    mark_complained,
    mark_refused,
    subscribe_weekly,
    unsubscribe_weekly,
)
from challenge.mail.models import AddressState
from challenge.mail.queries import address_of_token
from thrive.bodies import INBOUND_BYTES, takes_files

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


def is_the_service(request: HttpRequest) -> bool:
    """Return whether the request has the webhook's name and secret."""
    secret = str(get_anymail_setting("webhook_secret", default="")) if settings.EMAIL_WEBHOOK else ""
    given = get_request_basic_auth(request) or ""
    return bool(secret) and constant_time_compare(given, secret)


@takes_files(most_bytes=INBOUND_BYTES, trusts=is_the_service)
@csrf_exempt
def inbound(request: HttpRequest, service: str) -> HttpResponse:
    """Take a mail from the configured service and hand it on by Anymail's signal; the answer is always the same."""
    if not settings.INBOUND_MAIL_DOMAIN or service != settings.EMAIL_WEBHOOK:
        raise Http404
    if request.content_type == "application/json":
        # Django's own limit is that of forms. The middleware has held this body to its limit by the stated length.
        request._body = request.read(INBOUND_BYTES)
    view = getattr(
        import_module(f"anymail.webhooks.{service}"), VIEWS[service].replace("Tracking", "Inbound")
    )
    answer: HttpResponse = _refusing(view).as_view()(request)
    return answer


def _refusing(view: Any) -> Any:
    """Return Anymail's view with 400 for what is no mail: it would raise whatever reading it wrongly comes to."""

    class RefusingInboundView(view):  # type: ignore[misc]
        def parse_events(self, request: HttpRequest) -> Any:
            try:
                return super().parse_events(request)
            except SuspiciousOperation:
                raise
            except Exception as error:
                raise BadRequest from error

    return RefusingInboundView


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


PAGE = "mail/unsubscribe.html"


@csrf_exempt  # mail programs post here by themselves; the signed token is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page on GET; on POST end weekly emails, or resume them for the page's second button.

    A GET changes nothing because mail scanners follow links.
    """
    address = address_of_token(token)
    if address is None:
        return render(request, PAGE, {"known": False}, status=404)
    if request.method == "POST":
        if request.POST.get("again"):
            subscribe_weekly(address=address)
        else:
            unsubscribe_weekly(address=address, at=timezone.now())
        address = AddressState.objects.get(pk=address.pk)
    return render(
        request, PAGE, {"known": True, "stopped": address.weekly_unsubscribed_at is not None, "token": token}
    )
