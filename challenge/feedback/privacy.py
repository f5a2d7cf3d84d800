"""What a runner said of the beta. Erased, all of it goes."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.personal_rows import Table, whole_table
from challenge.feedback.models import EndFeedback, WeekFeedback

COVERS = (WeekFeedback, EndFeedback)
HIDDEN = {"id", "enrollment_id", "key"}


def export(user: User) -> Iterator[Table]:
    """Every answer, also those that were thought over."""
    for model in COVERS:
        yield whole_table(model, hidden=HIDDEN, enrollment__seat__user=user)


def erase(user: User) -> None:
    """Deletes the answers: without their runner nobody needs them."""
    for model in COVERS:
        model._default_manager.filter(enrollment__seat__user=user).delete()
