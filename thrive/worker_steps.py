"""What ends a worker that no longer works, so that whatever watches it starts a new one; and its sign of life.

Unfinished tasks run again, because a task is acknowledged only when it is done.
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
    """A worker step that ends the process if tasks wait and none was finished for three minutes.

    After some broken connections Celery goes on without consuming: seen when the queue was killed and replaced. Beat
    sends a task every ten seconds, so waiting tasks without progress mean that this worker is stuck.
    """

    def start(self, worker: Any) -> None:
        """Start the thread that looks."""
        self.ended = threading.Event()
        threading.Thread(target=self._look, name="progress-watch", daemon=True).start()

    def stop(self, worker: Any) -> None:
        """End the thread."""
        self.ended.set()

    def _look(self) -> None:
        finished, since = -1, time.monotonic()
        while not self.ended.wait(LOOK_EVERY_S):
            now = sum(state.total_count.values()) - len(state.active_requests)
            if now != finished:
                finished, since = now, time.monotonic()
                sign_of_life("worker").touch()
            elif time.monotonic() - since > NO_PROGRESS_S and _tasks_wait():
                log.error("the worker finished no task for three minutes while tasks wait; it ends")
                os._exit(1)


def _tasks_wait() -> bool:
    """Return whether tasks wait in the queue; False if the queue does not answer, which is not the worker's fault."""
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
            return bool(client.llen(QUEUE_NAME))
    except (redis.RedisError, OSError):
        return False
