"""`manage.py restore FILE`: fill an empty database from a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from challenge.management.commands.backup import key_text
from challenge.operations.backup import BackupFailed, NotEmpty, restore
from challenge.operations.encryption import InvalidBackup, InvalidKey, parse_key


class Command(BaseCommand):
    help = "Fills the configured, empty database from a backup, all or nothing. Run `migrate` after it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key-file", type=Path, help="read the key from here instead of BACKUP_KEY")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore(options["file"], key=parse_key(key_text(options["key_file"])))
        except (InvalidKey, InvalidBackup, NotEmpty, BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "Restored. Run `manage.py migrate`, then erase again the accounts that were erased since (see the log)."
        )
