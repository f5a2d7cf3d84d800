"""End process groups when the process that started them is gone, even after kill -9.

The reaper is a process of its own, uses the standard library alone, and reads from a pipe. The starter
(`thrive.devserver.children`) writes `+TARGET SIGNAL` for each child before the child runs its program, and `-TARGET`
after the child has ended. A negative target is a process group. `xPATH` names a folder to remove. The pipe ends when
its last writer is dead or done. Then the reaper asks each remaining target to stop, the youngest first, kills those
that do not, and removes the folders.
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
    """Return whether the process, or any process of the group, still runs. Zombies do not count."""
    try:
        os.kill(target, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not Path("/proc/self/stat").exists() or any(map(is_running, members(target)))


def members(target: int) -> list[int]:
    """Return the process, or the processes of the group."""
    if target > 0:
        return [target]
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and group(entry) == -target
    ]


def group(entry: Path) -> int:
    """Return the process group of a folder of /proc, or 0 if the process is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        return os.getpgid(int(entry.name))
    return 0


def is_running(process: int) -> bool:
    """Return whether the process runs. Linux keeps a dead process as `Z` until its parent waits for it."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX"
    return False


def end(target: int, stop_signal: int) -> None:
    """Ask the target to stop, wait up to `GRACE_S` seconds, then kill it."""
    for number in (stop_signal, signal.SIGKILL.value):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(target, number)
        deadline = time.monotonic() + GRACE_S
        while is_alive(target) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not is_alive(target):
            return


def main() -> None:
    """Read until the pipe ends, then end the remaining targets."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the reaper must outlive it
    targets: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        target, _, stop_signal = line[1:].partition(" ")
        if line[0] == "x":
            folders.append(line[1:-1])
        elif line[0] == "+":
            targets[int(target)] = int(stop_signal)
        else:
            targets.pop(int(target), None)
    for target_left in reversed(targets):
        end(target_left, targets[target_left])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
