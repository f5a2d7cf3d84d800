"""A real SMTP server on loopback that follows a script: it takes, refuses, drops or stalls."""

import asyncio
import email
import email.policy
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.controller import Controller

Script = Callable[[int], str]


def take(number: int) -> str:
    return "take"


class Handler:
    """The server's handler; `script` gives the answer to each message, counted from 1."""

    def __init__(self, script: Script, delay_s: float) -> None:
        self.script, self.delay_s = script, delay_s
        self.recipient: Callable[[str], str] = lambda address: "take"
        self.asked = 0
        self.doing = "take"
        self.greeting = "250 fine"
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses if self.greeting.startswith("250") else [self.greeting]

    async def handle_HELO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str
    ) -> str:
        session.host_name = hostname
        return self.greeting

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        self.doing = self.script(self.asked)
        if self.doing == "421":
            return "421 closing"
        if self.doing.startswith("mail"):
            return f"{self.doing.removeprefix('mail ')} not you"
        envelope.mail_from = address
        return "250 fine"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = next((a for a in (self.doing, self.recipient(address)) if a.startswith(("45", "55"))), "")
        if answer:
            return f"{answer} no"
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.doing.startswith("data"):
            return f"{self.doing.removeprefix('data ')} not this"
        self.taken.append(envelope.original_content)
        if self.doing == "drop":
            server.transport.abort()
            return "250 never heard"
        if self.doing == "stall":
            await asyncio.sleep(3)
        return "250 fine"

    def messages(self) -> list[Any]:
        """Return the parsed messages. Not a property: the server reads every attribute with each connection."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in list(self.taken)]

    def counted(self) -> Counter[str]:
        """Return how often each Message-ID was taken."""
        heads = BytesHeaderParser(policy=email.policy.default)
        return Counter(str(heads.parsebytes(raw)["Message-ID"]) for raw in list(self.taken))


@contextmanager
def smtp_server(script: Script = take, *, delay_s: float = 0) -> Iterator[tuple[Handler, int]]:
    """Run a server; yield its handler and port."""
    handler = Handler(script, delay_s)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    # Without a name of its own it asks the DNS for one at every connection, which may take seconds.
    controller = Controller(handler, hostname="127.0.0.1", port=port, server_hostname="mail.test")
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()
