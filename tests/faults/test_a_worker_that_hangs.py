"""A worker whose pool does not come back ends, so that the next one can be started; one without a queue goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.prepared import PRODUCTION
from tests.program import ROOT, eventually
from thrive.devserver.local import temporary_services
from thrive.devserver.servers import ValkeyServer
from thrive.worker_steps import CONSUMING_WITHIN_S

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


def test_a_worker_goes_on_although_the_queue_went_away_while_it_was_busy(tmp_path: Path) -> None:
    """Both tasks end while the queue is away, so that no acknowledgment arrives: see RedisCredit."""
    with temporary_services() as (services, children):
        env = {**os.environ, **services.environment(), **PRODUCTION}
        celery = [sys.executable, "-m", "celery", "-A", APP, "--quiet", "worker", "-l", "CRITICAL"]
        worker = children.start(
            "worker", [*celery, "--without-gossip", "--without-mingle"], env=env, cwd=ROOT
        ).process
        may_end = tmp_path / "may end"

        def ask(*names: str) -> None:
            begun = [str(tmp_path / name) for name in names]
            code = f"from {APP} import ends_with_a_file as t; [t.delay(b, {str(may_end)!r}) for b in {begun}]"
            subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, check=True)

        ask("one", "two")
        eventually(lambda: (tmp_path / "one").exists() and (tmp_path / "two").exists(), what="both are busy")
        children.stop(next(child for child in children.running if child.name == "Valkey"))
        may_end.touch()
        eventually(lambda: len(list(tmp_path.glob("*.done"))) == 2, what="both tasks end")
        queue_folder = Path(urlsplit(services.redis_url).path).parent.parent
        ValkeyServer(queue_folder, children, durable=False).start()
        ask("three")
        eventually((tmp_path / "three.done").exists, within_s=CONSUMING_WITHIN_S, what="it takes tasks again")
        assert worker.poll() is None
