"""What beat starts each night: the retention rules."""

import logging

from celery import shared_task
from django.utils import timezone

from challenge.privacy.retention import keep_no_longer

log = logging.getLogger(__name__)


@shared_task(name="challenge.keep_no_longer")
def keep_no_longer_task() -> None:
    cleared = keep_no_longer(at=timezone.now())
    log.info("retention rules were applied", extra={"number": sum(cleared.values())})
