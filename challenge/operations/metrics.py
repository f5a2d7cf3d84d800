"""The program's numbers for Prometheus: mail, weeks, files, the queue and heartbeats. No label names a person.

Every web server reads the same database, so rules and boards take the maximum over servers, never the sum.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from challenge.mail.models import NO_LONGER, MessageState, OutboxMessage
from challenge.mail.queries import given_up
from challenge.operations.models import Heartbeat
from challenge.operations.queries import FAILED_EMAIL_COUNTS_FOR, QUEUE_NAME
from challenge.weekly.due import count_missing, due, unwritten
from challenge.workouts.import_models import ImportJob

HOUR = timedelta(hours=1)


class ProgramCollector(Collector):
    """Reads the numbers at one moment. Parts that do not answer are 0 in `_up` and their numbers are missing."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[Metric]:
        yield from queue_metrics()
        try:
            found = [
                *mail_metrics(self.at),
                *week_metrics(self.at),
                *file_metrics(self.at),
                heartbeats(self.at),
            ]
        except DatabaseError:
            found = []
        yield gauge("thrive_database_up", "1 if the database answers.", bool(found))
        yield from found


def gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    """Return a gauge without labels."""
    return GaugeMetricFamily(name, documentation, value=value)


def queue_metrics() -> Iterator[Metric]:
    """Yield how many tasks wait in the queue."""
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            waiting = int(client.llen(QUEUE_NAME))
    except (redis.RedisError, OSError):
        yield gauge("thrive_queue_up", "1 if the queue answers.", 0)
        return
    yield gauge("thrive_queue_up", "1 if the queue answers.", 1)
    yield gauge("thrive_tasks_waiting", "Tasks that no worker has taken.", waiting)


def mail_metrics(at: datetime) -> Iterator[Metric]:
    """Yield what waits in the outbox and what was written within the hour, each by state; and what was given up."""
    waiting = OutboxMessage.objects.filter(state=MessageState.QUEUED).aggregate(
        due=Count("pk", filter=Q(send_at__lte=at)),
        later=Count("pk", filter=Q(send_at__gt=at)),
        retried=Count("pk", filter=Q(attempts__gt=0)),
        since=Min("send_at", filter=Q(send_at__lte=at)),
    )
    yield gauge("thrive_mail_due", "Emails whose time to be sent has come.", waiting["due"])
    yield gauge("thrive_mail_later", "Emails for later, retries among them.", waiting["later"])
    yield gauge("thrive_mail_retried", "Waiting emails that were refused at least once.", waiting["retried"])
    yield gauge("thrive_mail_oldest_seconds", "Age of the oldest due email.", age(waiting["since"], at))
    lost = given_up(since=at - FAILED_EMAIL_COUNTS_FOR).count()
    yield gauge("thrive_mail_given_up", "Emails given up within a day that someone may wait for.", lost)
    # The condition on the text is that of the index `outbox_words`: an hour's emails are read, not all of them.
    recent = OutboxMessage.objects.filter(created_at__gt=at - HOUR).exclude(text=NO_LONGER)
    counts = dict(recent.values_list("state").annotate(number=Count("pk")).order_by())
    states = GaugeMetricFamily(
        "thrive_mail_written", "Emails written within an hour, by state.", labels=["state"]
    )
    for state in MessageState.values:
        states.add_metric([state], counts.get(state, 0))
    yield states


def week_metrics(at: datetime) -> Iterator[Metric]:
    """Yield how many runners wait for this week's decision or its email."""
    waiting = sum(runners.count() for _, runners in due(at=at))
    yield gauge("thrive_weeks_due", "Runners whose week is to be decided.", waiting)
    missing = count_missing(at=at) if waiting else 0
    yield gauge("thrive_weeks_missing", "Runners whose week was due half an hour ago.", missing)
    silent = sum(runners.count() for runners in unwritten(at=at))
    yield gauge("thrive_weeks_without_email", "Runners with a decision and no email about it.", silent)


def file_metrics(at: datetime) -> Iterator[Metric]:
    """Yield the activity files that wait for the reader."""
    unread = ImportJob.objects.exclude(state=ImportJob.ImportState.READ)
    found = unread.aggregate(number=Count("pk"), since=Min("uploaded_at"))
    yield gauge("thrive_files_waiting", "Activity files not read yet.", found["number"])
    yield gauge("thrive_files_oldest_seconds", "Age of the oldest unread file.", age(found["since"], at))


def heartbeats(at: datetime) -> Metric:
    """Return the age of the last task of beat and a worker, backup and restore drill, by name."""
    family = GaugeMetricFamily(
        "thrive_heartbeat_age_seconds", "Time since each sign of life.", labels=["name"]
    )
    for name, last in Heartbeat.objects.values_list("name", "at"):
        family.add_metric([name], age(last, at))
    return family


def age(since: datetime | None, at: datetime) -> float:
    """Return the seconds since then; 0 without a moment."""
    return (at - since).total_seconds() if since else 0.0
