"""Refuse a migration that a process of the version before it would not survive.

It asks Django for each migration's SQL, so it needs a database, which may be empty. `0001_schema` makes every table:
nothing older can be running, so it is left out. A unique key of a column that is new and empty breaks no older process,
which the linter cannot see.
"""

import logging
import os
import sys

import django
from django.conf import settings
from django_migration_linter import MigrationLinter

LEFT_OUT = ["0001_schema", "0032_message_once_per_form"]


def main() -> int:
    """Print what the linter finds and return 1 if any migration is unsafe."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    django.setup()
    logging.disable(logging.INFO)  # the linter logs each statement it asks Django for
    linter = MigrationLinter(
        str(settings.BASE_DIR),
        include_apps=["challenge"],
        ignore_name=LEFT_OUT,
        cache_path=str(
            settings.VAR_DIR
        ),  # by each file's content: an unchanged migration is not asked about again
        quiet=["ok", "ignore"],
    )
    linter.lint_all_migrations()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
