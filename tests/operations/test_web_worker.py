"""A web server that stops: whoever has connected is answered, whoever comes later is refused at once."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prepared import PRODUCTION
from tests.program import eventually, free_port
from thrive.web_worker import hold_back

ROOT = Path(__file__).resolve().parents[2]
VISITORS = 6
FORM = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nx=1"
APP = "def app(environ, start):\n    start('200 OK', [('Content-Length', '2')])\n    return [b'ok']\n"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is the Linux kernel's")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, int, int]]:
    """Run gunicorn with our configuration and one worker; yield its port, its process and its worker's."""
    (tmp_path / "small_app.py").write_text(APP)
    port = free_port()
    command = ["gunicorn", "small_app:app", "-c", "python:thrive.gunicorn_conf", "--workers", "1"]
    # No service is asked: the configuration reads the settings, and they want addresses.
    nowhere = {
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": "redis://127.0.0.1:1/1",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--bind", f"127.0.0.1:{port}", "--log-level", "error"],
        cwd=ROOT,
        env=os.environ | PRODUCTION | nowhere,
    ) as master:
        try:
            eventually(lambda: answer(port) == 200, within_s=120, what="gunicorn answers")
            worker = int(Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()[0])
            yield port, master.pid, worker
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)
            master.terminate()
            master.wait(60)


def answer(port: int) -> int:
    """Return the status of the answer to a form; 0 for none."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=30) as visitor,
    ):
        visitor.sendall(FORM)
        return status(visitor)
    return 0


def status(visitor: socket.socket) -> int:
    """Return the status that a connection gets; 0 where it is reset."""
    with contextlib.suppress(OSError):
        words = visitor.recv(1000).split()
        visitor.close()  # gunicorn waits for it
        return int(words[1]) if words else 0
    return 0


def test_whoever_has_connected_when_a_web_server_stops_is_answered(server: tuple[int, int, int]) -> None:
    port, master, worker = server
    # The worker sleeps, as on a busy machine, while the kernel lets visitors in on its behalf.
    os.kill(worker, signal.SIGSTOP)
    with contextlib.ExitStack() as lines:
        visitors = [
            lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            for _ in range(VISITORS)
        ]
        for visitor in visitors:
            visitor.sendall(FORM)
        os.kill(master, signal.SIGTERM)
        pending = Path(f"/proc/{worker}/status")
        eventually(lambda: _has_term_pending(pending.read_text()), what="gunicorn tells its worker to stop")
        with pytest.raises(TimeoutError):  # held back: the next try finds the socket closed
            socket.create_connection(("127.0.0.1", port), timeout=0.3)
        os.kill(worker, signal.SIGCONT)
        assert [status(visitor) for visitor in visitors] == [200] * VISITORS
    eventually(lambda: not answer(port), what="its socket is closed")


def _has_term_pending(text: str) -> bool:
    signals = next(line.split()[1] for line in text.splitlines() if line.startswith("ShdPnd"))
    return bool(int(signals, 16) & 1 << (signal.SIGTERM - 1))


def test_a_socket_that_is_held_back_keeps_whom_it_has_and_takes_no_one_new() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address, timeout=30) as early:
            hold_back(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.3)
            ours, _ = listener.accept()
            with ours:
                early.sendall(b"here")
                assert ours.recv(10) == b"here"
                ours.sendall(b"seen")
                assert early.recv(10) == b"seen"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=30)
