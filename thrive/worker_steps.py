"""What ends a worker that no longer works, so that whatever watches it starts a new one; and its sign of life.

Unfinished tasks run again, because a task is acknowledged only when it is done. Together with the start of the new
process, and with the watch in `thrive.beat`, this keeps one promise: whatever happened to the queue, tasks run within
CONSUMING_WITHIN_S of its return.
"""

import logging
import os
import threading
import time
from typing import Any

import redis
from celery import bootsteps
from celery.worker import state
from django.conf import settings
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from thrive.healthcheck import NO_PROGRESS_S, sign_of_life

log = logging.getLogger(__name__)

QUEUE_NAME = "celery"
LOOK_EVERY_S = 10.0
# Longer than the longest pause between two attempts of Celery to connect, which is 30 seconds.
STUCK_AFTER_S = 45.0
CONSUMING_WITHIN_S = 90.0


class RedisCredit(kombu_redis.QoS):
    """Kombu's count of unfinished tasks, which gives a place back although the queue could not be reached.

    Kombu's own keeps the place when an acknowledgment fails. When the queue goes away while all processes are busy, no
    place is left: the worker reads no socket any more, so it never notices that the connection broke and takes no task
    after the queue's return. The task itself runs again, as with every lost acknowledgment.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge; raises what redis raises, after the place is free."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject; raises what redis raises, after the place is free."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


kombu_redis.Channel.QoS = RedisCredit


class ForcedShutdown(bootsteps.StartStopStep):
    """A worker step that ends the process if its shutdown hangs, so that the supervisor starts a new worker.

    After an error that Celery cannot recover from, its pool waits for its processes without end, while they wait to
    hand over their results. Unfinished tasks run again, because a task is acknowledged only when it is done.
    """

    TIMEOUT_S = 50  # less than the minute of `stop_grace_period` in docker-compose.yml

    def close(self, worker: Any) -> None:
        """Start the countdown; Celery closes its steps first thing in every kind of shutdown."""
        watch = threading.Timer(self.TIMEOUT_S, os._exit, args=(1,))
        watch.daemon = True
        watch.start()


class ProgressWatch(bootsteps.StartStopStep):
    """A worker step that ends the process if tasks wait and this worker takes none.

    After some broken connections Celery goes on without consuming: seen when the queue was killed and replaced. Beat
    sends a task every ten seconds, so tasks that wait for STUCK_AFTER_S next to a free process mean that this worker is
    stuck. While all processes are busy it has NO_PROGRESS_S. The time begins when the queue answers again.
    """

    def start(self, worker: Any) -> None:
        """Start the thread that looks."""
        self.ended = threading.Event()
        threading.Thread(target=self._look, name="progress-watch", daemon=True).start()

    def stop(self, worker: Any) -> None:
        """End the thread."""
        self.ended.set()

    def _look(self) -> None:
        finished, still = (-1, -1), Stillness(time.monotonic())
        while not self.ended.wait(LOOK_EVERY_S):
            busy = len(state.active_requests)
            now = (sum(state.total_count.values()), busy)
            if now != finished:
                finished = now
                sign_of_life("worker").touch()
            still_s = still.lasts_s(now if tasks_wait() else None, time.monotonic())
            is_busy = busy >= settings.CELERY_WORKER_CONCURRENCY
            if still_s > (NO_PROGRESS_S if is_busy else STUCK_AFTER_S):
                log.error("tasks wait and the worker takes none; it ends so that a new one starts")
                os._exit(1)


class Stillness:
    """For how long something has not changed; the time begins at `now`, in seconds of any clock."""

    def __init__(self, now: float) -> None:
        self.seen: object = None
        self.since = now

    def lasts_s(self, seen: object, now: float) -> float:
        """Return the seconds since `seen` changed; 0 for None, which means that nothing can be expected to change."""
        if seen is None or seen != self.seen:
            self.seen, self.since = seen, now
        return now - self.since


def tasks_wait() -> bool:
    """Return whether tasks wait in the queue; False if the queue does not answer, which is not the worker's fault."""
    return bool(waiting_tasks())


def waiting_tasks() -> int | None:
    """Return the number of tasks in the queue, or None if it does not answer."""
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            return int(client.llen(QUEUE_NAME))
    except (redis.RedisError, OSError):
        return None
