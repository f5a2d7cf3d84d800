"""`make deep` runs seldom, so what its checks name is looked at here: modules, pages, commands, tables and files."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from tests.deep import run

ROOT = Path(__file__).resolve().parents[2]
DEEP = sorted((ROOT / "tests" / "deep").rglob("*.py"))
PAGE = re.compile(r"(?:(?:GET|POST) )?(/(?:[a-z][\w-]*/)+)(?: HTTP/1\.1)?")
TABLE = re.compile(r"\bchallenge_[a-z]+\b")
FILE = re.compile(r"(?:docs|deploy|tests|static|templates|requirements)/[\w./-]*\w")
COMMAND = re.compile(r"manage\.py (\w+)")
# Folders of a host or a container; below, what is asked for because there is none, and beginnings of names.
NO_PAGES = re.compile(r"/(?:proc|tmp|dev|etc|usr|app|mail|backups|certificates|data|srv|var|beat|erasures)/")
NEITHER = {"/nothing/", "static/nothing.css", "/task/", "/accounts/password/", "tests/protocol/test_"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def words(path: Path) -> Iterator[str]:
    """Yield each text of a module, also the fixed pieces of f-strings."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def commands_of(path: Path) -> set[str]:
    """Return the management commands that a module runs: `site.manage("x")`, `"manage.py", "x"`, `manage.py x`."""
    found = {name for text in words(path) for name in COMMAND.findall(text)}
    for node in ast.walk(tree(path)):
        given = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        texts = [part.value if isinstance(part, ast.Constant) else None for part in given]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "manage":
            found |= {str(text) for text in texts[:1] if text}
        found |= {str(b) for a, b in pairwise(texts) if a == "manage.py" and b}
    return found


def is_page(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("path", DEEP, ids=lambda path: path.stem)
def test_each_module_imports(path: Path) -> None:
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def test_each_page_that_a_check_opens_exists() -> None:
    pages = {match[1] for path in DEEP for text in words(path) if (match := PAGE.fullmatch(text))}
    pages = {page for page in pages - NEITHER if not NO_PAGES.match(page)}
    assert {"/accounts/login/", "/log/import/", "/health/ready/"} <= pages
    assert {page for page in pages if not is_page(page)} == set()


def test_each_command_that_a_check_runs_exists() -> None:
    commands = set().union(*map(commands_of, DEEP))
    assert {"set_weekly_targets", "backup", "doctor"} <= commands
    assert commands - set(get_commands()) == set()


def test_each_table_that_a_check_asks_exists() -> None:
    tables = {name for path in DEEP for text in words(path) for name in TABLE.findall(text)}
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert "challenge_outboxmessage" in tables
    assert tables - known == set()


def test_each_file_that_a_check_names_exists() -> None:
    named = {name for path in DEEP for text in words(path) for name in FILE.findall(text)}
    assert {"deploy/update", "deploy/copy-backups"} <= named
    assert {name for name in named - NEITHER if not (ROOT / name).exists()} == set()


def test_every_check_is_a_step_and_no_helper_is() -> None:
    steps = run.steps()
    assert {"deep tests", "debian", "pooled", "scanners"} <= set(steps)
    assert not {"conftest", "run"} & set(steps)
    assert all(
        "__main__" in Path(command[-1]).read_text() for name, command in steps.items() if name != "deep tests"
    )


@pytest.mark.parametrize(("code", "result"), [(0, 0), (1, 1), (5, 1)])
def test_a_step_that_fails_or_finds_no_test_fails_the_whole(
    code: int, result: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "steps", lambda: {"deep tests": ["sh", "-c", f"exit {code} # pytest"]})
    assert run.main() == result
    assert ("Failed: deep tests" in capsys.readouterr().out) == bool(result)
