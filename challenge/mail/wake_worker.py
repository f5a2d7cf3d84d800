"""The nudge to the worker. A lost nudge costs seconds: the sweep finds everything that is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_mailer(*, urgent: bool = False) -> None:
    """Asks the worker to deliver now; `urgent` goes a way of its own, for sign-in codes."""
    _send_task("challenge.deliver_urgent_mail" if urgent else "challenge.deliver_mail")


def wake_weekly_decision() -> None:
    """Asks the worker to look now for weeks to decide or to decide anew."""
    _send_task("challenge.set_weekly_targets")


def _send_task(task: str) -> None:
    """A broker that is down is noted and passed over."""
    try:
        current_app.send_task(task)
    except (OperationalError, RedisError, OSError):
        log.warning("the worker could not be woken; the sweep will find what is due", extra={"task": task})
