"""Encrypt a push message for one browser (RFC 8291, coding aes128gcm of RFC 8188).

The push service carries the bytes and cannot read them. The example of RFC 8291, appendix A, is a test.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
RECORD_BYTES = 4096
LAST_RECORD = b"\x02"


def from_base64(text: str) -> bytes:
    """Return the bytes of URL-safe base64 with or without padding. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64(data: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def check_keys(p256dh: str, auth: str) -> None:
    """Raise ValueError unless these are a point of the curve P-256 and 16 bytes."""
    if len(from_base64(p256dh)) != POINT_BYTES or len(from_base64(auth)) != AUTH_BYTES:
        raise ValueError("keys of another length")
    _public_key(from_base64(p256dh))


def encrypt(
    content: bytes,
    *,
    p256dh: str,
    auth: str,
    private_key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of one push; `private_key` and `salt` are new for each but in the test of the RFC's example."""
    theirs = from_base64(p256dh)
    key = private_key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(SALT_BYTES)
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), _public_key(theirs))
    secret = _derive(from_base64(auth), shared, b"WebPush: info\x00" + theirs + ours, 32)
    content_key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, content + LAST_RECORD, None)


def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """Return HKDF with SHA-256 (RFC 5869): extract with `salt`, expand with `info`."""
    extract = hmac.HMAC(salt, hashes.SHA256())
    extract.update(secret)
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(extract.finalize())
