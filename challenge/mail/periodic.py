"""What the clock and a nudge start: the mailer."""

from celery import shared_task
from django.utils import timezone

from challenge.mail.delivery import deliver_due


@shared_task(name="challenge.deliver_mail")
def deliver_mail() -> None:
    deliver_due(now=timezone.now)
