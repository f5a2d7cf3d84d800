"""Questionnaires that the owner loaded, answers to questionnaires, and answers that are not finished yet.

Built-in questionnaires are files in `challenge/outcomes/built_in/`; `definitions` joins them with the loaded ones. An
answer names its questionnaire by code and version, so that it is read by the words that it answered.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment


class LoadedQuestionnaire(models.Model):
    """One version of a questionnaire that the owner loaded from a file. Append-only; the highest version counts."""

    code = models.CharField(max_length=31)
    version = models.PositiveSmallIntegerField()
    definition = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="questionnaire_once_per_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="questionnaire_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.code}, version {self.version}"


class QuestionnaireAnswer(models.Model):
    """One answer to a questionnaire. Append-only: a correction is a row that `corrects` the one before.

    `week` is the week that it was asked for: weeks after the start, 0 at the start, or the number of the week of a
    weekly questionnaire; None is another day, from paper. `values` are points by item, `names` what the runner named.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="questionnaire_answers")
    key = models.UUIDField()
    code = models.CharField(max_length=31)
    version = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField(null=True, blank=True)
    values = models.JSONField(default=dict, blank=True)
    names = models.JSONField(default=dict, blank=True)
    score = models.DecimalField(max_digits=7, decimal_places=1, null=True, blank=True)
    answered_on = models.DateField()
    on_paper = models.BooleanField(default=False)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "key"], name="questionnaire_answer_once_per_form"),
            # The first answer of a week; what follows corrects it, and each row is corrected once.
            models.UniqueConstraint(
                fields=["enrollment", "code", "week"],
                condition=Q(corrects__isnull=True),
                name="questionnaire_answer_once_per_week",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="questionnaire_answer_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class AnswerDraft(models.Model):
    """What a runner typed of a questionnaire and has not sent yet. Deleted with the answer."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=31)
    version = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
    typed = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "code", "week"], name="answer_draft_once_per_week")
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"
