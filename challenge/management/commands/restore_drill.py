"""`manage.py restore_drill FILE`: prove that a backup can be restored, without touching the database in use."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from challenge.management.commands.backup import key_text
from challenge.operations.backup import BackupFailed, InvalidBackup, InvalidKey, NotEmpty, parse_key
from challenge.operations.nightly import longest_list
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import RESTORE_DRILL
from challenge.operations.recovery import NewerSchema, restore_drill
from challenge.privacy.actions import DamagedList


class Command(BaseCommand):
    help = "Restores FILE into a throw-away database of the configured server, counts its rows, and drops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key-file", type=Path, help="read the key from here instead of BACKUP_KEY")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            result = restore_drill(
                file, key=parse_key(key_text(options["key_file"])), erasures=longest_list(file)
            )
        except ProgrammingError as error:
            raise CommandError(
                "The role in DATABASE_URL may not create a database. Give it CREATEDB."
            ) from error
        except (
            InvalidKey,
            InvalidBackup,
            NotEmpty,
            BackupFailed,
            NewerSchema,
            DamagedList,
            OSError,
        ) as error:
            raise CommandError(str(error)) from error
        record_heartbeat(name=RESTORE_DRILL, at=timezone.now())
        self.stdout.write(
            f"{file}: {result.rows:,} rows in {result.tables} tables, in {result.seconds:.0f} seconds"
        )
