"""Backups by themselves: one a night, opened again and counted; 7 days, 4 weeks and 12 months are kept."""

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from pyrage.x25519 import Identity

from challenge.operations.backup import back_up, count_rows
from challenge.operations.models import Heartbeat
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BACKUP, BACKUP_COPY, RESTORE_DRILL
from challenge.operations.recovery import Restored, restore_drill
from challenge.privacy.actions import DamagedList, read_list, write_list

BACKUP_HOUR = 3  # of the clinic's day: after the last runner went to bed, before the first email
DAYS, WEEKS, MONTHS = 7, 4, 12
DRILL_EVERY = timedelta(days=7)
COPIED = ".copied"  # `deploy/copy-backups` touches it when all of them are in the other place
NAME = "challenge-{day}.backup"
# What `deploy/update` leaves next to them. Without an end these would outlive the privacy notice's promise.
OF_AN_UPDATE = "before-update-{day}-*.backup"
UPDATES_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Night:
    """What one night's backup came to."""

    file: Path
    rows: int
    removed: tuple[Path, ...]
    drill: Restored | None


def is_due(folder: Path, *, at: datetime) -> bool:
    """Return whether tonight's backup is missing, from BACKUP_HOUR on."""
    local = at.astimezone(ZoneInfo(settings.CLINIC_TIME_ZONE))
    return local.hour >= BACKUP_HOUR and not _file_of(folder, local.date()).exists()


def back_up_tonight(folder: Path, *, key: Identity, at: datetime) -> Night:
    """Write and verify tonight's backup, restore it into a throw-away database once a week, remove old ones.

    An older backup is removed only after the new one was opened. Raises what `back_up`, `count_rows`, `write_list` and
    `restore_drill` raise; a backup that does not open leaves no file.
    """
    tonight = at.astimezone(ZoneInfo(settings.CLINIC_TIME_ZONE)).date()
    file = _file_of(folder, tonight)
    part = file.with_name(file.name + ".unverified")
    try:
        back_up(part, key=key)
        rows = count_rows(part, key=key)
        write_lists(file)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    record_heartbeat(name=BACKUP, at=at)
    drill = None
    if not Heartbeat.objects.filter(name=RESTORE_DRILL, at__gt=at - DRILL_EVERY).exists():
        drill = restore_drill(file, key=key, erasures=longest_list(file))
        record_heartbeat(name=RESTORE_DRILL, at=at)
    return Night(file, rows, tuple(_remove_old(folder, tonight=tonight)), drill)


def note_copy(folder: Path) -> None:
    """Store when the backups of this folder were last copied to another place, if they ever are."""
    try:
        copied_at = datetime.fromtimestamp((folder / COPIED).stat().st_mtime, UTC)
    except FileNotFoundError:
        Heartbeat.objects.filter(name=BACKUP_COPY).delete()
    else:
        record_heartbeat(name=BACKUP_COPY, at=copied_at)


def kept(days: Iterable[date]) -> set[date]:
    """Return which days' backups are kept: the last 7, the last of each of 4 weeks, the last of each of 12 months."""
    newest_first = sorted(days, reverse=True)
    weeks: dict[tuple[int, int], date] = {}
    months: dict[tuple[int, int], date] = {}
    for day in newest_first:
        weeks.setdefault(day.isocalendar()[:2], day)
        months.setdefault((day.year, day.month), day)
    return {*newest_first[:DAYS], *list(weeks.values())[:WEEKS], *list(months.values())[:MONTHS]}


def list_beside(backup: Path) -> Path:
    """Return where the copy of the list of erasures is that belongs to a backup."""
    return backup.with_name(backup.name + ".erasures")


def longest_list(backup: Path) -> Path:
    """Return the list of erasures with the most accounts: the configured one or any next to a backup in this folder.

    A host that was set up a moment ago has an empty list of its own, and a backup that is not the newest an old one:
    neither may bring back whom a newer list names. Raises DamagedList or OSError.
    """
    own = [path for path in (_configured_list(), list_beside(backup)) if path is not None and path.exists()]
    accounts = {path: _accounts(path) for path in [*own, *sorted(backup.parent.glob("*.erasures"))]}
    longest = max(accounts, key=lambda path: len(accounts[path]), default=list_beside(backup))
    for path in own:
        if accounts[path] - accounts[longest]:
            raise DamagedList(
                f"{path.name} names accounts that {longest.name} lacks. Say with --erasures which one is yours."
            )
    return longest


def keep_list(used: Path) -> None:
    """Make the list that a restore used the configured one, if it names more. Raises DamagedList or OSError."""
    configured = _configured_list()
    if configured is not None and used.exists() and _accounts(configured) < _accounts(used):
        shutil.copyfile(used, configured)


def _configured_list() -> Path | None:
    return Path(settings.ERASURE_LIST) if settings.ERASURE_LIST else None


def _accounts(file: Path) -> set[int]:
    return {erasure.account for erasure in read_list(file)}


def write_lists(backup: Path) -> None:
    """Fill up the list of erasures and leave a copy next to the backup. Raises DamagedList or OSError."""
    configured = _configured_list()
    if configured is not None:
        write_list(configured)
    if configured is not None and configured.exists():
        shutil.copyfile(configured, list_beside(backup))
    else:
        write_list(list_beside(backup))


def _file_of(folder: Path, day: date) -> Path:
    return folder / NAME.format(day=day.isoformat())


def _remove_old(folder: Path, *, tonight: date) -> list[Path]:
    """Remove the backups that are kept no longer, each with its list. Files of other names stay."""
    found = {
        day: path for path in folder.glob(NAME.format(day="*")) if (day := _day_in(path, "challenge-", 0))
    }
    keep = kept(found)
    old = [path for day, path in sorted(found.items()) if day not in keep]
    for path in sorted(folder.glob(OF_AN_UPDATE.format(day="*"))):
        day = _day_in(path, "before-update-", len("-101530"))
        if day and tonight - day > UPDATES_KEPT_FOR:
            old.append(path)
    for path in old:
        path.unlink()
        list_beside(path).unlink(missing_ok=True)
    return old


def _day_in(path: Path, before: str, after: int) -> date | None:
    """Return the day in a backup's name, between a word and so many characters; None if it is not all of the rest."""
    rest = path.name.removeprefix(before).removesuffix(".backup")
    with contextlib.suppress(ValueError):
        return date.fromisoformat(rest[: len(rest) - after])
    return None
