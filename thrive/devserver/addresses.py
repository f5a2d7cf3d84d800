"""The addresses of the local PostgreSQL and Valkey, computed from the project's folder, and the local data key."""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

PLAIN_PATH = re.compile(r"[\w./ @+~-]+", re.ASCII)  # libpq reads a comma as several hosts
DATA_KEY_FILE = "data-key"  # in var, so that `make reset` throws it away with what it sealed
LONGEST_SOCKET_PATH = 100  # bytes; the kernel stops at 104 (macOS) or 108 (Linux)


@dataclass(frozen=True)
class Addresses:
    """The addresses of one pair of local servers.

    `database_url` is a libpq address (`postgresql://thrive@/thrive?host=FOLDER`), the other two
    are redis-py's (`unix://SOCKET?db=N`). Celery needs `broker_url(redis_url)`.
    """

    database_url: str
    redis_url: str
    cache_url: str

    def program_environment(self) -> dict[str, str]:
        """Return the addresses for the running program: its role owns no table."""
        program = self.database_url.replace("//thrive@", "//thrive_program@", 1)
        return self.environment() | {"DATABASE_URL": program}

    def owner_environment(self) -> dict[str, str]:
        """Return the addresses for migrations, which create the program's role and grant it its rights."""
        program = self.program_environment()["DATABASE_URL"]
        return self.environment() | {"PROGRAM_DATABASE_URL": program}

    def environment(self) -> dict[str, str]:
        """Return the addresses under the names that the settings read, with one role for all."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "CACHE_URL": self.cache_url}


def addresses(root: Path) -> Addresses:
    """Return the addresses of the servers that keep their data in `root`/var."""
    return addresses_in(root / "var")


def addresses_in(folder: Path) -> Addresses:
    """Return the addresses of the servers that keep their data in `folder`."""
    sockets = socket_folder(folder)
    valkey = quote(str(sockets / "valkey.sock"))
    return Addresses(
        database_url=f"postgresql://thrive@/thrive?host={quote(str(sockets), safe='/')}",
        redis_url=f"unix://{valkey}?db=0",
        cache_url=f"unix://{valkey}?db=1",
    )


def local_data_key(var: Path) -> str:
    """Return the DATA_KEY that `make run` made for the data in `var`, or "" before its first start."""
    file = var / DATA_KEY_FILE
    return file.read_text().strip() if file.exists() else ""


def make_local_data_key(var: Path) -> str:
    """Return the DATA_KEY for the data in `var`; make it at the first start."""
    file = var / DATA_KEY_FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return local_data_key(var)


def broker_url(redis_url: str) -> str:
    """Return the address as Celery writes it: `redis+socket://PATH?virtual_host=N` for a Unix socket."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def socket_folder(folder: Path) -> Path:
    """Return `folder`/run, or a short folder in /tmp if that path is too long or too unusual for libpq."""
    sockets = folder.resolve() / "run"
    length = len(os.fsencode(sockets / ".s.PGSQL.5432.lock"))
    if length <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(str(sockets)):
        return sockets
    return Path("/tmp") / f"thrive-{hashlib.sha256(os.fsencode(sockets)).hexdigest()[:16]}"  # noqa: S108 - servers.py checks the owner
