"""PgBouncer in transaction mode before the private PostgreSQL of the tests: `python -m tests.pooler COMMAND...`.

With POOL_SIZE set, every program that `tests.program` starts is behind one as well.
"""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.prepared import TEMPLATE, lay_out
from thrive.devserver.addresses import Addresses
from thrive.devserver.children import Children
from thrive.devserver.local import temporary_services
from thrive.devserver.servers import server_account

POOL_SIZE = "POOL_SIZE"  # connections to each database
PORT = 6432
READY_WITHIN_S = 30
# A database that a test is about to drop or copy must have no idle connection, hence the short times.
SETTINGS = """[databases]
* = host={sockets} port=5432 user=thrive
[pgbouncer]
unix_socket_dir = {sockets}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
server_idle_timeout = 1
query_wait_timeout = 60
"""


def behind_pooler(services: Addresses, children: Children, size: int) -> Addresses:
    """Start PgBouncer with `size` connections for each database; return the addresses with its own in them."""
    sockets = Path(parse_qs(urlsplit(services.database_url).query)["host"][0])
    file = sockets.parent / "pgbouncer.ini"
    file.write_text(SETTINGS.format(sockets=sockets, port=PORT, size=size))
    file.chmod(0o644)
    children.start(
        "PgBouncer",
        ["pgbouncer", file],
        cwd=Path("/"),
        log=sockets.parent / "pgbouncer.log",
        account=server_account(),
    )
    pooled = replace(services, database_url=f"{services.database_url}&port={PORT}")
    url, deadline = pooled.database_url.replace("/thrive?", "/postgres?"), time.monotonic() + READY_WITHIN_S
    while not _answers(url):
        assert time.monotonic() < deadline, (sockets.parent / "pgbouncer.log").read_text()
        time.sleep(0.05)
    return pooled


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT 1").fetchone())
    return False


def main(command: list[str]) -> int:
    """Run a command on private servers behind a pool of POOL_SIZE connections and return its exit code."""
    size = int(os.environ.setdefault(POOL_SIZE, "3"))
    with temporary_services(lay_out) as (services, children):
        pooled = behind_pooler(services, children, size)
        environment = os.environ | pooled.environment() | {TEMPLATE: "thrive"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
