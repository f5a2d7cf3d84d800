"""`manage.py nightly_backup FOLDER`: a backup every night, for a container of its own."""

import contextlib
import logging
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseTrouble
from django.utils import timezone

from challenge.operations.backup import BackupFailed, InvalidBackup, InvalidKey, parse_key
from challenge.operations.nightly import back_up_tonight, is_due, note_copy
from challenge.operations.recovery import NewerSchema
from challenge.privacy.actions import DamagedList
from thrive.healthcheck import sign_of_life

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
TRY_AGAIN_AFTER_S = 3600.0
TROUBLES = (BackupFailed, InvalidBackup, NewerSchema, DamagedList, OSError, DatabaseTrouble)


class Command(BaseCommand):
    help = (
        "Writes an encrypted backup into FOLDER every night at three, opens it again and counts its rows, restores "
        "it into a throw-away database once a week, and keeps 7 days, 4 weeks and 12 months. Runs until stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--once", action="store_true", help="write tonight's backup now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            key = parse_key(settings.BACKUP_KEY)
        except InvalidKey as error:
            raise CommandError(str(error)) from error
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        # A container that is stopped ends here like any error, so that no half file and no throw-away database is left.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True:
            pause_s = LOOK_EVERY_S
            if options["once"] or is_due(folder, at=timezone.now()):
                try:
                    with showing_life():
                        night = back_up_tonight(folder, key=key, at=timezone.now())
                except TROUBLES as error:
                    if options["once"]:
                        raise CommandError(str(error)) from error
                    # /health/ready/ shows after 26 hours; until then it is tried every hour.
                    log.exception("tonight's backup failed")
                    pause_s = TRY_AGAIN_AFTER_S
                else:
                    self.stdout.write(f"{night.file.name}: opened again, {night.rows:,} rows")
                    if drill := night.drill:
                        self.stdout.write(
                            f"restored and dropped again: {drill.rows:,} rows, {drill.seconds:.0f} s"
                        )
            with contextlib.suppress(OSError, DatabaseTrouble):  # it is looked at again in a minute
                note_copy(folder)
            if options["once"]:
                return
            _wait(pause_s)


@contextlib.contextmanager
def showing_life() -> Iterator[None]:
    """Show the health check that this process lives, however long the block takes: an update waits for that."""
    ended = threading.Event()

    def show() -> None:
        sign_of_life("backup").touch()
        while not ended.wait(LOOK_EVERY_S):
            sign_of_life("backup").touch()

    threading.Thread(target=show, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _wait(seconds: float) -> None:
    """Sleep in steps, and show the health check that this process lives."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        sign_of_life("backup").touch()
        time.sleep(min(LOOK_EVERY_S, left))
