"""The nudge to the worker. A lost nudge costs seconds: the sweep finds everything that is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_the_mailer(*, urgent: bool = False) -> None:
    """Asks the worker to deliver now; `urgent` goes a way of its own, for sign-in codes."""
    _ask_for("challenge.deliver_urgent_mail" if urgent else "challenge.deliver_mail")


def wake_the_week() -> None:
    """Asks the worker to look now for weeks to decide or to decide anew."""
    _ask_for("challenge.set_weekly_targets")


def _ask_for(task: str) -> None:
    """A broker that is down is noted and passed over."""
    try:
        current_app.send_task(task)
    except (OperationalError, RedisError, OSError):
        log.warning("the worker could not be woken; the sweep will find what is due", extra={"task": task})
