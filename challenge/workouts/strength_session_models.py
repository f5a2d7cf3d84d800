"""A guided strength session while it is being done. Finishing it writes the log's `StrengthSession`.

Each set is a row as soon as it is done, so that a closed tab, an empty battery or another phone loses none. The rows
stay after the session is finished: they know the leg, and they tell a set that arrives late from one that is there.
"""

from django.db import models
from django.db.models import Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.validation import LOAD_G
from challenge.protocol.vocabulary import ExerciseId, FormKind
from challenge.workouts.models import StrengthSession, between, one_per_form, pain_in_range

UNFINISHED = Q(finished__isnull=True, discarded_at__isnull=True)


class TrainedLeg(models.TextChoices):
    """Which leg a set was for; BOTH where the legs work together."""

    BOTH = "both", "both legs"
    LEFT = "left", "left leg"
    RIGHT = "right", "right leg"


class GuidedSession(models.Model):
    """One session under way, of one runner and local day. `typed` is what the form without a script keeps.

    `key` comes from the page that began the session and becomes the key of the finished entry, so that finishing
    twice stores one entry.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    local_on = models.DateField()
    started_at = models.DateTimeField()
    typed = models.JSONField(default=dict, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    finished = models.OneToOneField(
        StrengthSession, on_delete=models.CASCADE, null=True, blank=True, related_name="guided"
    )

    class Meta:
        constraints = [
            one_per_form("guided_session"),
            # Two devices of one day work on one session.
            models.UniqueConstraint(
                fields=["enrollment", "local_on"], condition=UNFINISHED, name="guided_session_one_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"guided session {self.pk}"


class GuidedSet(models.Model):
    """One set of one leg. `planned` is the exercise of the plan, `exercise` and `form` what was done, with a reason.

    `key` is made of the page's session, exercise, leg and number, so that a set sent again is the same set.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(GuidedSession, on_delete=models.CASCADE, related_name="sets")
    key = models.UUIDField()
    planned = models.CharField(max_length=40, choices=ExerciseId.choices())
    leg = models.CharField(max_length=5, choices=TrainedLeg.choices)
    number = models.PositiveSmallIntegerField()
    exercise = models.CharField(max_length=40, choices=ExerciseId.choices())
    form = models.CharField(max_length=10, choices=FormKind.choices())
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    load_g = models.PositiveIntegerField(null=True, blank=True)
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    because = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_per_form("guided_set"),
            models.UniqueConstraint(
                fields=["session", "planned", "leg", "number"], name="guided_set_once_in_its_place"
            ),
            models.CheckConstraint(condition=between("number", (1, 20)), name="guided_set_number_range"),
            models.CheckConstraint(
                condition=between("reps", (1, 200), optional=True), name="guided_set_reps_range"
            ),
            models.CheckConstraint(
                condition=between("seconds", (1, 3600), optional=True), name="guided_set_seconds_range"
            ),
            models.CheckConstraint(
                condition=Q(reps__isnull=True) ^ Q(seconds__isnull=True), name="guided_set_has_one_amount"
            ),
            models.CheckConstraint(
                condition=between("load_g", LOAD_G, optional=True), name="guided_set_load_range"
            ),
            pain_in_range("guided_set"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_planned_display()}, {self.get_leg_display()}, set {self.number}"
