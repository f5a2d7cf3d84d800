"""Backup and restore: `pg_dump`'s custom format, encrypted in the age format before it reaches a disk.

Any age program opens it (https://age-encryption.org/v1). The clinic holds one X25519 identity (`AGE-SECRET-
KEY-1...`). A backup is encrypted for its public half and streamed through in chunks of 64 KiB, so a backup of any
size needs little memory. age authenticates every chunk and the end of the file: a chunk that was altered, moved, left
out or cut off does not open.
"""

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
import pyrage
from django.db import connection
from pyrage.x25519 import Identity

from thrive.devserver.servers import LocalServerError, postgres_binary

NEW_KEY_HINT = "make one with `manage.py backup --new-key`."


class InvalidKey(Exception):
    """The backup key is missing or is not an age identity."""


class InvalidBackup(Exception):
    """The file is not a backup, was altered or cut off, or belongs to another key."""


def new_key() -> str:
    """Return a new random age identity as text."""
    return str(Identity.generate())


def parse_key(text: str) -> Identity:
    """Return the identity in `text`, which may be a key file of `age-keygen` with its comment lines.

    Raises InvalidKey.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise InvalidKey(f"There is no backup key: {NEW_KEY_HINT}")
    try:
        return Identity.from_str(lines[0])
    except pyrage.IdentityError as error:
        raise InvalidKey(f"The backup key cannot be read: {NEW_KEY_HINT}") from error


def encrypt(source: BinaryIO, target: BinaryIO, *, key: Identity) -> None:
    """Encrypt `source` to its end into `target`. Raises OSError when either fails."""
    try:
        pyrage.encrypt_io(source, target, [key.to_public()])
    except pyrage.EncryptError as error:  # how pyrage reports a full disk
        raise OSError(str(error)) from error


def decrypt(source: BinaryIO, target: BinaryIO, *, key: Identity) -> None:
    """Decrypt `source` into `target`, a verified chunk at a time.

    Raises InvalidBackup at the first chunk that does not open: `target` may then hold the chunks before it. An OSError
    of `target`, such as BrokenPipeError, is passed on.
    """
    try:
        pyrage.decrypt_io(source, target, [key])
    except pyrage.DecryptError as error:
        raise InvalidBackup("This is not a backup of this program, or the key is another one.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        # pyrage reports a broken chunk as an OSError without a number; those of files and pipes have one.
        raise InvalidBackup("The backup was altered or cut off.") from error


# psycopg's connection parameters and the libpq variables that pg_dump and pg_restore read.
LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "options": "PGOPTIONS",
}


class BackupFailed(Exception):
    """pg_dump or pg_restore failed; the message is the first line of its error output."""


class NotEmpty(Exception):
    """The database to restore into already has tables."""


def back_up(file: Path, *, key: Identity) -> int:
    """Write an encrypted dump of the configured database to `file` and return the file's size in bytes.

    `file` appears only when it is complete; a failed backup leaves an earlier one as it was. Raises BackupFailed or
    OSError.
    """
    part = file.with_name(file.name + ".part")
    program = client_program("pg_dump")
    refuse_older_program(program, server=_server_version())
    command = [program, "--format=custom", "--no-owner", "--no-privileges"]
    with contextlib.ExitStack() as stack:
        stack.callback(part.unlink, missing_ok=True)
        target = stack.enter_context(
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        )
        dump = stack.enter_context(_start_process(command, libpq_variables(), stdout=subprocess.PIPE))
        encrypt(cast(BinaryIO, dump.stdout), target, key=key)
        _check_result(dump)
        target.flush()
        # Without fsync a power cut after the rename could leave an empty file under the final name.
        os.fsync(target.fileno())
        size = target.tell()
        part.replace(file)
    return size


def count_rows(file: Path, *, key: Identity) -> int:
    """Open a backup without a database, and return how many rows of tables it holds.

    Raises InvalidBackup, BackupFailed or OSError.
    """
    command = [client_program("pg_restore"), "--data-only", "--file=-"]
    with (
        file.open("rb") as source,
        _start_process(command, {"LC_ALL": "C"}, stdout=subprocess.PIPE) as reading,
    ):
        counter = _RowCounter(cast(BinaryIO, reading.stdout))
        counter.start()
        with _input_of(reading) as pipe:
            decrypt(source, pipe, key=key)
        counter.join()
        _check_result(reading)
    return counter.rows


class _RowCounter(threading.Thread):
    """Count the data lines of a plain dump while it is written: what is between `COPY ... FROM stdin;` and `\\.`."""

    def __init__(self, dump: BinaryIO) -> None:
        super().__init__(daemon=True)
        self.dump, self.rows = dump, 0

    def run(self) -> None:
        """Read to the end of the dump."""
        inside = False
        for line in self.dump:
            if inside and line == b"\\.\n":
                inside = False
            elif inside:
                self.rows += 1
            elif line.startswith(b"COPY ") and line.endswith(b"FROM stdin;\n"):
                inside = True


def restore(file: Path, *, key: Identity, into: Mapping[str, Any] | None = None) -> None:
    """Fill an empty database from `file`, all or nothing.

    `into` holds psycopg's connection parameters; the default is the configured database. Raises InvalidBackup,
    NotEmpty, BackupFailed or OSError.
    """
    variables = libpq_variables(into)
    refuse_unless_empty(into)
    command = [
        client_program("pg_restore"),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={variables['PGDATABASE']}",
    ]
    with file.open("rb") as source, _start_process(command, variables) as load:
        with _input_of(load) as pipe:
            decrypt(source, pipe, key=key)
        _check_result(load)


def refuse_unless_empty(into: Mapping[str, Any] | None = None) -> None:
    """Raise NotEmpty if the database has tables."""
    with psycopg.connect(**_parameters(into), autocommit=True) as database:
        tables = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if tables and tables[0]:
        raise NotEmpty("The database has tables. Restore into an empty one.")


def libpq_variables(into: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the environment for PostgreSQL's client programs.

    The password goes there rather than on the command line, which every user of the host can list.
    """
    given = _parameters(into)
    return {LIBPQ_VARIABLES[name]: str(value) for name, value in given.items() if value not in (None, "")} | {
        "LC_ALL": "C"
    }


