"""Which big tables a piece of work reads whole, by the plans of its own queries, carried out."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

BIG = 10_000  # rows; a table of fewer is read in a moment
PART = 0.1  # of a big table; who reads more of it than this has scanned it


def read_whole(name: str, do: Callable[[], Any]) -> dict[str, str]:
    """The big tables that a query of this work scans or reads a good part of, each with that query; done once.

    Nothing is cached before: what a page remembers for a minute, it reads here.
    """
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        do()
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG]
        )
        big = dict(cursor.fetchall())
        for query in asked.captured_queries:
            sql = query["sql"].strip()
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                for node in _nodes(_plan(cursor, sql)):
                    if _scans(node, big):
                        found[node["Relation Name"]] = sql
    for table, sql in found.items():
        sys.stderr.write(f"    {name}: {table} is read whole by {sql[:2000]}\n")
    return found


def _plan(cursor: Any, sql: str) -> Any:
    """The plan as it was carried out; what the query changed is taken back."""
    with transaction.atomic():
        cursor.execute(
            "SET LOCAL challenge.erasing = 'on'"
        )  # an erasure's own statements may change histories
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql)
        plan = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return plan


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for below in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(below)


def _scans(node: dict[str, Any], big: dict[str, float]) -> bool:
    """Whether this node goes through a big table, or by an index touches more of it than PART."""
    if node.get("Relation Name") not in big or node.get("Node Type") == "ModifyTable":
        return False
    dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    touched = (node.get("Actual Rows", 0) + dropped) * node.get("Actual Loops", 1)
    return bool(node["Node Type"] == "Seq Scan" or touched > PART * big[node["Relation Name"]])
