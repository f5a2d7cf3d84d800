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

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

ENCRYPTED = "This file is protected with a password. Please send it without one."
NESTED = "This is a zip inside a zip. Please unpack it and send it by itself."
DAMAGED = "This file is damaged and cannot be unpacked."
ODD_METHOD = "This file is packed in a way we cannot unpack. Please send it unpacked."
TOO_BIG = f"This file unpacks to more than {MOST_UNPACKED // 1_000_000} MB, more than any run needs."
TOO_MANY = f"This zip holds more than {MOST_ENTRIES} files. Please send fewer at once."
BAD_ZIP = "This zip is damaged and cannot be opened. Please send the files themselves."
EMPTY_ZIP = "There is no file in this zip."


class Unpackable(Exception):
    """Its text is the sentence for the runner."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a zip: its content, or the sentence why there is none."""

    name: str
    data: bytes = b""
    refusal: str | None = None


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


def gunzip(data: bytes, most: int = MOST_UNPACKED) -> tuple[bytes, bool]:
    """The content as far as it goes, and whether it broke off. Raises Unpackable beyond `most` bytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, most + 1)
    except zlib.error:
        raise Unpackable(DAMAGED) from None
    if len(content) > most:
        raise Unpackable(TOO_BIG)
    return content, not unpacker.eof


def members(data: bytes) -> Iterator[Member]:
    """The files of a zip, hidden ones left out. Raises Unpackable where it cannot be opened at all."""
    if _directory_bytes(data) > MOST_DIRECTORY:
        raise Unpackable(TOO_MANY)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not _beside_the_point(entry)]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, EOFError):
        raise Unpackable(BAD_ZIP) from None
    if len(entries) > MOST_ENTRIES:
        raise Unpackable(TOO_MANY)
    if not entries:
        raise Unpackable(EMPTY_ZIP)
    left = MOST_UNPACKED
    for entry in entries:
        member = _member(archive, entry, left)
        left -= len(member.data)
        yield member


def _beside_the_point(entry: zipfile.ZipInfo) -> bool:
    last = entry.filename.rpartition("/")[2]
    return entry.is_dir() or last.startswith(".") or entry.filename.startswith("__MACOSX/")


def _directory_bytes(data: bytes) -> int:
    """The size of the table of contents, as its end record states it, before anything is built from it."""
    at = data.rfind(b"PK\x05\x06")
    return struct.unpack_from("<I", data, at + 12)[0] if 0 <= at <= len(data) - 22 else 0


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Member:
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
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, struct.error, EOFError):
        if not content:
            return Member(name, refusal=DAMAGED)
    return Member(name, refusal=NESTED) if is_zip(bytes(content[:4])) else Member(name, bytes(content))
