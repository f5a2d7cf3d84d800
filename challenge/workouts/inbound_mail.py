"""Activity files by mail: the runner's own address, and what the email service hands over.

The address is the only key. The sender in a mail proves nothing and is not read; what it brings is only shown to
the runner, who decides. A mail to no known address is dropped, with the same answer to the service.
"""

import base64
import contextlib
import hashlib
import re
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from anymail.exceptions import AnymailInvalidAddress
from anymail.signals import AnymailInboundEvent, inbound
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.queries import reported_since
from challenge.db.sealed import WrongDataKey, open_sealed, seal
from challenge.enrollment.models import Enrollment, SeatState
from challenge.workouts import import_actions
from challenge.workouts.activity_files import FileResult
from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.import_models import ImportJob, InboundAddress

SALT = "challenge.workouts.inbound_mail"
ADDRESS = re.compile(r"runs-([a-z2-7]{24})@(.+)")
SUFFIXES = (".fit", ".tcx", ".gpx", ".zip", ".gz")
MOST_PARTS = 500
MOST_MAILS = 20  # that wait for the runner's look
NOTE_NAME = "Your email"

NO_FILE = "There was no FIT, TCX, GPX or zip file in your email. Attach the file itself and send it again."
MANY = "Your email had {count} files; we took the first {most}. Please mail the rest again."
BIG = "“{name}” is larger than {most} MB, so we left it out. You can send it on the import page."
REPORTED = reported_since(account="enrollment__seat__user", made_at="created_at")


def address_of(enrollment: Enrollment) -> str | None:
    """Return the runner's address; None without one that they may trust, or if no key of the program opens it."""
    row = InboundAddress.objects.filter(~REPORTED, enrollment=enrollment).first()
    if row is None or not settings.INBOUND_MAIL_DOMAIN:
        return None
    secret = _secret_of(row)
    return f"runs-{secret}@{settings.INBOUND_MAIL_DOMAIN}" if secret else None


def make_address(*, enrollment: Enrollment, by: User, at: datetime) -> None:
    """Give the runner `by` a new address, and write to them; an earlier one is off from now on."""
    # 120 bits in small letters and digits: mail programs change the case of addresses.
    secret = base64.b32encode(secrets.token_bytes(15)).decode().lower()
    values = {
        "nonce": uuid.uuid4(),
        "secret_sha256": _hash(secret),
        "sealed_secret": seal(secret),
        "created_at": at,
    }
    with transaction.atomic():
        InboundAddress.objects.update_or_create(enrollment=enrollment, defaults=values)
        record_identity(what="file_address_made", account=by, by=by, at=at)


def turn_off_address(*, enrollment: Enrollment) -> None:
    """Turn the runner's address off."""
    InboundAddress.objects.filter(enrollment=enrollment).delete()


def _secret_of(row: InboundAddress) -> str | None:
    if row.sealed_secret:
        with contextlib.suppress(WrongDataKey):
            return open_sealed(row.sealed_secret)
        return None
    derived = (_derived(row.nonce, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return next((secret for secret in derived if _hash(secret) == row.secret_sha256), None)


def _derived(nonce: uuid.UUID, key: str) -> str:
    """Return the secret of an address from before secrets were sealed."""
    digest = salted_hmac(SALT, nonce.hex, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest[:15]).decode().lower()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class MailedFiles:
    """The files of one mail that are taken, and sentences about the rest."""

    files: list[tuple[str, bytes]]
    notes: list[str]


@receiver(inbound)
def take_mail(sender: Any, event: AnymailInboundEvent, esp_name: str, **kwargs: Any) -> None:
    """Store the files of a mail for the reader, if it went to a runner's address."""
    enrollment = _runner_of(event.message)
    if enrollment is None:
        return
    mailed = _files_of(event.message)
    # The service repeats a mail whose answer it lost: the same one must be the same batch.
    known = str(event.event_id or event.message.get("Message-ID") or uuid.uuid4())
    batch = uuid.uuid5(uuid.NAMESPACE_URL, f"{enrollment.pk} {known}")
    store_mail(enrollment=enrollment, batch=batch, mailed=mailed, at=timezone.now())


def _runner_of(message: Any) -> Enrollment | None:
    """Return the runner to whose address the mail went: by its envelope, or by its headers where there is none."""
    for address in _addresses(message):
        found = ADDRESS.fullmatch(address.strip().lower())
        if found is None or found[2] != settings.INBOUND_MAIL_DOMAIN:
            continue
        rows = InboundAddress.objects.filter(
            ~REPORTED,
            secret_sha256=_hash(found[1]),
            enrollment__seat__state=SeatState.CONFIRMED,
            enrollment__seat__user__is_active=True,
        )
        if row := rows.select_related("enrollment").first():
            return row.enrollment
    return None


def _addresses(message: Any) -> list[str]:
    addresses = [message.envelope_recipient or ""]
    with contextlib.suppress(AnymailInvalidAddress):
        addresses += [one.addr_spec for one in (*message.to, *message.cc, *message.bcc)]
    return addresses


def _files_of(message: Any) -> MailedFiles:
    parts = list(_activity_parts(message))
    notes = [] if parts else [NO_FILE]
    files: list[tuple[str, bytes]] = []
    for name, part in parts[: import_actions.MOST_FILES]:
        content = part.get_content_bytes()
        if len(content) > MOST_BYTES:
            notes.append(BIG.format(name=name[:80], most=MOST_BYTES // 1_000_000))
        else:
            files.append((name, content))
    if len(parts) > import_actions.MOST_FILES:
        notes.append(MANY.format(count=len(parts), most=import_actions.MOST_FILES))
    return MailedFiles(files, notes)


def _activity_parts(message: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and part of each attachment that is called like an activity file, also in forwarded mail."""
    for part in islice(message.walk(), MOST_PARTS):
        # A null character would be refused by the database.
        name = str(part.get_filename() or "").replace("\0", "")
        if not part.is_multipart() and name.lower().endswith(SUFFIXES):
            yield name, part


def store_mail(*, enrollment: Enrollment, batch: uuid.UUID, mailed: MailedFiles, at: datetime) -> None:
    """Store the files and the notes about them as one batch, once; drop the mail if too many wait already."""
    mails = ImportJob.objects.filter(enrollment=enrollment, source=ImportJob.ImportSource.MAIL)
    waiting = mails.filter(closed_at=None).values("batch").distinct().count()
    if mails.filter(batch=batch).exists() or waiting >= MOST_MAILS:
        return
    notes = list(mailed.notes)
    with transaction.atomic():
        try:
            import_actions.start_import(
                enrollment=enrollment,
                batch=batch,
                files=mailed.files,
                source=ImportJob.ImportSource.MAIL,
                at=at,
            )
        except import_actions.TooManyFiles as refusal:
            notes.append(str(refusal))
        if notes:
            _store_notes(enrollment, batch, notes, at)


def _store_notes(enrollment: Enrollment, batch: uuid.UUID, notes: list[str], at: datetime) -> None:
    """Store a message about a mail as a file without runs: the preview shows it with the others."""
    note = ImportJob(
        enrollment=enrollment,
        batch=batch,
        number=0,
        source=ImportJob.ImportSource.MAIL,
        name=NOTE_NAME,
        size_bytes=0,
        state=ImportJob.ImportState.READ,
        reading=FileResult(warnings=tuple(notes)).to_json(),
        uploaded_at=at,
        read_at=at,
    )
    ImportJob.objects.bulk_create([note], ignore_conflicts=True)
