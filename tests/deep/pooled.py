"""The first stage of the suite and the races behind PgBouncer in transaction mode, with three connections."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.stages import APART

ROOT = Path(__file__).resolve().parents[2]
STAGES = (
    ("-n", "2", "tests", *(f"--ignore={folder}" for folder in APART)),
    ("tests/races",),
)


def main() -> int:
    """Return 1 if there is no PgBouncer or a test failed."""
    if not shutil.which("pgbouncer"):
        sys.stderr.write("This needs PgBouncer: apt-get install pgbouncer.\n")
        return 1
    pooled = [
        sys.executable,
        "-m",
        "tests.pooler",
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.failures_at_once",
    ]
    return max(subprocess.run([*pooled, *stage], cwd=ROOT, check=False).returncode for stage in STAGES)


if __name__ == "__main__":
    sys.exit(main())
