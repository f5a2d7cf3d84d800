"""One person's tables as a zip of JSON and CSV, made while it is sent: nothing is written to disk."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from challenge.privacy.queries import Tables

# A spreadsheet takes a cell that begins with one of these for a formula; a quote in front makes it text again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

READ_ME = """This is everything the Pain-Free Runner Challenge holds of you.

Each table is here twice: as JSON, exact, and as CSV, for a spreadsheet.
In CSV, a text that begins like a formula has a ' in front. Times are in UTC.
Sign-in codes are not here: they are wiped when they are sent.
"""


def zipped(tables: Tables, *, at: datetime) -> Iterator[bytes]:
    """The zip's bytes, piece by piece."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(tables):
            archive.writestr(_entry(name, at), content)
            yield sink.taken()
    yield sink.taken()


def _files(tables: Tables) -> Iterator[tuple[str, str]]:
    yield "read-me.txt", READ_ME
    for name, rows in tables.items():
        yield f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)
        yield f"{name}.csv", as_csv(rows)


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Rows with a line of headings; empty where there is nothing."""
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
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class _Sink(io.RawIOBase):
    """Takes what the zip writes and gives it away; cannot seek, so the zip is written straight through."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._kept += data
        return len(data)

    def taken(self) -> bytes:
        kept, self._kept = bytes(self._kept), bytearray()
        return kept
