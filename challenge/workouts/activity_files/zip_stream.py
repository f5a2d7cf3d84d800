"""Zips read from beginning to end, without their table of contents: for exports too large to keep in memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from challenge.workouts.activity_files.archive import ENCRYPTED, LOCAL_HEADER, ZIP, BadArchive, display_name

PIECE = 1 << 16
LARGEST_PIECE = 1 << 20  # of what one step unpacks
MOST_UNPACKED = 2_500_000_000
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
            if self._unpacked > MOST_UNPACKED:
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
