"""The nightly task that applies the retention rules."""

import logging

from celery import shared_task
from django.utils import timezone

from challenge.privacy.actions import fill_erasure_list
from challenge.privacy.retention import apply_retention

log = logging.getLogger(__name__)


@shared_task(name="challenge.keep_no_longer")
def apply_retention_task() -> None:
    cleared = apply_retention(at=timezone.now())
    log.info("retention rules were applied", extra={"number": sum(cleared.values())})


@shared_task(name="challenge.fill_erasure_list")
def fill_erasure_list_task() -> None:
    """Write erasures that could not be written to the list when they happened. Runs every hour."""
    fill_erasure_list()
