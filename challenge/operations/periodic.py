"""What beat wakes to show that beat, queue and worker all live."""

from celery import shared_task
from django.utils import timezone

from challenge.operations.actions import beat
from challenge.operations.queries import BEAT


@shared_task(name="challenge.heartbeat")
def heartbeat() -> None:
    beat(name=BEAT, at=timezone.now())
