"""Run a command with its own PostgreSQL and Valkey in a temporary folder, and stop them afterwards.

    python -m thrive.devserver.local with-services -- COMMAND...

The command finds them in DATABASE_URL, REDIS_URL and CACHE_URL. If DATABASE_URL is set already, no server is started.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from thrive.devserver.addresses import Addresses, addresses, addresses_in, broker_url, socket_folder
from thrive.devserver.children import Children
from thrive.devserver.servers import LocalServerError, PostgresServer, ValkeyServer, server_account

__all__ = ["Addresses", "LocalServerError", "PostgresServer", "ValkeyServer", "addresses", "broker_url"]


@contextlib.contextmanager
def temporary_services(
    lay_out: Callable[[Path], None] | None = None,
) -> Iterator[tuple[Addresses, Children]]:
    """Provide private servers that do not sync to disk, in a temporary folder, for as long as the block lasts.

    `lay_out` may put data into the folder before they start.
    """
    base = Path(tempfile.gettempdir())
    short = socket_folder(base / "thrive-12345678").is_relative_to(base)
    folder = Path(tempfile.mkdtemp(prefix="thrive-", dir=base if short else "/tmp"))  # noqa: S108
    children = Children()
    children.remove_after(folder)
    try:
        if account := server_account():
            os.chown(folder, account.uid, account.gid)
        if lay_out:
            lay_out(folder)
        PostgresServer(folder, children, durable=False).start()
        ValkeyServer(folder, children, durable=False).start()
        yield addresses_in(folder), children
    finally:
        children.close()


def with_services(command: Sequence[str], lay_out: Callable[[Path], None] | None = None) -> int:
    """Run a command with its own servers, or with those that DATABASE_URL names. Return its exit code.

    `lay_out` is passed to `temporary_services`.
    """
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command, check=False).returncode
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    parent = os.getppid()
    with temporary_services(lay_out) as (servers, children):
        child = children.start(command[0], command, env=os.environ | servers.environment(), own_group=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the command too, which ends first
        while os.getppid() == parent:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return children.wait(child, 0.5)
    return 1


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code."""
    if arguments[:2] != ["with-services", "--"] or len(arguments) < 3:
        sys.stderr.write("usage: python -m thrive.devserver.local with-services -- COMMAND...\n")
        return 2
    try:
        return with_services(arguments[2:])
    except (LocalServerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
