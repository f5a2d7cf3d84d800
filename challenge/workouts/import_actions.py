"""Imports of activity files: storing the upload, reading it in the worker, saving the chosen runs."""

import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from celery import current_app
from django.db import connection, models, transaction
from django.db.models import F, Func, Q, Value
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from challenge.accounts.models import User
from challenge.enrollment.cohort_parameters import parameters_for
from challenge.enrollment.models import Enrollment
from challenge.protocol.measured_cadence import has_walking
from challenge.protocol.parameters import Parameters
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts import actions
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.activity_files import FileRun
from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.activity_files.sandbox import DEFAULT, LARGE, read_isolated
from challenge.workouts.import_models import ActivityFile, ImportJob
from challenge.workouts.models import PainReportFields, Run, entry_fields

log = logging.getLogger(__name__)


MOST_FILES = 20
MOST_WAITING = 40
LOST_AFTER = timedelta(minutes=3)  # far above the reader's own limit of time
PIECE = 1_000_000
TELL_EVERY = 2_000_000  # bytes between two notes of how far the reader is

# The fields of a run that a watch measures; they replace typed values when a file fills an entry.
FROM_THE_FILE = {
    "started_at",
    "distance_m",
    "duration_s",
    "running_s",
    "cadence_spm",
    "cadence_source",
    "walk_breaks",
}


class TooManyFiles(Exception):
    """The upload has more files than are accepted; the message is for the runner."""


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """The runner's decision about one run of a file: `into` is the entry to fill, or None for a new entry.

    `started_at` is the file's start, moved to the day that the runner corrected.
    """

    number: int
    index: int
    file_run: FileRun
    started_at: datetime
    values: dict[str, Any]
    into: Run | None = None


def start_import(
    *,
    enrollment: Enrollment,
    batch: uuid.UUID,
    files: list[tuple[str, bytes]],
    source: ImportJob.ImportSource = ImportJob.ImportSource.UPLOAD,
    at: datetime,
) -> None:
    """Store the files for the worker; the same batch sent twice is stored once. Raise TooManyFiles."""
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
                    source=source,
                    name=name[:255],
                    size_bytes=len(content),
                    content=b"",
                    uploaded_at=at,
                )
                for number, (name, content) in enumerate(files, start=1)
            ],
            ignore_conflicts=True,
        )
        for number, (_, content) in enumerate(files, start=1):
            _store_bytes(enrollment, batch, number, content)
        # One message for each file, because each may take the whole time limit of a task.
        for _ in jobs:
            transaction.on_commit(wake_file_reader)


def _store_bytes(enrollment: Enrollment, batch: uuid.UUID, number: int, content: bytes) -> None:
    """Store the bytes of a file that was just inserted, as a binary parameter.

    Django writes parameters into the statement as text: a hundred megabytes then take six times as much memory.
    """
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "UPDATE challenge_importjob SET content = %b"
            " WHERE enrollment_id = %s AND batch = %s AND number = %s AND content = ''",
            (content, enrollment.pk, batch, number),
        )


def wake_file_reader() -> None:
    """Ask the worker to read one file. A broker that is down is logged: the periodic task finds what waits."""
    try:
        current_app.send_task("challenge.read_activity_file")
    except (OperationalError, RedisError, OSError):
        log.warning("the file reader could not be woken; the sweep will find what waits")


def read_next(*, at: datetime) -> bool:
    """Read one waiting file, or one whose worker died; return False without any.

    The result is stored and the bytes are deleted.
    """
    lost = Q(state=ImportJob.ImportState.READING, claimed_at__lt=at - LOST_AFTER)
    due = ImportJob.objects.filter(Q(state=ImportJob.ImportState.WAITING) | lost)
    # Claim in a short transaction of its own: reading may take most of a minute, and must not hold a lock.
    with transaction.atomic():
        waiting = due.select_for_update(skip_locked=True, of=("self",)).select_related("enrollment")
        job = waiting.defer("content").order_by("uploaded_at", "pk").first()
        if job is None:
            return False
        job.state, job.claimed_at = ImportJob.ImportState.READING, at
        job.save(update_fields=["state", "claimed_at"])
    reading = read_isolated(
        _pieces(job),
        job.name,
        LARGE if job.size_bytes > MOST_BYTES else DEFAULT,
        since=job.enrollment.created_at,
        progress=_teller(job),
    )
    # If this worker was so slow that another claimed the file after it, the later claim stores the result.
    ImportJob.objects.filter(pk=job.pk, state=ImportJob.ImportState.READING, claimed_at=at).update(
        state=ImportJob.ImportState.READ, reading=reading.to_json(), content=None, read_at=at
    )
    return True


