"""Ten thousand weekly emails decided, rendered and delivered, compared with django-post-office and a bare loop.

`python -m tests.bench.mail_bench tricks` runs the Monday without each trick of the fast path, one at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

MANY, FEW = int(os.environ.get("BENCH_RUNNERS", "10000")), 1000
AT_LEAST_OF_PEER = 1.5
GROWTH_LIMIT = 1.1
QUERIES_LIMIT = 6.0
MEMORY_LIMIT_MB = 40.0
TRICKS = ("bulk_insert", "mime", "marks", "step")  # see `mail_tricks`


def rows() -> list[dict[str, Any]]:
    """Measure rates as ratios to the peers' in the same run, cost and queries per runner, and memory growth."""
    with sink() as port:
        before = [work(what, FEW, port) for what in ("ours", "post_office", "bare")]
        many = work("ours", MANY, port)
        after = [work(what, FEW, port) for what in ("ours", "post_office", "bare")]
    few, peer, bare = (middle(*pair) for pair in zip(before, after, strict=True))
    each = many["seconds"] / MANY
    times = peer["seconds"] / FEW / each
    growth = each / (few["seconds"] / FEW)
    per_runner = many["queries"] / MANY
    more_memory = many["grown_mb"] - few["grown_mb"]
    return [
        row(
            "mail: runners a processor second, decided, rendered, delivered", 1 / each, 0, "1/s", passed=True
        ),
        row(
            "mail: of it deciding and rendering", many["deciding"] / many["seconds"], 1, "share", passed=True
        ),
        row(
            "mail: times django-post-office, which decides nothing",
            times,
            AT_LEAST_OF_PEER,
            "x at least",
            times >= 1.5,
        ),
        row(
            "mail: share of a bare loop of ready-made messages",
            bare["seconds"] / FEW / each,
            0,
            "share",
            passed=True,
        ),
        row(
            f"mail: cost of a runner at {MANY} over {FEW}", growth, GROWTH_LIMIT, "x", growth <= GROWTH_LIMIT
        ),
        row("mail: queries per runner", per_runner, QUERIES_LIMIT, "queries", per_runner <= QUERIES_LIMIT),
        row(
            "mail: queries per runner over those of few",
            per_runner / (few["queries"] / FEW),
            GROWTH_LIMIT,
            "x",
            per_runner <= GROWTH_LIMIT * few["queries"] / FEW,
        ),
        row(
            "mail: memory grown from few to many",
            more_memory,
            MEMORY_LIMIT_MB,
            "MB",
            more_memory <= MEMORY_LIMIT_MB,
        ),
    ]


def middle(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """Return the mean of the runs before and after the long one, because a shared machine changes its speed."""
    return {name: (one[name] + other[name]) / 2 for name in one}


def row(name: str, value: float, limit: float, unit: str, passed: bool) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "limit": limit, "unit": unit, "passed": passed}


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Run the mail server that takes everything; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.bench.mail_sink", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        if server.stdout is not None:
            server.stdout.readline()
        try:
            yield port
        finally:
            server.kill()


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Yield the URL of an empty database on the configured server; drop it afterwards."""
    address = os.environ["DATABASE_URL"]
    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def work(what: str, runners: int, port: int, *, trick: str = "") -> dict[str, float]:
    """Measure one piece of work in a process of its own, without `trick`."""
    with database() as address:
        env = os.environ | {"DATABASE_URL": address, "EMAIL_URL": f"smtp://127.0.0.1:{port}", "DEBUG": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.mail_work", what, str(runners), trick],
            env=env, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def tricks(names: Sequence[str], runners: int) -> Iterator[dict[str, Any]]:
    """Yield the gain of each trick: by how much the whole Monday is slower without it."""
    with sink() as port:
        before = work("ours", runners, port)
        for name in names:
            # Compared with a run before and one after it, because a shared machine changes its speed.
            without, after = work("ours", runners, port, trick=name), work("ours", runners, port)
            gain = without["seconds"] / middle(before, after)["seconds"] - 1
            before = after
            yield row(f"mail: gain by {name}", 100 * gain, 15, "% at least", passed=gain >= 0.15)


if __name__ == "__main__":
    chosen = tricks(sys.argv[2:] or TRICKS, MANY) if sys.argv[1:2] == ["tricks"] else rows()
    for one in chosen:
        sys.stdout.write(f"{one['name']}: {one['value']} {one['unit']} ({one['limit']})\n")
        sys.stdout.flush()
