"""`manage.py backup FILE`: write an encrypted copy of the whole database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from challenge.operations.backup import (
    BackupFailed,
    InvalidBackup,
    InvalidKey,
    back_up,
    count_rows,
    new_key,
    parse_key,
)
from challenge.operations.nightly import write_lists
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BACKUP
from challenge.privacy.actions import DamagedList


class Command(BaseCommand):
    help = "Writes an encrypted dump of the database to FILE, with BACKUP_KEY or the key in a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--key-file", type=Path, help="read the key from here instead of BACKUP_KEY")
        parser.add_argument("--verify", action="store_true", help="open the backup again and count its rows")
        parser.add_argument("--new-key", action="store_true", help="print a new key and do nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            self.stdout.write(new_key())
            return
        if options["file"] is None:
            raise CommandError("Name the file to write.")
        try:
            key = parse_key(key_text(options["key_file"]))
            size = back_up(options["file"], key=key)
            rows = count_rows(options["file"], key=key) if options["verify"] else None
            write_lists(options["file"])
        except (InvalidKey, InvalidBackup, BackupFailed, DamagedList, OSError) as error:
            raise CommandError(str(error)) from error
        record_heartbeat(name=BACKUP, at=timezone.now())
        self.stdout.write(f"{options['file']}: {size:,} bytes, encrypted")
        if rows is not None:
            self.stdout.write(f"opened again: {rows:,} rows in it")


def key_text(file: Path | None) -> str:
    """Return the key's text from `file`, or from BACKUP_KEY without one."""
    return file.read_text() if file is not None else settings.BACKUP_KEY
