#!/usr/bin/env python
"""Django's command line. Starts nothing by itself: it finds the services under var/ or in the environment."""

import os
import sys

import psycopg
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import OperationalError

WITHOUT_ENVIRONMENT = {"check", "help", "version", "--help", "--version"}  # `check` reports it itself


def main(arguments: list[str]) -> None:
    """Run the command; a wrong environment or a database that is away ends it with a sentence, exit 1.

    `migrate` would connect before its checks, so the environment is looked at here. `--traceback` shows where the
    database broke off.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    if WITHOUT_ENVIRONMENT.isdisjoint(arguments[1:2]) and settings.ENVIRONMENT.problems:
        sys.exit(settings.ENVIRONMENT.sentence())
    try:
        execute_from_command_line(arguments)
    except (OperationalError, psycopg.OperationalError) as error:
        if "--traceback" in arguments:
            raise
        sys.exit(f"The database does not answer, or broke off: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main(sys.argv)
