"""`make deep`: the slow and broad checks, one after another, each even when one before it failed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def steps() -> dict[str, list[str]]:
    """Return name and command of each step; the scripts of this folder run with their own services."""
    services = [sys.executable, "-m", "thrive.devserver.local", "with-services", "--", sys.executable]
    found = {"deep tests": [*services, "-m", "pytest", "-q", "-m", "deep", "tests"]}
    beside = Path(__file__).parent.glob("*.py")
    no_steps = (Path(__file__).name, "conftest.py")
    scripts = sorted(path for path in beside if path.name not in no_steps and "test_" not in path.name)
    return found | {path.stem: [*services, str(path)] for path in scripts}


def main() -> int:
    """1 when a step failed."""
    failed = []
    for name, command in steps().items():
        print(f"\n{name}", flush=True)
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:  # also 5 of pytest, which found no test
            failed.append(name)
    print(f"\nFailed: {', '.join(failed)}; each says above why." if failed else "\nAll deep checks pass")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
