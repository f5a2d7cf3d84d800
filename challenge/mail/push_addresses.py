"""Where pushes may go: a browser's address at its push service, stored sealed; and encryption for one browser.

Addresses are known by their hash. Only https, and only the services of the browsers that there are: no request ever
goes to a host that a person made up. A push is encrypted by RFC 8291 (coding aes128gcm of RFC 8188), so the push
service carries the bytes and cannot read them. The example of RFC 8291, appendix A, is a test.
"""

import hashlib
import json
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db.models import QuerySet

from challenge.db.sealed import open_sealed, seal
from challenge.mail.models import PushAddress

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


MOST_CHARACTERS = 1000
MOST_DEVICES = 10
VISIBLE = re.compile(r"[!-~]+")


class NoPushService(Exception):
    """The address is of no push service that we know, or its keys are not valid."""


@dataclass(frozen=True, slots=True)
class OpenedAddress:
    """A push address in clear, for the moment of sending."""

    endpoint: str
    p256dh: str
    auth: str


def host_and_port(endpoint: str) -> tuple[str, int]:
    """Return the push service of an address. Raises NoPushService."""
    # With a space in it no request can be made: that would look like a failure of the service, for everyone.
    if len(endpoint) > MOST_CHARACTERS or not VISIBLE.fullmatch(endpoint):
        raise NoPushService
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError as error:
        raise NoPushService from error
    if parts.scheme != "https" or parts.username is not None or not _is_known(host):
        raise NoPushService
    if port != 443 and not settings.PUSH_LOOPBACK_CERTIFICATE:
        raise NoPushService
    return host, port


def _is_known(host: str) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in settings.PUSH_SERVICES)


def save_address(
    *, owner: str, endpoint: str, p256dh: str, auth: str, device: str, at: datetime
) -> PushAddress:
    """Store a browser's address: the same browser is one row, and its last owner's. Raises NoPushService."""
    host_and_port(endpoint)
    try:
        check_keys(p256dh, auth)
    except ValueError as error:
        raise NoPushService from error
    opened = json.dumps({"endpoint": endpoint, "p256dh": p256dh, "auth": auth})
    values = {"owner": owner, "sealed": seal(opened), "device": device[:60], "created_at": at}
    row, _ = PushAddress.objects.update_or_create(
        endpoint_sha256=hashlib.sha256(endpoint.encode()).hexdigest(), defaults=values
    )
    # The oldest go where a person has more than anyone needs.
    kept = addresses_of(owner).order_by("-created_at", "-pk").values_list("pk", flat=True)[:MOST_DEVICES]
    addresses_of(owner).exclude(pk__in=list(kept)).delete()
    return row


def open_address(address: PushAddress) -> OpenedAddress:
    """Return the address in clear. Raises WrongDataKey."""
    return OpenedAddress(**json.loads(open_sealed(address.sealed)))


def addresses_of(owner: str) -> QuerySet[PushAddress]:
    """Return the devices of one owner, the newest first."""
    return PushAddress.objects.filter(owner=owner).order_by("-created_at", "-pk")
