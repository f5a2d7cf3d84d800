"""What the machinery writes of itself."""

from datetime import datetime

from challenge.operations.models import Heartbeat


def beat(*, name: str, at: datetime) -> None:
    """Notes that this part lived at this moment."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})
