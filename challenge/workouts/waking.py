"""The nudge to the worker that files wait. A lost nudge costs seconds: the sweep finds every file that waits."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_the_reader() -> None:
    """Asks the worker to read one file; a broker that is down is noted and passed over."""
    try:
        current_app.send_task("challenge.read_activity_file")
    except (OperationalError, RedisError, OSError):
        log.warning("the file reader could not be woken; the sweep will find what waits")