def client_program(name: str) -> str:
    """Return the path of a PostgreSQL client program: the development server's, else the system's."""
    with contextlib.suppress(LocalServerError):
        if (local := postgres_binary(name)).exists():
            return str(local)
    if system := shutil.which(name):
        return system
    raise BackupFailed(f"There is no {name}: install PostgreSQL's client programs.")


def _server_version() -> int:
    """Return the major version of the configured database."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def refuse_older_program(program: str, *, server: int) -> None:
    """Raise BackupFailed if a client program is of an older major version than the server: it cannot read it all."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not found:
        raise BackupFailed(
            f"{Path(program).name} does not start: {answer.stderr.strip() or 'no reason given'}"
        )
    if int(found[1]) < server:
        raise BackupFailed(
            f"{Path(program).name} is of PostgreSQL {found[1]} and the database of {server}: "
            f"install the client programs of PostgreSQL {server}."
        )


def _parameters(into: Mapping[str, Any] | None) -> dict[str, Any]:
    given = into if into is not None else connection.get_connection_params()
    return {name: value for name, value in given.items() if name in LIBPQ_VARIABLES}


def _start_process(
    command: list[str], variables: dict[str, str], stdout: int | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell
        command, env=variables, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE
    )


@contextlib.contextmanager
def _input_of(process: subprocess.Popen[bytes]) -> Iterator[BinaryIO]:
    """Yield the pipe into a process, and close it. One that ended early is no error: its output has the reason."""
    pipe = cast(BinaryIO, process.stdin)
    try:
        with contextlib.suppress(BrokenPipeError):
            yield pipe
    except InvalidBackup:
        # Killed before it sees the end of its input, pg_restore never commits its single transaction.
        process.kill()
        raise
    finally:
        # The end of what was written may still be in the buffer, which is larger from Python 3.14 on.
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _check_result(process: subprocess.Popen[bytes]) -> None:
    output = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.wait():
        lines = output.strip().splitlines() or ["no reason given"]
        raise BackupFailed(f"The database's program failed: {lines[0]}")
