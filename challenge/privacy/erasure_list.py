"""The list of erasures as a file outside the database (ERASURE_LIST), read again after an older backup is restored.

Each line is JSON: `account`, `at`, and `chain`, a digest over this line and all before it, so that a list that was cut
or edited in the middle is noticed. The rows of `ErasedAccount` are the source; the file is filled up from them after
each erasure, before each backup, and every hour in case a disk was full.
"""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from challenge.privacy.models import ErasedAccount


class DamagedList(Exception):
    """The list of erasures is cut or edited; the text says at which line."""


@dataclass(frozen=True)
class Erasure:
    """One line of the list."""

    account: int
    at: datetime


def read_list(file: Path) -> list[Erasure]:
    """Return the erasures in the list; none if there is no file. Raises DamagedList or OSError."""
    return _read(file.read_text(), file.name) if file.exists() else []


def write_list(file: Path) -> int:
    """Append the erasures that the file lacks, and return how many. Raises DamagedList or OSError."""
    with file.open("a+") as target:
        fcntl.flock(target, fcntl.LOCK_EX)  # two processes must not append the same line
        target.seek(0)
        known = _read(target.read(), file.name)
        rows = ErasedAccount.objects.exclude(account__in={erasure.account for erasure in known})
        chain = ""
        for erasure in known:
            chain = _chain(chain, erasure)
        lines = []
        for row in rows.order_by("at", "pk"):
            erasure = Erasure(row.account, row.at)
            chain = _chain(chain, erasure)
            lines.append(
                json.dumps({"account": row.account, "at": row.at.isoformat(), "chain": chain}) + "\n"
            )
        target.writelines(lines)
        target.flush()
        os.fsync(target.fileno())
        return len(lines)


def _read(text: str, name: str) -> list[Erasure]:
    erasures, chain = [], ""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            fields = json.loads(line)
            erasure = Erasure(int(fields["account"]), datetime.fromisoformat(fields["at"]))
            chain = _chain(chain, erasure)
            if fields["chain"] != chain:
                raise ValueError
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedList(
                f"Line {number} of {name} is damaged, or a line before it is missing."
            ) from error
        erasures.append(erasure)
    return erasures


def _chain(before: str, erasure: Erasure) -> str:
    text = f"{before} {erasure.account} {erasure.at.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
