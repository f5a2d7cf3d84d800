"""The nudge to the worker. A lost nudge costs seconds: the sweep finds everything that is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_the_mailer() -> None:
    """Asks the worker to deliver now; a broker that is down is noted and passed over."""
    try:
        current_app.send_task("challenge.deliver_mail")
    except (OperationalError, RedisError, OSError):
        log.warning("the mailer could not be woken; the sweep will find what is due")
