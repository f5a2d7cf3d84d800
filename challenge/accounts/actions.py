"""What is written about accounts."""

from datetime import datetime

from challenge.accounts.models import AccessEntry, User


def note_access(*, viewer: User, runner: User, what: str, at: datetime) -> None:
    """Notes that staff looked at a runner's data; `what` names the page, never its content.

    Looking at one's own data is no entry.
    """
    if viewer.pk != runner.pk:
        AccessEntry.objects.create(viewer=viewer, runner=runner, what=what[:80], at=at)
