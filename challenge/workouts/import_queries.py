"""Read imports: files that wait for the runner, duplicates in the log, and older runs that are doubtful now.

Files come by themselves, by mail or from the phone's share sheet; nothing of them is in the log before the runner
saves it. An earlier version of the reader took some runs without a question: their files are gone, so what is stored
is judged by the rules of today. Nothing is changed: the runner looks and decides.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.contrib.postgres.aggregates import BoolAnd, BoolOr
from django.db.models import Func, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts.activity_files import FileRun, consistency
from challenge.workouts.activity_files.cadence import TrackCadence
from challenge.workouts.activity_files.doubts import VERDICTS, Doubt, DoubtKind
from challenge.workouts.activity_files.recording import READER_VERSION
from challenge.workouts.activity_files.sports import titled_sport
from challenge.workouts.import_models import ActivityFile, ImportJob
from challenge.workouts.models import Run
from challenge.workouts.queries import runs


@dataclass(frozen=True, slots=True)
class WaitingImport:
    """Files that came by mail or from the phone, whose preview the runner has not closed yet."""

    batch: uuid.UUID
    uploaded_at: datetime
    by_mail: bool
    is_read: bool
    runs: int


def imports_to_look_at(enrollment: Enrollment) -> QuerySet[ImportJob]:
    """Return the files that were mailed or shared and whose preview is not closed."""
    own = ImportJob.objects.filter(enrollment=enrollment, closed_at=None)
    return own.exclude(source=ImportJob.ImportSource.UPLOAD)


def waiting_imports(enrollment: Enrollment) -> list[WaitingImport]:
    """Return what was mailed or shared and waits for the runner's look, oldest first."""
    found = Func(KeyTransform("runs", "reading"), function="jsonb_array_length", output_field=IntegerField())
    rows = (
        imports_to_look_at(enrollment)
        .values("batch")
        .annotate(
            since=Min("uploaded_at"),
            by_mail=BoolOr(Q(source=ImportJob.ImportSource.MAIL)),
            is_read=BoolAnd(Q(state=ImportJob.ImportState.READ)),
            runs=Coalesce(Sum(found), 0),
        )
        .order_by("since", "batch")
    )
    return [
        WaitingImport(one["batch"], one["since"], one["by_mail"], one["is_read"], one["runs"]) for one in rows
    ]


SAME_START = timedelta(minutes=2)
ALIKE_PERCENT = 15


class Likeness(StrEnum):
    """The reason why a run of a file looks like one of the log."""

    SAME_FILE = "same_file"
    SAME_START = "same_start"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A run of the log that a run of a file repeats."""

    run: Run
    likeness: Likeness


def runs_to_compare(enrollment: Enrollment, days: set[date]) -> list[Run]:
    """Return the runs around these local days with their files, in one query."""
    if not days:
        return []
    span = {"local_on__gte": min(days) - timedelta(days=1), "local_on__lte": max(days) + timedelta(days=1)}
    return list(runs(enrollment).filter(**span).select_related("file"))


def duplicate_of(file_run: FileRun, local_on: date, candidates: list[Run]) -> Duplicate | None:
    """Return the run of the log that it most likely repeats: same file, same start, or a run typed by hand."""
    near = [
        run
        for run in candidates
        if run.started_at is not None and abs(run.started_at - file_run.started_at) <= SAME_START
    ]
    for run in near:
        if hasattr(run, "file") and run.file.sha256 == file_run.file_sha256:
            return Duplicate(run, Likeness.SAME_FILE)
    if near:
        return Duplicate(near[0], Likeness.SAME_START)
    for run in candidates:
        if run.started_at is None and run.local_on == local_on and _alike(run, file_run):
            return Duplicate(run, Likeness.BY_HAND)
    return None


def _alike(run: Run, file_run: FileRun) -> bool:
    """Return whether distance or time agree within 15%: typed numbers are rounded, and watches are started late."""
    if (
        file_run.distance_m
        and abs(run.distance_m - file_run.distance_m) * 100 <= ALIKE_PERCENT * file_run.distance_m
    ):
        return True
    return abs(run.duration_s - file_run.duration_s) * 100 <= ALIKE_PERCENT * file_run.duration_s


SPORT_UNKNOWN = VERDICTS[DoubtKind.SPORT_UNKNOWN].sentence  # also in the warnings of version 1


@dataclass(frozen=True, slots=True)
class DoubtfulImport:
    """An imported run of the log, and what is doubtful about it now."""

    run: Run
    doubts: list[Doubt]


def doubtful_imports(enrollment: Enrollment, *, today: date) -> list[DoubtfulImport]:
    """Return the runner's doubtful imports that no one has looked at, newest first."""
    judged = [
        DoubtfulImport(file.run, _doubts(file, starts_on=enrollment.cohort.starts_on, today=today))
        for file in _unseen(enrollment).select_related("run").order_by("-run__local_on", "-pk")
    ]
    return [one for one in judged if one.doubts]


def mark_imports_seen(*, enrollment: Enrollment, at: datetime) -> None:
    """Record that the runner has looked at the list, so that it is shown once."""
    _unseen(enrollment).update(doubts_seen_at=at)


def _unseen(enrollment: Enrollment) -> QuerySet[ActivityFile]:
    return ActivityFile.objects.filter(
        run__enrollment=enrollment,
        run__deleted_at__isnull=True,
        reader_version__lt=READER_VERSION,
        doubts_seen_at__isnull=True,
    )


def _doubts(file: ActivityFile, *, starts_on: date, today: date) -> list[Doubt]:
    """Return the doubts about a run as it is in the log now, so that a corrected one is no longer listed."""
    run, mean_mps = file.run, file.run.distance_m / file.run.duration_s
    is_the_files = run.cadence_source == CadenceSource.FILE
    cadence = TrackCadence(
        spm=run.cadence_spm, recorded=file.cadence_raw is not None or bool(file.cadence_unit), mps=mean_mps
    )
    titled = titled_sport(file.name)
    unknown = SPORT_UNKNOWN in file.warnings
    doubts = [
        consistency.day_doubt(run.local_on, starts_on=starts_on, today=today),
        consistency.sport_doubt(
            None if unknown else "running",
            # The name of a file is no evidence of a run; that its sport is unknown was shown when it was imported.
            titled if titled not in (None, "running") else "running",
            is_other=unknown and file.file_format == "tcx",
        ),
        consistency.pace_doubt(run.distance_m, run.duration_s, cadence),
        *(consistency.cadence_doubts(cadence, mean_mps) if is_the_files else ()),
    ]
    return [doubt for doubt in doubts if doubt is not None]
