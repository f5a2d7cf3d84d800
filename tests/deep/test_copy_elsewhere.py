"""The guide's copy of the backups in another place, by its own commands and real rclone: a folder, SFTP and a bucket.

The servers are on loopback. A bucket refuses in each of its ways; what lies here and what lies there stays whole.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import ROOT, eventually, free_port
from tests.s3_server import KEY, REFUSALS, SECRET, Bucket, bucket_on_loopback

pytestmark = pytest.mark.deep
GUIDE = ROOT / "docs" / "operations.md"
NIGHTLY = "deploy/copy-backups offsite:challenge"
BACK = re.findall(r"^ +(rclone copy offsite:\S+ /srv/drill)$", GUIDE.read_text(), re.M)
NAME = "challenge-2026-03-02.backup"
LIST = f"{NAME}.erasures"


class Elsewhere:
    """A folder of backups here, and the place they are copied to."""

    def __init__(self, folder: Path, remote: dict[str, str]) -> None:
        self.here, self.there, self.drill = folder / "backups", folder / "there", folder / "drill"
        once = {"RCLONE_RETRIES": "1", "RCLONE_LOW_LEVEL_RETRIES": "1", "RCLONE_CONTIMEOUT": "5s"}
        place = {f"RCLONE_CONFIG_OFFSITE_{name}": value for name, value in remote.items()}
        own = {"RCLONE_CONFIG": str(folder / "none.conf"), "BACKUP_FOLDER": str(self.here)}
        # Nothing else of this machine's: a list of certificates in it stops rclone's S3.
        self.environment = {"PATH": os.environ["PATH"]} | own | once | place

    def run(self, command: str) -> int:
        """Run a command of the guide on these folders; return its exit code."""
        return self.ask(command).returncode

    def ask(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(command.replace("/srv/drill", str(self.drill)))
        return subprocess.run(
            words, cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True
        )

    def fill(self) -> None:
        for folder in (self.here, self.there, self.drill):
            folder.mkdir()
        (self.here / NAME).write_bytes(os.urandom(200_000))
        (self.here / LIST).write_text("[]\n")
        (self.here / f"{NAME}.unverified").write_bytes(b"half")

    def copied_at(self) -> float:
        return (self.here / ".copied").stat().st_mtime


def serve(folder: Path, *options: str) -> Iterator[Elsewhere]:
    port = free_port()
    (folder / "there").mkdir(exist_ok=True)
    command = ["rclone", "serve", "sftp", str(folder / "there"), "--addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "--user", "clinic", "--pass", "loopback", *options])
    hidden = subprocess.run(["rclone", "obscure", "loopback"], capture_output=True, text=True, check=True)
    login = {"USER": "clinic", "PASS": hidden.stdout.strip()}
    place = Elsewhere(folder, {"TYPE": "sftp", "HOST": "127.0.0.1", "PORT": str(port)} | login)
    (folder / "there").rmdir()
    place.fill()
    try:
        eventually(lambda: place.run("rclone lsd offsite:") == 0, what="the server answers")
        yield place
    finally:
        server.terminate()
        server.wait(30)


def place_in(bucket: Bucket, folder: Path, key: str = KEY) -> Elsewhere:
    """Return a place as `rclone config` writes it for a bucket."""
    server = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": bucket.endpoint}
    place = Elsewhere(folder, server | {"ACCESS_KEY_ID": key, "SECRET_ACCESS_KEY": SECRET})
    place.fill()
    return place


@pytest.fixture(scope="module", autouse=True)
def rclone() -> None:
    assert shutil.which("rclone"), "rclone is missing: apt install rclone"


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with bucket_on_loopback() as served:
        yield served


@pytest.fixture(params=["folder", "sftp", "bucket"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> Iterator[Elsewhere]:
    if request.param == "folder":
        place = Elsewhere(tmp_path, {"TYPE": "alias", "REMOTE": str(tmp_path / "there")})
        place.fill()
        yield place
    elif request.param == "bucket":
        yield place_in(bucket, tmp_path)
    else:
        yield from serve(tmp_path)


def test_the_copy_is_whole_and_comes_back(elsewhere: Elsewhere) -> None:
    assert NIGHTLY in GUIDE.read_text()
    assert len(BACK) == 2
    assert [elsewhere.run(command) for command in (NIGHTLY, NIGHTLY, *BACK)] == [0, 0, 0, 0]
    for name in (NAME, LIST):
        assert (elsewhere.drill / name).read_bytes() == (elsewhere.here / name).read_bytes()
    assert elsewhere.run("rclone copy offsite:challenge /srv/drill") == 0
    assert {path.name for path in elsewhere.drill.iterdir()} == {NAME, LIST}, "no half file, no mark"


def test_a_backup_that_was_spoiled_or_deleted_here_spoils_no_copy(elsewhere: Elsewhere) -> None:
    good = (elsewhere.here / NAME).read_bytes()
    assert elsewhere.run(NIGHTLY) == 0
    before = elsewhere.copied_at()
    (elsewhere.here / NAME).write_bytes(b"spoiled")
    done = elsewhere.ask(NIGHTLY)
    assert (done.returncode, elsewhere.copied_at()) == (1, before)
    assert "no copy was changed" in done.stderr
    (elsewhere.here / NAME).rename(elsewhere.here / "challenge-2026-03-03.backup")
    assert elsewhere.run(NIGHTLY) == 0
    assert elsewhere.run(BACK[0]) == 0
    assert (elsewhere.drill / NAME).read_bytes() == good


def test_an_sftp_server_that_refuses_is_told(tmp_path: Path) -> None:
    for place in serve(tmp_path, "--read-only"):
        assert place.run(NIGHTLY) == 1
        assert list(place.there.iterdir()) == []


@pytest.mark.parametrize("trouble", [*REFUSALS, "hangs up", "wrong key"])
def test_a_bucket_that_refuses_ends_with_a_sentence_and_keeps_what_it_has(
    trouble: str, bucket: Bucket, tmp_path: Path
) -> None:
    place = place_in(bucket, tmp_path)
    assert place.run(NIGHTLY) == 0
    before, here, there = place.copied_at(), (place.here / NAME).read_bytes(), dict(bucket.objects)
    (place.here / "challenge-2026-03-03.backup").write_bytes(os.urandom(100_000))
    if trouble == "wrong key":
        place.environment["RCLONE_CONFIG_OFFSITE_ACCESS_KEY_ID"] = "STRANGER"
    else:
        bucket.trouble = trouble
    done = place.ask(NIGHTLY)
    assert bucket.refused
    assert done.returncode == 1
    *words, sentence = done.stderr.strip().splitlines()
    assert sentence.startswith("Not all backups are in offsite:challenge: the lines above say why.")
    assert words, "the bucket's own words"
    assert (place.copied_at(), (place.here / NAME).read_bytes(), bucket.objects) == (before, here, there)

    bucket.trouble, place.environment["RCLONE_CONFIG_OFFSITE_ACCESS_KEY_ID"] = "", KEY
    assert place.run(NIGHTLY) == 0
    assert place.copied_at() > before
    assert len(bucket.objects) == len(there) + 1
