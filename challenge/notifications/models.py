"""The secret address of a runner's plan as a calendar."""

from django.db import models

from challenge.enrollment.models import Enrollment


class PlanFeed(models.Model):
    """The secret address at which a calendar program reads a runner's plan. Deleting the row turns it off.

    The key is found by its hash, and sealed so that the runner can read the address again.
    """

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="plan_feed")
    key_sha256 = models.CharField(max_length=64, unique=True)
    sealed_key = models.TextField()
    shows_number = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan of runner {self.enrollment_id}"
