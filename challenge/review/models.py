"""What clinicians write in addition to decisions: notes, contacts, exercise videos; old scores."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId


class Note(models.Model):
    """A private note of the clinic; the runner sees it only in the export. Append-only."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["enrollment", "-at"], name="note_by_runner")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Contact(models.Model):
    """A call, letter or meeting with the runner, and its result. Append-only."""

    class How(models.TextChoices):
        """The way of the contact."""

        CALLED = "called", "called"
        NOT_REACHED = "not_reached", "called, not reached"
        WROTE = "wrote", "wrote"
        MET = "met", "met"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="contacts")
    how = models.CharField(max_length=12, choices=How.choices)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["enrollment", "-at"], name="contact_by_runner")]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.pk}"


class OutcomeScore(models.Model):
    """A score that clinicians typed before questionnaires had answers of their own; a copy is there. Append-only."""

    class Instrument(models.TextChoices):
        """The questionnaire."""

        VISA_A = "visa_a", "VISA-A (Achilles)"
        OTHER = "other", "another questionnaire"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="outcome_scores")
    instrument = models.CharField(max_length=10, choices=Instrument.choices)
    score = models.PositiveSmallIntegerField()
    scored_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=100), name="outcome_score_range"),
        ]
        indexes = [models.Index(fields=["enrollment", "scored_on"], name="outcome_by_runner")]

    def __str__(self) -> str:
        return f"{self.get_instrument_display()}: {self.score}"


class ExerciseVideo(models.Model):
    """The address of a video of an exercise; the guide links to it and loads nothing from it."""

    exercise = models.CharField(max_length=40, choices=ExerciseId.choices(), unique=True)
    link = models.URLField(max_length=300, help_text="Starts with https://. One video for each exercise.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(link__startswith="https://"),
                name="exercise_video_is_https",
                violation_error_message="Write the whole address, beginning with https://.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_exercise_display()
