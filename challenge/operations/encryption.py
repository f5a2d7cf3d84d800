"""Encryption of backups in the age format (https://age-encryption.org/v1), which any age program opens.

The clinic holds one X25519 identity (`AGE-SECRET-KEY-1...`). A backup is encrypted for its public half and streamed
through in chunks of 64 KiB, so a backup of any size needs little memory. age authenticates every chunk and the end
of the file: a chunk that was altered, moved, left out or cut off does not open.
"""

from typing import BinaryIO

import pyrage
from pyrage.x25519 import Identity

NEW_KEY_HINT = "make one with `manage.py backup --new-key`."


class InvalidKey(Exception):
    """The backup key is missing or is not an age identity."""


class InvalidBackup(Exception):
    """The file is not a backup, was altered or cut off, or belongs to another key."""


def new_key() -> str:
    """Return a new random age identity as text."""
    return str(Identity.generate())


def parse_key(text: str) -> Identity:
    """Return the identity in `text`, which may be a key file of `age-keygen` with its comment lines.

    Raises InvalidKey.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise InvalidKey(f"There is no backup key: {NEW_KEY_HINT}")
    try:
        return Identity.from_str(lines[0])
    except pyrage.IdentityError as error:
        raise InvalidKey(f"The backup key cannot be read: {NEW_KEY_HINT}") from error


def encrypt(source: BinaryIO, target: BinaryIO, *, key: Identity) -> None:
    """Encrypt `source` to its end into `target`. Raises OSError when either fails."""
    try:
        pyrage.encrypt_io(source, target, [key.to_public()])
    except pyrage.EncryptError as error:  # how pyrage reports a full disk
        raise OSError(str(error)) from error


def decrypt(source: BinaryIO, target: BinaryIO, *, key: Identity) -> None:
    """Decrypt `source` into `target`, a verified chunk at a time.

    Raises InvalidBackup at the first chunk that does not open: `target` may then hold the chunks before it. An OSError
    of `target`, such as BrokenPipeError, is passed on.
    """
    try:
        pyrage.decrypt_io(source, target, [key])
    except pyrage.DecryptError as error:
        raise InvalidBackup("This is not a backup of this program, or the key is another one.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        # pyrage reports a broken chunk as an OSError without a number; those of files and pipes have one.
        raise InvalidBackup("The backup was altered or cut off.") from error
