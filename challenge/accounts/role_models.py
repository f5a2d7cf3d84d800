"""Roles that wait: what opens health data, or the accounts of everyone, is not one person's to give."""

from django.db import models
from django.db.models import F, Q

from challenge.accounts.models import WAITING, User


class RoleGrant(models.Model):
    """A role that an owner asked for and that waits for 48 hours or a second person. `accounts.role_grants` has the
    rules.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=WAITING, name="role_grant_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(canceled_at__isnull=True),
                name="role_grant_applied_or_canceled",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("asked_by")) & ~Q(confirmed_by=F("user")),
                name="role_grant_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True)
                | Q(applied_at__gte=F("effective_at"))
                | Q(confirmed_by__isnull=False),
                name="role_grant_waits_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"role grant {self.pk}"
