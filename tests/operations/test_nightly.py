"""Backups by themselves: one a night, verified; what is kept, and what a night that fails or is stopped leaves."""

import io
import os
import signal
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from challenge.management.commands import nightly_backup
from challenge.operations.backup import new_key, parse_key
from challenge.operations.models import Heartbeat
from challenge.operations.nightly import back_up_tonight, is_due, kept
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BACKUP_COPY, RESTORE_DRILL
from tests.conftest import NOW
from tests.factories.people import make_runner_user
from tests.operations.test_recovery import erase, erasures
from tests.program import ROOT, eventually
from thrive.healthcheck import main as healthcheck_main
from thrive.healthcheck import sign_of_life

__all__ = ["erasures"]
pytestmark = pytest.mark.django_db
KEY = new_key()
COPY = ROOT / "deploy" / "copy-backups"


@pytest.mark.django_db(transaction=True)
def test_a_night_leaves_a_verified_backup_and_once_a_week_a_drill(
    tmp_path: Path, settings: Any, erasures: Path
) -> None:
    settings.BACKUP_KEY = KEY
    erase(make_runner_user(email="ada@runners.test"))
    (tmp_path / "backups").mkdir()
    folder = tmp_path / "backups"
    night = back_up_tonight(folder, key=parse_key(KEY), at=NOW)
    assert night.rows
    assert night.drill is not None
    assert sorted(path.name for path in folder.iterdir()) == [night.file.name, night.file.name + ".erasures"]
    assert not is_due(folder, at=NOW)
    second = back_up_tonight(folder, key=parse_key(KEY), at=NOW + timedelta(days=1))
    assert second.drill is None


@pytest.mark.django_db(transaction=True)
def test_a_night_that_fails_leaves_yesterdays_backup(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEY, settings.ERASURE_LIST = KEY, ""
    yesterday = tmp_path / "challenge-2020-01-01.backup"
    yesterday.write_text("yesterday's")
    monkeypatch.setattr(
        "challenge.operations.backup.libpq_variables", lambda: {"PGHOST": "/nonexistent", "LC_ALL": "C"}
    )
    with pytest.raises(CommandError, match="failed"):
        call_command("nightly_backup", str(tmp_path), "--once")
    assert [path.name for path in tmp_path.iterdir()] == [yesterday.name]
    assert "backup" not in set(Heartbeat.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_night_that_is_stopped_leaves_no_half_file_and_no_database(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEY, settings.ERASURE_LIST = KEY, ""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(
        "challenge.operations.recovery.erase_again", lambda *_, **__: signal.raise_signal(signal.SIGTERM)
    )
    try:
        with pytest.raises(SystemExit):
            call_command("nightly_backup", str(tmp_path), "--once")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not list(tmp_path.glob("*.unverified"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'restore_drill%'")
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_backups_of_updates_are_kept_for_30_days_and_those_of_other_names_stay(
    tmp_path: Path, settings: Any, erasures: Path
) -> None:
    settings.BACKUP_KEY = KEY
    today = NOW.date()
    record_heartbeat(name=RESTORE_DRILL, at=NOW)  # no drill tonight
    old, young = (f"before-update-{today - timedelta(days=days)}-101500.backup" for days in (32, 28))
    others = {"by-hand.backup", "before-update-soon.backup", "challenge-2020-01-01-mine.backup"}
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (old, f"{old}.erasures", young, *others):
        (folder / name).touch()
    night = back_up_tonight(folder, key=parse_key(KEY), at=NOW)
    assert [path.name for path in night.removed] == [old]
    names = {path.name for path in folder.iterdir()}
    assert names == {young, *others, night.file.name, f"{night.file.name}.erasures"}


def test_a_long_backup_shows_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(nightly_backup, "LOOK_EVERY_S", 0.01)
    with nightly_backup.showing_life():
        for _ in range(2):
            eventually(sign_of_life("backup").exists, what="a sign of life")
            sign_of_life("backup").unlink()
    assert healthcheck_main(["backup"]) == 1, "without the touch there is none"


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    days = [date(2026, 12, 31) - timedelta(days=n) for n in range(800)]
    keep = kept(days)
    assert {date(2026, 12, 31) - timedelta(days=n) for n in range(7)} <= keep
    assert {date(2026, 12, 20), date(2026, 12, 13)} <= keep  # the Sundays that end their weeks
    assert {date(2026, m, 28 if m == 2 else 30 if m in {4, 6, 9, 11} else 31) for m in range(1, 12)} <= keep
    assert len(keep) == 7 + 2 + 11
    assert kept([]) == set()


def copied_at() -> float | None:
    found = Heartbeat.objects.filter(name=BACKUP_COPY).first()
    return found.at.timestamp() if found else None


@pytest.mark.django_db(transaction=True)
def test_the_nightly_backup_notes_when_the_other_place_had_its_copy(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_KEY, settings.ERASURE_LIST = KEY, ""
    record_heartbeat(name=RESTORE_DRILL, at=timezone.now())  # no drill tonight
    call_command("nightly_backup", str(tmp_path), "--once", stdout=io.StringIO())
    assert copied_at() is None
    mark = tmp_path / ".copied"  # of deploy/copy-backups
    mark.touch()
    os.utime(mark, (1_000_000_000, 1_000_000_000))
    call_command("nightly_backup", str(tmp_path), "--once", stdout=io.StringIO())
    assert copied_at() == 1_000_000_000
    mark.unlink()  # the place was given up
    call_command("nightly_backup", str(tmp_path), "--once", stdout=io.StringIO())
    assert copied_at() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Write the place"),
        (("offsite:challenge",), "There is no backup in"),
    ],
)
def test_a_copy_that_cannot_begin_says_why_and_counts_as_no_try(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "rclone").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "rclone").chmod(0o755)
    place = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BACKUP_FOLDER": str(tmp_path)}
    done = subprocess.run([COPY, *arguments], env=place, capture_output=True, text=True, check=False)
    assert (done.returncode, sentence in done.stderr) == (1, True)
    assert "Nothing was copied" in done.stderr
    assert not (tmp_path / ".copied").exists()
