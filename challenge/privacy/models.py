"""The list of erased accounts, which must outlive a restore of an older backup."""

from django.db import models


class ErasedAccount(models.Model):
    """An account that was erased: its number and when, nothing of the person. Append-only."""

    account = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"account {self.account}"
