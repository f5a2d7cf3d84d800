"""After a restore: who was erased stays erased, and no one is written to twice."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.models import WeeklyTarget
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.operations.backup import (
    InvalidBackup,
    back_up,
    count_rows,
    new_key,
    parse_key,
    refuse_unless_empty,
)
from challenge.operations.models import Heartbeat
from challenge.operations.nightly import keep_list, longest_list
from challenge.operations.queries import RESTORE_DRILL
from challenge.operations.recovery import (
    NewerSchema,
    after_restore,
    erase_again,
    refuse_newer_schema,
    throwaway_database,
)
from challenge.privacy.actions import DamagedList, erase_account, fill_erasure_list, read_list, write_list
from challenge.privacy.models import ErasedAccount
from challenge.weekly.decide import decide_due
from tests.check import PRODUCTION, ROOT
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.people import make_owner, make_runner_user

pytestmark = pytest.mark.django_db
KEY = new_key()


@pytest.fixture
def erasures(tmp_path: Path, settings: Any) -> Path:
    file: Path = tmp_path / "erasures.jsonl"
    settings.ERASURE_LIST = str(file)
    return file


def erase(user: User) -> int:
    number = user.pk
    erase_account(user=user, by=user, at=timezone.now())
    fill_erasure_list()
    return int(number)


def test_an_erasure_is_on_the_list_and_cannot_be_taken_off(erasures: Path) -> None:
    number = erase(make_runner_user(email="ada@runners.test"))
    assert [line.account for line in read_list(erasures)] == [number]
    assert "ada" not in erasures.read_text()
    with pytest.raises(DatabaseError), transaction.atomic():
        ErasedAccount.objects.all().delete()


def test_the_list_is_filled_up_once(erasures: Path) -> None:
    erase(make_runner_user(email="ada@runners.test"))
    assert write_list(erasures) == 0
    erase(make_runner_user(email="bo@runners.test"))
    assert len(read_list(erasures)) == 2


@pytest.mark.parametrize("harm", ["first line gone", "number changed", "half a line"])
def test_a_list_that_was_cut_or_edited_is_refused(erasures: Path, harm: str) -> None:
    numbers = [erase(make_runner_user(email=f"r{n}@runners.test")) for n in range(3)]
    lines = erasures.read_text().splitlines(keepends=True)
    changed = json.loads(lines[1]) | {"account": numbers[0] + 1000}
    erasures.write_text(
        {
            "first line gone": "".join(lines[1:]),
            "number changed": lines[0] + json.dumps(changed) + "\n" + lines[2],
            "half a line": "".join(lines[:2]) + lines[2][:20],
        }[harm]
    )
    with pytest.raises(DamagedList, match="damaged"):
        erase_again(erasures, at=NOW)


def test_a_list_that_was_cut_at_its_end_is_refused(erasures: Path) -> None:
    for n in range(2):
        erase(make_runner_user(email=f"r{n}@runners.test"))
    erasures.write_text(erasures.read_text().splitlines(keepends=True)[0])
    with pytest.raises(DamagedList, match="lacks 1"):
        erase_again(erasures, at=NOW)


def test_who_came_back_with_a_backup_is_erased_again(erasures: Path) -> None:
    """As a restore leaves it: the account is there, its row in ErasedAccount is not, the list has it."""
    user = make_runner_user(email="ada@runners.test")
    later = timezone.now() + timedelta(hours=1)
    ErasedAccount.objects.create(account=user.pk, at=later)
    write_list(erasures)
    _as_before_the_erasure()
    newer = make_runner_user(email="bo@runners.test")
    result = erase_again(erasures, at=later)
    assert result.erased == [user.pk]
    assert not User.objects.filter(email="ada@runners.test").exists()
    assert User.objects.filter(pk=newer.pk).exists()


def test_a_newer_account_with_the_same_number_is_not_erased(erasures: Path) -> None:
    user = make_runner_user(email="ada@runners.test")
    ErasedAccount.objects.create(account=user.pk, at=user.joined_at - timedelta(days=1))
    write_list(erasures)
    _as_before_the_erasure()
    assert erase_again(erasures, at=NOW).erased == []
    assert make_runner_user(email="bo@runners.test").pk > user.pk


def _as_before_the_erasure() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL challenge.erasing = 'on'; DELETE FROM challenge_erasedaccount; ")
        cursor.execute("SET LOCAL challenge.erasing = 'off'")


def test_the_list_with_the_most_accounts_is_used_wherever_it_lies(erasures: Path, tmp_path: Path) -> None:
    """On a new host the list of its own is empty, and beside an older backup lies an older list."""
    older, newer = tmp_path / "monday.backup.erasures", tmp_path / "tuesday.backup.erasures"
    for file in (older, newer):
        erase(make_runner_user(email=f"{file.name[:3]}@runners.test"))
        file.write_text(erasures.read_text())
    erasures.write_text("")
    assert longest_list(tmp_path / "monday.backup") == newer
    keep_list(newer)
    assert read_list(erasures) == read_list(newer)
    assert longest_list(tmp_path / "monday.backup") == erasures
    _as_before_the_erasure()
    for account in (987_654, 987_655, 987_656):
        ErasedAccount.objects.create(account=account, at=NOW)
    write_list(tmp_path / "of_another_clinic.erasures")
    with pytest.raises(DamagedList, match=r"names accounts that of_another_clinic\.erasures lacks"):
        longest_list(tmp_path / "monday.backup")


@pytest.mark.django_db(transaction=True)
def test_a_restore_that_fails_leaves_an_empty_database(tmp_path: Path, settings: Any, erasures: Path) -> None:
    settings.BACKUP_KEY = KEY
    erase(make_runner_user(email="ada@runners.test"))
    whole = tmp_path / "whole"
    whole.write_text(erasures.read_text())
    file, out = tmp_path / "nightly.backup", io.StringIO()
    back_up(file, key=parse_key(KEY))
    erasures.write_text("")  # cut: the backup knows of one erasure
    with throwaway_database("failing_restore"):
        with pytest.raises(CommandError, match="lacks 1 erasures"):
            call_command("restore", str(file))
        refuse_unless_empty()
        call_command("restore", str(file), "--erasures", str(whole), stdout=out)
        assert User.objects.count() == 0 < ErasedAccount.objects.count()
    assert f"by the list {whole}" in out.getvalue()
    assert read_list(erasures) == read_list(whole)


def test_staff_of_the_backup_are_named_not_erased(erasures: Path) -> None:
    owner = make_owner()
    ErasedAccount.objects.create(account=owner.pk, at=timezone.now() + timedelta(hours=1))
    write_list(erasures)
    _as_before_the_erasure()
    assert erase_again(erasures, at=NOW).staff == [owner.pk]


def test_a_backup_of_a_newer_version_is_refused() -> None:
    MigrationRecorder(connection).record_applied("challenge", "0999_of_tomorrow")
    with pytest.raises(NewerSchema, match="0999_of_tomorrow"):
        refuse_newer_schema()


def test_after_a_restore_the_monday_is_decided_and_not_sent_twice() -> None:
    runner = enroll()
    OutboxMessage.objects.all().delete()
    result = after_restore(until=NOW)
    assert result.decided == WeeklyTarget.objects.filter(enrollment=runner).count() == 1
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.WITHDRAWN}
    assert decide_due(now=lambda: NOW) == 0
    before = OutboxMessage.objects.count()
    after_restore(until=NOW)
    assert OutboxMessage.objects.count() == before


def test_what_is_due_later_is_still_sent() -> None:
    enroll()
    decide_due(now=lambda: NOW)
    coming = OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).get()
    OutboxMessage.objects.filter(pk=coming.pk).update(send_at=NOW + timedelta(hours=1))
    after_restore(until=NOW)
    coming.refresh_from_db()
    assert coming.state == MessageState.QUEUED


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("yesterday", "not a moment"),
        ("2026-03-02T06:30", "no time zone"),
        ("2999-01-01T00:00+00:00", "not come"),
    ],
)
def test_a_wrong_moment_is_a_sentence(moment: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("after_restore", "--until", moment)


def test_erasing_by_number_names_whom_and_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_runner_user(email="ada@runners.test")
    out = io.StringIO()
    monkeypatch.setattr("builtins.input", lambda _: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_account", str(user.pk), stdout=out)
    assert "ada@runners.test" in out.getvalue()
    with pytest.raises(CommandError, match="There is no account 999999"):
        call_command("erase_account", str(user.pk), "999999", "--yes", stdout=out)
    assert User.objects.filter(pk=user.pk).exists()
    call_command("erase_account", str(user.pk), "--yes", stdout=out)
    assert not User.objects.filter(pk=user.pk).exists()


def test_an_erasure_that_no_one_can_confirm_erases_no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_runner_user(email="ada@runners.test")
    monkeypatch.setattr("sys.stdin", io.StringIO())  # as in a container without a terminal
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_account", str(user.pk), stdout=io.StringIO())
    assert User.objects.filter(pk=user.pk).exists()


def test_of_several_accounts_all_are_erased_or_none() -> None:
    runner, owner = make_runner_user(email="ada@runners.test"), make_owner(email="olga@clinic.test")
    with pytest.raises(CommandError, match=f"Account {owner.pk} is a staff account.*Nothing was erased"):
        call_command("erase_account", str(runner.pk), str(owner.pk), "--yes", stdout=io.StringIO())
    assert User.objects.filter(pk=runner.pk, email="ada@runners.test").exists()


# All of them end in the one place, `manage.py`: here one that reads, one that writes a file, and Django's own.
OTHER_COMMANDS = (
    "restore x.backup",
    "restore_drill x.backup",
    "after_restore --until 2026-03-02T06:30+00:00",
    "erase_account 7",
    "set_weekly_targets",
)


@pytest.mark.parametrize(
    "line",
    [
        "backup x.backup",
        "migrate --noinput",
        "verify_history",
        *(pytest.param(line, marks=pytest.mark.deep) for line in OTHER_COMMANDS),
    ],
)
def test_a_command_whose_database_is_away_ends_with_a_sentence(line: str, tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://thrive:pass-word@127.0.0.1:1/thrive", "BACKUP_KEY": KEY}
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", *line.split()],
        cwd=tmp_path, env=bare | PRODUCTION | away, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("The database does not answer, or broke off: connection failed")
    assert "pass-word" not in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_verified_backup_is_opened_and_counted(tmp_path: Path, settings: Any, erasures: Path) -> None:
    settings.BACKUP_KEY = KEY
    enroll()
    file, out = tmp_path / "nightly.backup", io.StringIO()
    call_command("backup", str(file), "--verify", stdout=out)
    assert "rows in it" in out.getvalue()
    assert count_rows(file, key=parse_key(KEY)) > User.objects.count()
    assert Heartbeat.objects.filter(name="backup").exists()
    stored = bytearray(file.read_bytes())
    stored[-50] ^= 1
    file.write_bytes(stored)
    with pytest.raises(InvalidBackup):
        count_rows(file, key=parse_key(KEY))


@pytest.mark.django_db(transaction=True)
def test_a_restore_drill_leaves_the_database_as_it_was(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_KEY, settings.ERASURE_LIST = KEY, ""
    enroll()
    file, out = tmp_path / "nightly.backup", io.StringIO()
    back_up(file, key=parse_key(KEY))
    users = User.objects.count()
    call_command("restore_drill", str(file), stdout=out)
    assert "tables" in out.getvalue()
    assert User.objects.count() == users
    assert Heartbeat.objects.filter(name=RESTORE_DRILL).exists()
