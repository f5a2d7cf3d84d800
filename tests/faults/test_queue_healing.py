"""The queue is cut, frozen and replaced under the running program: tasks run again in time, each email arrives once."""

import random
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import pytest

from tests.faults.enrolling import ENROLL
from tests.faults.test_parts_away import QUICK, TAKEN, folder_of, stop
from tests.program import Program, eventually, running_program
from thrive.devserver.servers import ValkeyServer
from thrive.worker_steps import CONSUMING_WITHIN_S

TRIALS = 20  # the places of one cohort
FROZEN_S = 30.0
FROZEN_LONGEST_S = 600.0
RAN_SINCE = "SELECT count(*) FROM challenge_heartbeat WHERE name = 'beat' AND at > to_timestamp(%s)"
UNSENT = "SELECT count(*) FROM challenge_outboxmessage WHERE state <> 'sent'"


class Fault(Protocol):
    """Does something to the queue and lets something happen meanwhile."""

    __name__: str

    def __call__(self, program: Program, meanwhile: Callable[[], object]) -> None:
        """Return at the moment the queue is back."""


def start_queue(program: Program) -> None:
    ValkeyServer(folder_of(program), program.children, durable=False).start()


def cut(program: Program, meanwhile: Callable[[], object]) -> None:
    """The queue stops and comes back."""
    stop(program, "Valkey")
    meanwhile()
    start_queue(program)


def replace(program: Program, meanwhile: Callable[[], object]) -> None:
    """The queue is killed, and an empty one takes its place."""
    next(child for child in program.children.running if child.name == "Valkey").process.kill()
    stop(program, "Valkey")
    shutil.rmtree(folder_of(program) / "valkey")
    meanwhile()
    start_queue(program)


def freeze(program: Program, meanwhile: Callable[[], object], for_s: float = FROZEN_S) -> None:
    """The queue takes connections and answers none, then goes on where it was."""
    queue = next(child for child in program.children.running if child.name == "Valkey").process
    frozen_at = time.monotonic()
    queue.send_signal(signal.SIGSTOP)
    try:
        meanwhile()
        eventually(lambda: time.monotonic() - frozen_at > for_s, within_s=for_s + 60, what="frozen so long")
    finally:
        queue.send_signal(signal.SIGCONT)


def freeze_long(program: Program, meanwhile: Callable[[], object]) -> None:
    """Frozen for ten minutes."""
    freeze(program, meanwhile, FROZEN_LONGEST_S)


def is_consuming(program: Program, since: float, restarted: list[str]) -> bool:
    restarted += program.restart_ended()
    return bool(program.ask(RAN_SINCE, since)[0]["count"])


def try_out(program: Program, fault: Fault, email: str) -> tuple[float, list[str]]:
    """Let it happen while someone enrolls; return the seconds until a task ran again, and what had to be restarted."""
    fault(program, partial(program.shell, ENROLL.format(email=email)))
    back, restarted = time.time(), list[str]()
    eventually(
        partial(is_consuming, program, back, restarted), within_s=CONSUMING_WITHIN_S, what="tasks run again"
    )
    return time.time() - back, restarted


@pytest.mark.deep
def test_whatever_happens_to_the_queue_tasks_run_in_time_and_each_email_arrives_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = random.randrange(10**6)
    faults: list[Fault] = [*[cut, freeze, replace] * (TRIALS // 3), cut, freeze_long]
    random.Random(seed).shuffle(faults)
    took_s: dict[str, list[float]] = {}

    def show(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(line + "\n")

    show(f"\nseed {seed}")
    with running_program(parts=("worker", "beat"), DJANGO_SETTINGS_MODULE=QUICK) as program:
        eventually(lambda: program.ask(RAN_SINCE, 0)[0]["count"], within_s=240, what="worker and beat run")
        for number, fault in enumerate(faults):
            name = fault.__name__
            seconds, restarted = try_out(program, fault, f"heals{number}@runners.test")
            took_s.setdefault(name, []).append(seconds)
            show(f"{number}: {name} {seconds:.1f} s, restarted: {', '.join(restarted) or 'none'}")
        eventually(lambda: not program.ask(UNSENT)[0]["count"], within_s=240, what="nothing is waiting")
        assert program.ask(TAKEN) == [{"count": TRIALS}]
        arrived = [len(program.inbox.to(f"heals{number}@runners.test")) for number in range(TRIALS)]
        assert arrived == [1] * TRIALS
    for name, all_s in sorted(took_s.items()):
        median_s = statistics.median(all_s)
        show(f"{name}: {len(all_s)} times, median {median_s:.1f} s, longest {max(all_s):.1f} s")
