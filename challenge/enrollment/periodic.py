"""Scheduled: apply changes of address and resets of factors that are due, and write to the lists."""

import logging

from celery import shared_task
from django.utils import timezone

from challenge.accounts.second_person import apply_due_grants, apply_due_resets
from challenge.enrollment.address_changes import apply_due
from challenge.enrollment.waiting_list import invite_due, write_due_waves

log = logging.getLogger(__name__)


@shared_task(name="challenge.apply_address_changes")
def apply_address_changes() -> None:
    at = timezone.now()
    if applied := apply_due(at=at):
        log.info("changes of address took effect", extra={"number": applied})
    if applied := apply_due_resets(at=at):
        log.info("second factors were removed", extra={"number": applied})
    if applied := apply_due_grants(at=at):
        log.info("roles were given", extra={"number": applied})


@shared_task(name="challenge.write_to_lists")
def write_to_lists() -> None:
    """Invite those whose early access has begun, and write the waves of the launch that are due."""
    at = timezone.now()
    if written := invite_due(at=at) + write_due_waves(at=at):
        log.info("people on the lists were written to", extra={"number": written})
