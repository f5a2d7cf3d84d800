"""`make bench`: all benchmarks as one table, each row against its limit, also in var/bench.json.

A benchmark is a module `<what>_bench.py` beside this file with `rows() -> list[Row]`. Peers are measured in
the same run, so a limit is a ratio wherever the machine's speed would decide.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "var" / "bench.json"


class Row(TypedDict):
    """One measured figure."""

    name: str
    value: float
    limit: float
    unit: str
    passed: bool


def measure() -> list[Row]:
    """The rows of all benchmarks, in the order of their names."""
    found: list[Row] = []
    for path in sorted(Path(__file__).parent.glob("*_bench.py")):
        print(f"  {path.stem.removesuffix('_bench')} ...", file=sys.stderr, flush=True)
        found += importlib.import_module(f"tests.bench.{path.stem}").rows()
    return found


def table(rows: list[Row]) -> str:
    """Name, value, limit, unit and verdict in columns."""
    width = max([len(row["name"]) for row in rows], default=4)
    lines = [f"{'what':<{width}}  {'value':>12}  {'limit':>12}  unit"]
    lines += [
        f"{row['name']:<{width}}  {row['value']:>12,.2f}  {row['limit']:>12,.2f}  {row['unit']:<10} "
        f"{'ok' if row['passed'] else 'MISSED'}"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """1 when a limit is missed."""
    rows = measure()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=2) + "\n")
    print(table(rows))
    return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
