"""Values planned for a week that has not begun. The decisions themselves are `care.models.WeeklyTarget`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment


class PlannedCadence(models.Model):
    """A cadence in steps a minute for one coming week, set or held by a clinician before Monday 06:00.

    In that week it counts as a value set by hand (`decision.by_hand`); the week after, the rules go on from it.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="coming_changes")
    week_starts_on = models.DateField()
    cadence_spm = models.PositiveSmallIntegerField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "week_starts_on"],
                condition=Q(taken_back_at__isnull=True),
                name="coming_change_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(cadence_spm__gte=120, cadence_spm__lte=180), name="coming_change_cadence_range"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="coming_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(week_starts_on__iso_week_day=1), name="coming_change_on_a_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"week of {self.week_starts_on}"
