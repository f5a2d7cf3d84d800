"""Connect to a server that a person named, without reaching anything but a public one.

The name is resolved here, every address must be public, and the connection goes to the checked address, so that a name
cannot point elsewhere a moment later. A watch ends what takes too long as a whole.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
