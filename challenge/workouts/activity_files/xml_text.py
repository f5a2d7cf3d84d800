"""Reading of XML text from untrusted files, and of the numbers, moments and positions in it."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree


def number(text: str | None, most: float) -> float | None:
    """Return a finite number from 0 to `most`, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= most else None


def degrees(text: str | None, most: float) -> float | None:
    """Return a latitude or longitude up to `most` degrees either way, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= most else None


_ODD_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)"
    r"\s*(?:Z|UTC|GMT)?\s*(?:([+-])(\d{1,2}):?(\d{2})?)?",
    re.IGNORECASE,
)


def moment(text: str) -> float | None:
    """Return the seconds since 1970 of an ISO 8601 moment or one of its usual variants, else None.

    The variants are `z`, ` UTC`, `-6:00` and slashes. A moment without an offset is UTC, as GPX and TCX demand.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return _odd_moment(text)
    if len(text) <= len("2026-W01-1"):
        return None  # a day alone
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _odd_moment(text: str) -> float | None:
    """Return the moment of an odd form with the year first; where the day comes first, a month could be a day."""
    found = _ODD_MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, clock, sign, hours, minutes = found.groups()
    offset = f"{sign}{hours:0>2}:{minutes or '00'}" if sign else "+00:00"
    try:
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{clock:0>5}{offset}").timestamp()
    except (ValueError, OverflowError):
        return None


UNREAD_TIMES = (
    "The points in this file have times, but in a form that we cannot read. Please export it again as FIT or TCX, "
    "or type the run in by hand."
)
FEW_UNREAD = 0.02  # share of points without a readable time that changes no number


def many_unread(unread: int, read: int) -> bool:
    """Return whether so many points have no readable time that parts of the run may be missing."""
    return unread > FEW_UNREAD * (unread + read)


MOST_POINTS = 400_000  # 48 hours at one point a second are 172,800
DEEPEST = 64
LONGEST_TEXT = 200
PIECE = 1 << 16

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENCODINGS = {"utf-8", "us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1252"}
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9_.-]{1,40})")
_DOCUMENT_TYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_START_TAG = re.compile(r"<[A-Za-z_]")
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,60})[\s/>]")

Start = Callable[[str, dict[str, str], list[str]], None]
End = Callable[[str, str, list[str]], None]


class StopParsing(Exception):
    """A handler has as many elements as it may keep."""


def text_of(data: bytes) -> str:
    """Return the characters of a document without its XML declaration; undecodable ones are replaced."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if encoding is None and data[:1] == b"<" and data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif encoding is None and data[:2] == b"\0<":
        encoding = "utf-16-be"
    elif encoding is None:
        declared = _DECLARED.search(data[:400])
        name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
        encoding = name if name in _ENCODINGS else "utf-8"
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    return _DECLARATION.sub("", text, count=1)


def is_markup(text: str) -> bool:
    """Return whether the text begins like XML or HTML."""
    return text[:1000].lstrip().startswith("<")


def has_document_type(text: str) -> bool:
    """Return whether the text declares a document type or an entity.

    The check is on decoded text: on bytes, an unusual encoding would hide the declaration.
    """
    return _DOCUMENT_TYPE.search(text) is not None


def root_of(text: str) -> str | None:
    """Return the name of the first element without its prefix; None if the text does not look like XML."""
    found = _ROOT.search(text[:20_000]) if is_markup(text) else None
    return found.group(1) if found else None


class _Walker:
    """Calls two functions for every element, with the path to it, and stores no element itself."""

    def __init__(self, start: Start, end: End) -> None:
        self._start, self._end = start, end
        self._path: list[str] = []
        self._text: list[str] = []
        self.started = 0

    @property
    def is_open(self) -> bool:
        """Return whether an element has not ended."""
        return bool(self._path)

    def start(self, tag: str, attributes: Any) -> None:
        name = _local(tag)
        self.started += 1
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise StopParsing
        self._text = []
        self._start(name, attributes, self._path)

    def data(self, text: str) -> None:
        if len(self._text) < LONGEST_TEXT:
            self._text.append(text[:LONGEST_TEXT])

    def end(self, tag: str) -> None:
        name = self._path.pop() if self._path else _local(tag)
        self._end(name, "".join(self._text).strip()[:LONGEST_TEXT], self._path)
        self._text = []

    def close(self) -> None:
        return None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def walk(text: str, start: Start, end: End) -> bool:
    """Walk the elements of a document; return whether elements were lost, or more than the handlers accept.

    An error that loses no element is no damage: an undeclared prefix, a bare `&`, an odd character in a name.
    `start(name, attributes, path)` has the element last in its path, `end(name, text, path)` its parents.
    """
    walker: Any = _Walker(start, end)  # the stubs ask for methods that lxml does without
    # Entities, document types and the network stay off: the text is untrusted.
    parser = etree.XMLParser(
        target=walker,
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    data = text.encode("utf-8", errors="replace")
    try:
        # In pieces, so that a handler can stop the parser early.
        for begin in range(0, len(data), PIECE):
            parser.feed(data[begin : begin + PIECE])
        parser.close()
    except (etree.LxmlError, StopParsing, ValueError, AssertionError):
        return True
    erred = len(parser.feed_error_log) > 0 or len(parser.error_log) > 0
    return erred and (walker.is_open or walker.started < _elements_in(text))


def _elements_in(text: str) -> int:
    """Return the number of start tags, those in comments and CDATA left out."""
    for begin, end in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        # Not by a pattern: a crowd of unclosed comments would take it quadratic time.
        first, *rest = text.split(begin)
        text = first + "".join(part.partition(end)[2] for part in rest)
    return len(_START_TAG.findall(text))
