"""A mail server for the container tests: a file for each email in /mail, a refusal while /mail/refuse has words."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

FOLDER = Path("/mail")


class Inbox:
    """Keeps what is accepted, under the number of its arrival."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Answer with the words of /mail/refuse, if there are any."""
        refusal = FOLDER / "refuse"
        if refusal.exists():
            return refusal.read_text().strip()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Write one email; its name appears when the file is whole."""
        part = FOLDER / "part"
        part.write_bytes(envelope.content)
        part.rename(FOLDER / f"{next(self.numbers):04}.eml")
        return "250 OK"


if __name__ == "__main__":
    Controller(Inbox(), hostname="0.0.0.0", port=25, server_hostname="mail.test").start()
    asyncio.new_event_loop().run_forever()
