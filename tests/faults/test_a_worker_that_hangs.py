"""A worker whose pool does not come back ends all the same, so that the next one can be started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.prepared import PRODUCTION
from tests.program import ROOT, eventually
from thrive.devserver.local import temporary_services

APP = "tests.faults.stuck_celery"


def test_a_worker_ends_on_request_although_a_task_does_not(tmp_path: Path) -> None:
    """Celery's own end has the exit code 0 and would never come: 1 is the last resort's."""
    begun = tmp_path / "begun"
    with temporary_services() as (services, children):
        env = {**os.environ, **services.environment(), **PRODUCTION}
        celery = [sys.executable, "-m", "celery", "-A", APP, "--quiet", "worker", "-c", "1", "-l", "CRITICAL"]
        worker = children.start("worker", celery, env=env, cwd=ROOT).process
        ask = f"from {APP} import never_ends; never_ends.delay({str(begun)!r})"
        subprocess.run([sys.executable, "-c", ask], env=env, cwd=ROOT, check=True)
        eventually(begun.exists, what="the task has begun")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 1
