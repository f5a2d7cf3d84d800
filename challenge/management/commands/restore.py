"""`manage.py restore FILE`: fill an empty database from a backup, and erase again who was erased since."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.management.commands.backup import key_text
from challenge.operations.backup import BackupFailed, NotEmpty, restore
from challenge.operations.encryption import InvalidBackup, InvalidKey, parse_key
from challenge.operations.nightly import newest_list
from challenge.operations.recovery import NewerSchema, erase_again, refuse_newer_schema
from challenge.privacy.erasure_list import DamagedList


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
            help="the list of erasures; without it ERASURE_LIST, else the list beside FILE",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        listed = options["erasures"] or newest_list(options["file"])
        if options["erasures"] and not listed.exists():
            raise CommandError(f"There is no {listed}.")
        try:
            restore(options["file"], key=parse_key(key_text(options["key_file"])))
            refuse_newer_schema()
            call_command("migrate", interactive=False, verbosity=0)
            result = erase_again(listed, at=timezone.now())
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
        self.stdout.write(f"Restored, with {len(result.erased)} accounts erased again.")
        if result.staff:
            numbers = ", ".join(map(str, result.staff))
            self.stderr.write(
                f"Not erased, because they are staff in this backup: {numbers}. Close them as an owner."
            )
        self.stdout.write("Run `manage.py after_restore --until MOMENT` before the program starts.")
