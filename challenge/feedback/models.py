"""Feedback of runners on the beta. Append-only: a changed answer is a new row, and the last row counts."""

import uuid

from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment


def in_range(field: str, low: int, high: int, *, name: str, optional: bool = False) -> models.CheckConstraint:
    """Return the constraint that the field is from `low` to `high`; `optional` allows NULL."""
    inside = Q(**{f"{field}__gte": low, f"{field}__lte": high})
    return models.CheckConstraint(
        condition=inside | Q(**{f"{field}__isnull": True}) if optional else inside, name=name
    )


class Ease(models.IntegerChoices):
    """The marks of a week with the program, worst first."""

    HARD = 1, "Hard work"
    SO_SO = 2, "So-so"
    FINE = 3, "Fine"
    EASY = 4, "Easy"


class WeekFeedback(models.Model):
    """One answer to a week's short question, which `question` names. `key` is the form's, so that it counts once."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="week_feedback")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    week = models.PositiveSmallIntegerField(help_text="0 is before the start.")
    question = models.CharField(max_length=20)
    ease = models.PositiveSmallIntegerField(choices=Ease.choices)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "week feedback"
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "key"], name="week_feedback_once_per_form"),
            in_range("ease", 1, 4, name="week_feedback_ease_range"),
            in_range("week", 0, 52, name="week_feedback_week_range"),
        ]
        indexes = [models.Index(fields=["enrollment", "week", "-at"], name="week_feedback_by_week")]

    def __str__(self) -> str:
        return f"week {self.week}: {self.get_ease_display()}"


class EndFeedback(models.Model):
    """One answer to the end form. Marks go from 1 to 4, `recommend` from 0 to 10; skipped questions are empty."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="end_feedback")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    recommend = models.PositiveSmallIntegerField()
    cadence = models.PositiveSmallIntegerField(null=True, blank=True, choices=Ease.choices)
    strength = models.PositiveSmallIntegerField(null=True, blank=True, choices=Ease.choices)
    log = models.PositiveSmallIntegerField(null=True, blank=True, choices=Ease.choices)
    worked = models.TextField(blank=True)
    did_not = models.TextField(blank=True)
    change_first = models.TextField(blank=True)
    may_quote = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "end feedback"
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "key"], name="end_feedback_once_per_form"),
            in_range("recommend", 0, 10, name="end_feedback_recommend_range"),
            *(
                in_range(name, 1, 4, name=f"end_feedback_{name}_range", optional=True)
                for name in ("cadence", "strength", "log")
            ),
        ]
        indexes = [models.Index(fields=["enrollment", "-at"], name="end_feedback_by_runner")]

    def __str__(self) -> str:
        return f"end feedback {self.pk}"
