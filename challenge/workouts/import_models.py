"""Uploaded activity files: an upload on its way to the log, the address for mailed files, and the file of a run."""

from django.db import models
from django.db.models import Q, Value

from challenge.enrollment.models import Enrollment
from challenge.workouts.models import Run


class ImportJob(models.Model):
    """One uploaded file on its way through the reader. The bytes are deleted as soon as they are read.

    `reading` is a `FileResult` as JSON, without positions; files sent together share `batch`.
    """

    class ImportState(models.TextChoices):
        WAITING = "waiting", "waiting"
        READING = "reading", "being read"
        READ = "read", "read"

    class ImportSource(models.TextChoices):
        UPLOAD = "upload", "chosen on the page"
        SHARE = "share", "shared from the phone"
        MAIL = "mail", "mailed"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="import_jobs")
    batch = models.UUIDField()
    source = models.CharField(
        max_length=6,
        choices=ImportSource.choices,
        default=ImportSource.UPLOAD,
        db_default=ImportSource.UPLOAD,
    )
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveIntegerField()
    content = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.WAITING)
    reading = models.JSONField(null=True, blank=True)
    uploaded_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    taken_bytes = models.PositiveIntegerField(default=0, db_default=0)  # how far the reader is
    read_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # when the runner saved or dismissed the preview

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "batch", "number"], name="import_job_once"),
            models.CheckConstraint(
                condition=Q(state="read", content__isnull=True, reading__isnull=False)
                | ~Q(state="read") & Q(content__isnull=False),
                # The bytes may contain positions, so the database itself makes sure that they go.
                name="import_job_bytes_until_read",
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_at"], name="import_job_due", condition=~Q(state="read")),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def share_read(self) -> int:
        """Return how much of the file the reader has taken."""
        return min(100 * self.taken_bytes // (self.size_bytes or 1), 100)


class InboundAddress(models.Model):
    """The secret address to which a runner mails activity files. Deleting the row turns it off.

    The secret is found by its hash and shown from `sealed_secret`: the row alone gives no address. Where that is empty,
    the address is older and was made of `nonce` and SECRET_KEY.
    """

    enrollment = models.OneToOneField(Enrollment, on_delete=models.PROTECT, related_name="inbound_address")
    nonce = models.UUIDField()
    secret_sha256 = models.CharField(max_length=64, unique=True)
    sealed_secret = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"address for files of runner {self.enrollment_id}"


class ActivityFile(models.Model):
    """The source of an imported run: the file's identity and its cadence as written, in the file's own unit.

    `doubts` are `activity_files.doubts.Doubt` as JSON, with the number that was not believed. `doubts_seen_at` is when
    the runner looked at what an earlier version of the reader (`reader_version`) had taken without a question.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="file")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=255)
    file_format = models.CharField(max_length=8)
    device = models.CharField(max_length=120, blank=True)
    elapsed_s = models.PositiveIntegerField()
    cadence_spm = models.PositiveSmallIntegerField(null=True, blank=True)
    cadence_raw = models.FloatField(null=True, blank=True)
    cadence_unit = models.CharField(max_length=10, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    # Files of the version before have no doubts, and their process does not know these columns.
    reader_version = models.PositiveSmallIntegerField(default=1, db_default=1)
    doubts = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True)
    doubts_seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.file_format} file of run {self.run_id}"
