"""A runner's complaints as a living record: what hurts, who changed it, and which proposals of the log were declined.

A complaint keeps its present state; every state it ever had is a row of `ComplaintChange`. The trigger
`challenge_append_only` keeps changes and dismissals as they were written.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from challenge.enrollment.models import Enrollment
from challenge.protocol.clinical_record import ComplaintDismissal, ComplaintRecord
from challenge.protocol.vocabulary import ComplaintKind, ComplaintStatus, Side, Site
from challenge.protocol.wording import place_text

SITES_WITHOUT_SIDE = (Site.LOWER_BACK,)
NO_SIDE = "The lower back has no side: leave the side empty."
ONLY_ACHILLES = "Only the Achilles tendon has this: leave it empty for another place."
SIDE_FITS = ~Q(site__in=SITES_WITHOUT_SIDE) | Q(side="")
KIND_FITS = Q(kind="") | Q(site=Site.ACHILLES)


class RunnerComplaint(models.Model):
    """One place that hurts or hurt. `status`, `track_approved` and `changed_on` repeat the change in force.

    A place has one complaint: pain that comes back opens it again. A change that was taken back leaves the one before
    it in force, with the day and moment of that one, since they say which reports of pain have their answer.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="complaints")
    site = models.CharField(max_length=12, choices=Site.choices())
    side = models.CharField(max_length=6, choices=Side.choices(), blank=True)
    kind = models.CharField(max_length=12, choices=ComplaintKind.choices(), blank=True)
    status = models.CharField(max_length=10, choices=ComplaintStatus.choices())
    track_approved = models.BooleanField(default=False)
    opened_on = models.DateField(help_text="The runner’s local day.")
    changed_on = models.DateField(help_text="The runner’s local day of the last change.")
    changed_at = models.DateTimeField()
    taken_back = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Opened by mistake: the method reads it as if it had never been opened.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "site", "side"], name="runner_complaint_once_per_place"
            ),
            models.CheckConstraint(condition=SIDE_FITS, name="runner_complaint_side_fits_its_site"),
            models.CheckConstraint(condition=KIND_FITS, name="runner_complaint_kind_fits_its_site"),
            models.CheckConstraint(
                condition=Q(changed_on__gte=F("opened_on")), name="runner_complaint_changes_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return f"complaint {self.pk}"

    @property
    def place(self) -> str:
        """Return the place in words: `left knee`, `lower back`, `Achilles tendon, both sides`."""
        return place_text(self.site, self.side)

    def as_record(self) -> ComplaintRecord:
        """Return the complaint as the method reads it."""
        return ComplaintRecord(
            key=f"complaint:{self.pk}",
            site=Site(self.site),
            side=Side(self.side) if self.side else None,
            kind=ComplaintKind(self.kind) if self.kind else None,
            status=ComplaintStatus(self.status),
            opened_on=self.opened_on,
            since_on=self.changed_on,
            changed_at=self.changed_at,
            track_approved=self.track_approved,
        )


class ComplaintChange(models.Model):
    """One change of a complaint: its state after it, who, when and why. Append-only; the first row opens it."""

    class ChangeSource(models.TextChoices):
        INTAKE = "intake", "the intake"
        CLINICIAN = "clinician", "a clinician"
        LOG = "log", "a proposal of the log"
        RUNNER = "runner", "what the runner wrote"

    complaint = models.ForeignKey(RunnerComplaint, on_delete=models.PROTECT, related_name="changes")
    status = models.CharField(max_length=10, choices=ComplaintStatus.choices())
    track_approved = models.BooleanField(default=False)
    kind = models.CharField(max_length=12, choices=ComplaintKind.choices(), blank=True, db_default="")
    source = models.CharField(max_length=10, choices=ChangeSource.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    on = models.DateField(help_text="The runner’s local day.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source="intake") | Q(by__isnull=False) & ~Q(reason=""),
                name="complaint_change_has_who_and_why",
            ),
        ]
        indexes = [models.Index(fields=["complaint", "-at"], name="complaint_change_by_complaint")]

    def __str__(self) -> str:
        return f"{self.get_status_display()}, {self.at:%Y-%m-%d %H:%M}"


class DismissedProposal(models.Model):
    """A clinician's "no complaint" to what the log proposed. Append-only.

    Reports made up to `at` no longer restrict exercises.
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="dismissed_proposals")
    site = models.CharField(max_length=12, choices=Site.choices())
    side = models.CharField(max_length=6, choices=Side.choices(), blank=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="dismissed_proposal_has_a_reason"),
        ]
        indexes = [models.Index(fields=["enrollment", "-at"], name="dismissed_proposal_by_runner")]

    def __str__(self) -> str:
        return f"dismissed proposal {self.pk}"

    def as_answer(self) -> ComplaintDismissal:
        """Return the answer "no complaint" as the method reads it."""
        return ComplaintDismissal(Site(self.site), Side(self.side) if self.side else None, self.at)
