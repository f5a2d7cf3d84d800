"""The mailer's tasks.

A pass is limited in time and asks for the next one, so that a long queue blocks neither other tasks nor sign-in codes.
"""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from challenge.mail import delivery
from challenge.mail.actions import wake_mailer, wake_pusher

PASS_DURATION = timedelta(seconds=40)


@shared_task(name="challenge.deliver_mail")
def deliver_mail() -> None:
    if delivery.deliver_due(now=timezone.now, until=timezone.now() + PASS_DURATION).more:
        wake_mailer()


@shared_task(name="challenge.deliver_urgent_mail")
def deliver_urgent_mail() -> None:
    """Deliver sign-in codes only: they must not wait behind a batch of weekly emails."""
    delivery.deliver_due(now=timezone.now, until=timezone.now() + PASS_DURATION, urgent_only=True)


@shared_task(name="challenge.deliver_pushes")
def deliver_pushes() -> None:
    """Deliver pushes apart from email: a push service that stalls holds up no email."""
    if delivery.deliver_pushes(now=timezone.now, until=timezone.now() + PASS_DURATION).more:
        wake_pusher()
