"""The heartbeats of worker and scheduler."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one process, one row per name."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
