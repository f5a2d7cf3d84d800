"""One person's tables as a zip of JSON and CSV, built while it is sent: nothing is written to disk."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from challenge.db.export import escape_formula
from challenge.privacy.queries import Tables

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
