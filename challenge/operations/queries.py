"""The program's health checks.

Each check returns a sentence about what is wrong, or an empty string. The sentences are public: they name no person.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from challenge.mail.models import GIVE_UP_AFTER, MessageState, OutboxMessage
from challenge.mail.queries import given_up, kept_waiting, why_waiting
from challenge.operations.data_key import wrong_key_sentence
from challenge.operations.models import Heartbeat
from challenge.weekly.due import count_missing, unwritten

BEAT = "beat"
INSTALLED = "installed"  # the first heartbeat ever
BACKUP = "backup"
RESTORE_DRILL = "restore_drill"
BACKUP_COPY = "backup_copy"  # in another place; no row where no one copies
QUEUE_NAME = "celery"
# A process that has just started waits for the first sign of the others.
PROCESS_STARTED_AT = timezone.now()
START_TAKES = timedelta(minutes=2)
BACKUP_IS_OLD_AFTER = timedelta(hours=26)
DRILL_IS_OLD_AFTER = timedelta(days=8)
LEAST_FREE_SHARE = 0.1
BEAT_IS_LATE_AFTER = timedelta(minutes=5)
MAIL_IS_LATE_AFTER = timedelta(minutes=15)
FAILED_EMAIL_COUNTS_FOR = timedelta(days=1)
# One address refused for now is a full mailbox; two or more point to our own mail server.
ADDRESSES_OF_A_FULL_MAILBOX = 1


def failing_checks(*, at: datetime) -> dict[str, str]:
    """Return the sentences of the failing checks by name, see CHECKS."""
    # Without a database every other check would fail too and hide the cause.
    if sentence := _database(at):
        return {"database": sentence}
    # Without its tables every other check would raise.
    if sentence := _migrations(at):
        return {"migrations": sentence}
    return {name: sentence for name, check in CHECKS.items() if (sentence := check(at))}


def _database(at: datetime) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


def _migrations(at: datetime) -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return ""
    lacking = f"{len(missing)} migration{'' if len(missing) == 1 else 's'}"
    return f"The database lacks {lacking}, first {missing[0][0].name}: run `manage.py migrate`."


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
    """Report the late part by name: tasks that wait are the worker's, no tasks are beat's."""
    last = Heartbeat.objects.filter(name=BEAT).first()
    if (
        last is not None and abs(at - last.at) <= BEAT_IS_LATE_AFTER
    ):  # a future heartbeat: the clock was set back
        return ""
    if timedelta(0) <= at - PROCESS_STARTED_AT < START_TAKES:  # a clock that was set back is no start
        return ""
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            waiting = int(client.llen(QUEUE_NAME))
    except (redis.RedisError, OSError):
        return "The program’s background work has stopped for five minutes: the queue doesn’t answer."
    if waiting:
        return f"The program’s background work has stopped for five minutes, and {waiting} tasks are waiting."
    return "The program’s background work has stopped for five minutes: its timer sends nothing."


def _mail(at: datetime) -> str:
    """Report mail that is 15 minutes late: never tried, or refused for several addresses."""
    # `send_at` moves on with every retry, `give_up_at` does not, so lateness is measured from the latter.
    since = at - MAIL_IS_LATE_AFTER + GIVE_UP_AFTER
    late = OutboxMessage.objects.filter(state=MessageState.QUEUED, give_up_at__lte=since, attempts=0)
    refused = kept_waiting(at=at, longer_than=MAIL_IS_LATE_AFTER)
    if late.exists() or refused.values("to_email").distinct().count() > ADDRESSES_OF_A_FULL_MAILBOX:
        return f"Emails have been waiting for a quarter of an hour: {why_waiting(late | refused)}."
    return ""


def _failed(at: datetime) -> str:
    """Report mail that was given up within the last day."""
    number = given_up(since=at - FAILED_EMAIL_COUNTS_FOR).count()
    return (
        f"{number} email{'' if number == 1 else 's'} could not be sent within the last day." if number else ""
    )


def _unwritten(at: datetime) -> str:
    """Report runners whose week is decided and who have no email about it."""
    number = sum(runners.count() for runners in unwritten(at=at))
    if not number:
        return ""
    who = "1 runner has" if number == 1 else f"{number} runners have"
    return f"{who} a decision for this week and no email about it, sent or waiting. A clinician should call them."


def _targets(at: datetime) -> str:
    """Report missing decisions, half an hour after the last runner fell due."""
    return "Weekly targets are overdue." if count_missing(at=at) else ""


def _backup(at: datetime) -> str:
    return _too_old(at, BACKUP, BACKUP_IS_OLD_AFTER, "backup")


def _drill(at: datetime) -> str:
    return _too_old(at, RESTORE_DRILL, DRILL_IS_OLD_AFTER, "restore drill")


def _copy(at: datetime) -> str:
    """Report a copy of the backups in another place that is overdue, where there has been a try at one."""
    last = Heartbeat.objects.filter(name=BACKUP_COPY).first()
    if last is None or at - last.at <= BACKUP_IS_OLD_AFTER:
        return ""
    hours = int((at - last.at).total_seconds() // 3600)
    return f"The copy of the backups in another place is {hours} hours old."


def _too_old(at: datetime, name: str, after: timedelta, what: str) -> str:
    """Report a nightly or weekly duty that is overdue; an installation younger than that has until then."""
    if settings.DEBUG:
        return ""
    rows = dict(Heartbeat.objects.filter(name__in=[name, INSTALLED]).values_list("name", "at"))
    since = rows.get(name) or rows.get(INSTALLED)
    if since is None or at - since <= after:
        return ""
    hours = int((at - since).total_seconds() // 3600)
    return f"The last {what} is {hours} hours old." if name in rows else f"There has been no {what} yet."


def _disk(at: datetime) -> str:
    """Report a disk that is nearly full: where uploads lie, and where the program does.

    In a container the first is memory, and the second the disk of the host's volumes.
    """
    for folder in (tempfile.gettempdir(), settings.BASE_DIR):
        usage = shutil.disk_usage(folder)
        if usage.free < LEAST_FREE_SHARE * usage.total:
            return f"The disk of the program has {usage.free // 2**20} MB left."
    return ""


def _data_key(at: datetime) -> str:
    return wrong_key_sentence()


CHECKS: dict[str, Callable[[datetime], str]] = {
    "database": _database,
    "queue": _queue,
    "cache": _cache,
    "beat": _beat,
    "mail": _mail,
    "failed": _failed,
    "targets": _targets,
    "unwritten": _unwritten,
    "backup": _backup,
    "drill": _drill,
    "copy": _copy,
    "disk": _disk,
    "data_key": _data_key,
}
