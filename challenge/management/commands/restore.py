"""`manage.py restore FILE`: fill an empty database from a backup, and repeat later erasures."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.management.commands.backup import key_text
from challenge.operations.backup import BackupFailed, InvalidBackup, InvalidKey, NotEmpty, parse_key
from challenge.operations.nightly import keep_list, longest_list
from challenge.operations.recovery import NewerSchema, restore_all
from challenge.privacy.actions import DamagedList


class Command(BaseCommand):
    help = (
        "Fills the configured, empty database from a backup, all or nothing, runs the migrations, and erases again "
        "the accounts in the list of erasures."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key-file", type=Path, help="read the key from here instead of BACKUP_KEY")
        parser.add_argument(
            "--erasures",
            type=Path,
            help="the list of erasures; without it the longest of ERASURE_LIST and those beside FILE",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named: Path | None = options["erasures"]
        if named and not named.exists():
            raise CommandError(f"There is no {named}.")
        try:
            key, listed = parse_key(key_text(options["key_file"])), named or longest_list(options["file"])
            result = restore_all(options["file"], key=key, erasures=listed, at=timezone.now())
            keep_list(listed)
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
        self.stdout.write(f"Restored, with {len(result.erased)} accounts erased again, by the list {listed}.")
        if result.staff:
            numbers = ", ".join(map(str, result.staff))
            self.stderr.write(
                f"Not erased, because they are staff in this backup: {numbers}. Close them as an owner."
            )
        self.stdout.write("Run `manage.py after_restore --until MOMENT` before the program starts.")
