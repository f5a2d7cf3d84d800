"""The papers about security name tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted((ROOT / "docs" / "security").glob("*.md"))
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_test_that_a_paper_names_exists(paper: Path) -> None:
    named = NAMED.findall(paper.read_text())
    gone = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text()
    ]
    assert named
    assert gone == []


def test_every_row_of_the_threat_model_names_a_test() -> None:
    rows = [
        line
        for line in (ROOT / "docs/security/threat-model.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| who |")
    ]
    assert len(rows) > 10
    assert [row for row in rows if not NAMED.search(row)] == []


# OWASP ASVS 5.0: section -> its last number of level 1 or 2; those of level 3 follow. Chapters 10 and 17 do not apply.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
REASON = re.compile(r"\| (?:not applicable|not met|by the host): \w")


def asvs_rows() -> dict[str, str]:
    lines = (ROOT / "docs/security/asvs.md").read_text().splitlines()
    return {match[1]: line for line in lines if (match := re.match(r"\| (\d+\.\d+\.\d+) \|", line))}


def test_every_requirement_of_level_2_has_a_row() -> None:
    wanted = {f"{name}.{n}" for name, last in SECTIONS.items() for n in range(1, last + 1)}
    assert wanted == set(asvs_rows())


def test_every_row_names_a_test_or_a_reason() -> None:
    assert [
        number for number, row in asvs_rows().items() if not NAMED.search(row) and not REASON.search(row)
    ] == []
