"""What signing in holds of a person, and how it is forgotten."""

from collections.abc import Iterator
from typing import Any

from challenge.accounts.models import AccessEntry, User

COVERS = (User, AccessEntry)


def export(user: User) -> Iterator[tuple[str, list[Any]]]:
    """The account, and who of the staff looked at what."""
    fields = ("email", "name", "phone", "time_zone", "uses_kilometres", "joined_at")
    yield "account", list(User.objects.filter(pk=user.pk).values(*fields))
    yield (
        "who_looked",
        list(AccessEntry.objects.filter(runner=user).order_by("at").values("viewer__name", "what", "at")),
    )


def erase(user: User) -> None:
    """Deletes the account; what histories keep of it loses the name with the row."""
    user.delete()
