"""The clinic as the owner describes it: name, how to reach it, the first page's words, questions, consent, footer."""

from django.db import models


class ClinicVersion(models.Model):
    """One version of the clinic's words; the last row is in force. Append-only (a trigger), so its history stays.

    Empty fields have the program's own words. `author` is a name and no foreign key: the part knows no accounts.
    """

    name = models.CharField(max_length=80)
    tagline = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=200, blank=True)
    headline = models.CharField(max_length=80, blank=True)
    lede = models.CharField(max_length=400, blank=True)
    price_note = models.CharField(max_length=200, blank=True)
    questions = models.TextField(blank=True)
    consent = models.TextField(blank=True)
    footer = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="clinic_version_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M}"
