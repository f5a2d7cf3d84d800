"""What the log holds of a person. Erased, all of it goes: nothing of a log is needed without its runner."""

from collections.abc import Iterator
from typing import Any

from challenge.accounts.models import User
from challenge.workouts.models import (
    ActivityFile,
    DailyLife,
    EntryRevision,
    ImportJob,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)

COVERS = (
    Run,
    ActivityFile,
    StrengthSession,
    StrengthSet,
    Morning,
    DailyLife,
    RestWeek,
    EntryRevision,
    ImportJob,
)
OWNERS = {ActivityFile: "run__enrollment__seat__user", StrengthSet: "session__enrollment__seat__user"}
HIDDEN = {"id", "enrollment_id", "by_id", "key", "content", "batch"}
ERASED_LAST = (Run, StrengthSession)


def export(user: User) -> Iterator[tuple[str, list[Any]]]:
    """Every entry, deleted ones and their history included; an upload's bytes are never kept to be exported."""
    for model in COVERS:
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in HIDDEN]
        mine = model._default_manager.filter(**{OWNERS.get(model, "enrollment__seat__user"): user})
        yield model._meta.model_name or "", list(mine.order_by("pk").values(*columns))


def erase(user: User) -> None:
    """Deletes the log with its history."""
    for model in sorted(COVERS, key=lambda model: model in ERASED_LAST):
        model._default_manager.filter(**{OWNERS.get(model, "enrollment__seat__user"): user}).delete()
