"""What a runner answers before the start. Health data: only clinicians read it, through `intake.queries`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.validation import CADENCE_SPM, DISTANCE_M, WEEKLY_DISTANCE_M
from challenge.protocol.vocabulary import (
    Arch,
    CadenceSource,
    ComplaintKind,
    FootStrike,
    Shoe,
    Side,
    Site,
    Surface,
    Symptom,
)


class Goal(models.TextChoices):
    """The five things the challenge works on."""

    RECURRING_ACHES = "recurring_aches", "Recurring aches"
    FUTURE_INJURIES = "future_injuries", "Future injuries"
    FORM_AND_MECHANICS = "form_and_mechanics", "Form and mechanics"
    TENDON_CAPACITY = "tendon_capacity", "Tendon capacity"
    STRONGER_AND_FASTER = "stronger_and_faster", "Stronger and faster"


class TendonHistory(models.TextChoices):
    """What happened to an Achilles tendon before, or was taken in the last months: a clinician looks at each."""

    RUPTURE = "rupture", "A rupture or a tear of this tendon"
    INJECTION = "injection", "An injection into or beside this tendon"
    FLUOROQUINOLONES = (
        "fluoroquinolones",
        "An antibiotic such as Cipro (ciprofloxacin) or Levaquin (levofloxacin) in the last six months",
    )
    STEROIDS = "steroids", "Steroids, such as prednisone or a cortisone shot, in the last six months"


class Intake(models.Model):
    """One runner's answers, as confirmed with the seat. Null means "not answered"."""

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="intake")
    answered_at = models.DateTimeField()
    answered_on = models.DateField(help_text="The runner’s local day.")
    is_adult = models.BooleanField("is 18 or over")

    runs_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    usual_week_m = models.PositiveIntegerField(null=True, blank=True)
    longest_run_m = models.PositiveIntegerField(
        null=True, blank=True, help_text="The longest run of the last 30 days."
    )
    training_block_started_on = models.DateField(null=True, blank=True)
    used_to_hills = models.BooleanField(default=False)
    used_to_tempo = models.BooleanField(default=False)
    event = models.CharField(max_length=120, blank=True)
    event_on = models.DateField(null=True, blank=True)

    baseline_cadence_spm = models.PositiveSmallIntegerField(null=True, blank=True)
    baseline_cadence_source = models.CharField(max_length=10, choices=CadenceSource.choices(), blank=True)
    strike = models.CharField(max_length=10, choices=FootStrike.choices(), blank=True)
    surface = models.CharField(max_length=10, choices=Surface.choices(), blank=True)

    arch = models.CharField(max_length=12, choices=Arch.choices(), blank=True)
    shoe = models.CharField(max_length=16, choices=Shoe.choices(), blank=True)
    symptoms = ArrayField(
        models.CharField(max_length=16, choices=Symptom.choices()), default=list, blank=True
    )
    tendon_history = ArrayField(
        models.CharField(max_length=16, choices=TendonHistory.choices),
        default=list,
        blank=True,
        db_default=[],
    )
    knee_or_hip_history = models.TextField(blank=True)
    goals = ArrayField(models.CharField(max_length=24, choices=Goal.choices), default=list, blank=True)
    remarks = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_adult=True), name="intake_of_an_adult"),
            models.CheckConstraint(
                condition=Q(baseline_cadence_spm__isnull=True, baseline_cadence_source="")
                | Q(baseline_cadence_spm__range=CADENCE_SPM) & ~Q(baseline_cadence_source=""),
                name="intake_cadence_has_its_source",
            ),
            models.CheckConstraint(
                condition=Q(longest_run_m__isnull=True) | Q(longest_run_m__lte=DISTANCE_M[1]),
                name="intake_longest_run_range",
            ),
            models.CheckConstraint(
                condition=Q(usual_week_m__isnull=True) | Q(usual_week_m__lte=WEEKLY_DISTANCE_M[1]),
                name="intake_usual_week_range",
            ),
            models.CheckConstraint(
                condition=Q(runs_per_week__isnull=True) | Q(runs_per_week__lte=21),
                name="intake_runs_per_week_range",
            ),
            models.CheckConstraint(
                condition=Q(training_block_started_on__isnull=True)
                | Q(training_block_started_on__lte=F("answered_on")),
                name="intake_training_block_has_begun",
            ),
        ]

    def __str__(self) -> str:
        return f"intake {self.pk}"


class Complaint(models.Model):
    """A body site and side that hurts now (`present`, with two numbers 0 to 10) or hurt in the past."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="complaints")
    site = models.CharField(max_length=12, choices=Site.choices())
    side = models.CharField(max_length=6, choices=Side.choices(), blank=True)
    kind = models.CharField(max_length=12, choices=ComplaintKind.choices(), blank=True, db_default="")
    present = models.BooleanField(default=True)
    pain_now = models.PositiveSmallIntegerField(null=True, blank=True)
    pain_morning = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intake", "site", "side"], name="complaint_once_per_place"),
            models.CheckConstraint(
                condition=(Q(pain_now__isnull=True) | Q(pain_now__lte=10))
                & (Q(pain_morning__isnull=True) | Q(pain_morning__lte=10)),
                name="complaint_pain_range",
            ),
        ]

    def __str__(self) -> str:
        return f"complaint {self.pk}"


class Consent(models.Model):
    """The consent of a runner to one version of the text (`intake.queries`). Append-only."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "version"], name="consent_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"consent to {self.version}"


class Draft(models.Model):
    """The answers as typed so far, valid or not: step -> field -> values. One per user; it survives a lost seat."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intake_draft"
    )
    answers = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft {self.pk}"
