"""What `doctor` asks of the site from outside, through the proxy, as a visitor meets it."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

ANSWER_WITHIN_S = 10
ASKS = "X-Doctor"  # the header by which `doctor` asks as what visitor it is taken
BODY_BYTES = 1_500_000  # a form of this size must pass the proxy; see `deploy/`
INVENTED_VISITOR = "203.0.113.77"  # of a range kept for documents (RFC 5737), so no visitor has it
MOST_BYTES = 100_000


class Trouble(Exception):
    """What is wrong, in a sentence for the person who runs the program."""


@dataclass(frozen=True)
class SiteAnswer:
    """What the site answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def signature_is_good(request: HttpRequest) -> bool:
    """Return whether a request comes from a `doctor` with our key; only that one reads what it is taken for."""
    try:
        TimestampSigner(salt=ASKS).unsign(request.headers.get(ASKS, ""), max_age=timedelta(minutes=1))
    except BadSignature:
        return False
    return True


def check_site() -> str:
    response = _request("GET", "/health/live/", asks=TimestampSigner(salt=ASKS).sign("visitor"))
    if response.status in {301, 302, 307, 308}:
        target = response.headers.get("location", "")
        raise Trouble(f"{settings.SITE_URL} sends visitors on to {target}: is TRUSTED_PROXY_COUNT right?")
    if response.status != http.HTTPStatus.OK:
        raise Trouble(f"{settings.SITE_URL} answers {response.status}")
    if not response.headers.get("x-request-id"):
        raise Trouble(f"{settings.SITE_URL} answers, but not this program")
    return f"{settings.SITE_URL} answers{', its certificate is good' if settings.SECURE else ''}{_visitor(response)}"


def _visitor(response: SiteAnswer) -> str:
    """Return as what visitor the program took us; with a number of proxies too high it believes our invented one."""
    try:
        read = str(json.loads(response.body).get("visitor", ""))
    except (ValueError, AttributeError):
        return ""
    if read == INVENTED_VISITOR:
        raise Trouble(
            f"visitors can invent their address: TRUSTED_PROXY_COUNT is {settings.TRUSTED_PROXY_COUNT}, "
            "more than the proxies that add to X-Forwarded-For"
        )
    if settings.TRUSTED_PROXY_COUNT and not read:
        raise Trouble(
            f"the visitor's address cannot be read: TRUSTED_PROXY_COUNT is {settings.TRUSTED_PROXY_COUNT}, "
            "and no proxy adds to X-Forwarded-For"
        )
    return f", and takes this host for {read}" if read else ""


def check_forms() -> str:
    """Send a form of 1.5 MB: a proxy with a smaller limit refuses it before the program sees it."""
    response = _request("POST", "/health/live/", body=b"x=" + b"y" * BODY_BYTES)
    if response.status == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE or not response.headers.get(
        "x-request-id"
    ):
        raise Trouble("the proxy refuses forms of 1.5 MB: compare its limits with those in deploy/")
    return "a form of 1.5 MB passes the proxy"


def _request(method: str, path: str, *, body: bytes | None = None, asks: str = "") -> SiteAnswer:
    parts = urlsplit(settings.SITE_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    given = {"X-Forwarded-For": INVENTED_VISITOR, ASKS: asks}
    if body:
        given["Content-Type"] = "application/x-www-form-urlencoded"
    site = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN_S)
    try:
        site.request(method, path, body=body, headers=given)
        response = site.getresponse()
        return SiteAnswer(
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            response.read(MOST_BYTES),
        )
    except ssl.SSLCertVerificationError as error:
        raise Trouble(
            f"the certificate of {settings.SITE_URL} is not good: {error.verify_message}"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(f"{settings.SITE_URL} cannot be reached: {error}") from error
    finally:
        site.close()
