"""Backup and restore: an empty database filled from a backup holds the same rows and rules."""

import io
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from challenge.mail.models import OutboxMessage
from challenge.operations import backup
from challenge.operations.backup import (
    BackupFailed,
    InvalidBackup,
    InvalidKey,
    NotEmpty,
    back_up,
    decrypt,
    encrypt,
    libpq_variables,
    new_key,
    parse_key,
    refuse_older_program,
    restore,
)
from tests.factories.lives import MARKER, make_life

KEY = parse_key(new_key())
CHUNK_BYTES = 64 * 1024  # of the age format
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@pytest.fixture
def empty_database(db: None) -> Iterator[dict[str, Any]]:
    """Parameters of a database of its own, thrown away after."""
    given = {
        k: v
        for k, v in connection.get_connection_params().items()
        if k in {"host", "port", "user", "password"}
    }
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(**given, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        yield {**given, "dbname": name}
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def contents(cursor: Any) -> dict[str, tuple[int, str]]:
    """Each table's number of rows and a digest of them all."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = {}
    for (table,) in cursor.fetchall():
        digest = "md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), ''))"
        cursor.execute(f'SELECT count(*), {digest} FROM "{table}" AS t')
        found[table] = cursor.fetchone()
    return found


def promises(cursor: Any) -> list[Any]:
    """Constraints, triggers and indexes, by name."""
    cursor.execute(
        "SELECT conname FROM pg_constraint UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    )
    return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_holds_every_row_and_every_promise(
    empty_database: dict[str, Any], tmp_path: Path
) -> None:
    make_life()
    file = tmp_path / "challenge.backup"
    assert back_up(file, key=KEY) > 50_000
    assert file.stat().st_mode & 0o777 == 0o600
    restore(file, key=KEY, into=empty_database)
    with connection.cursor() as here, psycopg.connect(**empty_database) as there, there.cursor() as cursor:
        assert contents(cursor) == contents(here)
        assert promises(cursor) == promises(here)
        with pytest.raises(psycopg.errors.CheckViolation, match="written once"):
            cursor.execute("UPDATE challenge_ledgerentry SET reason = 'rewritten'")


def an_old_program(folder: Path, words: str) -> str:
    """Return the path of a stand-in for pg_dump that prints `words` as its version."""
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\necho '{words}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("pg_dump (PostgreSQL) 9.6.24", "is of PostgreSQL 9 and the database of"),
        ("pg_dump: cannot execute", "pg_dump does not start"),
    ],
)
def test_a_program_older_than_the_server_is_refused_with_a_sentence(
    words: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = an_old_program(tmp_path, words)
    monkeypatch.setattr(backup, "client_program", lambda name: program)
    file = tmp_path / "challenge.backup"
    with pytest.raises(BackupFailed, match=sentence):
        back_up(file, key=KEY)
    assert not list(tmp_path.glob("challenge*"))


def test_a_program_of_the_servers_version_is_taken(tmp_path: Path) -> None:
    refuse_older_program(an_old_program(tmp_path, "pg_dump (PostgreSQL) 18.6 (Debian 18.6-3)"), server=18)


@pytest.mark.django_db(transaction=True)
def test_a_backup_cannot_be_read_without_the_key(tmp_path: Path) -> None:
    make_life()
    file = tmp_path / "challenge.backup"
    back_up(file, key=KEY)
    stored = file.read_bytes()
    assert MARKER.encode() not in stored
    assert b"PGDMP" not in stored
    with pytest.raises(InvalidBackup, match="another one"):
        decrypt(io.BytesIO(stored), io.BytesIO(), key=parse_key(new_key()))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("harm", ["altered", "cut", "something else"])
def test_a_harmed_backup_restores_nothing_at_all(
    empty_database: dict[str, Any], tmp_path: Path, harm: str
) -> None:
    file = tmp_path / "challenge.backup"
    back_up(file, key=KEY)
    stored = bytearray(file.read_bytes())
    if harm == "altered":
        stored[-100] ^= 1
    file.write_bytes(
        {"altered": bytes(stored), "cut": bytes(stored[:-100]), "something else": b"PGDMP"}[harm]
    )
    with pytest.raises(InvalidBackup):
        restore(file, key=KEY, into=empty_database)
    with psycopg.connect(**empty_database) as there:
        found = there.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (0,)


@pytest.mark.django_db
def test_a_restore_never_writes_over_a_database_in_use(tmp_path: Path) -> None:
    with pytest.raises(NotEmpty):
        restore(tmp_path / "never-read", key=KEY)


@pytest.mark.django_db
def test_a_failed_backup_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "challenge.operations.backup.libpq_variables", lambda: {"PGHOST": "/nonexistent", "LC_ALL": "C"}
    )
    with pytest.raises(BackupFailed):
        back_up(tmp_path / "challenge.backup", key=KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_a_file_of_any_size_decrypts_to_itself(size: int) -> None:
    clear, encrypted, decrypted = bytes(size), io.BytesIO(), io.BytesIO()
    encrypt(io.BytesIO(clear), encrypted, key=KEY)
    decrypt(io.BytesIO(encrypted.getvalue()), decrypted, key=KEY)
    assert decrypted.getvalue() == clear


def test_chunks_cannot_be_left_out_or_moved() -> None:
    encrypted = io.BytesIO()
    encrypt(io.BytesIO(bytes(range(256)) * 768), encrypted, key=KEY)
    whole, chunk = encrypted.getvalue(), CHUNK_BYTES + 16
    start = len(whole) - 3 * chunk
    without_last = whole[: start + 2 * chunk]
    swapped = whole[:start] + whole[start + chunk : start + 2 * chunk] + whole[start : start + chunk]
    for harmed in (without_last, swapped + whole[start + 2 * chunk :]):
        with pytest.raises(InvalidBackup):
            decrypt(io.BytesIO(harmed), io.BytesIO(), key=KEY)


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_an_age_file_with_a_dump_of_postgresql_inside(tmp_path: Path) -> None:
    file = tmp_path / "challenge.backup"
    back_up(file, key=KEY)
    stored = file.read_bytes()
    assert stored.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert pyrage.decrypt(stored, [KEY]).startswith(b"PGDMP")


def test_a_broken_pipe_is_not_taken_for_a_broken_backup() -> None:
    class ClosedPipe(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    encrypted = io.BytesIO()
    encrypt(io.BytesIO(bytes(10)), encrypted, key=KEY)
    with pytest.raises(BrokenPipeError):
        decrypt(io.BytesIO(encrypted.getvalue()), ClosedPipe(), key=KEY)


@pytest.mark.parametrize("text", ["", "short", "AGE-SECRET-KEY-1AAAA", f"{new_key()}\n{new_key()}"])
def test_a_wrong_key_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidKey, match=r"backup --new-key"):
        parse_key(text)


def test_a_key_file_of_age_keygen_is_a_key() -> None:
    text = new_key()
    file = f"# created: 2026-03-02T06:30:00Z\n# public key: {parse_key(text).to_public()}\n{text}\n"
    assert str(parse_key(file)) == text


def test_the_commands_say_what_is_missing(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_KEY = ""
    with pytest.raises(CommandError, match="Name the file"):
        call_command("backup")
    with pytest.raises(CommandError, match="key"):
        call_command("backup", str(tmp_path / "x"))
    with pytest.raises(CommandError, match="key"):
        call_command("restore", str(tmp_path / "x"))
    out = io.StringIO()
    call_command("backup", "--new-key", stdout=out)
    assert parse_key(out.getvalue())


@pytest.mark.django_db
def test_the_guide_withdraws_what_was_due_and_leaves_what_comes_later() -> None:
    make_life()
    make_life()
    moment = re.search(r"after_restore --until (\S+\d)", GUIDE.read_text())
    assert moment, "the guide has the command"
    stopped = datetime.fromisoformat(moment[1])
    due, claimed, coming = list(OutboxMessage.objects.order_by("pk")[:3])
    at = {"send_at": stopped - timedelta(hours=1)}
    OutboxMessage.objects.filter(pk=due.pk).update(state="queued", **at)
    lease = {"lease_token": uuid.uuid4(), "lease_until": stopped}
    OutboxMessage.objects.filter(pk=claimed.pk).update(state="claimed", **at, **lease)
    OutboxMessage.objects.filter(pk=coming.pk).update(state="queued", send_at=stopped + timedelta(hours=1))
    call_command("after_restore", "--until", moment[1])
    states = OutboxMessage.objects.in_bulk([due.pk, claimed.pk, coming.pk])
    assert [states[one.pk].state for one in (due, claimed, coming)] == ["withdrawn", "withdrawn", "queued"]


def test_with_the_compose_file_the_guide_restores_where_that_file_points() -> None:
    compose = (GUIDE.parents[1] / "docker-compose.yml").read_text()
    named = re.search(r"@db:5432/(\w+)", compose)
    assert named
    assert f'RENAME TO {named[1]}_before"' in GUIDE.read_text()
    assert f"createdb --username thrive {named[1]}\n" in GUIDE.read_text()


def test_the_tools_check_the_servers_certificate_where_the_program_does() -> None:
    there = {
        "host": "db.clinic.test",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "connect_timeout": 5,
    }
    found = libpq_variables(there)
    assert (found["PGHOST"], found["PGSSLMODE"]) == ("db.clinic.test", "verify-full")
    assert found["PGSSLROOTCERT"] == "/etc/ca.pem"
