"""What is written about accounts."""

from collections.abc import Iterable
from datetime import datetime

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import day_of, looks_of


def note_access(*, viewer: User, runner: User, what: str, at: datetime) -> None:
    """Notes that staff looked at a runner's data; `what` names the page, never its content.

    Looking at one's own data is no entry.
    """
    if viewer.pk != runner.pk:
        AccessEntry.objects.create(viewer=viewer, runner=runner, what=what[:80], at=at)


def note_accesses(*, viewer: User, runners: Iterable[int], what: str, at: datetime) -> None:
    """Notes one look at many runners' data; a page that refreshes itself is one entry a runner and day."""
    people = set(runners) - {viewer.pk}
    if not people:
        return
    before = looks_of(viewer, what, since=day_of(at)).filter(runner__in=people)
    if fresh := people - set(before.values_list("runner_id", flat=True)):
        AccessEntry.objects.bulk_create(
            AccessEntry(viewer=viewer, runner_id=pk, what=what[:80], at=at) for pk in sorted(fresh)
        )
