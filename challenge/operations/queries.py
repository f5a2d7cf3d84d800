"""Is the program well? Each answer is a name and a sentence without a person in it; empty means well."""

from collections.abc import Callable
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

from challenge.mail.models import GIVE_UP_AFTER, OutboxMessage, State
from challenge.operations.models import Heartbeat
from challenge.targets.queries import missing

BEAT = "beat"
BEAT_IS_LATE_AFTER = timedelta(minutes=5)
MAIL_IS_LATE_AFTER = timedelta(minutes=15)


def troubles(*, at: datetime) -> dict[str, str]:
    """What is wrong now, by name: those of CHECKS."""
    if sentence := _database(at):
        return {"database": sentence}
    return {name: sentence for name, check in CHECKS.items() if (sentence := check(at))}


def _database(at: datetime) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


def _queue(at: datetime) -> str:
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "The queue does not answer."
    return ""


def _cache(at: datetime) -> str:
    try:
        cache.get("health")
    except (redis.RedisError, OSError):
        return "The cache does not answer."
    return ""


def _beat(at: datetime) -> str:
    last = Heartbeat.objects.filter(name=BEAT).first()
    if last is None or abs(at - last.at) > BEAT_IS_LATE_AFTER:  # of the future: the clock was set back
        return "Beat or the worker has not shown itself for five minutes."
    return ""


def _mail(at: datetime) -> str:
    """Mail that waits longer than a quarter of an hour beyond its moment; what failed and is retried is not counted."""
    # `send_at` moves on while the server is away; when the message gives up does not.
    since = at - MAIL_IS_LATE_AFTER + GIVE_UP_AFTER
    late = OutboxMessage.objects.filter(state=State.QUEUED, give_up_at__lte=since, attempts=0)
    return "Mail has been waiting for a quarter of an hour." if late.exists() else ""


def _targets(at: datetime) -> str:
    """Runners due minus decisions made, half an hour after the last of them fell due."""
    return "Weekly targets are overdue." if missing(at=at) else ""


CHECKS: dict[str, Callable[[datetime], str]] = {
    "database": _database,
    "queue": _queue,
    "cache": _cache,
    "beat": _beat,
    "mail": _mail,
    "targets": _targets,
}
