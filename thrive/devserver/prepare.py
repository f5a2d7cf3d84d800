"""Makes one thing ready for a start: `python -m thrive.devserver.prepare database [--demo]` or `... static`."""

import os
import sys
from io import StringIO

import django
from django.core.management import call_command, get_commands
from django.core.management.base import SystemCheckError

from thrive.devserver import build_stamps


def prepare_database(*, with_demo: bool) -> None:
    """Migrate, then play the demo cohort once; the stamp tells the next start of one that was interrupted."""
    call_command("migrate", verbosity=0, interactive=False)
    if with_demo and not build_stamps.read("demo") and "demo" in get_commands():
        print("Making the demo cohort", flush=True)
        build_stamps.write("demo", "making")
        call_command("demo", verbosity=0)
        build_stamps.write("demo", "made")


def main(arguments: list[str]) -> None:
    """Check the environment, do what the first argument says, and stamp it."""
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
