"""The heartbeat of worker and scheduler, the nightly digest of the histories, and news of releases."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from challenge.mail.public_host import PublicFetcher
from challenge.operations.data_key import reseal_all
from challenge.operations.history import HistoryBusy, seal_tonight
from challenge.operations.models import Heartbeat
from challenge.operations.queries import BEAT, INSTALLED
from challenge.operations.releases import read_release

log = logging.getLogger(__name__)


def record_heartbeat(*, name: str, at: datetime) -> None:
    """Store `at` as the last sign of life of the process `name`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


@shared_task(name="challenge.heartbeat")
def heartbeat() -> None:
    record_heartbeat(name=BEAT, at=timezone.now())
    Heartbeat.objects.get_or_create(name=INSTALLED, defaults={"at": timezone.now()})


@shared_task(name="challenge.seal_histories")
def seal_histories() -> None:
    """Seal the night once a day. Runs every quarter of an hour, so a missed pass costs nothing."""
    try:
        seal_tonight(at=timezone.now())
    except HistoryBusy as error:
        log.info("a history was busy, so the night is sealed later", extra={"table": str(error)})


@shared_task(name="challenge.reseal_secrets")
def reseal_secrets() -> None:
    """Seal secrets that are in clear or under an earlier DATA_KEY. Runs every hour: an hour after an upgrade no old
    process is left that could not open them.
    """
    result = reseal_all()
    if result.resealed:
        log.info("secrets were sealed again", extra={"number": result.resealed})
    if result.unreadable:
        log.error("secrets are under another data key", extra={"number": result.unreadable})


@shared_task(name="challenge.read_release")
def read_newest_release() -> None:
    """Ask which release is the newest, if RELEASE_URL names the place."""
    read_release(at=timezone.now(), fetcher=PublicFetcher("file of the newest release", "application/json"))
