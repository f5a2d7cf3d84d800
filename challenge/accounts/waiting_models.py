"""Decisions over an account that one owner cannot make alone. `accounts.second_person` has the rule that they share."""

from django.db import models
from django.db.models import F, Q

from challenge.accounts.models import WAITING, User


class WaitingDecision(models.Model):
    """A decision that waits for 48 hours or a second person. Each kind has a foreign key `user` of its own."""

    user_id: int
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def _waits(name: str) -> list[models.CheckConstraint]:
    """Return the constraints of a kind of decision, their names beginning with `name`."""
    return [
        models.CheckConstraint(
            condition=Q(applied_at__isnull=True) | Q(canceled_at__isnull=True),
            name=f"{name}_applied_or_canceled",
        ),
        models.CheckConstraint(
            condition=~Q(confirmed_by=F("asked_by")) & ~Q(confirmed_by=F("user")),
            name=f"{name}_confirmed_by_another",
        ),
        models.CheckConstraint(
            condition=Q(applied_at__isnull=True)
            | Q(applied_at__gte=F("effective_at"))
            | Q(confirmed_by__isnull=False),
            name=f"{name}_waits_its_time",
        ),
    ]


class FactorReset(WaitingDecision):
    """A removal of all second factors that an owner asked for: a lost phone, or a theft. It waits, because afterwards
    the mailbox alone opens the account. `accounts.second_person` has the rules.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factor_resets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=WAITING, name="factor_reset_one_waiting"),
            *_waits("factor_reset"),
        ]

    def __str__(self) -> str:
        return f"factor reset {self.pk}"


class RoleGrant(WaitingDecision):
    """A role that an owner asked for. It waits, because what opens health data, or the accounts of everyone, is not one
    person's to give. `accounts.second_person` has the rules.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=WAITING, name="role_grant_one_waiting"
            ),
            *_waits("role_grant"),
        ]

    def __str__(self) -> str:
        return f"role grant {self.pk}"
