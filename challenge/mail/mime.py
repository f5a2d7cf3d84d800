"""A row of the outbox as the bytes that go over the wire.

Most of our email is one text and one HTML part. Those are put together here, bodies as they are (8bit): building the
same with Django's classes costs more than sending it. Whatever has attachments goes through Django's classes.
"""

import quopri
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.encoding import punycode

from challenge.mail.models import OutboxMessage

LONGEST_LINE = 998
CRLF = b"\r\n"


class InvalidHeader(Exception):
    """A header holds a line break, or an address no server takes: such a message is never sent."""


def as_bytes(message: OutboxMessage, *, at: datetime, eight_bit: bool = True) -> bytes:
    """The whole message, lines ended by CRLF. `eight_bit`: the server takes bodies without re-encoding."""
    if message.attachments:
        return as_email(message, at=at).message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django 5.2 takes it
    head = [_header(name, value) for name, value in _headers(message, at)]
    head.append(b"MIME-Version: 1.0")
    if not message.html:
        return CRLF.join([*head, *_part("plain", message.text, eight_bit)])
    boundary = b"=_" + sha256(message.message_id.encode()).hexdigest()[:32].encode()
    head.append(b'Content-Type: multipart/alternative; boundary="' + boundary + b'"')
    lines = [*head, b""]
    for kind, body in (("plain", message.text), ("html", message.html)):
        lines += [b"--" + boundary, *_part(kind, body, eight_bit)]
    return CRLF.join([*lines, b"--" + boundary + b"--", b""])


def as_email(message: OutboxMessage, *, at: datetime, connection: object = None) -> EmailMultiAlternatives:
    """The row as Django's email, with the Message-ID it was given when it was written."""
    fixed = {"Message-ID": message.message_id, "Date": format_datetime(at)}
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to_email],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=fixed | message.headers,
        connection=connection,
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    for part in message.attachments:
        if part["content_type"].startswith("text/calendar; method="):
            # Mail readers offer an invitation's answer only where it is an alternative to the text.
            email.attach_alternative(part["content"], part["content_type"])
        else:
            email.attach(part["name"], part["content"].encode(), part["content_type"])
    return email


def _headers(message: OutboxMessage, at: datetime) -> list[tuple[str, str]]:
    found = [
        ("From", _address(settings.DEFAULT_FROM_EMAIL)),
        ("To", on_the_wire(message.to_email)),
        ("Subject", message.subject),
        ("Date", _date(at.replace(microsecond=0))),
        ("Message-ID", message.message_id),
    ]
    if message.reply_to:
        found.append(("Reply-To", message.reply_to))
    return found + list(message.headers.items())


def on_the_wire(address: str) -> str:
    """An address as mail servers know it: a domain beyond ASCII in its IDNA form. Raises BadHeader for the rest."""
    if address.isascii():
        return address
    name, _, domain = address.rpartition("@")
    try:
        written = f"{name}@{punycode(domain)}"
    except UnicodeError as error:
        raise InvalidHeader("To") from error
    if not written.isascii():
        raise InvalidHeader("To")
    return written


@lru_cache(maxsize=4)
def _date(at: datetime) -> str:
    """The same for all that leave in one second."""
    return format_datetime(at)


@lru_cache(maxsize=16)
def _address(value: str) -> str:
    return formataddr(parseaddr(value))


def _header(name: str, value: str) -> bytes:
    if "\n" in value or "\r" in value:
        raise InvalidHeader(name)
    if value.isascii() and len(name) + len(value) < LONGEST_LINE - 2:
        return f"{name}: {value}".encode("ascii")
    return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=chr(13) + chr(10))}".encode(
        "ascii"
    )


def _part(kind: str, body: str, eight_bit: bool) -> list[bytes]:
    lines = body.replace("\r\n", "\n").encode().split(b"\n")
    plain = eight_bit and max(map(len, lines)) <= LONGEST_LINE
    content = CRLF.join(lines) if plain else CRLF.join(quopri.encodestring(b"\n".join(lines)).split(b"\n"))
    return [
        f"Content-Type: text/{kind}; charset=utf-8".encode(),
        b"Content-Transfer-Encoding: " + (b"8bit" if plain else b"quoted-printable"),
        b"",
        content,
    ]
