"""Runs that an earlier version of the reader took from their files without a question, and that are doubtful now.

The files are gone, so what is stored is judged by the rules of today. Nothing is changed: the runner looks and decides.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import CadenceSource
from challenge.workouts.activity_files import consistency
from challenge.workouts.activity_files.cadence import TrackCadence
from challenge.workouts.activity_files.doubts import VERDICTS, Doubt, DoubtKind
from challenge.workouts.activity_files.recording import READER_VERSION
from challenge.workouts.activity_files.sports import titled_sport
from challenge.workouts.import_models import ActivityFile
from challenge.workouts.models import Run

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
            # The name of a file says nothing for a run; that its sport is unknown was shown when it was imported.
            titled if titled not in (None, "running") else "running",
            is_other=unknown and file.file_format == "tcx",
        ),
        consistency.pace_doubt(run.distance_m, run.duration_s, cadence),
        *(consistency.cadence_doubts(cadence, mean_mps) if is_the_files else ()),
    ]
    return [doubt for doubt in doubts if doubt is not None]
