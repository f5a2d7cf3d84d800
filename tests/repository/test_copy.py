"""Files that people read hold no placeholder."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / ".env.example", *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_left_to_fill_in(path: Path) -> None:
    left = re.findall(r"\b(?:TO[D]O|FIX[M]E|TB[D]|X{3,}|[A-Z]+_FIGURES|lorem ipsum)\b", path.read_text())
    assert left == []


def test_the_readme_links_to_files_that_exist() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_text_of_templates_has_typographic_apostrophes() -> None:
    markup = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<script.*?</script>|<[^>]*>", re.DOTALL)
    straight = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in (ROOT / "templates").rglob("*")
        if path.suffix in {".html", ".txt"}
        for found in re.findall(r"\w+'\w+", markup.sub(" ", path.read_text()))
    ]
    assert straight == []
