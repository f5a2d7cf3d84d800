"""Gunicorn's configuration for development and production; address and number of workers are on its command line."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from thrive.logging import configuration
from thrive.web_worker import LastCallWorker, hold_back_at_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")


class OneLogLogger(Logger):
    """Gunicorn's logger on the program's own handler: one JSON object a line, in UTC, without a visitor's data."""

    def setup(self, cfg: Any) -> None:
        """Set the level as asked, and hand every line to the root logger."""
        super().setup(cfg)
        configuration(settings.LOG_FORMAT)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning; the one about a request that cannot be read holds an address and the visitor's own bytes."""
        if msg.startswith("Invalid request from ip="):
            msg, args = "a request that cannot be read was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log an exception by place and class, without the path of the request, which may hold a call's key."""
        if msg.startswith("Error handling request"):
            msg, args = "a request could not be handled", ()
        super().exception(msg, *args, **kwargs)


logger_class = OneLogLogger
worker_class = LastCallWorker  # with threads: a browser's idle connections must not block the two workers
threads = 4
preload_app = True  # one import for all workers
control_socket_disable = True
timeout = 30
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, not on a slow disk

# Each process counts its requests in files here, which /metrics/ adds up. Gunicorn sets it before it loads the app.
METRICS_FOLDER = Path(worker_tmp_dir or tempfile.gettempdir()) / f"thrive-metrics-{os.getpid()}"
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={METRICS_FOLDER}"]

BODY_PATIENCE_S = 15.0  # for a request's body, plus the time that its bytes take at the slowest speed allowed
SLOWEST_BYTES_PER_S = 16 * 1024


class PatientSocket:
    """A socket that gives up on a request's body slower than SLOWEST_BYTES_PER_S.

    A timeout for each read is not enough: one byte every two seconds would occupy a thread without end.
    """

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.ends = time.monotonic() + BODY_PATIENCE_S

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes. Raises TimeoutError when the body is too slow."""
        remaining_s, timeout_before = self.ends - time.monotonic(), self.sock.gettimeout()
        if remaining_s <= 0:
            raise TimeoutError("the request's body comes too slowly")
        self.sock.settimeout(remaining_s if timeout_before is None else min(remaining_s, timeout_before))
        try:
            data: bytes = self.sock.recv(size)
        finally:
            self.sock.settimeout(timeout_before)
        self.ends += len(data) / SLOWEST_BYTES_PER_S
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


def on_starting(server: Any) -> None:
    """Make the folder of the counters, empty, if anyone asks for them."""
    if settings.METRICS_TOKEN:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
        METRICS_FOLDER.mkdir(mode=0o700)


def when_ready(server: Any) -> None:
    """Stop without a reset for those who have just connected."""
    hold_back_at_the_end(server)


def on_exit(server: Any) -> None:
    """Remove the folder of the counters."""
    shutil.rmtree(METRICS_FOLDER, ignore_errors=True)


def pre_request(worker: Any, req: Any) -> None:
    """Limit the time for the body, whose reading begins now."""
    if hasattr(req.unreader, "sock"):
        req.unreader.sock = PatientSocket(req.unreader.sock)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Remove the limit: gunicorn drains the rest of the connection within five seconds of its own."""
    if hasattr(req.unreader, "sock"):
        req.unreader.sock = getattr(req.unreader.sock, "sock", req.unreader.sock)
