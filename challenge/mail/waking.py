"""The nudge to the worker. A lost nudge costs seconds: the sweep finds everything that is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_the_mailer(*, urgent: bool = False) -> None:
    """Asks the worker to deliver now; `urgent` goes a way of its own, for sign-in codes. A broker that is down is
    noted and passed over."""
    try:
        current_app.send_task("challenge.deliver_urgent_mail" if urgent else "challenge.deliver_mail")
    except (OperationalError, RedisError, OSError):
        log.warning("the mailer could not be woken; the sweep will find what is due")
