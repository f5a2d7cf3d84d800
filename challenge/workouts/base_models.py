"""What every entry of the log has, and the constraints that several kinds share."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import Side, Site, Symptom


class LogEntry(models.Model):
    """What every entry has. `key` names the form it came from, `logged_at` is when it first arrived."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    logged_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class PainReportFields(models.Model):
    """The worst pain, 0 to 10, and where; symptoms are those of `pain.stop` and `pain.ask`."""

    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    site = models.CharField(max_length=12, choices=Site.choices(), blank=True)
    side = models.CharField(max_length=6, choices=Side.choices(), blank=True)
    symptoms = ArrayField(
        models.CharField(max_length=16, choices=Symptom.choices()), default=list, blank=True
    )
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


def between(field: str, span: tuple[int, int], *, optional: bool = False) -> Q:
    """The field inside the span, both ends included."""
    inside = Q(**{f"{field}__gte": span[0], f"{field}__lte": span[1]})
    return inside | Q(**{f"{field}__isnull": True}) if optional else inside


def pain_in_range(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(pain__isnull=True) | Q(pain__lte=10), name=f"{name}_pain_range")


def one_per_form(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["enrollment", "key"], name=f"{name}_once_per_form")
