"""A runner's clinical record: phase changes, flags, pauses, heel-strike periods, tests, overrides, weekly targets.

The trigger `challenge_append_only` enforces what is called append-only here; `privacy` alone erases a person.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from challenge.care.flag_kinds import FLAG_KIND_CHOICES, clinician_text
from challenge.enrollment.models import Enrollment
from challenge.mail.models import OutboxMessage
from challenge.protocol.vocabulary import AfterStop, PauseReason, Side, StopFinding, TestKind

PHASE_RANGE = Q(to_phase__gte=1, to_phase__lte=3)


class PhaseChange(models.Model):
    """One decision about a phase: start, advance, hold, step back. Append-only; the last row has the present phase."""

    class PhaseChangeKind(models.TextChoices):
        START = "start", "start"
        ADVANCE = "advance", "advance"
        HOLD = "hold", "hold"
        BACK = "back", "step back"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="phase_changes")
    kind = models.CharField(max_length=10, choices=PhaseChangeKind.choices)
    from_phase = models.PositiveSmallIntegerField(null=True, blank=True)
    to_phase = models.PositiveSmallIntegerField()
    reason = models.TextField(blank=True)
    shown = models.JSONField(default=dict, blank=True, help_text="What the engine showed at the decision.")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=PHASE_RANGE, name="phase_change_in_range"),
            models.CheckConstraint(
                condition=Q(kind="start", from_phase__isnull=True)
                | Q(kind="hold", from_phase=F("to_phase"))
                | Q(kind="advance", to_phase=F("from_phase") + 1)
                | Q(kind="back", to_phase__lt=F("from_phase")),
                name="phase_change_skips_none",
            ),
            models.CheckConstraint(
                condition=Q(kind="start") | Q(by__isnull=False) & ~Q(reason=""),
                name="phase_change_has_who_and_why",
            ),
        ]
        indexes = [models.Index(fields=["enrollment", "-at"], name="phase_change_by_runner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to phase {self.to_phase}"


CORRECTED = "corrected:"  # what answered a question whose report was corrected starts with this
COMPLAINT_SOURCE = "complaint:"  # the source of a question about a place that began to hurt starts with this


class Flag(models.Model):
    """Something a person must look at: raised by the program, taken by a staff member, closed with a note."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=12, choices=FLAG_KIND_CHOICES)
    rule = models.CharField(max_length=40, help_text="The rule of the method that raised it.")
    facts = models.JSONField(default=dict, blank=True)
    source = models.CharField(
        max_length=80, help_text="What it came from, e.g. run:12; once per source and rule."
    )
    raised_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.TextField(blank=True)
    # `default` too: bulk inserts write every column, and know no default of the database.
    answered_with = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="The decision that closed it, e.g. phase:12, or the corrected entry, e.g. corrected:run:12.",
    )
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced"
    )
    found = models.CharField(
        max_length=12, choices=StopFinding.choices(), blank=True, default="", db_default=""
    )
    holds_now = models.CharField(
        max_length=12, choices=AfterStop.choices(), blank=True, default="", db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "rule", "source"], name="flag_once_per_source"),
            # A silence ends by itself, a newer question replaces an older one, a corrected report takes its question
            # along (never a stop). Every other flag is closed by a person who writes why.
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(kind="silence")
                | Q(replaced_by__isnull=False) & ~Q(kind="stop")
                | Q(answered_with__startswith="corrected:") & ~Q(closing_note="") & ~Q(kind="stop")
                | Q(closed_by__isnull=False) & ~Q(closing_note=""),
                name="flag_is_answered_or_replaced",
            ),
        ]
        indexes = [
            models.Index(
                fields=["enrollment", "kind"], name="flag_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["enrollment", "-raised_at"], name="flag_by_runner"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def about(self) -> str:
        """Return the name by which the outbox knows this flag; it does not say whose flag it is."""
        return f"flag:{self.pk}"

    @property
    def text(self) -> str:
        """Return why the flag was raised, in words for a clinician."""
        return clinician_text(self.kind, self.rule, self.facts)


class Pause(models.Model):
    """Days without targets or reminders. `ends_on` is set in advance, or when the runner ends an open pause."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=10, choices=PauseReason.choices())
    note = models.TextField(blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(
        null=True, blank=True, help_text="The last paused day; empty if there’s no end yet."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(
        null=True, blank=True, help_text="Taken back right away, so it covers no day."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(ended_at__isnull=False),
                name="pause_undone_is_ended",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="pause_ends_after_its_start",
            ),
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=Q(ends_on__isnull=True, ended_at__isnull=True),
                # Pauses with a last day may be set in advance; of the others one at a time.
                name="pause_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"pause from {self.starts_on}"

    @property
    def by_clinician(self) -> bool:
        """Return whether a clinician set it: the runner cannot end it alone, since it may answer a stop."""
        return self.reason == PauseReason.CLINICIAN

    def covers(self, day: date) -> bool:
        """Return whether this local day is paused; the same rule as `care.queries.pauses_covering`."""
        if self.undone_at is not None:
            return False
        if self.ends_on is None:
            return self.ended_at is None and self.starts_on <= day
        return self.starts_on <= day <= self.ends_on


class HeelStrikePeriod(models.Model):
    """A period of heel strike that a clinician approved (`strike.offer`), until a clinician or phase 3 ends it."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="strike_spells")
    starts_on = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(ended_on__isnull=True), name="strike_spell_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"heel strike from {self.starts_on}"


class FunctionTest(models.Model):
    """A heel-raise or hop test recorded by a clinician, or why it was not done. Append-only."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="function_tests")
    kind = models.CharField(max_length=12, choices=TestKind.choices())
    side = models.CharField(max_length=6, choices=Side.choices())
    repetitions = models.PositiveSmallIntegerField(null=True, blank=True)
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    not_tested_because = models.TextField(blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(repetitions__isnull=False, not_tested_because="")
                | Q(repetitions__isnull=True) & ~Q(not_tested_because=""),
                name="function_test_has_a_result_or_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(pain__isnull=True) | Q(pain__lte=10), name="function_test_pain_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.side}"


class ClinicianOverride(models.Model):
    """A value that a clinician set by hand (`decision.by_hand`): it is in force until a clinician ends it.

    `exercise` names the exercise, or the run that counts as `run:12`; `replacement` is what a swap gives instead.
    """

    class OverrideKind(models.TextChoices):
        CADENCE = "cadence", "cadence"
        DOSE = "dose", "dose"
        APPROVAL = "approval", "approved exercise"
        LONG_RUN = "long_run", "long run that counts"
        ADD = "add", "added exercise"
        LEAVE_OUT = "leave_out", "exercise left out"
        SWAP = "swap", "swapped exercise"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="override")
    what = models.CharField(max_length=10, choices=OverrideKind.choices)
    exercise = models.CharField(max_length=60, blank=True)
    replacement = models.CharField(max_length=60, blank=True, db_default="")
    cadence_spm = models.PositiveSmallIntegerField(null=True, blank=True)
    dose = models.JSONField(null=True, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "what", "exercise"],
                condition=Q(ended_at__isnull=True),
                name="hand_set_one_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(what="cadence", cadence_spm__gte=120, cadence_spm__lte=180, exercise="")
                | ~Q(what="cadence") & Q(cadence_spm__isnull=True) & ~Q(exercise=""),
                name="hand_set_value_fits",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hand_set_has_a_reason"),
            models.CheckConstraint(
                condition=Q(what="swap") & ~Q(replacement="") & ~Q(replacement=F("exercise"))
                | ~Q(what="swap") & Q(replacement=""),
                name="hand_set_swap_has_both_exercises",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pk}"


class WeeklyTarget(models.Model):
    """One decision for a runner and local week: inputs, outcome, versions, email. Append-only, one row per revision."""

    class RevisionReason(models.TextChoices):
        MONDAY = "monday", "the week began"
        JOINED = "joined", "joined in the first week"
        STOP = "stop", "a stop flag"
        PAUSE = "pause", "a pause"
        PHASE = "phase", "a phase decision"
        BY_HAND = "by_hand", "a value set by hand"
        CLOSED_STOP = "closed_stop", "a stop flag was closed"
        COMPLAINT = "complaint", "a complaint"
        TEST = "test", "a function test"
        UNDONE = "undone", "a decision was taken back"
        # Written until complaints became a record of their own; rows that have it keep their words.
        JOINT = "joint", "pain at a joint"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="weekly_targets")
    week_starts_on = models.DateField(help_text="The runner’s local Monday.")
    week = models.PositiveSmallIntegerField(help_text="1 is the first week of the challenge.")
    revision = models.PositiveSmallIntegerField(default=1)
    because = models.CharField(max_length=12, choices=RevisionReason.choices)
    phase = models.PositiveSmallIntegerField()
    cadence_spm = models.PositiveSmallIntegerField(null=True, blank=True)
    on_hold = models.BooleanField(default=False)
    snapshot = models.JSONField()
    decision = models.JSONField()
    parameters = models.JSONField()
    engine_version = models.CharField(max_length=20)
    parameters_version = models.CharField(max_length=20)
    message = models.OneToOneField(
        OutboxMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="weekly_target"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "week_starts_on", "revision"],
                name="weekly_target_once_per_week_and_revision",
            ),
            models.CheckConstraint(
                condition=Q(week_starts_on__iso_week_day=1), name="weekly_target_on_a_monday"
            ),
            models.CheckConstraint(
                condition=Q(cadence_spm__isnull=True) | Q(cadence_spm__gte=100, cadence_spm__lte=180),
                name="weekly_target_cadence_range",
            ),
        ]
        indexes = [models.Index(fields=["week_starts_on", "enrollment"], name="weekly_target_by_week")]

    def __str__(self) -> str:
        return f"week {self.week}, revision {self.revision}"
