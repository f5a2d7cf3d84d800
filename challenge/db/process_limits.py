"""The limits that a process sets itself before it reads an untrusted file.

In a file of its own, so that such a process loads nothing but its reader.
"""

import contextlib
import resource
from typing import Any


def limit_self(values: dict[str, Any]) -> None:
    """Limit this process: memory in bytes, processor time in seconds; no file written, no process started."""
    cpu_s = int(values["cpu_s"])
    for name, most in (
        (resource.RLIMIT_AS, int(values["memory"])),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        # A system without one of these limits still has the parent's timeout.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))
