"""How a web server stops: no one new is let in, and every open connection gets an answer.

A proxy may connect at the very moment when gunicorn closes its listening socket. The kernel accepts such a connection
by itself, and resets it when the socket is closed. By then the proxy has handed over the request: it may repeat a page
at another server, but not a form, which could be stored twice.
"""

import ctypes
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Long enough for a handshake that has begun, between hosts too; new ones are held back until then.
LAST_CALL_S = 0.5
SO_ATTACH_FILTER = 26  # <asm-generic/socket.h>; Python has no name for it
# A filter of the kernel (struct sock_filter: code, jump if true, jump if false, value) on the TCP header.
DROP_FIRST_PACKETS = (
    (0x30, 0, 0, 13),  # load the byte with the flags
    (0x45, 0, 1, 0x02),  # is SYN set?
    (0x06, 0, 0, 0),  # yes: drop the packet, and the sender tries again a second later
    (0x06, 0, 0, 0xFFFFFFFF),  # no: let it pass
)


def hold_back(listener: socket.socket) -> None:
    """Let the kernel begin no connection to this listening socket any more; those that have begun go on.

    Once the socket is closed, the next try is refused immediately, and a proxy goes to another server with it. Does
    nothing where the kernel has no such filter.
    """
    if sys.platform != "linux" or listener.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    code = b"".join(struct.pack("HBBI", *step) for step in DROP_FIRST_PACKETS)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HP", len(DROP_FIRST_PACKETS), ctypes.addressof(held))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def hold_back_at_the_end(server: Any) -> None:
    """Make gunicorn hold back new connections before it stops, but not when others go on with its socket."""
    stop: Callable[[bool], None] = server.stop

    def stop_politely(graceful: bool = True) -> None:
        # As gunicorn itself decides whether the socket is its own: not while one gunicorn replaces another.
        if graceful and server.reexec_pid == server.master_pid == 0 and not server.systemd:
            for listener in server.LISTENERS:
                hold_back(listener.sock)
        stop(graceful)

    server.stop = stop_politely


class LastCallWorker(ThreadWorker):  # type: ignore[misc]
    """A worker that goes on accepting for a moment after the signal to stop, then closes its socket immediately."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept or not. When the worker stops, first accept those whom the kernel has let in already."""
        if not self.alive and self._accepting:
            ends = time.monotonic() + LAST_CALL_S
            self._accept_all()
            while (left := ends - time.monotonic()) > 0:
                self.notify()
                self.wait_for_and_dispatch_events(timeout=left)
            # Closing an answered connection waits for the visitor, so the time may be over before all were let in.
            self._accept_all()
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def _accept_all(self) -> None:
        for listener in self.sockets:
            before = -1
            while before < self.nr_conns < self.worker_connections:
                before = self.nr_conns
                self.accept(listener)
