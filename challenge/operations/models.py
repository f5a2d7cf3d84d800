"""The heartbeats of worker and scheduler."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one process, one row per name."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class HistoryNight(models.Model):
    """The digests of the history rows that a night found new, chained to the night before. Append-only.

    `operations.history` writes and verifies them. `previous` is unique, so the chain cannot fork.
    """

    sealed_on = models.DateField(unique=True, help_text="The clinic's local day.")
    sealed_at = models.DateTimeField()
    tables = models.JSONField(
        help_text="For each table: its fields, range of ids, number of rows and digest."
    )
    previous = models.CharField(max_length=64, blank=True, unique=True)
    head = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"night of {self.sealed_on}"
