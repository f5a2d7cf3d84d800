"""Every command of the guide can be run as it is written: manage.py reads it, and each heading it links to exists."""

import io
import re
import shlex
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operations.md"
COMMAND = re.compile(r"manage\.py ([a-z_]+[^`\n|]*)")
# What a reader puts in place of a word in capitals.
EXAMPLES = {"NUMBER": "7", "MOMENT": "2026-03-02T06:30+00:00", "FILE": "challenge.backup"}


# Where each kind of command of the guide runs for real: the words stand in the file in this order.
INSTALLATION, CONTAINERS = "tests/deep/containers/installation.py", "tests/deep/test_containers.py"
MOVED, ELSEWHERE = "tests/deep/test_containers_moved.py", "tests/deep/test_copy_elsewhere.py"
RUN_IN = {
    **{f"docker compose {verb}": INSTALLATION for verb in ("build", "up", "run", "exec", "ps")},
    **{f"docker compose {verb}": MOVED for verb in ("stop", "down", "logs", "restart")},
    "deploy/update": CONTAINERS,
    "deploy/copy-backups": ELSEWHERE,
    "rclone copy": ELSEWHERE,
    "rclone check": ELSEWHERE,
    "cp .env.example": INSTALLATION,
    "manage.py after_restore": "tests/operations/test_recovery.py",
    "manage.py backup": "tests/operations/test_backup.py",
    "manage.py doctor": "tests/operations/test_doctor.py",
    "manage.py erase_account": "tests/operations/test_recovery.py",
    "manage.py first_owner": "tests/accounts/test_first_owner.py",
    "manage.py migrate": "tests/deep/test_upgrades.py",
    "manage.py nightly_backup": "tests/operations/test_nightly.py",
    "manage.py push_key": "tests/repository/test_guide_commands.py",
    "manage.py replay": "tests/weekly/test_commands.py",
    "manage.py restore": "tests/operations/test_backup.py",
    "manage.py restore_drill": "tests/operations/test_recovery.py",
    "manage.py rotate_data_key": "tests/operations/test_data_key.py",
    "manage.py set_weekly_targets": "tests/weekly/test_commands.py",
    "manage.py verify_history": "tests/operations/test_history.py",
}
NOT_RUN = {
    "docker buildx": "asks a public registry",
    "docker compose version": "shows what the host has; deploy/update asks the same",
    "docker image": "of the host",
    "rclone config": "asks a person; the test writes what it would",
    "age --decrypt": "not in every Debian; tests/operations/test_backup.py opens the files with another age program",
    "manage.py createsuperuser": "Django's own",
    "echo 'vm.overcommit_memory": "a kernel setting of the host",
    "systemctl enable": "of the host",
}
SHELL = re.compile(
    r"(?:docker compose(?: --?\S+(?: \S+(?= ))?)*? (?=[a-z])|docker |manage\.py |rclone |age |cp |echo |systemctl )\S+"
    r"|deploy/[a-z-]+(?![a-z.-]|\.)"
)


def shell_commands() -> set[str]:
    """Return the first words of each command in a code span or block of the guide."""
    text = GUIDE.read_text()
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]
    lines = [line.strip() for line in text.splitlines() if re.match(r" {4,}\S", line)]
    found = {match[0] for code in [*spans, *lines] for match in SHELL.finditer(code)}
    return {re.sub(r"^docker compose .*?(\w+)$", r"docker compose \1", command) for command in found}


def test_every_command_of_the_guide_is_run_by_a_test() -> None:
    found = shell_commands()
    assert found - set(RUN_IN) - set(NOT_RUN) == set()
    assert set(RUN_IN) - found == set()
    for command, file in RUN_IN.items():
        *_, word = command.split()
        assert re.search(rf'["/ ]{re.escape(word.removeprefix("deploy/"))}\b', (ROOT / file).read_text()), (
            command
        )


def test_push_key_prints_a_key_that_the_settings_take() -> None:
    out = io.StringIO()
    call_command("push_key", stdout=out)
    key = out.getvalue().strip()
    assert len(urlsafe_b64decode(key + "=" * (-len(key) % 4))) == 32


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
