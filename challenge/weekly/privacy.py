"""Export and erase the cadences planned for a person."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table
from challenge.weekly.models import PlannedCadence

COVERS = (PlannedCadence,)
ERASED = "erased"


def export(user: User) -> Iterator[Table]:
    """Yield the cadences that clinicians planned for a week, with their reasons."""
    rows = PlannedCadence.objects.filter(enrollment__seat__user=user).order_by("at")
    yield "plannedcadence", rows.values("week_starts_on", "cadence_spm", "reason", "at", "taken_back_at")


def erase(user: User) -> None:
    """Blank the reasons; weeks and values stay, because the clinic must account for its decisions."""
    PlannedCadence.objects.filter(enrollment__seat__user=user).update(reason=ERASED)
