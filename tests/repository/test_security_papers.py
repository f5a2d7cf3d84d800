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
