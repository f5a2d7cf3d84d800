"""Hand pushes over to the push services of the browsers: one request each, never to a private address.

A service that stalls or asks for patience is left alone for a while, so that it does not hold up the others.
"""

import http.client
import json
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.cache import cache
from py_vapid import Vapid02
from redis.exceptions import RedisError

from challenge.db.sealed import WrongDataKey
from challenge.mail.models import OutboxMessage, PushAddress
from challenge.mail.public_host import PinnedConnection, closed_by, is_public, resolve
from challenge.mail.push_addresses import (
    NoPushService,
    OpenedAddress,
    encrypt,
    host_and_port,
    open_address,
    to_base64,
)
from challenge.mail.transports import DeliveryUnknown, MessageRefused

log = logging.getLogger(__name__)

MOST_SECONDS = 10.0
GONE = {404, 410}
LONGEST_PATIENCE = timedelta(hours=6)
AFTER_A_STALL = timedelta(minutes=5)
SIGNED_FOR = timedelta(hours=12)


def public_key() -> str:
    """Return the half of PUSH_KEY that browsers ask for; empty without a key."""
    if not settings.PUSH_KEY:
        return ""
    point = Vapid02.from_raw(settings.PUSH_KEY.encode()).public_key
    return to_base64(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


class PushTransport:
    """Sends each push over a connection of its own; `seconds` limits one request as a whole."""

    def __init__(self, *, seconds: float = MOST_SECONDS) -> None:
        self.seconds = seconds

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None:
        """Hand one push over. Raises MessageRefused or DeliveryUnknown.

        An address that its service no longer knows is dropped, and so is one that leads to no public server.
        """
        # Read again: another push of the same batch may have dropped it.
        known = PushAddress.objects.filter(
            pk__in=[message.push_address_id] if message.push_address_id else []
        )
        address = known.first()
        if address is None:
            raise MessageRefused("gone", unsendable=True)
        try:
            opened = open_address(address)
            host, port = host_and_port(opened.endpoint)
        except (WrongDataKey, NoPushService) as error:
            raise MessageRefused(type(error).__name__, unsendable=True) from error
        if (wait := _rest_of(host)) is not None:
            raise MessageRefused("resting", wait=wait)
        status, retry_after = self._post(host, port, opened, message, at=at)
        if status in GONE:
            PushAddress.objects.filter(pk=address.pk).delete()
            raise MessageRefused(str(status), unsendable=True)
        if status == http.client.TOO_MANY_REQUESTS or (status >= 500 and retry_after is not None):
            _let_rest(host, retry_after or AFTER_A_STALL)
            raise MessageRefused(str(status), wait=retry_after)
        if not 200 <= status < 300:
            raise MessageRefused(str(status))
        PushAddress.objects.filter(pk=address.pk).update(last_success_at=at)

    def _post(
        self, host: str, port: int, opened: OpenedAddress, message: OutboxMessage, *, at: datetime
    ) -> tuple[int, timedelta | None]:
        """Send the request; return the status and how long the service asks to wait."""
        deadline = time.monotonic() + self.seconds
        connection = PinnedConnection(
            host, port, address=_checked_address(host, port), timeout=self.seconds, context=self._tls
        )
        content = json.dumps({"title": message.subject, "body": message.text, **message.headers})
        body = encrypt(content.encode(), p256dh=opened.p256dh, auth=opened.auth)
        with closed_by(deadline, connection):
            try:
                connection.connect()
            except OSError as error:
                _let_rest(host, AFTER_A_STALL)
                raise MessageRefused(type(error).__name__) from error
            try:
                parts = urlsplit(opened.endpoint)
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", path, body=body, headers=_headers(host, port, message, at=at))
                response = connection.getresponse()
                return response.status, _patience(response.headers.get("Retry-After", ""), at=at)
            except (OSError, http.client.HTTPException) as error:
                _let_rest(host, AFTER_A_STALL)
                raise DeliveryUnknown(type(error).__name__) from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=settings.PUSH_LOOPBACK_CERTIFICATE or None)

    def close(self) -> None:
        """Do nothing: no connection stays open."""


def _checked_address(host: str, port: int) -> str:
    """Return the address to connect to. Raises MessageRefused if one of the host's is not public."""
    if settings.PUSH_LOOPBACK_CERTIFICATE:
        return "127.0.0.1"
    try:
        addresses = resolve(host, port)
    except OSError as error:
        raise MessageRefused(type(error).__name__) from error
    if not addresses or not all(is_public(one) for one in addresses):
        raise MessageRefused("private", unsendable=True)
    return addresses[0]


def _headers(host: str, port: int, message: OutboxMessage, *, at: datetime) -> dict[str, str]:
    ends = message.expires_at or message.give_up_at
    audience = f"https://{host}" + (f":{port}" if port != 443 else "")
    claims = {
        "aud": audience,
        "exp": int(time.time() + SIGNED_FOR.total_seconds()),
        "sub": f"mailto:{settings.CLINIC_EMAIL}",
    }
    return {
        **Vapid02.from_raw(settings.PUSH_KEY.encode()).sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, int((ends - at).total_seconds()))),
        "Urgency": "normal",
        # A push that waits at the service is replaced by a newer one of its kind.
        "Topic": str(message.headers.get("tag", "reminder")),
    }


def _patience(retry_after: str, *, at: datetime) -> timedelta | None:
    """Return how long a Retry-After asks to wait, six hours at most; None without one that can be read."""
    if retry_after.isascii() and retry_after.isdigit():
        asked = timedelta(seconds=min(int(retry_after[:9]), LONGEST_PATIENCE.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - at
    return max(timedelta(0), min(asked, LONGEST_PATIENCE))


def _let_rest(host: str, wait: timedelta) -> None:
    """Leave a service alone for a while, in every worker. Without a cache each push is tried."""
    try:
        cache.set(f"push-rests:{host}", time.time() + wait.total_seconds(), int(wait.total_seconds()) + 1)
    except (RedisError, OSError):
        log.warning("no push service rests: the cache is down")


def _rest_of(host: str) -> timedelta | None:
    try:
        until = cache.get(f"push-rests:{host}")
    except (RedisError, OSError):
        return None
    return timedelta(seconds=until - time.time()) if until is not None and until > time.time() else None
