"""The conversation of a runner and the clinic, and twenty together: the wall, nods, and the note of the week.

A conversation's thread is the enrollment. Messages, pictures and marks are append-only; drafts and templates change.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from challenge.enrollment.models import Cohort, Enrollment
from challenge.mail.models import OutboxMessage

MOST_PICTURES = 3


class Message(models.Model):
    """A message of the runner or of a clinician. `key` is the form's, so that it is stored once. Append-only.

    `notice` is the neutral email that announced a clinician's message; several messages may share one, and then only
    the first has it.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField()
    from_runner = models.BooleanField(default=False, db_default=False)
    key = models.UUIDField(null=True, blank=True)
    notice = models.OneToOneField(
        OutboxMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # None once the runner who wrote it is erased.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # Only of forms: a clinician's message has no key.
            models.UniqueConstraint(
                fields=["enrollment", "key"], condition=Q(key__isnull=False), name="message_once_per_form"
            ),
        ]
        indexes = [models.Index(fields=["enrollment", "-at"], name="message_by_runner")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessagePicture(models.Model):
    """A picture of a runner's message, re-encoded and encrypted: `sealed_key` opens `content`, a JPEG.

    Only the key changes, when DATA_KEY does. Its side lengths are in pixels.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="pictures")
    place = models.PositiveSmallIntegerField()
    sealed_key = models.CharField(max_length=300)
    content = models.BinaryField()
    width_px = models.PositiveSmallIntegerField()
    height_px = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "place"], name="message_picture_once_in_its_place"),
            models.CheckConstraint(condition=Q(place__lt=MOST_PICTURES), name="message_picture_place"),
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"


class MessageMark(models.Model):
    """The runner read up to a message, or a clinician closed it: no answer needed. Append-only."""

    class MarkKind(models.TextChoices):
        """What was done with every message up to this one."""

        READ = "read", "read by the runner"
        CLOSED = "closed", "no answer needed"

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=6, choices=MarkKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "kind"], name="message_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Conversation(models.Model):
    """What a runner is typing, and whether they want no email about a message."""

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="conversation")
    draft = models.TextField(blank=True)
    draft_at = models.DateTimeField(null=True, blank=True)
    emails_off_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class MessageTemplate(models.Model):
    """A text that a clinician uses again; each has their own."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_templates"
    )
    title = models.CharField(max_length=60)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "title"], name="message_template_once_per_title"),
        ]

    def __str__(self) -> str:
        return self.title


class WallPlace(models.Model):
    """A runner who wants to be on the cohort's wall, with the bib and perhaps the first name. Deleted to leave."""

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="wall_place")
    shows_name = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"place on the wall {self.pk}"


class Nod(models.Model):
    """One runner's nod to another, one a week. It carries nothing but that it was given."""

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
