"""Scheduled tasks of notices, escalation and flag checks. They read the clock."""

from celery import shared_task
from django.utils import timezone

from challenge.notifications import flag_checks, notices, push_notices


@shared_task(name="challenge.alert_clinicians")
def alert_clinicians() -> None:
    """Alert clinicians about stop flags that no one has taken. Runs every minute."""
    notices.alert_clinicians(at=timezone.now())


@shared_task(name="challenge.send_notices")
def send_notices() -> None:
    """Write the notice before the start, surveys, reminders, digests. Runs every quarter of an hour."""
    notices.send_notices(at=timezone.now())


@shared_task(name="challenge.raise_flags")
def raise_flags() -> None:
    """Raise and close flags about silences and failed emails. Runs every half hour."""
    flag_checks.raise_scheduled_flags(at=timezone.now())


@shared_task(name="challenge.send_pushes")
def send_pushes() -> None:
    """Put the pushes that are due in the outbox. Runs every minute."""
    push_notices.send_pushes(at=timezone.now())
