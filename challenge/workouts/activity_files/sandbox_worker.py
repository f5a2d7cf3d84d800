"""The process that reads one upload: `python -m challenge.workouts.activity_files.sandbox_worker`.

Standard input holds one line of JSON (the limits and the file's name) and then the file; standard output gets
the reading as JSON. It limits itself before the first byte of the file comes in.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from typing import Any

from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.activity_files.reader import read


def limit(values: dict[str, Any]) -> None:
    """Bounds this process: memory in bytes, processor time in seconds; no file written, none started."""
    cpu_s = int(values["cpu_s"])
    for name, most in (
        (resource.RLIMIT_AS, int(values["memory"])),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        # Systems without one of these limits still have the parent's clock.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))


def main() -> None:
    """Reads, answers, ends."""
    orders = json.loads(sys.stdin.buffer.readline(10_000))
    limit(orders)
    reading = read(sys.stdin.buffer.read(MOST_BYTES + 1), str(orders["name"]))
    sys.stdout.write(json.dumps(reading.to_json()))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
