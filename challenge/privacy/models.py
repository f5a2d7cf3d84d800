"""The list of erased accounts, which must outlive a restore of an older backup, and each opening of the histories."""

from django.db import models


class ErasedAccount(models.Model):
    """An account that was erased: its number and when, nothing of the person. Append-only."""

    account = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"account {self.account}"


class HistoryOpening(models.Model):
    """One opening of the append-only histories, for erasing or by a retention rule. Append-only.

    `xact` is the number of the transaction while it is open. Only `challenge_open_histories` writes these rows.
    """

    why = models.CharField(max_length=80)
    at = models.DateTimeField()
    xact = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["xact"], name="history_opening_now", condition=models.Q(xact__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.why
