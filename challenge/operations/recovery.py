"""After a restore: repeat the erasures, and write to no one twice."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone
from pyrage.x25519 import Identity

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.calls.periodic import remind
from challenge.care.models import Flag
from challenge.mail.models import MessageState, OutboxMessage
from challenge.notifications.flag_checks import raise_scheduled_flags
from challenge.notifications.notices import alert_clinicians, send_notices
from challenge.operations.backup import restore
from challenge.operations.models import Heartbeat
from challenge.operations.queries import BEAT
from challenge.privacy.actions import DamagedList, StaffAccount, erase_account, read_list
from challenge.privacy.models import ErasedAccount
from challenge.protocol.vocabulary import FlagKind
from challenge.weekly.actions import write_unwritten
from challenge.weekly.decide import decide_due

LONGEST_PASS = timedelta(hours=1)


class NewerSchema(Exception):
    """The backup was made by a newer version of the program; the text names its first unknown migration."""


@dataclass
class Erased:
    """What erasing again did: numbers of accounts."""

    erased: list[int] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Recovery:
    """What `after_restore` found and did."""

    backup_at: datetime | None
    withdrawn: dict[str, int]
    decided: int
    open_stop_flags: int


@dataclass(frozen=True)
class Restored:
    """What a restore drill found in a backup."""

    tables: int
    rows: int
    seconds: float


def restore_drill(file: Path, *, key: Identity, erasures: Path) -> Restored:
    """Restore a backup into a throw-away database of the configured server, erase again, count rows, and drop it.

    Raises what `restore` and `erase_again` raise, and ProgrammingError where the role may not create databases.
    """
    start = time.monotonic()
    with throwaway_database("restore_drill"):
        restore_all(file, key=key, erasures=erasures, at=timezone.now())
        with connection.cursor() as cursor:
            names = connection.introspection.table_names(cursor)
            rows = 0
            for name in names:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - its own tables
                rows += cursor.fetchone()[0]
    return Restored(len(names), rows, time.monotonic() - start)


def restore_all(file: Path, *, key: Identity, erasures: Path, at: datetime) -> Erased:
    """Fill the configured, empty database from a backup, migrate it and erase again; whatever fails leaves it empty.

    Raises what `restore`, `refuse_newer_schema` and `erase_again` raise.
    """
    read_list(erasures)  # a damaged list is reported before an hour of loading
    restore(file, key=key)
    try:
        refuse_newer_schema()
        call_command("migrate", verbosity=0, interactive=False)
        return erase_again(erasures, at=at)
    except BaseException:
        _empty_again()
        raise


# `restore` found no table here. Functions go as well, or the next restore would meet them; those of extensions stay.
EMPTYING = """
SELECT format('DROP TABLE %I CASCADE', tablename) FROM pg_tables WHERE schemaname = 'public'
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', pg_proc.oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
"""


def _empty_again() -> None:
    connection.close()  # of the transaction that failed
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EMPTYING)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


@contextmanager
def throwaway_database(purpose: str) -> Iterator[None]:
    """Point the default connection, in every thread, to an empty new database; drop it at the end.

    Empty, not a copy: a template database must have no other connections, and a live one has them.
    """
    name, original = f"{purpose}_{secrets.token_hex(6)}", connection.settings_dict["NAME"]
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        _connect_to(name)
        yield
    finally:
        _connect_to(original)
        with connection.cursor() as cursor:
            # FORCE also ends the connections of threads that an error left behind.
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


def _connect_to(name: str) -> None:
    """Make every connection that is opened from now on use the database `name`."""
    connection.close()
    # Threads open connections of their own from these same settings.
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()  # its ids differ between databases


def refuse_newer_schema() -> None:
    """Raise NewerSchema if the database has a migration that this program does not know."""
    known = set(MigrationLoader(None).disk_migrations)
    parts = {part for part, _ in known}
    applied = MigrationRecorder(connection).applied_migrations()
    unknown = sorted(name for part, name in applied if part in parts and (part, name) not in known)
    if unknown:
        raise NewerSchema(f"The backup is of a newer version: this one does not know {unknown[0]}.")


def erase_again(file: Path, *, at: datetime) -> Erased:
    """Erase the accounts that the list names and the restored database still has.

    Raises DamagedList, also if the database knows erasures that the list lacks: then the list was cut at its end.
    """
    erasures = read_list(file)
    listed = {erasure.account for erasure in erasures}
    known = set(ErasedAccount.objects.values_list("account", flat=True))
    if missing := known - listed:
        raise DamagedList(
            f"{file.name} lacks {len(missing)} erasures that the backup knows: it was cut, or is another's."
        )
    _reserve_numbers(listed)
    result = Erased()
    for erasure in erasures:
        user = User.objects.filter(pk=erasure.account).first()
        # A number may have been given again before numbers were reserved: that account is newer than the erasure.
        if erasure.account in known or user is None or user.joined_at > erasure.at:
            continue
        try:
            erase_account(user=user, by=user, at=at)
            result.erased.append(erasure.account)
        except StaffAccount:
            result.staff.append(erasure.account)
    return result


def _reserve_numbers(accounts: set[int]) -> None:
    """Let no new account get a number of the list: a later restore would erase it."""
    if accounts:
        with connection.cursor() as cursor:
            sequence = "pg_get_serial_sequence('challenge_user', 'id')"
            cursor.execute(
                f"SELECT setval({sequence}, greatest(nextval({sequence}), %s))",
                [max(accounts)],
            )


def after_restore(*, until: datetime) -> Recovery:
    """Bring a restored database to `until`, when the old program stopped, and withdraw every email due by then.

    Every job that writes email runs once as of `until`, so that the rows that the old program wrote after the backup
    exist again under their dedupe keys; then all that waits is withdrawn. All or nothing; no server is asked.
    """
    with transaction.atomic():
        backup_at = Heartbeat.objects.filter(name=BEAT).aggregate(last=Max("at"))["last"]
        decided = decide_due(now=lambda: until, until=until + LONGEST_PASS)
        write_unwritten(at=until)
        remind(at=until)
        raise_scheduled_flags(at=until)
        send_notices(at=until)
        alert_clinicians(at=until)
        waiting = OutboxMessage.objects.filter(
            state__in=[MessageState.QUEUED, MessageState.CLAIMED], send_at__lte=until
        )
        kinds = Counter(message.get_kind_display() for message in waiting.only("kind"))
        waiting.update(state=MessageState.WITHDRAWN, lease_token=None, lease_until=None, handing_over=False)
        record_identity(what="restored", account=None, by=None, at=until)
        stops = Flag.objects.filter(kind=FlagKind.STOP, closed_at__isnull=True).count()
    return Recovery(backup_at, dict(kinds), decided, stops)
