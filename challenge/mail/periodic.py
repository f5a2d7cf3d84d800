"""What the clock and a nudge start: the mailer. A pass ends after a while and asks for the next, so that a long
queue keeps no worker from other work and no sign-in code from going first."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from challenge.mail.delivery import deliver_due
from challenge.mail.wake_worker import wake_mailer

ONE_PASS = timedelta(seconds=40)


@shared_task(name="challenge.deliver_mail")
def deliver_mail() -> None:
    if deliver_due(now=timezone.now, until=timezone.now() + ONE_PASS).more:
        wake_mailer()


@shared_task(name="challenge.deliver_urgent_mail")
def deliver_urgent_mail() -> None:
    """Sign-in codes alone: they wait for no batch of weekly emails."""
    deliver_due(now=timezone.now, until=timezone.now() + ONE_PASS, urgent_only=True)
