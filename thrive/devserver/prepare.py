"""Prepare one thing for a start: `python -m thrive.devserver.prepare database [--demo]` or `... static`."""

import os
import sys
from io import StringIO

import django
from django.core.management import call_command, get_commands
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from thrive.devserver import build_stamps


def refuse_unknown_history() -> None:
    """Exit with one sentence if the database has migrations that this version does not know."""
    loader = MigrationLoader(connection)
    known = {key for key in loader.disk_migrations if key[0] == "challenge"}
    applied = {key for key in loader.applied_migrations if key[0] == "challenge"}
    if applied - known:
        sys.exit(
            "The local database is of another version of the program: `make reset` throws it away, then run again."
        )


def prepare_database(*, with_demo: bool) -> None:
    """Migrate, then make the demo cohort once. A stamp shows the next start whether that was interrupted."""
    refuse_unknown_history()
    call_command("migrate", verbosity=0, interactive=False)
    if with_demo and not build_stamps.read("demo") and "demo" in get_commands():
        print("Making the demo cohort", flush=True)
        build_stamps.write("demo", "making")
        call_command("demo", verbosity=0)
        build_stamps.write("demo", "made")


def main(arguments: list[str]) -> None:
    """Check the environment, prepare what the first argument names, and write its stamp."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    django.setup()
    what = arguments[0]
    source = build_stamps.digest(what)
    if what == "database":
        try:
            call_command("check", stdout=StringIO())
        except SystemCheckError as error:
            sys.exit(str(error))
        prepare_database(with_demo="--demo" in arguments)
    else:
        call_command("collectstatic", verbosity=0, interactive=False)
    build_stamps.write(what, source)


if __name__ == "__main__":
    main(sys.argv[1:])
