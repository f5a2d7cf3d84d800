"""What other programs find in the code: weak code, secrets, known weaknesses; and the list of parts (CycloneDX).

A finding that is none stands below with its reason. A new one, and a reason that is left over, fail the step.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SBOM = ROOT / "var" / "sbom.cdx.json"
PRODUCT = ("challenge", "thrive", "manage.py")
# Why a kind of finding is none here, and in which files it stands how often.
REASONS = {
    "B101": "an assertion for the type checker; nothing depends on it",
    "B105": "the name of an event, a template, a setting or a column; a sentence about passwords; the demo's own, "
    "which runs with DEBUG alone",
    "B106": "an empty column is looked for",
    "B108": "a folder in the memory of the container, or of a local run",
    "B308": "the program's own markup, without a word of a person",
    "B703": "the same",
    "B311": "invented people of the demo",
    "B404": "fixed arguments, never a shell",
    "B603": "the same",
    "B608": "names of our own tables and columns; values are parameters",
    "Basic Auth Credentials": "an example of an address, with an invented password",
    "Secret Keyword": "the name of a field, an event or a setting; a demo's password that no other installation has",
}
WEAK: dict[str, dict[str, int]] = {
    "B101": {
        "challenge/operations/demo/simulation.py": 2,
        "challenge/operations/demo/log_days.py": 1,
        "challenge/operations/demo/staff_pages.py": 1,
        "challenge/review/answers.py": 1,
        "challenge/review/timeline.py": 1,
        "challenge/review/undo.py": 1,
    },
    "B105": {
        "challenge/accounts/adapter.py": 3,
        "challenge/accounts/emails.py": 2,
        "challenge/accounts/identity.py": 2,
        "challenge/mail/delivery.py": 1,
        "challenge/operations/backup.py": 1,
        "challenge/operations/demo/people.py": 1,
        "thrive/settings.py": 5,
    },
    "B106": {
        "challenge/operations/data_key.py": 1,
    },
    "B108": {
        "thrive/devserver/addresses.py": 1,
        "thrive/devserver/local.py": 1,
        "thrive/gunicorn_conf.py": 2,
    },
    "B308": {
        "challenge/review/board.py": 1,
    },
    "B311": {
        "challenge/operations/demo/people.py": 1,
    },
    "B404": {
        "challenge/calls/busy_times.py": 1,
        "challenge/messages/forms.py": 1,
        "challenge/operations/backup.py": 1,
        "challenge/workouts/activity_files/sandbox.py": 1,
        "thrive/devserver/bootstrap.py": 1,
        "thrive/devserver/children.py": 1,
        "thrive/devserver/local.py": 1,
        "thrive/devserver/servers.py": 1,
    },
    "B603": {
        "challenge/operations/backup.py": 2,
        "challenge/workouts/activity_files/sandbox.py": 1,
        "thrive/devserver/bootstrap.py": 3,
        "thrive/devserver/children.py": 2,
        "thrive/devserver/local.py": 1,
        "thrive/devserver/servers.py": 1,
    },
    "B608": {
        "challenge/db/bulk.py": 1,
        "challenge/enrollment/queries.py": 1,
        "challenge/operations/recovery.py": 1,
    },
    "B703": {
        "challenge/review/board.py": 1,
    },
}
SECRETS: dict[str, dict[str, int]] = {
    "Basic Auth Credentials": {
        ".env.example": 1,
        "docs/operations.md": 1,
        "thrive/url_settings.py": 1,
        "thrive/settings.py": 1,
    },
    "Secret Keyword": {
        "challenge/accounts/adapter.py": 3,
        "challenge/accounts/emails.py": 1,
        "challenge/accounts/forms.py": 5,
        "challenge/accounts/identity_kinds.py": 1,
        "challenge/accounts/identity.py": 2,
        "challenge/operations/backup.py": 1,
        "challenge/operations/demo/people.py": 1,
        "thrive/settings.py": 5,
    },
}


def answer_of(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of the environment; its exit code is for the caller, because a finding is one as well."""
    tool, *rest = command
    return subprocess.run([str(BIN / tool), *rest], cwd=ROOT, check=False, capture_output=True, text=True)


def weak_code() -> Counter[tuple[str, str]]:
    found = json.loads(answer_of("bandit", "-q", "-r", *PRODUCT, "-f", "json").stdout)
    if found["errors"]:
        raise SystemExit(f"bandit could not read {found['errors']}")
    return Counter((one["filename"], one["test_id"]) for one in found["results"])


def secrets() -> Counter[tuple[str, str]]:
    """Look through what git knows; lists of hashes and tests, which invent keys and passwords, are no place for one."""
    out = r"^(requirements|tests)/|\.(jpg|png|woff2|lock)$"
    found = json.loads(answer_of("detect-secrets", "scan", "--exclude-files", out).stdout)
    return Counter((file, one["type"]) for file, lines in found["results"].items() for one in lines)


def differences(found: Counter[tuple[str, str]], named: dict[str, dict[str, int]]) -> list[str]:
    """Return what is not named, and what is named and no longer there."""
    expected = {(file, kind): number for kind, files in named.items() for file, number in files.items()}
    assert set(named) <= set(REASONS)
    return [
        f"{file}: {kind}: {found[file, kind]} found, {expected.get((file, kind), 0)} named"
        for file, kind in sorted(set(found) | set(expected))
        if found[file, kind] != expected.get((file, kind), 0)
    ]


def known_weaknesses() -> list[str]:
    """Ask pip-audit; where it had no data it says so, for a part or for all of them, and that is no pass."""
    answer = answer_of(
        "pip-audit",
        "--require-hashes",
        "--disable-pip",
        "-r",
        "requirements/base.txt",
        "-f",
        "json",
        "--progress-spinner=off",
    )
    if not answer.stdout.strip():
        last = (answer.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return [f"No data about any part: {last[:200]}"]
    return words_of_audit(json.loads(answer.stdout))


def words_of_audit(answer: dict[str, Any]) -> list[str]:
    """Return a line for each part with a known weakness, and for each about which there was no data."""
    lines = []
    for part in answer["dependencies"]:
        if "skip_reason" in part:
            lines.append(f"{part['name']}: no data ({part['skip_reason']})")
        lines += [
            f"{part['name']} {part['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none yet'}"
            for one in part.get("vulns", ())
        ]
    return lines


def write_sbom() -> int:
    """Write the list of parts that the image installs; return how many there are."""
    SBOM.parent.mkdir(exist_ok=True)
    arguments = ("--output-reproducible", "--of", "JSON", "-o", str(SBOM))
    answer = answer_of("cyclonedx-py", "requirements", *arguments, "requirements/base.txt")
    if answer.returncode:
        raise SystemExit(f"No list of parts: {answer.stderr.strip()[-300:]}")
    return len(json.loads(SBOM.read_text())["components"])


def main() -> int:
    """Print every finding; return 1 if there is one."""
    steps = {
        "weak code": differences(weak_code(), WEAK),
        "secrets": differences(secrets(), SECRETS),
        "known weaknesses": known_weaknesses(),
    }
    for name, lines in steps.items():
        print("\n".join([f"{name}: {len(lines)} findings", *(f"  {line}" for line in lines)]))
    print(f"{SBOM.relative_to(ROOT)}: {write_sbom()} parts")
    return 1 if any(steps.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
