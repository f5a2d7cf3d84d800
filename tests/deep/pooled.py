"""The first stage of the suite and the races behind PgBouncer in transaction mode, with three connections."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.stages import APART

ROOT = Path(__file__).resolve().parents[2]
# PostgreSQL's own client programs set up their session, which a pool shares: as the guide says, they go past it.
PAST_THE_POOL = (
    "tests/operations/test_backup.py",
    "tests/operations/test_nightly.py",
    "tests/operations/test_recovery.py",
)
STAGES = (
    ("-n", "2", "tests", *(f"--ignore={path}" for path in (*APART, *PAST_THE_POOL))),
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
