"""Emergency access: each time someone opened a health record outside their team, for an hour."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment

OPEN_FOR = timedelta(hours=1)


class EmergencyAccess(models.Model):
    """One record opened to one person outside its team, with a written reason. Append-only; it ends by itself."""

    viewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_accesses")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="emergency_accesses")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "emergency accesses"
        indexes = [models.Index(fields=["viewer", "-ends_at"], name="emergency_by_viewer")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("at"), ends_at__lte=F("at") + OPEN_FOR),
                name="emergency_ends_within_an_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"emergency access, {self.at:%Y-%m-%d %H:%M}"
