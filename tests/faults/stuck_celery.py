"""The product's Celery app with tasks that end when a test says so and a short last resort, for `celery -A`."""

import threading
import time
from pathlib import Path

from thrive.celery import app
from thrive.worker_steps import ForcedShutdown

ForcedShutdown.TIMEOUT_S = 2


@app.task(name="tests.never_ends")
def never_ends(begun: str) -> None:
    Path(begun).touch()
    threading.Event().wait()


@app.task(name="tests.ends_with_a_file")
def ends_with_a_file(begun: str, may_end: str) -> None:
    Path(begun).touch()
    while not Path(may_end).exists():
        time.sleep(0.05)
    Path(f"{begun}.done").touch()
