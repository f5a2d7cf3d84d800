"""Twenty together: who stands on the wall, the nods they give, and the clinic's note of the week to all of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from challenge.enrollment.models import Cohort, Enrollment


class WallPlace(models.Model):
    """A runner who wants to be on the cohort's wall, with the bib and perhaps the first name. Deleted to leave."""

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="wall_place")
    shows_name = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"place on the wall {self.pk}"


class Nod(models.Model):
    """One runner's nod to another, one a week. It says nothing but that it was given."""

    giver = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["giver", "receiver", "week_starts_on"], name="nod_once_a_week"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="nod_to_another"),
        ]
        indexes = [models.Index(fields=["receiver", "week_starts_on"], name="nod_received")]

    def __str__(self) -> str:
        return f"nod {self.pk}"


class CohortNote(models.Model):
    """The clinic's one note of a week to all runners of a cohort. Append-only."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "week_starts_on"], name="cohort_note_once_a_week"),
        ]

    def __str__(self) -> str:
        return f"note of the week {self.pk}"
