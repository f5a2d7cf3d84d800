"""Child processes that cannot outlive the process that starts them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass
class Child:
    """One running child: in a process group of its own unless it shares the terminal.

    `target` is what signals go to: a process, or minus the number of a process group.
    """

    name: str
    process: subprocess.Popen[bytes]
    target: int
    stop_signal: int
    was_asked: bool = False


@dataclass(frozen=True)
class Account:
    """The system account a child runs as."""

    name: str
    uid: int
    gid: int


class Children:
    """The children of this process, and the reaper that ends them if this process dies.

    The reaper learns through a pipe which children there are. `held` is an open lock file: the reaper inherits it, so
    the lock lasts until the last child is gone.
    """

    def __init__(self, held: IO[str] | None = None) -> None:
        self.running: list[Child] = []
        read_end, self._pipe = os.pipe()
        reaper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("reaper.py"))]
        self._reaper = subprocess.Popen(
            reaper, stdin=read_end, start_new_session=True, cwd="/", pass_fds=[held.fileno()] if held else []
        )
        os.close(read_end)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        stop_signal: int = signal.SIGTERM,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        account: Account | None = None,
        own_group: bool = True,
    ) -> Child:
        """Start one child; its output goes to `log` if one is given."""

        def tell_reaper() -> None:
            # This runs in the child before its program, so the reaper knows of it even if we die now.
            target = -os.getpid() if own_group else os.getpid()
            os.write(self._pipe, f"+{target} {stop_signal}\n".encode())

        with log.open("ab") if log else contextlib.nullcontext() as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL if own_group else None,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                process_group=0 if own_group else None,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=tell_reaper,  # safe: only one thread starts children
            )
        child = Child(name, process, -process.pid if own_group else process.pid, stop_signal)
        self.running.append(child)
        return child

    def wait(self, child: Child, timeout_s: float | None = None) -> int:
        """Wait for the child and return its exit code. Raises `subprocess.TimeoutExpired`."""
        code = child.process.wait(timeout_s)
        self._forget(child)
        return code

    def ask(self, child: Child) -> None:
        """Ask one child to stop, once: some programs take a second signal as an order to hurry."""
        if not child.was_asked:
            child.was_asked = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.target, child.stop_signal)

    def stop(self, child: Child, grace_s: float = 20.0) -> None:
        """Ask one child to stop; after `grace_s` seconds kill it and its group. Return when it is gone."""
        self.ask(child)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(grace_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child.target, signal.SIGKILL)
        child.process.wait()
        self._forget(child)

    def remove_after(self, folder: Path) -> None:
        """Have the reaper remove the folder when all children are gone."""
        os.write(self._pipe, f"x{folder}\n".encode())

    def are_guarded(self) -> bool:
        """Return whether the reaper is alive."""
        return self._reaper.poll() is None

    def close(self) -> None:
        """Stop all children, the youngest first, then the reaper."""
        for child in reversed(self.running.copy()):
            self.stop(child)
        os.close(self._pipe)
        self._reaper.wait()

    def _forget(self, child: Child) -> None:
        if child in self.running:
            self.running.remove(child)
            with contextlib.suppress(BrokenPipeError):
                os.write(self._pipe, f"-{child.target}\n".encode())
