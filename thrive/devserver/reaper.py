"""Ends process groups when the process that started them is gone, however it went.

Runs alone, with the standard library only, holding the reading end of a pipe. The starter
(`thrive.devserver.children`) writes `+TARGET SIGNAL` for each child before the child runs its program, and `-TARGET`
once it has ended. A negative target is a process group; `xPATH` names a folder to remove. When the pipe ends,
its last writer is dead or done: whatever is still named is asked to stop, the youngest first, and killed when
it does not; then the folders go.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

GRACE_S = 5.0


def is_alive(target: int) -> bool:
    """Whether the process, or anybody of the group, still runs; the dead whom nobody buried do not count."""
    try:
        os.kill(target, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not Path("/proc/self/stat").exists() or any(map(is_running, members(target)))


def members(target: int) -> list[int]:
    """The process, or the processes of the group."""
    if target > 0:
        return [target]
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and group(entry) == -target
    ]


def group(entry: Path) -> int:
    """The process group of a folder of /proc; 0 when the process is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        return os.getpgid(int(entry.name))
    return 0


def is_running(process: int) -> bool:
    """Whether the process is more than an entry: Linux keeps the dead as `Z` until their parent asks."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX"
    return False


def end(target: int, stop_signal: int) -> None:
    """Ask, wait for a few seconds, then kill."""
    for number in (stop_signal, signal.SIGKILL.value):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(target, number)
        deadline = time.monotonic() + GRACE_S
        while is_alive(target) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not is_alive(target):
            return


def main() -> None:
    """Read until the pipe ends, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        target, _, stop_signal = line[1:].partition(" ")
        if line[0] == "x":
            folders.append(line[1:-1])
        elif line[0] == "+":
            left[int(target)] = int(stop_signal)
        else:
            left.pop(int(target), None)
    for last in reversed(left):
        end(last, left[last])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
