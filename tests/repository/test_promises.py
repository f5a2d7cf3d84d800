"""The page of promises is true: its words stand where it says, its tests exist, and no template promises more."""

import ast
import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from tests.mail.test_promised_mail import JOBS, WE

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
ROW = re.compile(r'^\| "(?P<words>[^|]+)" \| `(?P<place>[^`]+)` \| (?P<tests>`[^|]+`) \|$', re.M)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# Sentences of a template that promise mail, erasure or a backup. What begins "we write" or "we send" has JOBS as well.
PROMISE = re.compile(
    r"(?:^|[.>{}])([^.>{}]*\b(?:backups?|erased?|deleted|targets come|get an email|and by email|invited by email"
    r"|comes again|ever in an email)\b[^.<{]*)",
    re.IGNORECASE,
)
# The word for a name that is gone, in lists of the desk.
NO_PROMISE = re.compile(r'default:"\(?Erased\)?"|name="|the backup is fresh', re.IGNORECASE)


def plain(text: str) -> str:
    """Return the text in one line, with straight quotes and in small letters."""
    return " ".join(unescape(text).replace("’", "'").split()).lower()


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer(PAGE.read_text()))


@cache
def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def promised(template: str) -> list[str]:
    """Return the sentences of a template that need a row."""
    found = (plain(match[1]) for match in PROMISE.finditer(template) if not NO_PROMISE.search(match[1]))
    return list(found)


def without_row(template: str) -> list[str]:
    known = [plain(row["words"]) for row in rows()]
    return [sentence for sentence in promised(template) if not any(words in sentence for words in known)]


def test_every_line_of_the_tables_is_a_row() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith('| "')]
    assert len(lines) == len(rows()) > 40


def test_the_words_stand_where_the_page_says() -> None:
    absent = [row[0] for row in rows() if plain(row["words"]) not in plain((ROOT / row["place"]).read_text())]
    assert absent == []


def test_every_test_of_the_page_exists() -> None:
    named = [test for row in rows() for test in TEST.findall(row["tests"])]
    assert [name for file, name in named if name not in names_in(ROOT / file)] == []
    assert all(TEST.search(row["tests"]) for row in rows())


def test_every_promise_of_a_template_has_a_row() -> None:
    templates = sorted((ROOT / "templates").rglob("*.*"))
    without = {path.name: found for path in templates if (found := without_row(path.read_text()))}
    assert without == {}


@pytest.mark.parametrize("words", sorted(JOBS))
def test_every_promised_message_has_a_row(words: str) -> None:
    known = [re.sub(f"^{WE}", "", plain(row["words"])) for row in rows()]
    assert any(plain(words).startswith(row) for row in known)


def test_a_new_promise_would_be_found() -> None:
    assert without_row("<p>Every backup is thrown away by noon.</p>")
    assert without_row("Your letter comes again.\n")
    assert not without_row("<p>Have everything erased, today</p>")
