"""Private data is reached through its owner: pages ask queries that take an enrollment, never a table."""

import ast
from pathlib import Path

import pytest

from challenge.care import privacy as care
from challenge.intake import privacy as intake
from challenge.workouts import privacy as workouts

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = {model.__name__ for part in (care, intake, workouts) for model in part.COVERS}
# Where requests are answered. The admin is narrowed by `enrollment.admin_base.CohortScoped` and has a test of its own.
PAGES = sorted(p for p in (ROOT / "challenge").rglob("*.py") if "view" in p.stem)


def tables_asked(source: str) -> set[str]:
    """Private models whose manager a module uses, as `Run.objects` or `Run._default_manager`."""
    return {
        node.value.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager"}
        and isinstance(node.value, ast.Name)
        and node.value.id in PRIVATE
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_asks_no_private_table_itself(page: Path) -> None:
    assert tables_asked(page.read_text()) == set()


def test_the_check_sees_what_it_looks_for() -> None:
    assert tables_asked("def view(request, pk):\n    return Run.objects.get(pk=pk)") == {"Run"}
