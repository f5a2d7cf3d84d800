"""Where pushes may go: a browser's address at its push service, stored sealed and known by its hash.

Only https, and only the services of the browsers that there are: no request ever goes to a host that a person made up.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from challenge.db.sealed import open_sealed, seal
from challenge.mail.models import PushAddress
from challenge.mail.push_encryption import check_keys

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
