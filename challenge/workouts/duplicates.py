"""Duplicates of a file's run in the log, shown to the runner for a decision."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from challenge.enrollment.models import Enrollment
from challenge.workouts.activity_files import FileRun
from challenge.workouts.models import Run
from challenge.workouts.queries import runs

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
