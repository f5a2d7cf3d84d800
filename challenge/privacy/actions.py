"""Erasing a person's account, and the list of erasures as a file outside the database (ERASURE_LIST).

The list is read again after an older backup is restored. Each line is JSON: `account`, `at`, and `chain`, a digest
over this line and all before it, so that a list that was cut or edited in the middle is noticed. The rows of
`ErasedAccount` are the source; the file is filled up from them after each erasure, before each backup, and every hour
in case a disk was full.
"""

import fcntl
import hashlib
import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.queries import email_addresses_of
from challenge.calls.actions import cancel
from challenge.calls.queries import upcoming_calls
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import TAKEN, EndReason, Enrollment, Seat
from challenge.privacy.models import ErasedAccount
from challenge.privacy.queries import BY_ADDRESS, BY_PERSON, LAST
from challenge.privacy.retention import histories_open


class DamagedList(Exception):
    """The list of erasures is cut or edited; the text names the line."""


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


log = logging.getLogger(__name__)


class StaffAccount(Exception):
    """Staff accounts, past and present, appear in the clinic's histories: the owner closes them instead."""


def erase_account(*, user: User, by: User, at: datetime) -> None:
    """End the person's seats and upcoming calls, then erase name, addresses and free text, in one transaction.

    The seats' history stays without a name. The list of erasures keeps the account's number, so that `restore` erases
    it again from an older backup. Raises StaffAccount, and then nothing is changed.
    """
    with transaction.atomic():
        # Locked, so that a page opened twice does not erase the account twice at the same time.
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.is_staff or user.is_superuser:
            raise StaffAccount
        for seat in Seat.objects.filter(TAKEN, user=user).select_related("cohort"):
            withdraw(seat=seat, reason=EndReason.WITHDREW, by=by, at=at)
        addresses = email_addresses_of(user)
        for call in upcoming_calls(emails=addresses, at=at):
            cancel(booking=call, by=None, at=at)
        account = user.pk
        about = [e.about for e in Enrollment.objects.filter(seat__user=user)]
        about.append(user.about)
        about += [f"seat:{pk}" for pk in Seat.objects.filter(user=user).values_list("pk", flat=True)]
        with histories_open(why=f"erasing account {account}", at=at):
            for email in addresses:
                BY_ADDRESS.erase(email)
            BY_ADDRESS.erase_about(about)
            for part in BY_PERSON:
                part.erase(user)
            # Its number stays in the chain; this row is the last that it gets.
            record_identity(what="account_erased", account=user, by=by, at=at)
            for session in UserSession.objects.filter(user=user):
                session.end()
            try:
                LAST.erase(user)
            except ProtectedError as error:  # their actions as former staff refer to the account
                raise StaffAccount from error
        ErasedAccount.objects.get_or_create(account=account, defaults={"at": at})
        transaction.on_commit(fill_erasure_list, robust=True)
    log.info("an account was erased", extra={"account": account})


def fill_erasure_list() -> None:
    """Append the erasures that ERASURE_LIST lacks. A failure is logged, and the next pass tries again."""
    if settings.ERASURE_LIST:
        try:
            write_list(Path(settings.ERASURE_LIST))
        except (DamagedList, OSError) as error:
            log.error("the list of erasures could not be written", extra={"error": type(error).__name__})
