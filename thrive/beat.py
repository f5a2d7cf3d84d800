"""Beat's scheduler, for hosts whose clock may be set back, and the watch that ends a beat which no longer ticks."""

import logging
import os
import time
from typing import Any, ClassVar

from celery.beat import PersistentScheduler

from thrive import worker_steps
from thrive.healthcheck import sign_of_life

log = logging.getLogger(__name__)


class ClockSafeScheduler(PersistentScheduler):
    """A scheduler that ignores a last-run time in the future.

    Celery's own waits until the clock is back where it was: set back by an hour, nothing runs for an hour.
    """

    ticks: ClassVar[int] = 0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Start one task that is due; return the seconds until the next call."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            # The heap is ordered by moments of the old clock.
            self.populate_heap()
        seconds = super().tick(*args, **kwargs)
        sign_of_life("beat").touch()
        ClockSafeScheduler.ticks += 1
        return seconds


def watch_ticks() -> None:
    """End this process when beat has not ticked for STUCK_AFTER_S although the queue answers all the time.

    Beat ticks every ten seconds at least; its pause between two attempts to connect may be half a minute.
    """
    still = worker_steps.Stillness(time.monotonic())
    while True:
        time.sleep(worker_steps.LOOK_EVERY_S)
        ticks = None if worker_steps.waiting_tasks() is None else ClockSafeScheduler.ticks
        if still.lasts_s(ticks, time.monotonic()) > worker_steps.STUCK_AFTER_S:
            log.error("beat sends no task although the queue answers; it ends so that a new one starts")
            os._exit(1)
