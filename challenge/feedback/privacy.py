"""Export and erasure of a runner's feedback."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.feedback.models import EndFeedback, WeekFeedback

COVERS = (WeekFeedback, EndFeedback)
HIDDEN = {"id", "enrollment_id", "key"}


def export(user: User) -> Iterator[Table]:
    """Yield every answer by table, including those that a later one replaced."""
    for model in COVERS:
        yield whole_table(model, hidden=HIDDEN, enrollment__seat__user=user)


def erase(user: User) -> None:
    """Delete all answers of a person."""
    for model in COVERS:
        model._default_manager.filter(enrollment__seat__user=user).delete()
