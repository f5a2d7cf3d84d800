"""Encrypted streams: AES-256-GCM in pieces, so that a backup of any size needs a megabyte of memory.

A file is a header (magic, sixteen random bytes) and pieces. Each file has a key of its own, derived from the clinic's
and the random bytes. A piece's nonce is its number and whether it is the last: pieces that are altered, moved,
left out or cut off do not open.
"""

import base64
import binascii
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"THRIVE-BACKUP-1\n"
SALT_BYTES = 16
PIECE_BYTES = 1024 * 1024
TAG_BYTES = 16


class InvalidKey(Exception):
    """There is no key, or it is not one."""


class InvalidBackup(Exception):
    """The file is not a backup, was altered or cut off, or the key is another one."""


def new_key() -> str:
    """Thirty-two random bytes, as text."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def key_from(text: str) -> bytes:
    """The key's bytes; raises NoKey."""
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError) as error:
        raise InvalidKey("The key cannot be read: make one with `manage.py backup --new-key`.") from error
    if len(key) != 32:
        raise InvalidKey("There is no key of 32 bytes: make one with `manage.py backup --new-key`.")
    return key


def encrypt(source: Callable[[int], bytes], target: BinaryIO, *, key: bytes) -> int:
    """Encrypts what `source(size)` reads, to its end; returns the bytes read."""
    salt = os.urandom(SALT_BYTES)
    header = MAGIC + salt
    target.write(header)
    cipher = _cipher(key, salt)
    read = 0
    for number, (piece, last) in enumerate(_chunks(source, PIECE_BYTES)):
        read += len(piece)
        target.write(cipher.encrypt(_nonce(number, last), piece, header))
    return read


def decrypt(source: BinaryIO, *, key: bytes) -> Iterator[bytes]:
    """The pieces in clear; raises NotOurs at the first that does not open, also after others were given out."""
    header = source.read(len(MAGIC) + SALT_BYTES)
    if not header.startswith(MAGIC) or len(header) != len(MAGIC) + SALT_BYTES:
        raise InvalidBackup("This is not a backup of this program.")
    cipher = _cipher(key, header[len(MAGIC) :])
    for number, (piece, last) in enumerate(_chunks(source.read, PIECE_BYTES + TAG_BYTES)):
        try:
            yield cipher.decrypt(_nonce(number, last), piece, header)
        except InvalidTag as error:
            raise InvalidBackup("The backup was altered or cut off, or the key is another one.") from error


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=MAGIC).derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _chunks(read: Callable[[int], bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of `size`, and whether it is the last one; an empty source is one empty piece."""
    piece = _read_exactly(read, size)
    while True:
        following = _read_exactly(read, size) if len(piece) == size else b""
        yield piece, not following
        if not following:
            return
        piece = following


def _read_exactly(read: Callable[[int], bytes], size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (more := read(size - len(found))):
        found += more
    return bytes(found)
