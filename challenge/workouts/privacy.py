"""Export and erasure of the log. Erasing a person deletes the whole log: none of it is needed without its runner."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.workouts.import_models import ActivityFile, ImportJob, InboundAddress
from challenge.workouts.models import (
    DailyLife,
    EntryRevision,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)
from challenge.workouts.strength_session_models import GuidedSession, GuidedSet

COVERS = (
    Run,
    ActivityFile,
    GuidedSet,
    GuidedSession,
    StrengthSession,
    StrengthSet,
    Morning,
    DailyLife,
    RestWeek,
    EntryRevision,
    ImportJob,
    InboundAddress,
)
OWNERS = {ActivityFile: "run__enrollment__seat__user", StrengthSet: "session__enrollment__seat__user"}
# Internal ids, the ids of other people, and bytes that are deleted after reading.
HIDDEN = {
    "id",
    "enrollment_id",
    "by_id",
    "key",
    "content",
    "batch",
    "nonce",
    "secret_sha256",
    "sealed_secret",
}
ERASED_LAST = (Run, StrengthSession)  # files and sets refer to them


def export(user: User) -> Iterator[Table]:
    """Yield the rows of each table by name, deleted entries and their history included.

    An upload's bytes are left out: they are deleted as soon as the file is read.
    """
    for model in COVERS:
        owner = OWNERS.get(model, "enrollment__seat__user")
        yield whole_table(model, hidden=HIDDEN, **{owner: user})


def erase(user: User) -> None:
    """Delete the log with its history."""
    for model in sorted(COVERS, key=lambda model: model in ERASED_LAST):
        model._default_manager.filter(**{OWNERS.get(model, "enrollment__seat__user"): user}).delete()
