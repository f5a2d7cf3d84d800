"""The runner's log: runs, strength sessions, mornings, the weekly answers, and the history of each entry.

Entries are never removed while their runner is in the program: `deleted_at` hides one, and `EntryRevision` keeps its
values. Every entry carries the idempotency key of the form it came from, so that a form sent twice is one entry.
First come the columns and constraints that several kinds share, and the list of an entry's fields.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.validation import CADENCE_SPM, DISTANCE_M, DURATION_S, LOAD_G, STIFFNESS_MIN
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FootStrike,
    Side,
    Site,
    Surface,
    Symptom,
)

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


ALIVE = Q(deleted_at__isnull=True)


class EntryKind(models.TextChoices):
    """The kind of an entry; the value is its name in flags, revisions and URLs."""

    RUN = "run", "run"
    STRENGTH = "strength", "strength session"
    MORNING = "morning", "morning"
    DAILY_LIFE = "daily_life", "pain in daily life"
    NOTHING = "nothing", "nothing this week"


class Run(LogEntry, PainReportFields):
    """One run. `running_s` excludes walking and standing; `cadence_spm` counts both feet.

    `walk_breaks`: a typed average of the watch covers walking as well, so it measures nothing (`cadence.baseline`).
    """

    kind = EntryKind.RUN

    local_on = models.DateField()
    started_at = models.DateTimeField(null=True, blank=True)
    distance_m = models.PositiveIntegerField()
    duration_s = models.PositiveIntegerField()
    running_s = models.PositiveIntegerField(null=True, blank=True)
    cadence_spm = models.PositiveSmallIntegerField(null=True, blank=True)
    cadence_source = models.CharField(max_length=10, choices=CadenceSource.choices(), blank=True)
    walk_breaks = models.BooleanField(default=False, db_default=False)
    surface = models.CharField(max_length=10, choices=Surface.choices(), blank=True)
    hills = models.BooleanField(default=False)
    effort = models.CharField(max_length=8, choices=Effort.choices(), blank=True)
    strike = models.CharField(max_length=8, choices=FootStrike.choices(), blank=True)

    class Meta:
        constraints = [
            one_per_form("run"),
            pain_in_range("run"),
            models.CheckConstraint(condition=between("distance_m", DISTANCE_M), name="run_distance_range"),
            models.CheckConstraint(condition=between("duration_s", DURATION_S), name="run_duration_range"),
            models.CheckConstraint(
                condition=Q(running_s__isnull=True) | Q(running_s__lte=F("duration_s")),
                name="run_running_within_duration",
            ),
            models.CheckConstraint(
                condition=between("cadence_spm", CADENCE_SPM, optional=True), name="run_cadence_range"
            ),
            # The engine weighs a cadence by its source, so a number without one cannot be used.
            models.CheckConstraint(
                condition=Q(cadence_spm__isnull=True) | ~Q(cadence_source=""), name="run_cadence_has_a_source"
            ),
        ]
        indexes = [models.Index(fields=["enrollment", "-local_on"], name="run_by_day", condition=ALIVE)]

    def __str__(self) -> str:
        return f"run {self.pk}"


class StrengthSession(LogEntry, PainReportFields):
    """One strength session; the exercises are in its sets."""

    kind = EntryKind.STRENGTH

    local_on = models.DateField()
    as_prescribed = models.BooleanField(default=False)

    class Meta:
        constraints = [one_per_form("strength"), pain_in_range("strength")]
        indexes = [models.Index(fields=["enrollment", "-local_on"], name="strength_by_day", condition=ALIVE)]

    def __str__(self) -> str:
        return f"strength session {self.pk}"


class StrengthSet(models.Model):
    """One set of one exercise. `load_g` is in grams, empty for body weight.

    A substitute names the planned exercise in `instead_of` and the reason in `because`. `pain` of a single set is
    optional; the session's own pain is never below it.
    """

    session = models.ForeignKey(StrengthSession, on_delete=models.CASCADE, related_name="sets")
    exercise = models.CharField(max_length=40, choices=ExerciseId.choices())
    number = models.PositiveSmallIntegerField()
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    load_g = models.PositiveIntegerField(null=True, blank=True)
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    instead_of = models.CharField(max_length=40, choices=ExerciseId.choices(), blank=True)
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "exercise", "number"], name="strength_set_once"),
            models.CheckConstraint(condition=between("number", (1, 20)), name="strength_set_number_range"),
            models.CheckConstraint(
                condition=between("reps", (1, 200), optional=True), name="strength_set_reps_range"
            ),
            models.CheckConstraint(
                condition=between("seconds", (1, 3600), optional=True), name="strength_set_seconds_range"
            ),
            models.CheckConstraint(
                condition=between("load_g", LOAD_G, optional=True), name="strength_set_load_range"
            ),
            pain_in_range("strength_set"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_exercise_display()}, set {self.number}"


class Morning(LogEntry, PainReportFields):
    """The morning after a session: worst pain and where. Minutes of stiffness are shown; no rule uses them."""

    kind = EntryKind.MORNING

    local_on = models.DateField()
    stiffness_min = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            one_per_form("morning"),
            pain_in_range("morning"),
            models.UniqueConstraint(
                # Deleted mornings do not block a new answer.
                fields=["enrollment", "local_on"],
                condition=ALIVE,
                name="morning_once_a_day",
            ),
            models.CheckConstraint(
                condition=between("stiffness_min", STIFFNESS_MIN, optional=True),
                name="morning_stiffness_range",
            ),
        ]

    def __str__(self) -> str:
        return f"morning {self.pk}"


class DailyLife(LogEntry):
    """The weekly answer on the worst pain in daily life. `local_on` is the day of the answer, in that week."""

    kind = EntryKind.DAILY_LIFE

    week_starts_on = models.DateField(help_text="The runner’s local Monday.")
    local_on = models.DateField()
    pain = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "daily life"
        constraints = [
            one_per_form("daily_life"),
            pain_in_range("daily_life"),
            models.UniqueConstraint(
                fields=["enrollment", "week_starts_on"], condition=ALIVE, name="daily_life_once_a_week"
            ),
            models.CheckConstraint(
                condition=Q(week_starts_on__iso_week_day=1), name="daily_life_on_a_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"daily life {self.pk}"


class RestWeek(LogEntry):
    """The answer "Nothing this week", with an optional reason."""

    kind = EntryKind.NOTHING

    week_starts_on = models.DateField(help_text="The runner’s local Monday.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "nothing this week"
        constraints = [
            one_per_form("nothing"),
            models.UniqueConstraint(
                fields=["enrollment", "week_starts_on"], condition=ALIVE, name="nothing_once_a_week"
            ),
            models.CheckConstraint(condition=Q(week_starts_on__iso_week_day=1), name="nothing_on_a_monday"),
        ]

    def __str__(self) -> str:
        return f"nothing in the week of {self.week_starts_on}"


AnyEntry = Run | StrengthSession | Morning | DailyLife | RestWeek


class EntryRevision(models.Model):
    """The values of an entry after one change, with who and when. Append-only."""

    class Change(models.TextChoices):
        LOGGED = "logged", "logged"
        CHANGED = "changed", "changed"
        DELETED = "deleted", "deleted"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="entry_revisions")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    entry_id = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()
    change = models.CharField(max_length=8, choices=Change.choices)
    values = models.JSONField(encoder=DjangoJSONEncoder)
    # Erasing a person removes the name and keeps the history of entries of others.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "entry_id", "number"], name="entry_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}, {self.get_change_display()}"
