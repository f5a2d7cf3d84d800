"""Cohorts, seats, enrollments, the ledger and the waiting lists. docs/seats.md lists the database's promises."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

# UTC-12, where a day ends last: a challenge is over when its last Sunday has ended everywhere.
LAST_ZONE = ZoneInfo("Etc/GMT+12")


class Cohort(models.Model):
    """One group of runners. `announced_at`, `closed_at`, `begun_at` and `over_at`, once set, stay.

    Triggers keep `capacity` from the first hold of a seat on, and `starts_on` and `weeks` from the beginning on:
    runners plan by these dates. While a cohort runs, it has a clinician or `flags_to_clinic_at`.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    capacity = models.PositiveSmallIntegerField(default=20)
    early_access_at = models.DateTimeField(
        null=True, blank=True, help_text="When invited people can start to claim a seat."
    )
    opens_at = models.DateTimeField(help_text="When everyone can start to claim a seat.")
    starts_on = models.DateField(help_text="A Monday.")
    weeks = models.PositiveSmallIntegerField(default=12)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    begun_at = models.DateTimeField("begun", null=True, blank=True, editable=False)
    over_at = models.DateTimeField("over", null=True, blank=True, editable=False)
    flags_to_clinic_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When an owner confirmed that flags without a clinician go to the clinicians’ shared address.",
    )
    is_public = models.BooleanField(
        default=True, help_text="Show it on the home page, which always shows the next cohort to open."
    )
    announced_at = models.DateTimeField("announced", null=True, blank=True, editable=False)
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "capacity"], name="cohort_id_capacity"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=1000), name="cohort_capacity_in_range"
            ),
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=52), name="cohort_weeks_in_range"),
            models.CheckConstraint(condition=Q(starts_on__iso_week_day=1), name="cohort_starts_on_a_monday"),
            models.CheckConstraint(
                condition=Q(early_access_at__isnull=True) | Q(early_access_at__lte=F("opens_at")),
                name="cohort_early_access_first",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def over_on(self) -> date:
        """Return the Monday after the last week."""
        return self.starts_on + timedelta(weeks=self.weeks)

    @property
    def joinable_until(self) -> datetime:
        """Return the end of the first week on the clinic's clock. Runners who join in it get a week 1 of their own."""
        after = self.starts_on + timedelta(days=7)
        return datetime.combine(after, time.min, tzinfo=ZoneInfo(settings.CLINIC_TIME_ZONE))

    def is_joinable(self, at: datetime) -> bool:
        """Return whether a person may still join: not closed, and the first week is not over."""
        return self.closed_at is None and at < self.joinable_until


class CohortClinician(models.Model):
    """A clinician of a cohort, who sees its runners' health data and decides."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="clinicians")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cohorts_cared_for"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "user"], name="cohort_clinician_once")]

    def __str__(self) -> str:
        return f"{self.user} for {self.cohort}"


class SeatState(models.TextChoices):
    HELD = "held", "held"
    CONFIRMED = "confirmed", "confirmed"
    ENDED = "ended", "ended"


class EndReason(models.TextChoices):
    EXPIRED = "expired", "the hold ran out"
    RELEASED = "released", "given back before confirming"
    WITHDREW = "withdrew", "withdrew"
    MEDICAL = "medical", "medical"
    NEVER_STARTED = "never_started", "never started"
    OTHER = "other", "other"


# Also an expired hold: its holder may confirm until another claim ends it.
TAKEN = Q(state__in=[SeatState.HELD, SeatState.CONFIRMED])


class Seat(models.Model):
    """One person's claim to one number of a cohort. An ended seat stays ended; a confirmed one keeps its person.

    `over_on` repeats the cohort's; only triggers write it. `challenge/sql/seats.sql` adds what Django cannot
    state: the composite foreign key to `cohort (id, capacity)`, the triggers, and the exclusion constraint
    `seat_one_running_cohort`: no second confirmed seat before the cohort of the first is over.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="seats")
    capacity = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="seats"
    )
    email = models.EmailField(max_length=254, blank=True)
    state = models.CharField(max_length=10, choices=SeatState.choices, default=SeatState.HELD)
    held_at = models.DateTimeField()
    hold_ends_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    over_on = models.DateField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=F("capacity")), name="seat_number_within_capacity"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="seat_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(state=SeatState.HELD, confirmed_at__isnull=True, ended_at__isnull=True)
                | Q(state=SeatState.CONFIRMED, confirmed_at__isnull=False, ended_at__isnull=True)
                | Q(state=SeatState.ENDED, ended_at__isnull=False) & ~Q(end_reason=""),
                name="seat_state_has_its_moments",
            ),
            models.UniqueConstraint(fields=["cohort", "number"], condition=TAKEN, name="seat_number_once"),
            models.UniqueConstraint(fields=["cohort", "user"], condition=TAKEN, name="seat_one_per_person"),
            models.UniqueConstraint(
                fields=["cohort", "email"], condition=TAKEN & ~Q(email=""), name="seat_one_per_address"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ended_at"],
                name="seat_lapsed_with_a_name",
                condition=Q(state=SeatState.ENDED, confirmed_at__isnull=True) & ~Q(email=""),
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.number}"

    @property
    def address(self) -> str:
        """Return the address for mail about this seat: the account's, else the one it was claimed with."""
        return self.user.email if self.user is not None else self.email


