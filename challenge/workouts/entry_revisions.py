"""The history of log entries: one append-only revision for each version of an entry."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from challenge.accounts.models import User
from challenge.workouts.models import (
    AnyEntry,
    EntryRevision,
    StrengthSession,
    StrengthSet,
    entry_fields,
    entry_values,
)

Change = EntryRevision.Change


def repeats_first_version(
    stored: AnyEntry, entry: AnyEntry, sets: Sequence[Mapping[str, object]] | None
) -> bool:
    """Return whether a form has the values it had when it was first sent, even if the entry was corrected since."""
    first = EntryRevision.objects.get(kind=stored.kind, entry_id=stored.pk, number=1).values
    values = entry_values(entry)
    if sets is not None:
        # Compare only the keys that the form sends: a form of an older page knows fewer of them.
        first_sets = [
            {name: before.get(name) for name in sent}
            for before, sent in zip(first["sets"], sets, strict=False)
        ]
        if len(first["sets"]) != len(sets) or as_json(first_sets) != as_json(sets):
            return False
    # A form that was first sent before a column existed had its default there.
    first = entry_values(type(entry)()) | first
    return as_json({name: first[name] for name in values}) == as_json(values)


def as_json(value: Any) -> str:
    """Return the same text for equal values, whatever the order of their keys."""
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True)


def save_revision(entry: AnyEntry, change: Change, *, by: User | None, at: datetime) -> int:
    """Store the entry's present values as its next revision; return the revision's number."""
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


def revision_values(entry: AnyEntry) -> dict[str, Any]:
    """Return the values that a revision stores: the reported fields, and the sets of a strength session."""
    values = entry_values(entry)
    if isinstance(entry, StrengthSession):
        values["sets"] = list(entry.sets.order_by("pk").values(*entry_fields(StrengthSet)))
    return values
