"""The parts that hold data of a person, the one loop that exports it, and the zip of JSON and CSV that it fills.

The zip is built while it is sent: nothing is written to disk.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from challenge.accounts import privacy as accounts
from challenge.accounts.models import User
from challenge.accounts.queries import email_addresses_of
from challenge.calls import privacy as calls
from challenge.care import privacy as care
from challenge.db.export import escape_formula
from challenge.enrollment import privacy as enrollment
from challenge.feedback import privacy as feedback
from challenge.intake import privacy as intake
from challenge.mail import privacy as mail
from challenge.messages import privacy as messages
from challenge.notifications import privacy as notifications
from challenge.outcomes import privacy as outcomes
from challenge.review import privacy as review
from challenge.weekly import privacy as weekly
from challenge.workouts import privacy as workouts

# `mail` knows addresses only, so it is asked by address. `accounts` is erased last: the other parts find their rows
# through the user.
BY_PERSON = (
    review,
    notifications,
    messages,
    weekly,
    calls,
    feedback,
    outcomes,
    workouts,
    intake,
    care,
    enrollment,
)
LAST = accounts
BY_ADDRESS = mail
EVERY = (*BY_PERSON, LAST, BY_ADDRESS)

Tables = dict[str, list[Mapping[str, Any]]]


def everything_about(user: User) -> Tables:
    """Return the rows of every table by `part/name`, all from one snapshot of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # PostgreSQL sets the isolation level only before a transaction's first query
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _tables(user)


def _tables(user: User) -> Tables:
    tables: Tables = {}
    for part in (LAST, *reversed(BY_PERSON)):
        name = part.__name__.split(".")[1]
        tables |= {f"{name}/{table}": list(rows) for table, rows in part.export(user)}
    for email in email_addresses_of(user):
        for table, rows in BY_ADDRESS.export(email):
            tables.setdefault(f"mail/{table}", []).extend(rows)
    return tables


READ_ME = """This is everything the Pain-Free Runner Challenge has about you.

Each table is here twice: as JSON, exact, and as CSV, for a spreadsheet.
In CSV, a text that begins like a formula has a ' in front. Times are in UTC.
Sign-in codes are not here: they are wiped when they are sent.
"""


def zipped(tables: Tables, *, at: datetime) -> Iterator[bytes]:
    """Yield the zip's bytes, one file of it at a time."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(tables):
            archive.writestr(_entry(name, at), content)
            yield sink.take()
    yield sink.take()


def _files(tables: Tables) -> Iterator[tuple[str, str]]:
    yield "read-me.txt", READ_ME
    for name, rows in tables.items():
        yield f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)
        yield f"{name}.csv", as_csv(rows)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows below a line of headings; an empty text without rows."""
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, (dict, list, tuple)):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    if isinstance(value, datetime):
        value = value.isoformat()
    return escape_formula(value)


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class _Sink(io.RawIOBase):
    """A buffer that is emptied while the zip is written. It cannot seek, so zipfile writes straight through."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        return len(data)

    def take(self) -> bytes:
        data, self._buffer = bytes(self._buffer), bytearray()
        return data
