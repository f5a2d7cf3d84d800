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

from thrive.healthcheck import NO_PROGRESS_S, sign_of_life

log = logging.getLogger(__name__)

QUEUE_NAME = "celery"
LOOK_EVERY_S = 10.0
# Longer than the longest pause between two attempts of Celery to connect, which is 30 seconds.
STUCK_AFTER_S = 45.0
CONSUMING_WITHIN_S = 90.0


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
    sends a task every ten seconds, so tasks that wait for STUCK_AFTER_S beside a free process mean that this worker is
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
        seen, since = (-1, -1), time.monotonic()
        while not self.ended.wait(LOOK_EVERY_S):
            busy = len(state.active_requests)
            now = (sum(state.total_count.values()), busy)
            moved = now != seen
            if moved:
                sign_of_life("worker").touch()
            if moved or not tasks_wait():
                seen, since = now, time.monotonic()
                continue
            is_busy = busy >= settings.CELERY_WORKER_CONCURRENCY
            if time.monotonic() - since > (NO_PROGRESS_S if is_busy else STUCK_AFTER_S):
                log.error("tasks wait and the worker takes none; it ends so that a new one starts")
                os._exit(1)


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
