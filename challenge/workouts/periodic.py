"""What a nudge and the clock start: reading uploaded files."""

from celery import shared_task
from django.utils import timezone

from challenge.workouts import import_actions

MOST_AT_ONCE = 4  # each may take the reader's whole time, and the worker has other things to do


@shared_task(name="challenge.read_activity_file")
def read_activity_file() -> None:
    """One file; its nudge came when it was uploaded."""
    import_actions.read_next(at=timezone.now())


@shared_task(name="challenge.read_waiting_files")
def read_waiting_files() -> None:
    """Files whose nudge was lost."""
    for _ in range(MOST_AT_ONCE):
        if not import_actions.read_next(at=timezone.now()):
            return
