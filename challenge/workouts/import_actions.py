"""The nudge to the worker that files wait. A lost nudge costs seconds: the sweep finds every file that waits."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts import actions
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.activity_files import FileRun
from challenge.workouts.file_sandbox import read_isolated
from challenge.workouts.models import ActivityFile, ImportJob, Run

log = logging.getLogger(__name__)


def wake_file_reader() -> None:
    """Asks the worker to read one file; a broker that is down is noted and passed over."""
    try:
        current_app.send_task("challenge.read_activity_file")
    except (OperationalError, RedisError, OSError):
        log.warning("the file reader could not be woken; the sweep will find what waits")


MOST_FILES = 20
MOST_WAITING = 40
LOST_AFTER = timedelta(minutes=3)  # far above the reader's own limit of time


class TooManyFiles(Exception):
    """More files at once than are taken; `str()` says so to the runner."""


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What the runner decided about one run of a file: `into` is the entry that it fills, or None for a new one."""

    number: int
    index: int
    found: FileRun
    values: dict[str, Any]
    into: Run | None = None


def start_import(
    *, enrollment: Enrollment, batch: uuid.UUID, files: list[tuple[str, bytes]], at: datetime
) -> None:
    """Keeps the files for the worker; the same batch sent twice is kept once. Raises TooManyFiles."""
    if len(files) > MOST_FILES:
        raise TooManyFiles(f"Please send at most {MOST_FILES} files at once; a zip may hold more.")
    waiting = (
        ImportJob.objects.filter(enrollment=enrollment).exclude(state=ImportJob.ImportState.READ).count()
    )
    if waiting + len(files) > MOST_WAITING:
        raise TooManyFiles("Your last files are still being read. Please wait a minute and send the rest.")
    with transaction.atomic():
        jobs = ImportJob.objects.bulk_create(
            [
                ImportJob(
                    enrollment=enrollment,
                    batch=batch,
                    number=number,
                    name=name[:255],
                    size_bytes=len(content),
                    content=content,
                    uploaded_at=at,
                )
                for number, (name, content) in enumerate(files, start=1)
            ],
            ignore_conflicts=True,
        )
        for _ in jobs:
            transaction.on_commit(wake_file_reader)


def read_next(*, at: datetime) -> bool:
    """Reads one waiting file, or one whose reader was lost; False where none waits.

    The claim is a conditional update, so that of two workers one reads. What was read is kept, the bytes are not.
    """
    lost = Q(state=ImportJob.ImportState.READING, claimed_at__lt=at - LOST_AFTER)
    due = ImportJob.objects.filter(Q(state=ImportJob.ImportState.WAITING) | lost)
    with transaction.atomic():
        job = due.select_for_update(skip_locked=True).order_by("uploaded_at", "pk").first()
        if job is None:
            return False
        job.state, job.claimed_at = ImportJob.ImportState.READING, at
        job.save(update_fields=["state", "claimed_at"])
    reading = read_isolated(bytes(job.content or b""), job.name)
    ImportJob.objects.filter(pk=job.pk, state=ImportJob.ImportState.READING, claimed_at=at).update(
        state=ImportJob.ImportState.READ, reading=reading.to_json(), content=None, read_at=at
    )
    return True


def save_imported(
    *, enrollment: Enrollment, batch: uuid.UUID, choices: list[ImportChoice], by: User | None, at: datetime
) -> list[LoggedEntry[Run]]:
    """Saves what the runner chose, all or nothing; the same preview sent twice saves each run once."""
    with transaction.atomic():
        return [_save(enrollment, batch, choice, by=by, at=at) for choice in choices]


def _save(
    enrollment: Enrollment, batch: uuid.UUID, choice: ImportChoice, *, by: User | None, at: datetime
) -> LoggedEntry[Run]:
    values = choice.values | {"started_at": choice.found.started_at, "running_s": _running(choice)}
    if choice.into is None:
        key = uuid.uuid5(batch, f"{choice.number}:{choice.index}")
        logged = actions.log_run(enrollment=enrollment, key=key, by=by, at=at, **values)
    else:
        told = {name for name in SAID_BESIDE if values.get(name) not in (None, "", [])}
        filled = {name: value for name, value in values.items() if name in FROM_THE_FILE | told}
        if values.get("cadence_spm") is None:
            filled = {n: v for n, v in filled.items() if not n.startswith("cadence")}
        logged = actions.change_entry(entry=choice.into, values=filled, by=by, at=at)
    ActivityFile.objects.get_or_create(run=logged.entry, defaults=_about(choice.found))
    return logged


FROM_THE_FILE = {"started_at", "distance_m", "duration_s", "running_s", "cadence_spm", "cadence_source"}
SAID_BESIDE = {
    "pain",
    "site",
    "side",
    "symptoms",
    "note",
}  # what the log has of these stays, unless it is said anew


def _running(choice: ImportChoice) -> int | None:
    """Running seconds count where the cadence is the file's own."""
    if choice.values.get("cadence_source") != CadenceSource.FILE:
        return None
    duration_s: int = choice.values["duration_s"]
    return min(round(choice.found.running_s), duration_s)


def _about(found: FileRun) -> dict[str, Any]:
    return {
        "sha256": found.file_sha256,
        "name": found.file_name[:255],
        "file_format": found.file_format[:8],
        "device": found.source_device[:120],
        "elapsed_s": round(found.elapsed_s),
        "cadence_spm": found.cadence_spm,
        "cadence_raw": found.cadence_raw,
        "cadence_unit": found.cadence_unit or "",
        "warnings": list(found.warnings),
    }
