"""Zips and gzipped files from strangers: nothing is written anywhere, and names never become paths."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 25_000_000  # one upload
MOST_UNPACKED = 100_000_000  # all that comes out of one upload
MOST_ENTRIES = 100
MOST_DIRECTORY = 1_000_000  # bytes of a zip's table of contents
PIECE = 1 << 16
LOCAL_HEADER = 30  # bytes before a file's name

STEP = 1 << 10

DAMAGES = (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, struct.error, EOFError)
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

ENCRYPTED = "This file is protected with a password. Please send it without one."
NESTED = "This is a zip inside a zip. Please unpack it and send it by itself."
DAMAGED = "This file is damaged and cannot be unpacked."
ODD_METHOD = "This file is packed in a way we cannot unpack. Please send it unpacked."
TOO_BIG = f"This file unpacks to more than {MOST_UNPACKED // 1_000_000} MB, more than any run needs."
TOO_MANY = f"This zip holds more than {MOST_ENTRIES} files. Please send fewer at once."
BROKEN_ZIP = "This zip breaks off or is damaged, so files may be missing. We read the ones we found."
BAD_ZIP = "This zip is damaged and cannot be opened. Please send the files themselves."
EMPTY_ZIP = "There is no file in this zip."


class BadArchive(Exception):
    """Its text is the sentence for the runner."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a zip: its content, perhaps only as far as it goes, or the sentence why there is none."""

    name: str
    data: bytes = b""
    refusal: str | None = None
    broken_off: bool = False


def is_zip(data: bytes) -> bool:
    """Whether the content is a zip's, whatever the name says."""
    return data.startswith(ZIP)


def is_gzip(data: bytes) -> bool:
    """Whether the content is gzipped."""
    return data.startswith(GZIP)


def display_name(name: str) -> str:
    """The last step of a name, without control characters, for showing only."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:80] or "file"


def gunzip(data: bytes) -> tuple[bytes, bool]:
    """The content as far as it goes, and whether it broke off. Raises Unpackable beyond the limit."""
    content, end = _inflate(data, 0, MOST_UNPACKED, wbits=31)
    if not content and end is None:
        raise BadArchive(DAMAGED)
    return content, end is None


def members(data: bytes) -> tuple[Iterator[Member], bool]:
    """The files of a zip, hidden ones left out, and whether it is whole.

    A zip that lost its table of contents is read from its beginning, file by file. Raises Unpackable where
    nothing can be found or too much is in it.
    """
    if _directory_bytes(data) > MOST_DIRECTORY:
        raise BadArchive(TOO_MANY)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not _is_ignored(entry.filename)]
    except DAMAGES:
        found = list(_salvage_members(data))
        if not found:
            raise BadArchive(BAD_ZIP) from None
        return iter(found), False
    if len(entries) > MOST_ENTRIES:
        raise BadArchive(TOO_MANY)
    if not entries:
        raise BadArchive(EMPTY_ZIP)
    return _contents(data, archive, entries), True


def _contents(data: bytes, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Member]:
    left = MOST_UNPACKED
    for entry in entries:
        member = _member(archive, entry, left) or _salvage_member(data, entry.header_offset, left)
        if member is None:
            member = Member(display_name(entry.filename), refusal=DAMAGED)
        left -= len(member.data)
        yield member


def _salvage_members(data: bytes) -> Iterator[Member]:
    """The deflated files that follow each other from the beginning of a zip, the last one as far as it goes."""
    at, left = 0, MOST_UNPACKED
    for _ in range(MOST_ENTRIES):
        member = _salvage_member(data, at, left)
        if member is not None and member.refusal is None:
            left -= len(member.data)
            if not _is_ignored(member.name) and not is_zip(member.data[:4]):
                yield member
        at = data.find(ZIP[0], at + LOCAL_HEADER)
        if at < 0:
            return


def _salvage_member(data: bytes, at: int, left: int) -> Member | None:
    """The deflated file whose own header is at `at`, as far as it goes; None without content."""
    if data[at : at + 4] != ZIP[0] or at + LOCAL_HEADER > len(data):
        return None
    flags, method = struct.unpack_from("<HH", data, at + 6)
    name_bytes, extra_bytes = struct.unpack_from("<HH", data, at + 26)
    if flags & 0x1 or method != zipfile.ZIP_DEFLATED:
        return None
    begin = at + LOCAL_HEADER + name_bytes
    name = display_name(data[at + LOCAL_HEADER : begin].decode("utf-8", "replace"))
    try:
        content, end = _inflate(data, begin + extra_bytes, left, wbits=-15)
    except BadArchive as refusal:
        return Member(name, refusal=str(refusal))
    return Member(name, content, broken_off=end is None) if content else None


def _inflate(data: bytes, at: int, most: int, *, wbits: int) -> tuple[bytes, int | None]:
    """What packed bytes from `at` on hold, and where they end; None where they break off.

    Small steps, because a step that ends in an error gives nothing. Raises Unpackable beyond `most` bytes.
    """
    unpacker, content = zlib.decompressobj(wbits), bytearray()
    for begin in range(at, len(data), STEP):
        try:
            content += unpacker.decompress(data[begin : begin + STEP], most + 1 - len(content))
        except zlib.error:
            return bytes(content), None
        if len(content) > most:
            raise BadArchive(TOO_BIG)
        if unpacker.eof:
            return bytes(content), min(begin + STEP, len(data)) - len(unpacker.unused_data)
    return bytes(content), None


def _is_ignored(name: str) -> bool:
    """Folders, hidden files and what macOS adds."""
    return name.endswith("/") or name.rpartition("/")[2].startswith(".") or name.startswith("__MACOSX/")


def _directory_bytes(data: bytes) -> int:
    """The size of the table of contents, as its end record states it, before anything is built from it."""
    at = data.rfind(b"PK\x05\x06")
    return struct.unpack_from("<I", data, at + 12)[0] if 0 <= at <= len(data) - 22 else 0


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Member | None:
    """A file that the zip gives out whole, or the reason against it; None where it is damaged."""
    name = display_name(entry.filename)
    if entry.flag_bits & 0x1:
        return Member(name, refusal=ENCRYPTED)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Member(name, refusal=ODD_METHOD)
    content = bytearray()
    try:
        with archive.open(entry) as file:
            while piece := file.read(PIECE):
                content += piece
                if len(content) > left:
                    return Member(name, refusal=TOO_BIG)
    except DAMAGES:
        return None
    return Member(name, refusal=NESTED) if is_zip(bytes(content[:4])) else Member(name, bytes(content))
