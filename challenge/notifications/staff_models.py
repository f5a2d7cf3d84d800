"""How a clinician wants to be reached: which notices, quiet hours, time away, and who substitutes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


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
