"""`make check`: format, lint, types, layers, dead code, templates, dependencies, migrations, settings.

No service has to run: only the migration linter needs a database, and starts an empty one of its own.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NOWHERE = "postgresql://nobody@/nothing?host=/nonexistent"

# What a clinic's server would set, so that `check --deploy` judges the settings of production.
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "only-to-check-the-settings-" * 3,
    "DATA_KEY": "another-only-to-check-the-settings-" * 3,
    "ALLOWED_HOSTS": "challenge.example.org",
    "SITE_URL": "https://challenge.example.org",
    "DATABASE_URL": NOWHERE,
    "REDIS_URL": "redis://localhost:1/0",
    "CACHE_URL": "redis://localhost:1/1",
    "EMAIL_URL": "smtp://localhost:1",
    "DEFAULT_FROM_EMAIL": "challenge@example.org",
    "CLINIC_EMAIL": "hello@example.org",
    "CLINICAL_REPLY_EMAIL": "clinicians@example.org",
    "CLINIC_PHONE": "+1 612 555 1234",
    "TRUSTED_PROXY_COUNT": "1",
}


def templates() -> list[str]:
    """Return the paths of all templates, relative to the project."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def steps() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return name -> (command, environment) of each check, the slowest first: two run at a time."""
    development = {"DEBUG": "1", "DATABASE_URL": NOWHERE}
    manage = ["python", "-W", "ignore::RuntimeWarning", "manage.py"]
    own_servers = ["python", "-m", "thrive.devserver.local", "with-services", "--", str(BIN / "python")]
    return {
        "types": (["mypy", "--no-error-summary", "thrive", "challenge", "tests"], development),
        "safe migrations": ([*own_servers, "-m", "tests.migration_lint"], {"DEBUG": "1"}),
        "migrations": ([*manage, "makemigrations", "--check", "--dry-run"], development),
        "deployment": ([*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        "dead code": (["python", "-m", "tests.dead_code"], {}),
        "layers": (["lint-imports", "--no-cache"], {}),
        "dependencies": (["deptry", "--no-ansi", "."], {}),
        "templates": (["djlint", "--quiet", "--lint", "templates"], {}),
        "template format": (["djade", "--target-version", "5.2", "--check", *templates()], {}),
        "lint": (["ruff", "check", "--quiet", "."], {}),
        "format": (["ruff", "format", "--quiet", "--check", "."], {}),
    }


def passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one check and print its result and time, with its output only if it failed."""
    start = time.monotonic()
    result = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    mark = "ok" if result.returncode == 0 else "FAILED"
    output = "" if result.returncode == 0 else "\n" + result.stdout.rstrip()
    print(f"  {name:<16} {mark:<6} {time.monotonic() - start:5.1f} s{output}", flush=True)
    return result.returncode == 0


def main() -> int:
    """Run every check, two at a time; return 1 if any fails."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda step: passes(step[0], *step[1]), steps().items()))
    print("All checks pass" if all(results) else f"{results.count(False)} of {len(results)} checks failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
