"""The house's layers: imports, and the foreign keys that imports do not show."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
# A part may import from the parts after it.
ORDER = (
    ("privacy", "operations", "pages"),
    ("review",),
    ("notifications",),
    ("messages",),
    ("weekly", "calls"),
    ("feedback",),
    ("outcomes",),
    ("workouts",),
    ("intake",),
    ("care",),
    ("enrollment",),
    ("accounts",),
    ("mail",),
    ("clinic",),
    ("db",),
    ("protocol",),
)
LEVEL = {part: level for level, parts in enumerate(ORDER) for part in parts}
INSIDE = (("models",), ("queries", "emails"), ("actions",), ("forms",), ("views", "admin", "periodic"))
ROOM = {module: level for level, modules in enumerate(INSIDE) for module in modules}


def test_imports_keep_the_contracts() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


def part_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


@pytest.mark.parametrize(
    "model", list(apps.get_app_config("challenge").get_models()), ids=lambda m: m.__name__
)
def test_foreign_keys_point_the_way_imports_do(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if not field.concrete or field.related_model is None:
            continue
        target = field.related_model
        if target._meta.app_label == "challenge" and part_of(target) != part_of(model):
            assert LEVEL[part_of(model)] < LEVEL[part_of(target)], f"{model.__name__}.{field.name}"


def parts() -> list[Path]:
    return sorted(p for p in (ROOT / "challenge").iterdir() if p.is_dir() and (p / "__init__.py").exists())


@pytest.mark.parametrize("part", parts(), ids=lambda p: p.name)
def test_inside_a_part_models_know_no_actions_and_actions_no_views(part: Path) -> None:
    for file in part.rglob("*.py"):
        room = ROOM.get(file.relative_to(part).parts[0].removesuffix(".py"))
        if room is None:
            continue
        for name in re.findall(rf"^from challenge\.{part.name}\.(\w+)", file.read_text(), re.M):
            assert ROOM.get(name, -1) <= room, f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("name", ["utils", "helpers", "services", "common"])
def test_no_room_without_a_name(name: str) -> None:
    assert not [p for p in (ROOT / "challenge").rglob(f"{name}*") if p.suffix in {"", ".py"}]


def test_a_class_name_means_one_thing() -> None:
    files = [f for part in ("challenge", "thrive") for f in (ROOT / part).rglob("*.py")]
    nodes = [
        node for f in files if "migrations" not in f.parts for node in ast.walk(ast.parse(f.read_text()))
    ]
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    # Django asks for these two names.
    assert {name for name, times in names.items() if times > 1} == {"Command", "Meta"}
