"""Beat's scheduler, for hosts whose clock may be set back."""

from typing import Any

from celery.beat import PersistentScheduler

from thrive.healthcheck import sign_of_life


class ClockSafeScheduler(PersistentScheduler):
    """A scheduler that ignores a last-run time in the future.

    Celery's own waits until the clock is back where it was: set back by an hour, nothing runs for an hour.
    """

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
        return seconds
