"""Who carries a message out: one SMTP connection for many messages, or whatever Django's EMAIL_BACKEND names.

Each says one of four things: taken; refused (for now, or for good); not reachable, so nothing was tried; or nobody
knows, because the line broke after the whole message was handed over and before the answer came.
"""

import re
import smtplib
from datetime import datetime
from email.utils import parseaddr
from typing import Protocol

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from challenge.mail.mime import InvalidHeader, as_bytes, as_email, on_the_wire
from challenge.mail.models import OutboxMessage

CLOSING = 421
START_DATA = 354
# Enhanced status codes (RFC 3463 and the IANA registry "SMTP Enhanced Status Codes") that say that the recipient's
# address does not exist: no such mailbox, no such domain, not an address, moved away, a domain without mail (RFC 7505).
# 5.1.7 and 5.1.8 are about the sender's address; 5.2.x and 5.7.x can end tomorrow. A bare 550 says nothing of why.
NO_SUCH_ADDRESS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
# What is wrong with the message itself, too long or of a form the server cannot take: no later try helps.
BAD_MESSAGE = {"5.2.3", "5.3.4"}
BAD_CONTENT = "5.6."
TOO_LARGE = 413
ENHANCED = re.compile(rb"([245]\.\d{1,3}\.\d{1,3})(?!\S)")
PLAIN = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)


class MessageRefused(Exception):
    """Definitely not taken. `for_good`: asking again is of no use; `address`: the recipient does not exist."""

    def __init__(self, code: str, *, for_good: bool, address: bool = False) -> None:
        super().__init__(code)
        self.code, self.for_good, self.address = code, for_good, address


class ServerUnreachable(Exception):
    """The server is away; nothing was tried."""


class DeliveryUnknown(Exception):
    """Handed over whole, and no answer came."""


class Transport(Protocol):
    def send_message(self, message: OutboxMessage, *, at: datetime) -> None: ...

    def close(self) -> None: ...


def open_transport() -> Transport:
    """The carrier for the settings in force; nothing is opened yet."""
    backend = get_connection()
    return SmtpTransport(backend) if type(backend) is SmtpBackend else BackendTransport(backend)


class SmtpTransport:
    """One connection, opened when first needed and again after it broke."""

    def __init__(self, backend: SmtpBackend) -> None:
        self.backend = backend
        self.carried = 0
        self.sender = smtplib.quoteaddr(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None:
        """Raises Refused, NotReachable or NobodyKnows. A server that closes after many messages is asked anew."""
        server = self._server()
        eight_bit = server.has_extn("8bitmime")
        try:
            data, to = as_bytes(message, at=at, eight_bit=eight_bit), on_the_wire(message.to_email)
        except InvalidHeader as error:
            raise MessageRefused("BadHeader", for_good=True) from error
        tired = self.carried > 0
        try:
            self._transact(server, to, data, eight_bit=eight_bit)
        except _ServerClosing as error:
            self.close()
            if not tired:
                raise ServerUnreachable(str(CLOSING)) from error
            self._transact_on_new_connection(to, data, eight_bit=eight_bit)
        self.carried += 1

    def _transact_on_new_connection(self, to: str, data: bytes, *, eight_bit: bool) -> None:
        try:
            self._transact(self._server(), to, data, eight_bit=eight_bit)
        except _ServerClosing as error:
            self.close()
            raise ServerUnreachable(str(CLOSING)) from error

    def _transact(self, server: smtplib.SMTP, to: str, data: bytes, *, eight_bit: bool) -> None:
        try:
            body = " body=8bitmime" if eight_bit else ""
            self._check(*server.docmd("mail", f"FROM:{self.sender}{body}"))
            self._check(*server.docmd("rcpt", f"TO:{_quote_line(to)}"), address=True)
            self._check(*server.docmd("data"), expect=START_DATA)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise MessageRefused(type(error).__name__, for_good=False) from error
        except MessageRefused:
            self._reset(server)
            raise
        try:
            # Looked for first: to search a whole letter line by line costs as much as to send it.
            stuffed = smtplib._quote_periods(data) if b"\n." in data else data  # type: ignore[attr-defined]
            server.send(stuffed + b"\r\n.\r\n")
            code, reply = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryUnknown(type(error).__name__) from error
        self._check(code, reply)

    @staticmethod
    def _check(code: int, reply: bytes, *, expect: int = 250, address: bool = False) -> None:
        if code == expect or (address and code == 251):
            return
        if code == CLOSING:
            raise _ServerClosing
        found = ENHANCED.match(reply)
        enhanced = found[1].decode() if found and code >= 500 else ""
        gone = address and enhanced in NO_SUCH_ADDRESS
        bad = enhanced in BAD_MESSAGE or enhanced.startswith(BAD_CONTENT)
        raise MessageRefused(f"{code} {enhanced}".strip(), for_good=gone or bad, address=gone)

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _server(self) -> smtplib.SMTP:
        try:
            if self.backend.connection is None:
                self.backend.open()
                self.carried = 0
            server = self.backend.connection
            if server is None:
                raise ServerUnreachable("closed")
            server.ehlo_or_helo_if_needed()  # a busy server may take the line and refuse the greeting
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerUnreachable(type(error).__name__) from error
        return server

    def close(self) -> None:
        server, self.backend.connection = self.backend.connection, None
        if server is not None:
            server.close()


def _quote_line(address: str) -> str:
    """In angle brackets; most are plain, and to take these apart costs more than a way to the server."""
    return f"<{address}>" if PLAIN.fullmatch(address) else smtplib.quoteaddr(address)


class _ServerClosing(Exception):
    """The server said 421: it closes the connection, and has not taken the message."""


class BackendTransport:
    """Any other backend of Django's: files while developing, an email service through anymail."""

    def __init__(self, backend: object) -> None:
        self.backend = backend

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None:
        """Raises Refused or NobodyKnows, as far as the service lets us tell them apart."""
        try:
            as_email(message, at=at, connection=self.backend).send()
        except AnymailRecipientsRefused as error:
            raise MessageRefused("refused", for_good=True, address=True) from error
        except AnymailError as error:
            status = getattr(error, "status_code", None)
            if status is None:
                raise DeliveryUnknown(type(error).__name__) from error
            # A wrong key or an unpaid bill answers 4xx to every message: that is about the sender and waits.
            raise MessageRefused(str(status), for_good=status == TOO_LARGE) from error
        except ValueError as error:
            raise MessageRefused("BadHeader", for_good=True) from error
        except OSError as error:
            raise MessageRefused(type(error).__name__, for_good=False) from error

    def close(self) -> None:
        self.backend.close()  # type: ignore[attr-defined]
