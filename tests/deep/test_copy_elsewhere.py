"""The guide's copy of the backups in another place, by its own commands: to a folder and to SFTP on loopback."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import ROOT, eventually, free_port

pytestmark = pytest.mark.deep
GUIDE = ROOT / "docs" / "operations.md"
NIGHTLY = re.findall(r"^ +(rclone (?:copy|check) .*/srv/backups .*)$", GUIDE.read_text(), re.M)
BACK = re.findall(r"^ +(rclone copy offsite:\S+ /srv/drill)$", GUIDE.read_text(), re.M)
NAME = "challenge-2026-03-02.backup"


class Elsewhere:
    """A folder of backups here, and the place they are copied to."""

    def __init__(self, folder: Path, remote: dict[str, str]) -> None:
        self.here, self.there, self.drill = folder / "backups", folder / "there", folder / "drill"
        self.environment = os.environ | {"RCLONE_CONFIG": str(folder / "none.conf")} | remote

    def run(self, command: str) -> int:
        """Run a command of the guide on these folders; return its exit code."""
        words = command.replace("/srv/backups", str(self.here)).replace("/srv/drill", str(self.drill))
        once = ["--retries", "1", "--low-level-retries", "1", "--contimeout", "5s"]
        return subprocess.run([*shlex.split(words), *once], env=self.environment, check=False).returncode


def serve(folder: Path, *options: str) -> Iterator[Elsewhere]:
    port = free_port()
    command = ["rclone", "serve", "sftp", str(folder / "there"), "--addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "--user", "clinic", "--pass", "loopback", *options])
    hidden = subprocess.run(["rclone", "obscure", "loopback"], capture_output=True, text=True, check=True)
    remote = {
        "TYPE": "sftp",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "USER": "clinic",
        "PASS": hidden.stdout.strip(),
    }
    place = Elsewhere(folder, {f"RCLONE_CONFIG_OFFSITE_{name}": value for name, value in remote.items()})
    try:
        eventually(lambda: place.run("rclone lsd offsite:") == 0, what="the server answers")
        yield place
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(params=["folder", "sftp"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    assert shutil.which("rclone"), "rclone is missing: apt install rclone"
    place = fill(tmp_path)
    if request.param == "folder":
        remote = {"RCLONE_CONFIG_OFFSITE_TYPE": "alias", "RCLONE_CONFIG_OFFSITE_REMOTE": str(place / "there")}
        yield Elsewhere(place, remote)
    else:
        yield from serve(place)


def fill(folder: Path) -> Path:
    for name in ("backups", "there", "drill"):
        (folder / name).mkdir()
    (folder / "backups" / NAME).write_bytes(os.urandom(200_000))
    (folder / "backups" / f"{NAME}.erasures").write_text("[]\n")
    return folder


def test_the_copy_is_whole_and_comes_back(elsewhere: Elsewhere) -> None:
    assert len(NIGHTLY) == len(BACK) == 2
    assert [elsewhere.run(command) for command in (*NIGHTLY, *BACK)] == [0, 0, 0, 0]
    for name in (NAME, f"{NAME}.erasures"):
        assert (elsewhere.drill / name).read_bytes() == (elsewhere.here / name).read_bytes()


def test_a_backup_that_was_spoiled_or_deleted_here_spoils_no_copy(elsewhere: Elsewhere) -> None:
    good = (elsewhere.here / NAME).read_bytes()
    assert elsewhere.run(NIGHTLY[0]) == 0
    (elsewhere.here / NAME).write_bytes(b"spoiled")
    assert [elsewhere.run(command) != 0 for command in NIGHTLY] == [True, True]
    (elsewhere.here / NAME).unlink()
    assert elsewhere.run(NIGHTLY[0]) == 0
    assert (elsewhere.there / "challenge" / NAME).read_bytes() == good


def test_a_place_that_refuses_ends_the_command_above_zero(tmp_path: Path) -> None:
    for place in serve(fill(tmp_path), "--read-only"):
        assert all(place.run(command) for command in NIGHTLY)
        assert list(place.there.iterdir()) == []
