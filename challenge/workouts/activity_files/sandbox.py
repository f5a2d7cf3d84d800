"""Reading of an untrusted file in a process of its own, so that nothing in it can harm or stall the worker.

`read_isolated` is the parent's side; `python -m challenge.workouts.activity_files.sandbox` is the child. The child's
standard input holds one line of JSON (the limits and the file's name) and then the file; its standard output is the
result as JSON. It limits itself before it reads the first byte of the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.activity_files.reader import EMPTY, TOO_BIG, read
from challenge.workouts.activity_files.recording import FileResult

ROOT = Path(__file__).resolve().parents[3]
CHILD = "challenge.workouts.activity_files.sandbox"
LONGEST_ANSWER = 2_000_000

TOO_SLOW = "Reading this file took too long, so we stopped. Please send fewer or shorter files at once."
GAVE_UP = "We could not read this file. Please export it again, or type the run in by hand."


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The limits of one upload: processor and wall-clock seconds, and bytes of address space."""

    cpu_s: int = 30
    wall_s: float = 45.0
    memory: int = 768 * 1024 * 1024


DEFAULT = SandboxLimits()


def read_isolated(data: bytes, name: str, limits: SandboxLimits = DEFAULT) -> FileResult:
    """Return the result of `activity_files.read`, run in a process with limits. Never raises.

    A crash, a timeout or exhausted memory becomes a result with a friendly refusal.
    """
    identity = hashlib.sha256(data).hexdigest()
    if not data:
        return FileResult(refusal=EMPTY, sha256=identity)
    if len(data) > MOST_BYTES:
        return FileResult(refusal=TOO_BIG, sha256=identity)
    orders = {"name": name[:255], "cpu_s": limits.cpu_s, "memory": limits.memory}
    try:
        answer = _run_worker(json.dumps(orders).encode() + b"\n" + data, limits.wall_s)
        return FileResult.from_json(json.loads(answer))
    except subprocess.TimeoutExpired:
        return FileResult(refusal=TOO_SLOW, sha256=identity)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return FileResult(refusal=GAVE_UP, sha256=identity)


def _run_worker(question: bytes, wall_s: float) -> bytes:
    """Return the child's answer. Raise TimeoutExpired, also if the kernel ended the child for its processor time."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the file goes through the pipe
        [sys.executable, "-m", CHILD],
        cwd=ROOT,
        # The child must not inherit the secrets in this process's environment.
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(question, timeout=wall_s)
    finally:
        # The child leads a process group of its own: whatever it started ends with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()
    # Linux sends SIGXCPU at the soft limit of processor time and SIGKILL at the hard one.
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise subprocess.TimeoutExpired(CHILD, wall_s)
    if child.returncode != 0 or len(answer) > LONGEST_ANSWER:
        raise ValueError("the reading process did not answer")
    return answer


def _limit_self(values: dict[str, Any]) -> None:
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


def main() -> None:
    """Read one file from standard input and write the result to standard output."""
    orders = json.loads(sys.stdin.buffer.readline(10_000))
    # Before the file comes in, because reading it may already exhaust the memory.
    _limit_self(orders)
    result = read(sys.stdin.buffer.read(MOST_BYTES + 1), str(orders["name"]))
    sys.stdout.write(json.dumps(result.to_json()))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
