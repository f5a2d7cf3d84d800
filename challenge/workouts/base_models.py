"""The columns that several kinds of log entry share, the list of an entry's fields, and shared constraints."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import Side, Site, Symptom

# Columns that place a row in the log. All other columns hold what the runner or a file reported.
ROW_COLUMNS = frozenset({"id", "enrollment", "key", "logged_at", "deleted_at", "session"})


class LogEntry(models.Model):
    """The columns of every entry: `key` identifies the form it came from, `logged_at` is its first arrival."""

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


def entry_fields(model: type[models.Model]) -> tuple[str, ...]:
    """Return the names of the reported fields of an entry's model, in the model's order.

    The model is the only list of these fields. Forms, corrections, the comparison of a repeated form, the history,
    the offline form and the rows for the engine take theirs from here, so a new column reaches all of them.
    """
    return tuple(field.name for field in model._meta.concrete_fields if field.name not in ROW_COLUMNS)


def entry_values(entry: models.Model) -> dict[str, Any]:
    """Return the reported values of an entry, by field name."""
    return {name: getattr(entry, name) for name in entry_fields(type(entry))}


def between(field: str, span: tuple[int, int], *, optional: bool = False) -> Q:
    """Return the condition that the field lies inside the span, both ends included; `optional` allows NULL."""
    inside = Q(**{f"{field}__gte": span[0], f"{field}__lte": span[1]})
    return inside | Q(**{f"{field}__isnull": True}) if optional else inside


def pain_in_range(name: str) -> models.CheckConstraint:
    """Return the constraint that pain is empty or at most 10."""
    return models.CheckConstraint(condition=Q(pain__isnull=True) | Q(pain__lte=10), name=f"{name}_pain_range")


def one_per_form(name: str) -> models.UniqueConstraint:
    """Return the constraint that a runner's form is stored once, however often it is sent."""
    return models.UniqueConstraint(fields=["enrollment", "key"], name=f"{name}_once_per_form")