def _pieces(job: ImportJob) -> Iterator[bytes]:
    """Yield the bytes of an upload, so that a large one is never in memory as a whole."""
    for begin in range(1, job.size_bytes + 1, PIECE):
        piece = Func(
            F("content"), Value(begin), Value(PIECE), function="SUBSTRING", output_field=models.BinaryField()
        )
        found = (
            ImportJob.objects.filter(pk=job.pk, content__isnull=False).values_list(piece, flat=True).first()
        )
        if found is None:
            return  # another worker was faster, or the account was erased
        yield bytes(found)


def _teller(job: ImportJob) -> Callable[[int], None]:
    """Return a function that notes, for the runner's page, how many bytes the reader has taken."""

    def tell(taken: int) -> None:
        if taken // TELL_EVERY > job.taken_bytes // TELL_EVERY:
            job.taken_bytes = taken
            ImportJob.objects.filter(pk=job.pk).update(taken_bytes=taken)

    return tell


def save_imported(
    *, enrollment: Enrollment, batch: uuid.UUID, choices: list[ImportChoice], by: User | None, at: datetime
) -> list[LoggedEntry[Run]]:
    """Save what the runner chose, all or nothing; the same preview sent twice saves each run once."""
    with transaction.atomic():
        ImportJob.objects.filter(enrollment=enrollment, batch=batch, closed_at=None).update(closed_at=at)
        return [_save(enrollment, batch, choice, by=by, at=at) for choice in choices]


def _save(
    enrollment: Enrollment, batch: uuid.UUID, choice: ImportChoice, *, by: User | None, at: datetime
) -> LoggedEntry[Run]:
    values = choice.values | {"started_at": choice.started_at, "running_s": _running_s(choice)}
    values["walk_breaks"] = values.get("walk_breaks") or _walked(choice, parameters_for(enrollment, at=at))
    if choice.into is None:
        key = uuid.uuid5(batch, f"{choice.number}:{choice.index}")
        logged = actions.log_run(enrollment=enrollment, key=key, by=by, at=at, **values)
    else:
        # The log keeps its own pain report unless the preview has a worse one.
        reported = {name for name in entry_fields(PainReportFields) if values.get(name) not in (None, "", [])}
        if (choice.into.pain or 0) >= (values.get("pain") or 0):
            reported -= {"pain", "site", "side"}
        filled = {name: value for name, value in values.items() if name in FROM_THE_FILE | reported}
        if values.get("cadence_spm") is None:
            filled = {n: v for n, v in filled.items() if not n.startswith(("cadence", "walk"))}
        logged = actions.change_entry(entry=choice.into, values=filled, by=by, at=at)
    # The same preview sent twice finds the run of the first time, with its file.
    ActivityFile.objects.get_or_create(run=logged.entry, defaults=_file_values(choice.file_run))
    return logged


def _running_s(choice: ImportChoice) -> int | None:
    """Return the seconds of running, which belong to the file's own cadence; None with another cadence."""
    if choice.values.get("cadence_source") != CadenceSource.FILE:
        return None
    duration_s: int = choice.values["duration_s"]
    return min(round(choice.file_run.running_s), duration_s)


def _walked(choice: ImportChoice, parameters: Parameters) -> bool:
    """Return whether the file shows walking breaks: an average that was typed over its cadence covers them too."""
    running_s = round(choice.file_run.running_s)
    return bool(running_s) and has_walking(round(choice.file_run.duration_s), running_s, parameters)


def _file_values(file_run: FileRun) -> dict[str, Any]:
    return {
        "sha256": file_run.file_sha256,
        "name": file_run.file_name[:255],
        "file_format": file_run.file_format[:8],
        "device": file_run.source_device[:120],
        "elapsed_s": round(file_run.elapsed_s),
        "cadence_spm": file_run.cadence_spm,
        "cadence_raw": file_run.cadence_raw,
        "cadence_unit": file_run.cadence_unit or "",
        "warnings": list(file_run.warnings),
        "doubts": [doubt.to_json() for doubt in file_run.doubts],
        "reader_version": file_run.reader_version,
    }
