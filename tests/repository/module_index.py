"""`python -m tests.repository.module_index`: write what each module holds, from its own first line, into the map."""

import ast
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAP = ROOT / "docs" / "architecture.md"
HEADING = "## Every module, in its own words\n"
INTRODUCTION = (
    "For searching by a word. Written by `python -m tests.repository.module_index`; "
    "a test compares it with the code.\n"
)


def index() -> str:
    """Return the section: for each folder its modules, each with the first line of its docstring."""
    found = [*ROOT.glob("challenge/**/*.py"), *ROOT.glob("thrive/**/*.py")]
    files = sorted(found, key=lambda file: (file.parent, file.name))
    modules = [file for file in files if file.name != "__init__.py" and "migrations" not in file.parts]
    folders = [_folder(folder, [*group]) for folder, group in groupby(modules, lambda file: file.parent)]
    return "\n".join([HEADING, INTRODUCTION, *folders])


def _folder(folder: Path, files: list[Path]) -> str:
    title = f"<details><summary>{folder.relative_to(ROOT)}/ ({len(files)})</summary>"
    return "\n".join([title, "", *map(_line, files), "", "</details>", ""])


def _line(file: Path) -> str:
    words = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
    return f"- **{file.stem}**: {words}"


def written(text: str) -> str:
    """Return the map's text with the section as it is now."""
    return text.partition(HEADING)[0] + index()


if __name__ == "__main__":
    MAP.write_text(written(MAP.read_text()))
