"""Export and erase the address of a person's plan. The address itself is a key and is not exported."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.notifications.models import PlanFeed

COVERS = (PlanFeed,)
HIDDEN = {"id", "enrollment_id", "key_sha256", "sealed_key"}


def export(user: User) -> Iterator[Table]:
    """Yield when the address was made and what it shows."""
    yield whole_table(PlanFeed, hidden=HIDDEN, enrollment__seat__user=user)


def erase(user: User) -> None:
    """Turn the address off."""
    PlanFeed.objects.filter(enrollment__seat__user=user).delete()
