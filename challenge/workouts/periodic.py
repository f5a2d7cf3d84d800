"""Celery tasks that read uploaded files, started by a message after the upload and by the clock."""

from celery import shared_task
from django.utils import timezone

from challenge.workouts import import_actions

MOST_AT_ONCE = 4  # each may take the reader's whole time, and the worker has other things to do


@shared_task(name="challenge.read_activity_file")
def read_activity_file() -> None:
    """Read one file; the message was sent when it was uploaded."""
    import_actions.read_next(at=timezone.now())


@shared_task(name="challenge.read_waiting_files")
def read_waiting_files() -> None:
    """Read files whose message was lost."""
    for _ in range(MOST_AT_ONCE):
        if not import_actions.read_next(at=timezone.now()):
            return
