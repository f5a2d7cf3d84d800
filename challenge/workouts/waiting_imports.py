"""Files that came by themselves, by mail or from the phone's share sheet, and wait for the runner's look.

They are shown on the import page and on today's page; nothing of them is in the log before the runner saves it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import BoolAnd, BoolOr
from django.db.models import Func, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce

from challenge.enrollment.models import Enrollment
from challenge.workouts.import_models import ImportJob


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
