"""Reads a stranger's file in a process of its own, so that nothing in it can harm or stall the worker."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from challenge.workouts.activity_files import FileResult
from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.activity_files.reader import EMPTY, TOO_BIG

ROOT = Path(__file__).resolve().parents[2]
CHILD = "challenge.workouts.activity_files.sandbox_worker"
LONGEST_ANSWER = 2_000_000

TOO_SLOW = "Reading this file took too long, so we stopped. Please send fewer or shorter files at once."
GAVE_UP = "We could not read this file. Please export it again, or type the run in by hand."


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one upload may cost: processor and wall-clock seconds, and bytes of address space."""

    cpu_s: int = 30
    wall_s: float = 45.0
    memory: int = 768 * 1024 * 1024


DEFAULT = SandboxLimits()


def read_isolated(data: bytes, name: str, limits: SandboxLimits = DEFAULT) -> FileResult:
    """What `activity_files.read` says, from a process with limits; raises on no input.

    A crash, a time-out or memory run out becomes a reading with a friendly refusal.
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
    """The child's answer. Raises TimeoutExpired, also when the kernel ended it for its processor time."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the file goes through the pipe
        [sys.executable, "-m", CHILD],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(question, timeout=wall_s)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise subprocess.TimeoutExpired(CHILD, wall_s)
    if child.returncode != 0 or len(answer) > LONGEST_ANSWER:
        raise ValueError("the reading process did not answer")
    return answer
