"""What each entry said when it was logged, and after every change: one revision each, never rewritten."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from challenge.accounts.models import User
from challenge.workouts.models import AnyEntry, EntryRevision, StrengthSession

Change = EntryRevision.Change


def repeats_first_version(
    same: AnyEntry, entry: AnyEntry, sets: Sequence[Mapping[str, object]] | None
) -> bool:
    """Whether the form says what it said first, however the entry was corrected since."""
    first = EntryRevision.objects.get(kind=same.kind, entry_id=same.pk, number=1).values
    said = {f.attname: getattr(entry, f.attname) for f in _revision_columns(entry)}
    if sets is not None:
        first_sets = [
            {name: one.get(name) for name in given} for one, given in zip(first["sets"], sets, strict=False)
        ]
        if len(first["sets"]) != len(sets) or as_json(first_sets) != as_json(sets):
            return False
    return as_json({name: first[name] for name in said}) == as_json(said)


def as_json(value: Any) -> str:
    """The same text for the same values, in whatever order they were told."""
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True)


def save_revision(entry: AnyEntry, change: Change, *, by: User | None, at: datetime) -> int:
    """Keeps what the entry says now as its next revision; returns the revision's number."""
    last = EntryRevision.objects.filter(kind=entry.kind, entry_id=entry.pk).aggregate(
        last=models.Max("number")
    )["last"]
    number: int = (last or 0) + 1
    EntryRevision.objects.create(
        enrollment_id=entry.enrollment_id,
        kind=entry.kind,
        entry_id=entry.pk,
        number=number,
        change=change,
        values=revision_values(entry),
        by=by,
        at=at,
    )
    return number


def _revision_columns(entry: AnyEntry) -> list[Any]:
    hidden = {"id", "enrollment_id", "key", "logged_at", "deleted_at"}
    return [f for f in entry._meta.concrete_fields if f.attname not in hidden]


def revision_values(entry: AnyEntry) -> dict[str, Any]:
    """What the entry says, for its history."""
    said = {f.attname: getattr(entry, f.attname) for f in _revision_columns(entry)}
    if isinstance(entry, StrengthSession):
        columns = ("exercise", "number", "reps", "seconds", "load_g", "pain", "instead_of", "because")
        said["sets"] = list(entry.sets.order_by("pk").values(*columns))
    return said
