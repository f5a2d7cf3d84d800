"""Mutation of the method's engine: at least 95 of 100 mutants must be killed; docs/mutations.md names what survives."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_PERCENT = 95


def outcomes() -> dict[str, int | None]:
    """The exit code of the tests for every mutant: 0 survived, None was not run."""
    found: dict[str, int | None] = {}
    for path in sorted((ROOT / "mutants" / "challenge" / "protocol").rglob("*.meta")):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def main() -> int:
    """1 when too many survive, or when the run did not reach every mutant."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)  # or what an earlier run found would be counted
    subprocess.run([str(Path(sys.executable).parent / "mutmut"), "run"], cwd=ROOT, check=False)
    codes = outcomes()
    survived = sorted(name for name, code in codes.items() if code == 0)
    missed = sum(code is None for code in codes.values())
    killed = len(codes) - len(survived) - missed
    sys.stdout.write("".join(f"survived: {name}\n" for name in survived))
    sys.stdout.write(f"{killed} of {len(codes)} mutants killed, {len(survived)} survived, {missed} not run\n")
    return 0 if codes and not missed and killed * 100 >= LEAST_PERCENT * len(codes) else 1


if __name__ == "__main__":
    sys.exit(main())
