"""Reading of an untrusted file in a process of its own, so that nothing in it can harm or stall the worker.

`read_isolated` is the parent's side; `python -m challenge.workouts.activity_files.sandbox` is the child. The child's
standard input holds one line of JSON (the limits and the file's name) and then the file; its standard output is the
result as JSON. It limits itself before it reads the first byte of the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from challenge.db.process_limits import limit_self
from challenge.workouts.activity_files.archive import MOST_BYTES, PIECE, BadArchive, is_zip
from challenge.workouts.activity_files.health_export import is_health_export, read_health_export
from challenge.workouts.activity_files.reader import EMPTY, TOO_BIG, UNREADABLE, read
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
LARGE = SandboxLimits(
    cpu_s=110, wall_s=120.0
)  # for an Apple Health export: a gigabyte takes about ten seconds


def read_isolated(
    content: bytes | Iterable[bytes],
    name: str,
    limits: SandboxLimits = DEFAULT,
    *,
    since: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> FileResult:
    """Return the runs of one upload, read in a process with limits. Never raises for what a file holds.

    A crash, a timeout or exhausted memory becomes a result with a friendly refusal. `content` may come in pieces, so
    that a large export is never in memory as a whole; `progress` is called with the number of bytes that were taken.
    Of an Apple Health export, workouts before `since` are left out.
    """
    upload = _Upload([content] if isinstance(content, bytes) else content, progress)
    orders = {"name": name[:255], "cpu_s": limits.cpu_s, "memory": limits.memory}
    if since is not None:
        orders["since"] = since.isoformat()
    pieces = iter(upload)
    first = next(pieces, b"")
    if not first:
        return FileResult(refusal=EMPTY, sha256=upload.sha256)
    if len(first) > MOST_BYTES and not is_zip(first):
        return FileResult(refusal=TOO_BIG, sha256=upload.sha256)
    question = itertools.chain([json.dumps(orders).encode() + b"\n", first], pieces)
    try:
        result = FileResult.from_json(json.loads(run_worker(question, limits.wall_s)))
        return result if result.sha256 else replace(result, sha256=upload.sha256)
    except subprocess.TimeoutExpired:
        return FileResult(refusal=TOO_SLOW, sha256=upload.sha256)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return FileResult(refusal=GAVE_UP, sha256=upload.sha256)


class _Upload:
    """The pieces of an upload, with the hash and the number of bytes of those that were taken."""

    def __init__(self, pieces: Iterable[bytes], progress: Callable[[int], None] | None) -> None:
        self._pieces, self._progress = pieces, progress
        self._identity = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._identity.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for piece in self._pieces:
            self._identity.update(piece)
            yield piece
            taken += len(piece)
            if self._progress is not None:
                self._progress(taken)


def run_worker(question: Iterable[bytes], wall_s: float, module: str | None = None) -> bytes:
    """Return the answer of a child that runs `module`, by default this one, for a question in pieces.

    Raise TimeoutExpired, also if the kernel ended the child for its processor time.
    """
    module = module or CHILD
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the file goes through the pipe
        [sys.executable, "-m", module],
        cwd=ROOT,
        # The child must not inherit the secrets in this process's environment.
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # The end of the child ends the pipe, and so whatever this process waits for on it.
    clock = threading.Timer(wall_s, _end, [child])
    clock.start()
    try:
        answer = _ask(child, question)
    finally:
        clock.cancel()
        # The child leads a process group of its own: whatever it started ends with it.
        _end(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()
    # Linux sends SIGXCPU at the soft limit of processor time and SIGKILL at the hard one.
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise subprocess.TimeoutExpired(module, wall_s)
    if child.returncode != 0 or len(answer) > LONGEST_ANSWER:
        raise ValueError("the reading process did not answer")
    return answer


def _ask(child: subprocess.Popen[bytes], question: Iterable[bytes]) -> bytes:
    """Hand the question over, piece by piece, and return the answer. The child answers once it has read enough."""
    stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
    with contextlib.suppress(BrokenPipeError):
        for piece in question:
            stdin.write(piece)
        stdin.close()
    answer = stdout.read(LONGEST_ANSWER + 1)
    child.wait()
    return answer


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def main() -> None:
    """Read one file from standard input and write the result to standard output."""
    orders = json.loads(sys.stdin.buffer.readline(10_000))
    # Before the file comes in, because reading it may already exhaust the memory.
    limit_self(orders)
    sys.stdout.write(json.dumps(_read(orders).to_json()))
    sys.stdout.flush()


def _read(orders: dict[str, Any]) -> FileResult:
    stdin, name = sys.stdin.buffer, str(orders["name"])
    head = stdin.read(PIECE)
    if not is_health_export(head):
        return read(head + stdin.read(MOST_BYTES + 1 - len(head)), name)
    since = datetime.fromisoformat(orders["since"]) if "since" in orders else None
    try:
        return read_health_export(head, stdin.read, name, since)
    except BadArchive as refusal:
        return FileResult(refusal=str(refusal))
    except Exception:  # noqa: BLE001 - untrusted files: any damage becomes a sentence, never a crash
        return FileResult(refusal=UNREADABLE)


if __name__ == "__main__":
    main()
