"""Scheduled: apply changes of address after the time to object."""

import logging

from celery import shared_task
from django.utils import timezone

from challenge.enrollment.address_changes import apply_due

log = logging.getLogger(__name__)


@shared_task(name="challenge.apply_address_changes")
def apply_address_changes() -> None:
    if applied := apply_due(at=timezone.now()):
        log.info("changes of address took effect", extra={"number": applied})
