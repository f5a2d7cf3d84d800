"""Scheduled tasks of notices, escalation and flag checks. The clock is read here."""

from celery import shared_task
from django.utils import timezone

from challenge.notifications import escalation, flag_checks, notices


@shared_task(name="challenge.alert_clinicians")
def alert_clinicians() -> None:
    """Every minute: a runner who must be called is nobody's to forget."""
    escalation.alert_clinicians(at=timezone.now())


@shared_task(name="challenge.send_notices")
def send_notices() -> None:
    """Every quarter of an hour: the week before the start, the digest, reminders, the survey."""
    notices.send_notices(at=timezone.now())


@shared_task(name="challenge.raise_flags")
def raise_flags() -> None:
    """Every half hour: silences begun and ended, emails that could not be delivered."""
    flag_checks.raise_scheduled_flags(at=timezone.now())
