"""Static files and migrated tables, made once for every running program and every test database.

`make test` names one folder for all of its stages in PREPARED; a single pytest has its own. The first process makes it
under a lock; the others copy it.

    python -m tests.prepared COMMAND...    run a command on servers that begin with it, like the stages of `make test`
"""

import atexit
import fcntl
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from thrive.devserver.addresses import addresses_in
from thrive.devserver.children import Children
from thrive.devserver.local import with_services
from thrive.devserver.servers import PostgresServer, server_account

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "PREPARED"
TEMPLATE = "TEST_TEMPLATE"  # the database that test databases are copied from: see tests/conftest.py
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "thrive.settings",
    "DEBUG": "0",
    "SECRET_KEY": "only-for-tests-" * 4,
    "DATA_KEY": "another-only-for-tests-" * 4,
    "SITE_URL": "http://localhost",
    "ALLOWED_HOSTS": "localhost",
    "CLINIC_EMAIL": "hello@clinic.test",
    "CLINICAL_REPLY_EMAIL": "clinicians@clinic.test",
    "CLINIC_PHONE": "+1 612 555 0142",
    "DEFAULT_FROM_EMAIL": "Thrive HQ <challenge@clinic.test>",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


def name_folder() -> None:
    """Name a folder for this process and its children, deleted at its end, unless one is named already."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="thrive-prepared-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)


@functools.cache
def migrated() -> Path:
    """Return a stopped PostgreSQL's data folder with `thrive` migrated. Static files are collected as well."""
    name_folder()
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "postgres").exists():
            _make(folder)
    return folder / "postgres"


def lay_out(folder: Path) -> None:
    """Copy the migrated data into the folder of servers that have not started."""
    shutil.copytree(migrated(), folder / "postgres")
    if account := server_account():
        for path in (folder / "postgres", *(folder / "postgres").rglob("*")):
            os.chown(path, account.uid, account.gid)


def _make(folder: Path) -> None:
    part = Path(tempfile.mkdtemp(prefix="thrive-", dir="/tmp"))
    children = Children()
    children.remove_after(part)
    if account := server_account():
        os.chown(part, account.uid, account.gid)
    server = PostgresServer(part, children, durable=False)
    try:
        server.start()
        environment = {**os.environ, **addresses_in(part).owner_environment(), **PRODUCTION}
        for command in (["collectstatic", "--noinput"], ["migrate"]):
            subprocess.run(
                [sys.executable, "manage.py", *command, "--verbosity", "0"],
                cwd=ROOT,
                env=environment,
                check=True,
            )
        server.stop()
        shutil.copytree(part / "postgres", folder / "postgres.part")
        (folder / "postgres.part").rename(folder / "postgres")
    finally:
        children.close()


if __name__ == "__main__":
    os.environ[TEMPLATE] = "thrive"
    sys.exit(with_services(sys.argv[1:], lay_out))
