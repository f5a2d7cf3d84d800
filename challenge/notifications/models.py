"""How people are reached: reminders, clinicians' notices, and the secret address of a plan as a calendar."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q

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


class ReminderChoice(models.Model):
    """What a runner wants to be reminded of on their devices, and when, on their own clock. Without a row: all of it.

    Clinicians choose their quiet hours in `NoticeSettings`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminder_choice"
    )
    strength = models.BooleanField(default=True)
    strength_at = models.TimeField(default=time(17))
    morning = models.BooleanField(default=True)
    morning_at = models.TimeField(default=time(7, 30))
    message = models.BooleanField(default=True)
    quiet_from = models.TimeField(default=time(21))
    quiet_until = models.TimeField(default=time(7))
    knows_home_screen = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(quiet_from=F("quiet_until")), name="reminder_quiet_hours_have_two_ends"
            )
        ]

    def __str__(self) -> str:
        return f"reminders {self.pk}"


class NoticeSettings(models.Model):
    """One clinician's settings; without a row every notice goes out immediately. Times and days are on their own clock.

    A stop flag always has a reader: these settings change who reads it first, never whether someone does.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_settings"
    )
    digest = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True, help_text="The last day away.")
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "notice settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="notice_settings_quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(stand_in__isnull=True) | Q(away_until__isnull=False) & ~Q(stand_in=F("user")),
                name="notice_settings_stand_in_is_someone_else",
            ),
        ]

    def __str__(self) -> str:
        return f"notice settings {self.pk}"
