"""Every command of the guide can be run as it is written: manage.py reads it, and each heading it links to exists."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operations.md"
COMMAND = re.compile(r"manage\.py ([a-z_]+[^`\n|]*)")
# What a reader puts in place of a word in capitals.
EXAMPLES = {"NUMBER": "7", "MOMENT": "2026-03-02T06:30+00:00", "FILE": "challenge.backup"}


def commands() -> list[str]:
    return sorted({match[1].strip() for match in COMMAND.finditer(GUIDE.read_text())})


def parse(line: str) -> None:
    """Let the command's own parser read the line; a name alone is a mention. Raises CommandError or KeyError."""
    name, *words = shlex.split(line)
    command = load_command_class(get_commands()[name], name)
    if not words:
        return
    command.create_parser("manage.py", name).parse_args([EXAMPLES.get(word, word) for word in words])


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_guide_is_read_by_its_own_parser(line: str) -> None:
    parse(line)


@pytest.mark.parametrize(
    "line", ["restore a b", "backup --verfy x", "erase_account all", "after_restore --til x", "bakup"]
)
def test_a_wrong_command_would_be_found(line: str) -> None:
    with pytest.raises((CommandError, KeyError)):
        parse(line)


def test_every_link_inside_the_guide_leads_to_a_heading() -> None:
    text = GUIDE.read_text()
    headings = {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.M)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


def test_every_task_that_an_administrator_has_is_in_the_table() -> None:
    table = GUIDE.read_text().split("| task | where |")[1].split("\n\n")[0]
    for task in (
        "install",
        "first cohort",
        "mail",
        "update",
        "restore",
        "move",
        "queue",
        "keys",
        "alert",
        "SELinux",
    ):
        assert task in table
    assert "vm.overcommit_memory" in GUIDE.read_text()
