#!/usr/bin/env python
"""Django's command line. Starts nothing by itself: it finds the services under var/ or in the environment."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

WITHOUT_ENVIRONMENT = {"check", "help", "version", "--help", "--version"}  # `check` says it in its own form


def main(arguments: list[str]) -> None:
    """Runs the command; `migrate` would connect before its checks, so a wrong environment ends here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    if WITHOUT_ENVIRONMENT.isdisjoint(arguments[1:2]) and settings.ENVIRONMENT.problems:
        sys.exit(settings.ENVIRONMENT.sentence())
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
