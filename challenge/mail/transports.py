"""Transports: one SMTP connection for many messages, or the backend that Django's EMAIL_BACKEND names.

Handing a message over has four outcomes: it was taken; refused, for now or for good; the server was not reachable and
nothing was tried; or unknown, because the connection broke after the whole message and before the answer.
"""

import re
import smtplib
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Protocol

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from challenge.mail.mime import InvalidHeader, as_bytes, as_email, ascii_address
from challenge.mail.models import OutboxMessage

SERVICE_CLOSING = 421
START_DATA = 354
# Enhanced status codes (RFC 3463 and the IANA registry "SMTP Enhanced Status Codes") for an address that does not
# exist: no such mailbox, no such domain, not an address, moved away, a domain without mail (RFC 7505). 5.1.7 and 5.1.8
# are about the sender; 5.2.x and 5.7.x may end tomorrow. A bare 550 gives no reason.
NO_SUCH_ADDRESS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
# The message itself is too long or in a form that the server cannot take: no later try helps.
BAD_MESSAGE = {"5.2.3", "5.3.4"}
BAD_CONTENT = "5.6."
TOO_LARGE = 413
ENHANCED = re.compile(rb"([245]\.\d{1,3}\.\d{1,3})(?!\S)")


class MessageRefused(Exception):
    """The message was not taken.

    `for_good`: the server states that no later try helps, which `delivery` believes once it is confirmed; `address`: it
    states that the recipient does not exist; `unsendable`: we could not write the message, and no server was asked;
    `wait`: the server asks for as much patience.
    """

    def __init__(
        self,
        code: str,
        *,
        for_good: bool = False,
        address: bool = False,
        unsendable: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.for_good, self.address, self.unsendable = code, for_good, address, unsendable
        self.wait = wait or timedelta(0)


class ServerUnreachable(Exception):
    """The server cannot be reached; nothing was tried."""


class DeliveryUnknown(Exception):
    """The whole message was handed over and no answer came."""


class Transport(Protocol):
    """A way to hand messages over, see the two classes below."""

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None: ...

    def close(self) -> None: ...


def open_transport() -> Transport:
    """Return the transport for the current settings; nothing is opened yet."""
    backend = get_connection()
    return SmtpTransport(backend) if type(backend) is SmtpBackend else BackendTransport(backend)


class SmtpTransport:
    """One SMTP connection, opened when first needed and again after it broke.

    It speaks the commands itself: smtplib's sendmail() raises the same error for a connection that broke before the
    message and for one that broke after it, and only the former may be tried again without a warning.
    """

    def __init__(self, backend: SmtpBackend) -> None:
        self.backend = backend
        self.sent_on_connection = 0
        self.sender = smtplib.quoteaddr(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None:
        """Hand one message over. Raises MessageRefused, ServerUnreachable or DeliveryUnknown.

        A server that closes the connection after some messages (421) gets a new connection.
        """
        server = self._server()
        eight_bit = server.has_extn("8bitmime")
        try:
            data, to = as_bytes(message, at=at, eight_bit=eight_bit), ascii_address(message.to_email)
        except InvalidHeader as error:
            raise MessageRefused("BadHeader", unsendable=True) from error
        connection_was_used = self.sent_on_connection > 0
        try:
            self._transact(server, to, data, eight_bit=eight_bit)
        except _ServerClosing as error:
            self.close()
            if not connection_was_used:
                raise ServerUnreachable(str(SERVICE_CLOSING)) from error
            self._transact_on_new_connection(to, data, eight_bit=eight_bit)
        self.sent_on_connection += 1

    def _transact_on_new_connection(self, to: str, data: bytes, *, eight_bit: bool) -> None:
        try:
            self._transact(self._server(), to, data, eight_bit=eight_bit)
        except _ServerClosing as error:
            self.close()
            raise ServerUnreachable(str(SERVICE_CLOSING)) from error

    def _transact(self, server: smtplib.SMTP, to: str, data: bytes, *, eight_bit: bool) -> None:
        try:
            body = " body=8bitmime" if eight_bit else ""
            self._check(*server.docmd("mail", f"FROM:{self.sender}{body}"))
            self._check(*server.docmd("rcpt", f"TO:{smtplib.quoteaddr(to)}"), address=True)
            self._check(*server.docmd("data"), expect=START_DATA)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            # Nothing was taken yet, so this is a refusal and not an unknown delivery.
            raise MessageRefused(type(error).__name__) from error
        except MessageRefused:
            # Without RSET the next MAIL command would be refused as a nested one.
            self._reset(server)
            raise
        try:
            # A line with a dot alone ends the message, so each leading dot is doubled (RFC 5321 4.5.2).
            server.send(data.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
            code, reply = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryUnknown(type(error).__name__) from error
        self._check(code, reply)

    @staticmethod
    def _check(code: int, reply: bytes, *, expect: int = 250, address: bool = False) -> None:
        if code == expect or (address and code == 251):  # 251: the server forwards to another mailbox
            return
        if code == SERVICE_CLOSING:
            raise _ServerClosing
        match = ENHANCED.match(reply)
        enhanced = match[1].decode() if match and code >= 500 else ""
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
                self.sent_on_connection = 0
            server = self.backend.connection
            if server is None:
                raise ServerUnreachable("closed")
            server.ehlo_or_helo_if_needed()  # a busy server may accept the connection and refuse the greeting
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerUnreachable(type(error).__name__) from error
        return server

    def close(self) -> None:
        server, self.backend.connection = self.backend.connection, None
        if server is not None:
            server.close()


class _ServerClosing(Exception):
    """The server answered 421: it closes the connection and has not taken the message."""


class BackendTransport:
    """Any other backend of Django: files in development, an email service through anymail."""

    def __init__(self, backend: object) -> None:
        self.backend = backend

    def send_message(self, message: OutboxMessage, *, at: datetime) -> None:
        """Hand one message over. Raises MessageRefused or DeliveryUnknown."""
        try:
            as_email(message, at=at, connection=self.backend).send()
        except AnymailRecipientsRefused as error:
            # "rejected" may be about our account or the service's own list of blocked addresses, which only its
            # webhook explains; "invalid" is about the address.
            invalid = _statuses(error) == {"invalid"}
            code = "invalid" if invalid else "refused"
            raise MessageRefused(code, for_good=invalid, address=invalid) from error
        except AnymailError as error:
            status = getattr(error, "status_code", None)
            if status is None:
                raise DeliveryUnknown(type(error).__name__) from error
            # A wrong key or an unpaid bill answers 4xx to every message: that is about us, so the message waits.
            raise MessageRefused(str(status), for_good=status == TOO_LARGE) from error
        except ValueError as error:
            raise MessageRefused("BadHeader", unsendable=True) from error
        except OSError as error:
            raise MessageRefused(type(error).__name__) from error

    def close(self) -> None:
        self.backend.close()  # type: ignore[attr-defined]


def _statuses(error: AnymailRecipientsRefused) -> set[str]:
    """Return the service's answer about the recipients, as far as anymail knows it."""
    status = getattr(error.email_message, "anymail_status", None)
    return set(getattr(status, "status", None) or ())
