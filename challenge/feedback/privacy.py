"""What a runner said of the beta. Erased, all of it goes."""

from collections.abc import Iterator
from typing import Any

from challenge.accounts.models import User
from challenge.feedback.models import EndFeedback, WeekFeedback

COVERS = (WeekFeedback, EndFeedback)
HIDDEN = {"id", "enrollment_id", "key"}


def export(user: User) -> Iterator[tuple[str, list[Any]]]:
    """Every answer, also those that were thought over."""
    for model in COVERS:
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in HIDDEN]
        mine = model._default_manager.filter(enrollment__seat__user=user)
        yield model._meta.model_name or "", list(mine.order_by("pk").values(*columns))


def erase(user: User) -> None:
    """Deletes the answers: without their runner nobody needs them."""
    for model in COVERS:
        model._default_manager.filter(enrollment__seat__user=user).delete()
