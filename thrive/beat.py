"""Beat's scheduler, for hosts whose clock is set back."""

from typing import Any

from celery.beat import PersistentScheduler


class ClockSafeScheduler(PersistentScheduler):
    """Remembers when each job last ran; a moment that has not come yet is no such memory.

    Celery's own waits until the clock has come back to where it was: set back an hour, nothing runs for an hour.
    """

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Starts what is due; how many seconds until it should be asked again."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # it is ordered by moments of the old clock
        return super().tick(*args, **kwargs)
