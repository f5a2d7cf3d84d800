"""Static files and migrated tables, made once for every running program and every test database.

They are kept under var/ until a migration changes. The first process makes them under a lock; the others copy them.

    python -m tests.prepared COMMAND...    run a command on servers that begin with it, like the stages of `make test`
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from thrive.devserver import build_stamps
from thrive.devserver.addresses import addresses_in
from thrive.devserver.children import Children
from thrive.devserver.local import with_services
from thrive.devserver.servers import PostgresServer, server_account

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "prepared"
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


def migrated() -> Path:
    """Return a stopped PostgreSQL's data folder with `thrive` migrated. Static files are collected as well."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = KEPT / _name()
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            _make(folder)
        if not build_stamps.is_current("static"):
            _run("thrive.devserver.prepare", "static", environment=os.environ | PRODUCTION)
    return folder


def lay_out(folder: Path) -> None:
    """Copy the migrated data into the folder of servers that have not started."""
    shutil.copytree(migrated(), folder / "postgres")
    if account := server_account():
        for path in (folder / "postgres", *(folder / "postgres").rglob("*")):
            os.chown(path, account.uid, account.gid)


def _name() -> str:
    """Return a name that changes with the migrations, with what follows each of them, and with the servers."""
    files = ("challenge/db/program_role.py", "challenge/accounts/roles.py", "requirements/local.txt")
    content = b"".join((ROOT / file).read_bytes() for file in files)
    return hashlib.sha256(build_stamps.digest("database").encode() + content).hexdigest()[:16]


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
        _run("django", "migrate", "--verbosity", "0", environment=environment)
        server.stop()
        shutil.copytree(part / "postgres", KEPT / "part")
        (KEPT / "part").rename(folder)
    finally:
        children.close()


def _run(module: str, *arguments: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    os.environ[TEMPLATE] = "thrive"
    sys.exit(with_services(sys.argv[1:], lay_out))
