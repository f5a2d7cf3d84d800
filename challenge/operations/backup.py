"""Backup and restore: `pg_dump`'s custom format, encrypted before it touches a disk."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connection

from challenge.operations.encryption import InvalidBackup, decrypt, encrypt
from thrive.devserver.servers import LocalServerError, postgres_binary

NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class BackupFailed(Exception):
    """The database's own tool said no; the sentence is its last line."""


class NotEmpty(Exception):
    """A restore goes into an empty database only."""


def back_up(file: Path, *, key: bytes) -> int:
    """Writes an encrypted dump of the database; the file appears when it is whole. Returns the dump's bytes."""
    part = file.with_name(file.name + ".part")
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
    with contextlib.ExitStack() as stack:
        stack.callback(part.unlink, missing_ok=True)
        target = stack.enter_context(
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        )
        dump = stack.enter_context(_start_process(command, variables(), stdout=subprocess.PIPE))
        size = encrypt(_reader(dump.stdout), target, key=key)
        _check_result(dump)
        target.flush()
        os.fsync(target.fileno())
        part.replace(file)
    return size


def restore(file: Path, *, key: bytes, into: Mapping[str, Any] | None = None) -> None:
    """Fills an empty database, all or nothing; `into` are psycopg's parameters, by default the configured database."""
    there = variables(into)
    refuse_unless_empty(into)
    command = [
        program("pg_restore"),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
    ]
    with (
        file.open("rb") as source,
        _start_process([*command, f"--dbname={there['PGDATABASE']}"], there) as load,
    ):
        assert load.stdin is not None
        try:
            for piece in decrypt(source, key=key):
                load.stdin.write(piece)
            load.stdin.close()
        except InvalidBackup:
            load.kill()  # before the end of its input: the one transaction is rolled back
            raise
        except BrokenPipeError:
            pass  # its own words say why
        _check_result(load)


def refuse_unless_empty(into: Mapping[str, Any] | None = None) -> None:
    """Raises NotEmpty where the database has tables."""
    with psycopg.connect(**_parameters(into), autocommit=True) as there:
        tables = there.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if tables and tables[0]:
        raise NotEmpty("The database has tables. Restore into an empty one.")


def variables(into: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Where the database is, as libpq's variables: a password does not show in the list of processes."""
    found = {NAMES[k]: str(v) for k, v in _parameters(into).items() if k in NAMES and v not in (None, "")}
    return found | {"LC_ALL": "C"}


def program(name: str) -> str:
    """The tool of our own PostgreSQL, else the system's."""
    with contextlib.suppress(LocalServerError):
        if (ours := postgres_binary(name)).exists():
            return str(ours)
    if system := shutil.which(name):
        return system
    raise BackupFailed(f"There is no {name}: install PostgreSQL's client programs.")


def _parameters(into: Mapping[str, Any] | None) -> dict[str, Any]:
    given = dict(into if into is not None else connection.get_connection_params())
    return {k: v for k, v in given.items() if k in NAMES}


def _start_process(
    command: list[str], there: dict[str, str], stdout: int | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own tools, no shell
        command, env=there, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE
    )


def _reader(stream: IO[bytes] | None) -> Any:
    assert stream is not None
    return stream.read


def _check_result(process: subprocess.Popen[bytes]) -> None:
    said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.wait():
        raise BackupFailed(
            f"The database's tool failed: {(said.strip().splitlines() or ['no reason given'])[0]}"
        )
