"""Secrets at rest: sealed with DATA_KEY before they reach a column, and opened only where they are used.

The first key seals. The keys in DATA_KEY_FALLBACKS still open, until `operations.data_key` has sealed everything again.
"""

import functools
import os
from base64 import b64decode, b64encode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX = "sealed:"
NONCE_BYTES = 12


class WrongDataKey(Exception):
    """No key of this program opens what is stored."""


def seal(text: str) -> str:
    """Return the text as it may be stored."""
    return PREFIX + _keys()[0].encrypt(text.encode()).decode()


def is_sealed(stored: str) -> bool:
    """Return whether this was sealed with a DATA_KEY, the present one or another."""
    return stored.startswith(PREFIX)


def open_sealed(stored: str) -> str:
    """Return the text. What was stored before there was a DATA_KEY is returned as it is. Raises WrongDataKey."""
    if not is_sealed(stored):
        return stored
    try:
        return MultiFernet(_keys()).decrypt(stored.removeprefix(PREFIX).encode()).decode()
    except InvalidToken as error:
        raise WrongDataKey from error


def seal_bytes(content: bytes) -> tuple[str, bytes]:
    """Return a sealed key, and the content encrypted with it.

    Each content has a key of its own, so that a new DATA_KEY changes a few bytes of each row and not every picture.
    """
    key, nonce = AESGCM.generate_key(256), os.urandom(NONCE_BYTES)
    return seal(b64encode(key).decode()), nonce + AESGCM(key).encrypt(nonce, content, None)


def open_bytes(sealed_key: str, stored: bytes) -> bytes:
    """Return the content that `seal_bytes` encrypted. Raises WrongDataKey, also for content that was altered."""
    key = b64decode(open_sealed(sealed_key))
    try:
        return AESGCM(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise WrongDataKey from error


def is_current(stored: str) -> bool:
    """Return whether this was sealed with the present key."""
    try:
        _keys()[0].decrypt(stored.removeprefix(PREFIX).encode())
    except InvalidToken:
        return False
    return is_sealed(stored)


def _keys() -> tuple[Fernet, ...]:
    return _derived((settings.DATA_KEY, *settings.DATA_KEY_FALLBACKS))


@functools.lru_cache(maxsize=4)
def _derived(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    def derive(key: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"secrets at rest").derive(key.encode())

    return tuple(Fernet(urlsafe_b64encode(derive(key))) for key in keys)
