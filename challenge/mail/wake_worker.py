"""Wake the worker. A lost wake-up costs seconds: the scheduled tasks find everything that is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wake_mailer(*, urgent: bool = False) -> None:
    """Ask the worker to deliver now; `urgent` starts the task that sends sign-in codes only."""
    _send_task("challenge.deliver_urgent_mail" if urgent else "challenge.deliver_mail")


def wake_pusher() -> None:
    """Ask the worker to deliver pushes now."""
    _send_task("challenge.deliver_pushes")


def wake_weekly_decision() -> None:
    """Ask the worker to look now for weeks to decide or to revise."""
    _send_task("challenge.set_weekly_targets")


def _send_task(task: str) -> None:
    """Send the task; log and ignore a broker that is down, because the request must not fail with it."""
    try:
        current_app.send_task(task)
    except (OperationalError, RedisError, OSError):
        log.warning(
            "the worker could not be woken; the scheduled task will find what is due", extra={"task": task}
        )
