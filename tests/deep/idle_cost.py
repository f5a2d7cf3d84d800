"""What the idle program costs: processor seconds a minute and memory of each part, as docs/scaling.md says.

Memory counts shared pages once (PSS). 1 where the whole takes more than a host of 1 GB has to give.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.program import running_program  # noqa: E402 - the path above comes first

SETTLES_S, MEASURED_S = 30, 120
MOST_MB = 750
NAMES = {
    "gunicorn": "web",
    "postgres": "PostgreSQL",
    "valkey": "Valkey",
    " beat": "beat",
    "celery": "worker",
}


@dataclass
class Cost:
    """Of one part: its processes, their processor seconds since they began, and their memory in MB."""

    processes: int = 0
    seconds: float = 0
    memory_mb: float = 0


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one, by /proc of Linux."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    for child in map(int, children.split()):
        yield child
        yield from descendants(child)


def costs() -> dict[str, Cost]:
    """Return what each part has taken up to now; a process that ended meanwhile is left out."""
    found = {part: Cost() for part in NAMES.values()}
    for pid in descendants(os.getpid()):
        folder = Path(f"/proc/{pid}")
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            shared = (folder / "smaps_rollup").read_text()
        except OSError:
            continue
        part = next((part for word, part in NAMES.items() if word in command), None)
        if part is None:
            continue
        cost = found[part]
        cost.processes += 1
        # Its own and those of its children that ended, in user and kernel mode.
        cost.seconds += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        cost.memory_mb += (
            next(int(line.split()[1]) for line in shared.splitlines() if line[:4] == "Pss:") / 1024
        )
    return found


def main() -> int:
    with running_program():
        time.sleep(SETTLES_S)
        before = costs()
        time.sleep(MEASURED_S)
        after = costs()
    rows = {
        part: Cost(
            cost.processes,
            (cost.seconds - before[part].seconds) / MEASURED_S * 60,
            # A worker's process that just began shares what it will not share for long.
            max(cost.memory_mb, before[part].memory_mb),
        )
        for part, cost in after.items()
    }
    figures = [(row.processes, row.seconds, row.memory_mb) for row in rows.values()]
    rows["together"] = Cost(*map(sum, zip(*figures, strict=True)))
    for part, row in rows.items():
        sys.stdout.write(
            f"{part:12} {row.processes:3} processes {row.seconds:6.2f} s a minute {row.memory_mb:6.0f} MB\n"
        )
    return 1 if rows["together"].memory_mb > MOST_MB or not all(row.processes for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
