"""Several web and worker processes behind a small connection pool: what each part costs, and one killed in a rush.

Costs are processor time of each part, read from the kernel, so that a busy machine does not change them. Each web
server is a gunicorn of its own with its own port, as on a host of its own behind a balancer.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deep.test_load import PEOPLE, Person, check_the_log
from tests.pooler import POOL_SIZE
from tests.program import ROOT, Program, eventually, free_port, running_program

pytestmark = pytest.mark.deep
RUNNERS = int(os.environ.get("HOSTS_RUNNERS", "120"))  # fewer on a busy machine
HOSTS = (1, 2, 4)
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
DECIDE = """
import json, time
from datetime import timedelta
from django.utils import timezone
from challenge.weekly.decide import decide_due
# On a Monday morning the week of the cohorts' first Monday is not due yet.
due = timezone.now() + timedelta(days=1)
begun = time.process_time()
number = decide_due(now=lambda: due)
print(json.dumps([number, time.process_time() - begun]))
"""
EMPTY = "TRUNCATE challenge_weeklytarget, challenge_outboxmessage CASCADE"
DOUBLE = (
    "SELECT count(*) - count(DISTINCT (enrollment_id, week_starts_on)) AS twice FROM challenge_weeklytarget"
)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv(POOL_SIZE, "3")
    with running_program(parts=("web",), REQUIRE_STAFF_MFA="0") as running:
        yield running


def runners_of(program: Program) -> list[Person]:
    counts = {"runners": RUNNERS, "staff": 0, "cohorts": (RUNNERS - 1) // 20 + 1}
    return [Person(program, *who) for who in json.loads(program.shell(PEOPLE % counts))[0]]


def another_web(program: Program) -> Program:
    """Start one more web server on the same database, queue and cache."""
    other = replace(program, url=f"http://localhost:{free_port()}", parts={})
    other.start("web")
    eventually(other.answers, within_s=180, what="another web server answers")
    return other


def processor_s(root: int) -> float:
    """Return the processor time of a process, its children that live and those it has buried."""
    fields = Path(f"/proc/{root}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15])
    below = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    return own / TICKS_A_SECOND + sum(processor_s(int(child)) for child in below)


def spent(programs: list[Program]) -> Counter[str]:
    """Return the processor time so far of web servers together, database, pool and queue."""
    found: Counter[str] = Counter()
    for child in programs[0].children.running:
        found[child.name] += processor_s(child.process.pid)  # type: ignore[assignment]
    return found


def walk(people: list[Person]) -> None:
    for person in people:
        for path in person.paths:
            person.open(path)


def rush(programs: list[Program], people: list[Person]) -> None:
    """Let four visitors at a time ask each web server."""
    for number, person in enumerate(people):
        person.program = programs[number % len(programs)]
    lanes = 4 * len(programs)
    threads = [threading.Thread(target=walk, args=(people[lane::lanes],)) for lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def per(before: Counter[str], after: Counter[str], number: int) -> str:
    """Return each part's processor milliseconds for one of `number`."""
    parts = {name: 1000 * (after[name] - before[name]) / number for name in after}
    return ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(parts.items()) if ms >= 0.05)


def test_what_a_page_and_a_week_cost_on_one_two_and_four_servers(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    people, programs = runners_of(program), [program]

    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    for hosts in HOSTS:
        programs += [another_web(program) for _ in range(hosts - len(programs))]
        rush(programs, people[: 8 * hosts])  # warm
        statuses = sum((person.statuses for person in people), Counter())
        before, start = spent(programs), time.monotonic()
        rush(programs, people)
        asked = sum((person.statuses for person in people), Counter()) - statuses
        pace = asked.total() / (time.monotonic() - start)
        costs = per(before, spent(programs), asked.total())
        say(f"{hosts} web servers, {pace:.0f} requests a second; processor ms for each: {costs}")
        assert set(asked) <= {200, 302}, asked
    check_the_log(program, people)
    for workers in HOSTS:
        program.ask(EMPTY)
        say(a_monday(program, workers))


def a_monday(program: Program, workers: int) -> str:
    """Decide the week of every runner in so many processes at once; return what it cost, in words."""
    before, start = spent([program]), time.monotonic()
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", DECIDE]
    deciding = [
        subprocess.Popen(command, cwd=ROOT, env=program.environment, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    done = [json.loads(process.communicate()[0]) for process in deciding]
    seconds, number = time.monotonic() - start, sum(count for count, _ in done)
    assert number == RUNNERS
    assert program.ask(DOUBLE)[0]["twice"] == 0
    own = 1000 * sum(processor for _, processor in done) / number
    costs = per(before, spent([program]), number)
    return f"{workers} workers decide {number} weeks in {seconds:.1f} s; processor ms for each: {own:.1f}, {costs}"


def test_a_web_process_killed_in_a_rush_costs_its_open_requests_alone(program: Program) -> None:
    people, programs = runners_of(program), [program, another_web(program)]
    rushing = threading.Thread(target=rush, args=(programs, people * 2))
    rushing.start()
    eventually(
        lambda: sum(person.logged for person in people) > RUNNERS // 4, within_s=300, what="runs are logged"
    )
    master = programs[1].parts["web"].process.pid
    victim = int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])
    os.kill(victim, signal.SIGKILL)
    rushing.join()
    statuses = sum((person.statuses for person in people), Counter())
    assert set(statuses) <= {0, 200, 302}, statuses
    assert statuses[0] <= 8, "no more than the threads of one process and what waited for it"
    assert all(person.statuses[0] == 0 for person in people if person.program is program)
    check_the_log(program, people)
    eventually(programs[1].answers, what="gunicorn replaced it")