class EmailContent(models.TextChoices):
    TARGETS = "targets", "targets in the email"
    LINK = "link", "only a link"


class Enrollment(models.Model):
    """A runner in one cohort: log, targets and decisions refer to this row. Never deleted.

    `seat.user` is the person, `seat.state` shows whether they are still in.
    """

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="enrollment")
    email_content = models.CharField(
        max_length=10, choices=EmailContent.choices, default=EmailContent.TARGETS
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"runner {self.pk}"

    @property
    def cohort(self) -> Cohort:
        return self.seat.cohort

    @property
    def about(self) -> str:
        """Return the outbox's reference to this runner: `mail` knows addresses, not people."""
        return f"enrollment:{self.pk}"

    @property
    def address(self) -> str:
        """Return the address for the runner's mail."""
        return self.seat.address


class LedgerEvent(models.TextChoices):
    HELD = "held", "held"
    EXPIRED = "expired", "hold ran out"
    RELEASED = "released", "given back"
    CONFIRMED = "confirmed", "confirmed"
    REFUSED = "refused", "refused"
    WITHDREW = "withdrew", "withdrew"
    CORRECTED = "corrected", "address corrected"
    ASKED = "asked", "change of address asked for"
    KEPT = "kept", "change of address stopped"
    CLOSED = "closed", "enrollment closed"


class LedgerEntry(models.Model):
    """One event of a cohort's seats. Append-only (a trigger refuses changes), readable in the admin."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="ledger")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    happened = models.CharField(max_length=12, choices=LedgerEvent.choices)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = [models.Index(fields=["cohort", "-at"], name="ledger_by_cohort")]

    def __str__(self) -> str:
        return f"{self.get_happened_display()}, {self.at:%Y-%m-%d %H:%M}"


class LaunchWave(models.Model):
    """One wave of invitations from the public-launch list, announced by an owner and written once at its time.

    `written` and `written_at` are the outcome; a cohort's waves are announced together.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="launch_waves")
    number = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    writes_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(null=True, blank=True)
    written = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="launch_wave_once"),
            models.CheckConstraint(condition=Q(number__gte=1, size__gte=1), name="launch_wave_counts"),
        ]

    def __str__(self) -> str:
        return f"wave {self.number}"


class EarlyAccess(models.Model):
    """An address on a list: early access before opening, or the public launch after closing."""

    class List(models.TextChoices):
        EARLY = "early", "early access"
        LAUNCH = "launch", "public launch"

    which = models.CharField(max_length=10, choices=List.choices)
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, null=True, blank=True, related_name="early_access"
    )
    email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    wave = models.ForeignKey(
        LaunchWave, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="entries"
    )

    class Meta:
        verbose_name_plural = "early access"
        constraints = [
            models.UniqueConstraint(
                fields=["which", "cohort", "email"], name="early_access_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="early_access_email_is_lower_case"
            ),
        ]
        indexes = [
            models.Index(fields=["email"], name="early_access_by_email"),
            models.Index(
                fields=["asked_at"], name="early_access_unconfirmed", condition=Q(confirmed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_which_display()} {self.pk}"
