"""What the coming weeks hold of a person."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.personal_rows import Table
from challenge.weekly.models import PlannedCadence

COVERS = (PlannedCadence,)
ERASED = "erased"


def export(user: User) -> Iterator[Table]:
    """What clinicians set for a week beforehand, with the reason."""
    rows = PlannedCadence.objects.filter(enrollment__seat__user=user).order_by("at")
    yield "plannedcadence", rows.values("week_starts_on", "cadence_spm", "reason", "at", "taken_back_at")


def erase(user: User) -> None:
    """Blanks the reasons; weeks and values stay for the clinic's own account of itself."""
    PlannedCadence.objects.filter(enrollment__seat__user=user).update(reason=ERASED)
