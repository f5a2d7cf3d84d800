"""A share is written one way on every page, in every email and by every rule: 5%, without a space."""

import ast
import re
from pathlib import Path

import pytest

from tests.protocol.spoken import SAID

WORD = re.compile(r"\bper ?cent\b", re.IGNORECASE)
SPACED = re.compile(r"(?:\d|\}\}?)(?:\s|&nbsp;|&#160;)%(?![}(\w])")
MARKUP = re.compile(r"<style.*?</style>|\{[%#].*?[%#]\}|<[^>]*>", re.DOTALL)


def texts(root: Path) -> dict[str, str]:
    """What the templates say, without tags and markup."""
    files = [*root.glob("templates/**/*.html"), *root.glob("templates/**/*.txt")]
    return {str(file.relative_to(root)): MARKUP.sub("", file.read_text()) for file in files}


def strings(root: Path) -> dict[str, list[str]]:
    """What the code may say: every string with more than one word, docstrings left out."""
    found = {}
    for file in root.glob("challenge/**/*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        documented = [n for n in nodes if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
        docstrings = {id(n.body[0].value) for n in documented if n.body and isinstance(n.body[0], ast.Expr)}
        values = [n.value for n in nodes if isinstance(n, ast.Constant) and id(n) not in docstrings]
        found[str(file.relative_to(root))] = [v for v in values if isinstance(v, str) and " " in v]
    return found


def test_no_page_email_or_sentence_writes_the_word(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    said = {name: [text] for name, text in texts(root).items()} | strings(root)
    assert len(said) > 300
    assert [name for name, each in said.items() if any(WORD.search(text) for text in each)] == []


def test_no_page_email_or_label_puts_a_space_between_a_number_and_its_sign(
    pytestconfig: pytest.Config,
) -> None:
    root = pytestconfig.rootpath
    said = {name: [text] for name, text in texts(root).items()} | strings(root)
    assert any("5%" in text for text in said["templates/pages/guide/cadence.html"])
    assert [name for name, each in said.items() if any(SPACED.search(text) for text in each)] == []


def test_no_rule_puts_a_space_between_a_number_and_its_sign() -> None:
    said = [sentence for reason, *_ in SAID for sentence in all_three(reason.say())]
    assert any(re.search(r"\d%", sentence) for sentence in said)
    assert [sentence for sentence in said if re.search(r"\s%", sentence)] == []


def all_three(sentences: object) -> list[str]:
    return [getattr(sentences, name) for name in ("runner", "clinician", "email")]
