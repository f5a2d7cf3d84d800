"""Where the local PostgreSQL and Valkey answer: worked out from the project's folder, touching nothing."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

PLAIN_PATH = re.compile(r"[\w./ @+~-]+", re.ASCII)  # to libpq a comma means several hosts
LONGEST_SOCKET_PATH = 100  # bytes; the kernel stops at 104 (macOS) or 108 (Linux)


@dataclass(frozen=True)
class Addresses:
    """Where the local servers answer.

    `database_url` is a libpq address (`postgresql://thrive@/thrive?host=FOLDER`), the other two
    are redis-py's (`unix://SOCKET?db=N`); celery wants `broker_url(redis_url)`.
    """

    database_url: str
    redis_url: str
    cache_url: str

    def environment(self) -> dict[str, str]:
        """The addresses under the names the settings read."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "CACHE_URL": self.cache_url}


def addresses(root: Path) -> Addresses:
    """The addresses of the servers whose data lie under `root`/var; touches nothing."""
    return addresses_in(root / "var")


def addresses_in(folder: Path) -> Addresses:
    """The addresses of the servers that keep their data in `folder`; touches nothing."""
    sockets = socket_folder(folder)
    valkey = quote(str(sockets / "valkey.sock"))
    return Addresses(
        database_url=f"postgresql://thrive@/thrive?host={quote(str(sockets), safe='/')}",
        redis_url=f"unix://{valkey}?db=0",
        cache_url=f"unix://{valkey}?db=1",
    )


def broker_url(redis_url: str) -> str:
    """The same server as celery writes it: for a Unix socket `redis+socket://PATH?virtual_host=N`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def socket_folder(folder: Path) -> Path:
    """`folder`/run, or a short folder in /tmp where a socket's path would be too long or too odd for libpq."""
    sockets = folder.resolve() / "run"
    length = len(os.fsencode(sockets / ".s.PGSQL.5432.lock"))
    if length <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(str(sockets)):
        return sockets
    return Path("/tmp") / f"thrive-{hashlib.sha256(os.fsencode(sockets)).hexdigest()[:16]}"  # noqa: S108 - owner is checked
