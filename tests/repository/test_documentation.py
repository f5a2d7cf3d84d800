"""The documents for engineers name only what exists: every path, dotted name, identifier and make target."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

from tests.repository import module_index
from thrive.devserver.bootstrap import NEWEST, OLDEST

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md", "SECURITY.md", "README.md"),
    "thrive/devserver/README.md",
)
TOP = ("challenge", "thrive", "tests", "templates", "static", "docs", "deploy", "requirements")
PARTS = sorted(folder.name for folder in (ROOT / "challenge").iterdir() if (folder / "__init__.py").exists())
PATH = re.compile(rf"(?<![\w./])(?:{'|'.join(TOP)})/[\w./*-]*")
# A part's name may also begin a file name (`weekly.css`), so file endings are left out.
DOTTED = re.compile(
    rf"(?<![\w./-])(?:(?:{'|'.join(PARTS)})|challenge|thrive|tests)(?:\.(?!css\b|js\b|html\b|py\b|md\b|txt\b)[A-Za-z_]\w*)+"
)
QUOTED = re.compile(r"`([^`\n]+)`")
IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z0-9]+)+|(?:[A-Z][a-z]+){2,}")
OTHERS_NAMES = {"IntegrityError"}  # Django's


def text_of(document: str) -> str:
    return (ROOT / document).read_text()


@cache
def product() -> str:
    files = [*ROOT.glob("challenge/**/*.py"), *ROOT.glob("challenge/sql/*.sql"), *ROOT.glob("thrive/**/*.py")]
    return "\n".join(file.read_text() for file in files)


def defined_in(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """Return name -> what it contains, for everything a module or class defines or imports."""
    names: dict[str, list[ast.stmt]] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = []
        elif isinstance(node, ast.ClassDef):
            names[node.name] = node.body
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name: [] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id: [] for target in targets if isinstance(target, ast.Name)}
    return names


def exists(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or something that its module defines."""
    first, *rest = dotted.split(".")
    place = ROOT / first if first in TOP else ROOT / "challenge" / first
    while rest and (place / rest[0]).is_dir():
        place /= rest.pop(0)
    if not rest:
        return True
    module = place / f"{rest[0]}.py"
    rest = rest[1:] if module.exists() else rest
    names = defined_in(ast.parse((module if module.exists() else place / "__init__.py").read_text()).body)
    for name in rest:
        if name not in names:
            return False
        names = defined_in(names[name])
    return True


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_exists(document: str) -> None:
    paths = {path.rstrip(".,") for path in PATH.findall(text_of(document))}
    assert sorted(path for path in paths if not list(ROOT.glob(path))) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_dotted_name_exists(document: str) -> None:
    names = set(DOTTED.findall(PATH.sub("", text_of(document))))
    assert sorted(name for name in names if not exists(name)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_identifier_is_in_the_product(document: str) -> None:
    quoted = {word for word in QUOTED.findall(text_of(document)) if IDENTIFIER.fullmatch(word)}
    known = quoted - OTHERS_NAMES
    assert sorted(word for word in known if not re.search(rf"\b{word}\b", product())) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_exists(document: str) -> None:
    targets = set(re.findall(r"(?:`|^    )make ([a-z]+)", text_of(document), re.M))
    makefile = text_of("Makefile")
    assert sorted(target for target in targets if not re.search(rf"^{target}:", makefile, re.M)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(document))
    assert sorted(link for link in links if not (folder / link).exists()) == []


def test_the_map_names_every_part() -> None:
    named = set(re.findall(r"`challenge/(\w+)/`", text_of("docs/architecture.md")))
    packages = {part for part in PARTS if part not in {"management", "migrations"}}
    assert sorted(packages - named) == []


def test_the_data_model_has_every_table() -> None:
    diagram = text_of("docs/architecture.md").split("erDiagram")[1].split("```")[0]
    tables = {model.__name__ for model in apps.get_app_config("challenge").get_models()}
    assert sorted(tables - set(re.findall(r"\b[A-Z]\w+", diagram))) == []


def test_every_document_names_the_pythons_that_the_bootstrap_takes() -> None:
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
    for document in ("README.md", "CONTRIBUTING.md"):
        assert f"Python {oldest} to {newest}" in text_of(document)
    assert f'requires-python = ">={oldest},<{NEWEST[0]}.{NEWEST[1] + 1}"' in text_of("pyproject.toml")
    names = [f"python{OLDEST[0]}.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    assert f"for name in python3 {' '.join(names)};" in text_of(".ci/run")


def test_a_wrong_name_would_be_found() -> None:
    assert exists("enrollment.actions.hold_seat")
    assert exists("care.models.Flag.Meta")
    assert not exists("enrollment.actions.hold_a_seat")
    assert not exists("enrollment.papers")


def test_the_map_has_every_module_in_its_own_words() -> None:
    text = text_of("docs/architecture.md")
    assert text == module_index.written(text), "make tidy writes the index again"
    assert re.findall(r"^- \*\*(\w+)\*\*: $", text, re.MULTILINE) == []
