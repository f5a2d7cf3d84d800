"""The product's Celery app with a task that never ends and a short last resort, for `celery -A`."""

import threading
from pathlib import Path

from thrive.celery import app
from thrive.worker_steps import ForcedShutdown

ForcedShutdown.TIMEOUT_S = 2


@app.task(name="tests.never_ends")
def never_ends(begun: str) -> None:
    Path(begun).touch()
    threading.Event().wait()
