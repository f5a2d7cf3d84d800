"""Record the heartbeat of worker and scheduler."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from challenge.operations.models import Heartbeat
from challenge.operations.queries import BEAT, INSTALLED


def record_heartbeat(*, name: str, at: datetime) -> None:
    """Store `at` as the last sign of life of the process `name`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


@shared_task(name="challenge.heartbeat")
def heartbeat() -> None:
    record_heartbeat(name=BEAT, at=timezone.now())
    Heartbeat.objects.get_or_create(name=INSTALLED, defaults={"at": timezone.now()})
