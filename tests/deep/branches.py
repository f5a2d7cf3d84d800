"""The decision tables of the method reach every line and branch of its engine: 100%, or the step fails.

Properties are left out: a branch that only a random runner reaches is in no decision table.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "challenge/protocol"


def main() -> int:
    """1 when a test fails or a line or branch is not reached; the report names it."""
    data = ROOT / "var" / "engine.coverage"
    data.parent.mkdir(exist_ok=True)
    env = os.environ | {"COVERAGE_FILE": str(data)}
    measure = [sys.executable, "-m", "coverage"]
    run = [*measure, "run", "--branch", f"--source={ENGINE}", "-m", "pytest", "-q", "tests/protocol"]
    run += ["--ignore-glob=tests/protocol/test_*properties.py"]
    report = [*measure, "report", "--skip-covered", "--show-missing", "--fail-under=100", "--precision=2"]
    tested = subprocess.run(run, cwd=ROOT, env=env, check=False).returncode
    reached = subprocess.run(report, cwd=ROOT, env=env, check=False).returncode
    return 1 if tested or reached else 0


if __name__ == "__main__":
    sys.exit(main())
