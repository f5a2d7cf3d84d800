"""Reach a server that a person named, and fetch a small file from it, without reaching anything but a public one.

The name is resolved here, every address must be public, and the connection goes to the checked address, so that a
name cannot point elsewhere a moment later. A watch ends what takes too long as a whole. Files come by https from port
443 only, at most 1 MB in ten seconds; redirects are checked in the same way.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Outside of it are old and local forms, some with an IPv4 address inside, that Python calls global.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # of networks among themselves; older Pythons call it global


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({str(entry[4][0]) for entry in found})


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet: no private, local, shared or mapped one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        # NAT64 carries an IPv4 address in its last 32 bits.
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and ip not in PROTOCOLS


class PinnedConnection(http.client.HTTPSConnection):
    """An https connection to one address; the certificate must be that of the host."""

    def __init__(
        self, host: str, port: int, *, address: str, timeout: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self.address, self.tls = address, context

    def connect(self) -> None:
        """Connect to the checked address, whatever the name resolves to by now."""
        # Kept before the handshake, so that the watch can end a slow one.
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)


@contextmanager
def closed_by(deadline: float, connection: PinnedConnection) -> Iterator[None]:
    """Close the connection at the end, and cut it at `deadline` (of the monotonic clock).

    A server that sends a byte now and then keeps every single read short: the watch ends the whole.
    """
    watch = threading.Timer(max(0.1, deadline - time.monotonic()), _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: PinnedConnection) -> None:
    """End a connection from another thread; the blocked read then fails."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


MOST_BYTES = 1_000_000
MOST_SECONDS = 10.0
MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
Resolve = Callable[[str, int], list[str]]


class CannotFetch(Exception):
    """Nothing was fetched; `str()` is a sentence without the address."""


@dataclass(frozen=True)
class Fetched:
    """What the server answered: the file, or None if it has not changed since `etag`."""

    content: bytes | None
    etag: str = ""


@dataclass(frozen=True)
class PublicFetcher:
    """Fetches files of one kind, `what` in its sentences; tests replace what reaches the network."""

    what: str = "calendar"
    accept: str = "text/calendar"
    resolve: Resolve = resolve
    is_allowed: Callable[[str], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    ports: tuple[int, ...] = (443,)
    seconds: float = MOST_SECONDS

    def fetch(self, address: str, *, etag: str = "") -> Fetched:
        """Return the file at an address, following checked redirects. Raises CannotFetch."""
        deadline, too_slow = time.monotonic() + self.seconds, f"The {self.what} took longer than ten seconds."
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = self._ask(address, etag=etag, deadline=deadline)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if time.monotonic() < deadline:
                    raise CannotFetch(f"The {self.what} could not be reached.") from error
                raise CannotFetch(too_slow) from error
            # An answer that the watch cut off looks complete where the server named no length.
            if time.monotonic() >= deadline:
                raise CannotFetch(too_slow)
            if isinstance(answer, Fetched):
                return answer
            address = answer
        raise CannotFetch("The address leads from one place to the next without an end.")

    def _ask(self, address: str, *, etag: str, deadline: float) -> Fetched | str:
        """Ask one server; return its answer, or the address that it redirects to."""
        parts = urlsplit(address)
        host, port = self._checked(address)
        connection = PinnedConnection(
            host,
            port,
            address=self._public_address(host, port),
            timeout=max(0.1, deadline - time.monotonic()),
            context=self.context,
        )
        with closed_by(deadline, connection):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Accept": self.accept, "User-Agent": "Pain-Free-Runner-Challenge"}
            connection.request("GET", path, headers=headers | ({"If-None-Match": etag} if etag else {}))
            return self._answer(connection.getresponse(), address)

    def _checked(self, address: str) -> tuple[str, int]:
        """Return host and port of an address that may be fetched. Raises CannotFetch."""
        parts = urlsplit(address)
        port = parts.port or 443
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise CannotFetch("The address must begin with https:// and name a public web server.")
        if self.ports and port not in self.ports:
            raise CannotFetch("The address must not name a port.")
        return parts.hostname, port

    def _public_address(self, host: str, port: int) -> str:
        """Return the address to connect to. Raises CannotFetch if one of the host's is not public."""
        addresses = self.resolve(host, port)
        if not addresses or not all(self.is_allowed(one) for one in addresses):
            raise CannotFetch("The address leads to a private network. Only public addresses can be read.")
        return addresses[0]

    def _answer(self, response: http.client.HTTPResponse, address: str) -> Fetched | str:
        if response.status in REDIRECTS:
            return urljoin(address, response.headers.get("Location", ""))
        if response.status == 304:
            return Fetched(None)
        if response.status != 200:
            raise CannotFetch(f"The {self.what}’s server answered with error {response.status}.")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise CannotFetch(f"The {self.what}’s server sent a compressed file, which it was not asked for.")
        content = response.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            hint = " Share one with fewer past events." if self.what == "calendar" else ""
            raise CannotFetch(f"The {self.what} is larger than 1 MB.{hint}")
        return Fetched(content, response.headers.get("ETag", "")[:200])
