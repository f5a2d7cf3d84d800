"""`make test`: find a browser, run every check, then the tests in stages on private servers.

Each stage is one pytest on three processes for two cores, since one often waits for a server or the clock; each
process has its own database and two Valkey numbers. Races and faults run file by file, because each file starts its own
program. In the other stages each process begins with its part of the tests that are marked `long`, and one that is done
takes over what another still has to do, so that none waits at the end. Budgets measure how a page loads, so they run
last and alone: no marker or xdist group can promise that within one pytest. The last line adds up all stages in
pytest's form.

A test that hangs shows every thread's stack, then its process ends, the test counts as failed, and a new process does
the others. That judges no speed: the longest test takes two minutes.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.browser import LIGHT, find_browser

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "results"
JOURNEYS = "tests/journeys"
BUDGETS = f"{JOURNEYS}/test_budgets.py"
ON_THEIR_OWN = ("tests/races", "tests/faults")
SHOW_STACKS_AFTER_S, HANGS_AFTER_S = 540, 600
APART = (JOURNEYS, *ON_THEIR_OWN, "tests/bench", "tests/deep", "tests/shots")


def have_browser() -> bool:
    """Find a Chromium, or install it as root on Debian; else print what is missing and return False.

    The headless one is installed beside it where the distribution has it: it takes half the processor time.
    """
    found = {"chromium": find_browser(whole=True), LIGHT: os.environ.get("CHROMIUM") or shutil.which(LIGHT)}
    missing = [name for name, path in found.items() if not path]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)
    if find_browser(whole=True):
        return True
    print("The tests need a browser: install chromium, or name one in CHROMIUM.", file=sys.stderr)
    return False


def install(packages: list[str]) -> None:
    """Install what the distribution has of these packages."""
    print(f"Installing {' and '.join(packages)}", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], *(["install", "-y", "-qq", package] for package in packages)):
        quiet = subprocess.DEVNULL
        subprocess.run(["apt-get", *command], env=env, stdout=quiet, stderr=quiet, check=False)


def pytest(name: str, *arguments: str) -> int:
    """Run one stage on its own servers. Return pytest's exit code, with "no tests" counted as passed."""
    print(f"\n{name}", flush=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        f"--junitxml={RESULTS / name}.xml",
        f"--timeout={HANGS_AFTER_S}",
        f"--override-ini=faulthandler_timeout={SHOW_STACKS_AFTER_S}",
        *arguments,
    ]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return 0 if code == 5 else code


def closing_line(seconds: float) -> str:
    """Return the sum of all stages in pytest's own form."""
    kinds = {"failed": "failures", "errors": "errors", "skipped": "skipped"}
    counts = dict.fromkeys([*kinds, "tests"], 0)
    for file in RESULTS.glob("*.xml"):
        for suite in ElementTree.parse(file).getroot().iter("testsuite"):
            counts["tests"] += int(suite.get("tests", 0))
            for kind, attribute in kinds.items():
                counts[kind] += int(suite.get(attribute, 0))
    passed = counts.pop("tests") - sum(counts.values())
    parts = [f"{counts['failed']} failed"] if counts["failed"] else []
    parts += [f"{passed} passed"]
    parts += [f"{counts[kind]} {kind}" for kind in ("skipped", "errors") if counts[kind]]
    return f" {', '.join(parts)} in {seconds:.2f}s ".center(100, "=")


def main() -> int:
    """Run every stage, also after a failure. Return 1 if anything failed."""
    start = time.monotonic()
    if not have_browser():
        return 1
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile everything again
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    # Migrating takes one core for half a minute, in which the first stage could only wait.
    preparing = subprocess.Popen([sys.executable, "-m", "tests.prepared", "true"], cwd=ROOT)
    checks = subprocess.run([sys.executable, "-m", "tests.check"], cwd=ROOT, check=False).returncode
    preparing.wait()
    apart = [f"--ignore={folder}" for folder in APART]
    first = pytest("together", "-n", "3", "--dist", "worksteal", "tests", *apart)
    journeys = pytest("journeys", "-n", "3", "--dist", "worksteal", JOURNEYS, f"--ignore={BUDGETS}")
    races = pytest("races and faults", "-n", "3", "--dist", "loadfile", *ON_THEIR_OWN)
    budgets = pytest("budgets", BUDGETS)
    if checks:
        print("\nThe checks failed: see above, or run make check.")
    print(closing_line(time.monotonic() - start))
    return 1 if checks or first or journeys or races or budgets else 0


if __name__ == "__main__":
    sys.exit(main())
