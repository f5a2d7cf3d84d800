"""Untrusted zips and gzipped files. Nothing is written to disk, and names never become paths.

Exports too large to keep in memory are read from beginning to end, without their table of contents.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
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
DAMAGED = "This file is damaged and can’t be unpacked."
ODD_METHOD = "This file is packed in a way we can’t unpack. Please send it unpacked."
TOO_BIG = f"This file unpacks to more than {MOST_UNPACKED // 1_000_000} MB, more than any run needs."
TOO_MANY = f"This zip holds more than {MOST_ENTRIES} files. Please send fewer at once."
BROKEN_ZIP = "This zip breaks off or is damaged, so files may be missing. We read the ones we found."
BAD_ZIP = "This zip is damaged and can’t be opened. Please send the files themselves."
EMPTY_ZIP = "There’s no file in this zip."


class BadArchive(Exception):
    """The archive cannot be used; the message is for the runner."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a zip: its content, possibly cut short, or the refusal for the runner."""

    name: str
    data: bytes = b""
    refusal: str | None = None
    broken_off: bool = False


def is_zip(data: bytes) -> bool:
    """Return whether the content is a zip, whatever its name."""
    return data.startswith(ZIP)


def is_gzip(data: bytes) -> bool:
    """Return whether the content is gzipped."""
    return data.startswith(GZIP)


def display_name(name: str) -> str:
    """Return the last part of a path without control characters, for display only."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:80] or "file"


def gunzip(data: bytes) -> tuple[bytes, bool]:
    """Return the readable content, and whether it is cut short. Raise BadArchive beyond the limit."""
    content, end = _inflate(data, 0, MOST_UNPACKED, wbits=31)
    if not content and end is None:
        raise BadArchive(DAMAGED)
    return content, end is None


def members(data: bytes) -> tuple[Iterator[Member], bool]:
    """Return the files of a zip without hidden ones, and whether the zip is complete.

    A zip that lost its table of contents is read from its beginning, file by file. Raise BadArchive if
    no file can be read or there are too many.
    """
    if _directory_bytes(data) > MOST_DIRECTORY:
        raise BadArchive(TOO_MANY)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not _is_ignored(entry.filename)]
    except DAMAGES:
        salvaged = list(_salvage_members(data))
        if not salvaged:
            raise BadArchive(BAD_ZIP) from None
        return iter(salvaged), False
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
        # One limit for the whole upload, so that many files below the limit do not add up beyond it.
        left -= len(member.data)
        yield member


def _salvage_members(data: bytes) -> Iterator[Member]:
    """Yield the deflated files from the beginning of a zip; the last one may be cut short."""
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
    """Return the deflated file whose local header is at `at`, possibly cut short; None without content."""
    if data[at : at + 4] != ZIP[0] or at + LOCAL_HEADER > len(data):
        return None
    flags, method = struct.unpack_from("<HH", data, at + 6)
    name_bytes, extra_bytes = struct.unpack_from("<HH", data, at + 26)
    # Bit 0 marks an encrypted file; a stored one has no end that could be recognized.
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
    """Return the unpacked bytes from `at` on, and where the packed ones end; None if they are cut short.

    Raise BadArchive beyond `most` bytes.
    """
    unpacker, content = zlib.decompressobj(wbits), bytearray()
    # Small steps, because a step that ends in an error returns nothing of what it had unpacked.
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
    """Return whether the name is of a folder, a hidden file or one that macOS adds."""
    return name.endswith("/") or name.rpartition("/")[2].startswith(".") or name.startswith("__MACOSX/")


def _directory_bytes(data: bytes) -> int:
    """Return the size of the table of contents, as its end record states it.

    It is checked first, because `zipfile` builds an object of every entry as soon as it opens the archive.
    """
    at = data.rfind(b"PK\x05\x06")
    return struct.unpack_from("<I", data, at + 12)[0] if 0 <= at <= len(data) - 22 else 0


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Member | None:
    """Return a complete file of the zip or its refusal; None if it is damaged."""
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


LARGEST_PIECE = 1 << 20  # of what one step unpacks
MOST_STREAMED = 2_500_000_000
DIRECTORY = b"PK\x01\x02"
IS_ENCRYPTED, SIZE_COMES_LATER = 0x1, 0x8

TOO_LONG = "This export unpacks to more than 2.5 GB, more than we can read. Please send single runs instead."


class ZipStream:
    """The files of a zip in their order. `is_whole` is False once a file or the end of the zip is missing.

    `read` returns up to that many bytes, none at the end; `head` is what was read before.
    """

    def __init__(self, read: Callable[[int], bytes], head: bytes = b"") -> None:
        self._read, self._held = read, head
        self._unpacked = 0
        self.is_whole = True

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield name and pieces of each file. Raise BadArchive if one has a password or is far too large."""
        while self._find_header():
            flags, method = struct.unpack_from("<HH", self._held, 6)
            packed, _, name_bytes, extra_bytes = struct.unpack_from("<IIHH", self._held, 18)
            self._fill(LOCAL_HEADER + name_bytes + extra_bytes)
            name = self._held[LOCAL_HEADER : LOCAL_HEADER + name_bytes].decode("utf-8", "replace")
            self._held = self._held[LOCAL_HEADER + name_bytes + extra_bytes :]
            if flags & IS_ENCRYPTED:
                raise BadArchive(ENCRYPTED)
            if method == zipfile.ZIP_DEFLATED:
                pieces = self._inflated()
            else:
                # A stored file whose size comes after it has no end that could be recognized: it is skipped.
                pieces = self._stored(0 if flags & SIZE_COMES_LATER or method else packed)
            yield display_name(name), pieces
            for _ in pieces:
                pass  # what the caller left unread lies before the next file

    def _fill(self, count: int) -> bool:
        while len(self._held) < count:
            more = self._read(PIECE)
            if not more:
                return False
            self._held += more
        return True

    def _find_header(self) -> bool:
        """Drop what comes before the next file; return False at the table of contents or at the end."""
        while True:
            found = [at for sign in (ZIP[0], DIRECTORY) if (at := self._held.find(sign)) >= 0]
            if found:
                self._held = self._held[min(found) :]
                return self._held.startswith(ZIP[0]) and self._fill_header()
            more = self._read(PIECE)
            if not more:
                self.is_whole = False
                return False
            self._held = self._held[-3:] + more

    def _fill_header(self) -> bool:
        is_complete = self._fill(LOCAL_HEADER)
        self.is_whole = self.is_whole and is_complete
        return is_complete

    def _inflated(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-15)
        while not unpacker.eof:
            packed = self._held or self._read(PIECE)
            self._held = b""
            if not packed:
                self.is_whole = False
                return
            try:
                yield from self._step(unpacker, packed)
            except zlib.error:
                self.is_whole = False
                return
        self._held = unpacker.unused_data

    def _step(self, unpacker: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
        content = b" "
        while content and not unpacker.eof:
            content = unpacker.decompress(packed, LARGEST_PIECE)
            packed = unpacker.unconsumed_tail
            self._unpacked += len(content)
            if self._unpacked > MOST_STREAMED:
                raise BadArchive(TOO_LONG)
            if content:
                yield content

    def _stored(self, left: int) -> Iterator[bytes]:
        while left > 0:
            piece = (self._held or self._read(PIECE))[:left]
            if not piece:
                self.is_whole = False
                return
            self._held = self._held[len(piece) :]
            left -= len(piece)
            yield piece
