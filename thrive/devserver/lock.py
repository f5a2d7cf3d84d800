"""The lock on var/lock that lets only one program run in this folder. It lasts until the last child is gone."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from thrive.devserver.reaper import is_alive

OTHERS_STOP_WITHIN_S = 40.0


class CannotStart(Exception):
    """Nothing can be started or removed; the message is one sentence for a person."""


@contextlib.contextmanager
def only_one(var: Path, address: str) -> Iterator[IO[str]]:
    """Hold the lock for as long as the block lasts. Raises CannotStart if another program holds it.

    A dead starter's reaper may still be ending children; it holds the same lock, so wait for it.
    """
    try:
        var.mkdir(exist_ok=True)
        held = (var / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"{var} cannot be written ({error.strerror}): use a folder of your own.") from error
    with held:
        _take(held)
        held.truncate(0)
        held.write(f"{os.getpid()} {address}")
        held.flush()
        yield held


def _take(held: IO[str]) -> None:
    deadline = time.monotonic() + OTHERS_STOP_WITHIN_S
    while True:
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.seek(0)
        process, _, address = held.read().partition(" ")
        if time.monotonic() > deadline or (process.isdigit() and is_alive(int(process))):
            raise CannotStart(f"It runs already at {address} (process {process}): stop that one first.")
        time.sleep(0.1)
