"""What the clock starts: reminders of calls."""

from celery import shared_task
from django.utils import timezone

from challenge.calls.reminders import remind


@shared_task(name="challenge.remind_of_calls")
def remind_of_calls() -> None:
    remind(at=timezone.now())
