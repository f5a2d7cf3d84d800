"""The Celery app. Tasks only wake the worker: what is due is in the database, and a message carries no content."""

import logging
import os
import sys
import threading
from typing import Any

import structlog
from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
)
from celery.utils.log import get_multiprocessing_logger
from django.conf import settings

from thrive.beat import watch_ticks
from thrive.worker_steps import ForcedShutdown, ProgressWatch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")

app = Celery("thrive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()


app.steps["worker"].update({ForcedShutdown, ProgressWatch})


@setup_logging.connect
def keep_logging(loglevel: int = logging.WARNING, **kwargs: Any) -> None:
    """Keep the program's own handler; Celery would add one that writes plain lines in local time."""
    logging.getLogger().setLevel(loglevel)
    if pool_log := get_multiprocessing_logger():
        pool_log.propagate = True


@celeryd_init.connect
@beat_init.connect
def check_environment(**kwargs: Any) -> None:
    """End worker and beat on a wrong configuration: they run no system checks."""
    if settings.ENVIRONMENT.problems:
        sys.exit(settings.ENVIRONMENT.sentence())


@celeryd_init.connect
def check_data_key(**kwargs: Any) -> None:
    """End the worker if DATA_KEY does not open what is stored."""
    from challenge.operations.data_key import wrong_key_at_start  # models need the apps

    if sentence := wrong_key_at_start():
        sys.exit(sentence)


@beat_init.connect
def start_beat_watch(**kwargs: Any) -> None:
    """Watch beat from a thread of its own, as ProgressWatch does the worker."""
    threading.Thread(target=watch_ticks, name="beat-watch", daemon=True).start()


@before_task_publish.connect
def pass_request_id(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """Send the request's id along with the task, so that both log under it."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def bind_ids(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    """Add the task's name and id and the request's id to every log line of the task."""
    structlog.contextvars.clear_contextvars()
    request_id = getattr(task.request, "request_id", None) or (task.request.headers or {}).get("request_id")
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, request_id=request_id or task_id)


@task_postrun.connect
def forget_ids(**kwargs: Any) -> None:
    """Clear the ids before the process takes its next task."""
    structlog.contextvars.clear_contextvars()
