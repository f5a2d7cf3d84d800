"""Refuse a migration that the processes of the version before it would not survive. Needs a database, which may be empty.

`0001_schema` makes every table, so nothing older can be running: it is left out.
"""

import sys

import django
from django_migration_linter import MigrationLinter


def main() -> int:
    """Print what the linter finds and return 1 if any migration is unsafe."""
    django.setup()
    linter = MigrationLinter(
        include_apps=["challenge"], ignore_name=["0001_schema"], no_cache=True, quiet=["ok", "ignore"]
    )
    linter.lint_all_migrations()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
