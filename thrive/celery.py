"""The Celery app: a waker. What is due is in the database; a task carries ids, never content."""

import os
import sys
import threading
from typing import Any

import structlog
from celery import Celery, bootsteps
from celery.signals import beat_init, before_task_publish, celeryd_init, task_postrun, task_prerun
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")

app = Celery("thrive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()


class ForcedShutdown(bootsteps.StartStopStep):
    """A worker that is to end does end, and whoever keeps it running starts the next one.

    After an error that it cannot get over, of the broker for example, celery's pool waits for its processes without
    end, and they wait to hand over their results. What they have begun is done again: nothing is acknowledged early.
    """

    WITHIN_S = 50  # inside the minute that docker-compose.yml gives it

    def close(self, worker: Any) -> None:
        """The first thing that an ending worker does, however it comes to end."""
        watch = threading.Timer(self.WITHIN_S, os._exit, args=(1,))
        watch.daemon = True
        watch.start()


app.steps["worker"].add(ForcedShutdown)


@celeryd_init.connect
@beat_init.connect
def check_environment(**kwargs: Any) -> None:
    """Worker and beat run no system checks, so they end here with the sentence."""
    if settings.ENVIRONMENT.problems:
        sys.exit(settings.ENVIRONMENT.sentence())


@before_task_publish.connect
def pass_request_id(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """What a request asked for is logged under the request's id."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers["request_id"] = request_id


@task_prerun.connect
def bind_ids(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    """Every line of a task has its name, its id and the id of the request that asked for it."""
    structlog.contextvars.clear_contextvars()
    asked_by = getattr(task.request, "request_id", None) or (task.request.headers or {}).get("request_id")
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, request_id=asked_by or task_id)


@task_postrun.connect
def forget_ids(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
