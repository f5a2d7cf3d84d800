"""2,000 claims for 20 seats, 100 at a time, two web workers, compared with the two obvious correct designs.

Every figure is requests a second over real connections; the limits are ratios within the run. Each design has three
rounds, taken in turn, and its best counts: what else the machine does falls on all alike.
"""

import os
import threading
import time
from functools import partial
from statistics import median
from typing import Any

import psycopg

from tests.program import Program, run_sql, running_program
from tests.races.crowd import Crowd, Runner, at_once

CLAIMS = int(os.environ.get("SEATS_BENCH_CLAIMS", "2000"))
AT_ONCE = 100
ROUNDS = 3
PAIRS = 5
OURS, LOCK, ADVISORY, TRIVIAL = "/join/", "/bench/lock/", "/bench/advisory/", "/bench/trivial/"
NEW_COHORT = """
WITH others AS (UPDATE challenge_cohort SET is_public = false)
INSERT INTO challenge_cohort (name, slug, capacity, opens_at, starts_on, weeks, is_public)
VALUES (%(slug)s, %(slug)s, 20, now() - interval '1 minute',
        date_trunc('week', now() + interval '7 days')::date, 12, true) RETURNING id
"""
FLOOR = (
    "SELECT id FROM challenge_cohort WHERE id = %s FOR NO KEY UPDATE",
    "SELECT count(*) FROM challenge_seat WHERE cohort_id = %s AND state IN ('held', 'confirmed')",
)


def rows() -> list[dict[str, Any]]:
    """Speed of claims and of refusals, each against its peers."""
    with running_program(parts=("web",), DJANGO_SETTINGS_MODULE="tests.bench.seats_settings") as program:
        crowd = Crowd.gather(program, "bench", count=CLAIMS)
        try:
            rush = best_of(program, crowd, (OURS, LOCK, ADVISORY))
            full = beside(crowd, OURS, TRIVIAL)
            floor = raw_floor(program)
        finally:
            crowd.leave()
    peer = max(rush[LOCK], rush[ADVISORY])
    return [
        row("seats: claims, ours", rush[OURS], 0, "a second"),
        row("seats: claims, cohort locked and counted", rush[LOCK], 0, "a second"),
        row("seats: claims, advisory lock and count", rush[ADVISORY], 0, "a second"),
        row("seats: claims, raw SQL floor", floor, 0, "a second"),
        row("seats: ours beside the better of the two", rush[OURS] / peer, 1.0, "times"),
        row("seats: refusals beside one trivial query", full, 0.6, "times"),
    ]


def row(name: str, value: float, limit: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "limit": limit, "unit": unit, "passed": value >= limit}


def best_of(program: Program, crowd: Crowd, paths: tuple[str, ...]) -> dict[str, float]:
    """Requests a second of each path; every round has a cohort with all seats free."""
    best = dict.fromkeys(paths, 0.0)
    for number in range(ROUNDS):
        for path in paths:
            new_cohort(program, f"{path.strip('/').replace('/', '-')}-{number}")
            best[path] = max(best[path], rate(crowd, path))
            check_twenty(program)
    return best


def beside(crowd: Crowd, path: str, peer: str) -> float:
    """Speed of one path over another's, measured in turns: the median, as either may have a bad moment."""
    rate(crowd, path)
    return median(rate(crowd, path) / rate(crowd, peer) for _ in range(PAIRS))


def new_cohort(program: Program, slug: str) -> None:
    with psycopg.connect(program.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(NEW_COHORT, {"slug": slug})


def check_twenty(program: Program) -> None:
    sql = "SELECT count(*) FROM challenge_seat s JOIN challenge_cohort c ON c.id = s.cohort_id WHERE c.is_public"
    taken = run_sql(program.environment["DATABASE_URL"], sql)[0]["count"]
    assert taken == 20, f"{taken} seats taken"


def rate(crowd: Crowd, path: str) -> float:
    start = time.perf_counter()
    results = at_once([partial(send, runner, path) for runner in crowd.runners], connections=AT_ONCE)
    seconds = time.perf_counter() - start
    wrong = [result for result in results if result not in {200, 302}]
    assert not wrong, wrong[:3]
    return len(results) / seconds


def send(runner: Runner, path: str) -> int:
    status, _ = runner.post(path)
    runner.connection.close()
    return status


def raw_floor(program: Program) -> float:
    """The bare statements of a refused claim under the lock, over eight connections, without any web."""
    url = program.environment["DATABASE_URL"]
    cohort = run_sql(url, "SELECT id FROM challenge_cohort WHERE is_public")[0]["id"]
    share = CLAIMS // 8

    def claim() -> None:
        with psycopg.connect(url) as connection:
            for _ in range(share):
                for statement in FLOOR:
                    connection.execute(statement, [cohort])
                connection.commit()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 8 * share / (time.perf_counter() - start)
