"""How gunicorn serves the program, here and in production; the command line says where and how wide."""

import time
from pathlib import Path
from typing import Any

worker_class = "gthread"  # a browser's idle connections must not block the two workers
threads = 4
preload_app = True  # one import for all workers
control_socket_disable = True
timeout = 30
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, not on a slow disk

PATIENCE_S = 15.0  # for the body of a request, and as long again as its bytes take at the least speed
SLOWEST = 16 * 1024  # bytes a second


class PatientSocket:
    """A socket that gives up on a request's body slower than SLOWEST. A time-out for each read would not do: a byte
    every two seconds keeps that alive for ever, and a thread with it."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.ends = time.monotonic() + PATIENCE_S

    def recv(self, size: int) -> bytes:
        left, before = self.ends - time.monotonic(), self.sock.gettimeout()
        if left <= 0:
            raise TimeoutError("the request's body comes too slowly")
        self.sock.settimeout(left if before is None else min(left, before))
        try:
            data: bytes = self.sock.recv(size)
        finally:
            self.sock.settimeout(before)
        self.ends += len(data) / SLOWEST
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


def pre_request(worker: Any, req: Any) -> None:
    """Watch over the body from here on."""
    if hasattr(req.unreader, "sock"):
        req.unreader.sock = PatientSocket(req.unreader.sock)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """Answered: what is left on the line is gunicorn's to drain, within its own five seconds."""
    if hasattr(req.unreader, "sock"):
        req.unreader.sock = getattr(req.unreader.sock, "sock", req.unreader.sock)
