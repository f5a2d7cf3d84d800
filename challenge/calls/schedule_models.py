"""When staff take calls: their terms, hours, leave, and the calendars that make them busy."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from challenge.accounts.models import clinic_time_zone, validate_time_zone

CALL_MINUTES = 20


class CallKind(models.TextChoices):
    """What a call is for: discovery calls are open to everyone, check-ins to runners of the clinician's cohorts."""

    DISCOVERY = "discovery", "discovery call"
    CHECK_IN = "check_in", "check-in call"


class CallPlace(models.TextChoices):
    """Where the two meet."""

    PHONE = "phone", "on the phone"
    VIDEO = "video", "on video, at the link below"


class Availability(models.Model):
    """One staff member's terms for calls. The row is the lock: lock it before changing their calls."""

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="availability"
    )
    takes_calls = models.BooleanField("can be booked", default=True)
    time_zone = models.CharField(
        max_length=64,
        default=clinic_time_zone,
        validators=[validate_time_zone],
        help_text="The hours below are times of this zone; daylight saving time is taken care of.",
    )
    length_min = models.PositiveSmallIntegerField(
        "length of a call, in minutes",
        default=CALL_MINUTES,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    step_min = models.PositiveSmallIntegerField(
        "minutes between possible start times",
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    buffer_before_min = models.PositiveSmallIntegerField(
        "minutes kept free before a call", default=0, validators=[MaxValueValidator(120)]
    )
    buffer_after_min = models.PositiveSmallIntegerField(
        "minutes kept free after a call", default=10, validators=[MaxValueValidator(120)]
    )
    notice_min = models.PositiveIntegerField(
        "shortest notice for callers, in minutes",
        default=720,
        validators=[MaxValueValidator(20_160)],
        help_text="Callers must book at least this long ahead. Staff can book later than that.",
    )
    horizon_days = models.PositiveSmallIntegerField(
        "days ahead that can be booked", default=28, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    calls_a_day = models.PositiveSmallIntegerField(
        "most calls in one day", default=6, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )
    place = models.CharField(
        "where",
        max_length=10,
        choices=CallPlace.choices,
        default=CallPlace.PHONE,
        db_default=CallPlace.PHONE,
    )
    video_link = models.CharField("your video link", max_length=300, blank=True, default="", db_default="")
    question = models.CharField(
        "what you ask beforehand",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="The caller answers when they book; only you read the answer.",
    )
    # Null: no feed. A new key makes every address that was given out worthless.
    feed_key = models.UUIDField(null=True, blank=True, editable=False, unique=True)
    feed_made_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "availability"
        constraints = [
            models.CheckConstraint(
                condition=Q(length_min__gte=5, length_min__lte=120), name="call_length_is_possible"
            ),
            models.CheckConstraint(condition=Q(step_min__gte=5), name="call_step_is_possible"),
        ]

    def __str__(self) -> str:
        return f"calls of {self.staff}"


class Weekday(models.IntegerChoices):
    """A day of the week, numbered as `date.weekday()` does."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class Hours(models.Model):
    """Local wall times in which calls are taken: every week, or on one date in place of its weekday's.

    An end at or before the start is on the next morning. On a date without times no calls are taken. The hours of a
    date hold for every kind of call; those of a weekday for one kind, if `kind` names it.
    """

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, null=True, blank=True)
    on = models.DateField(null=True, blank=True)
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    kind = models.CharField(
        max_length=10,
        choices=CallKind.choices,
        blank=True,
        default="",
        db_default="",
        help_text="The kind of call these hours are for; empty for every kind without its own.",
    )

    class Meta:
        verbose_name_plural = "hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="") | Q(on__isnull=True), name="hours_of_a_date_are_of_all_kinds"
            ),
            models.CheckConstraint(
                condition=Q(weekday__isnull=False, on__isnull=True, weekday__lte=6)
                | Q(weekday__isnull=True, on__isnull=False),
                name="hours_are_weekly_or_of_a_date",
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=False, ends__isnull=False) & ~Q(starts=F("ends"))
                | Q(starts__isnull=True, ends__isnull=True, on__isnull=False),
                name="hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"hours {self.pk}"


class Leave(models.Model):
    """A time without calls, whatever the hours are."""

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="leaves")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="leave_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"leave {self.pk}"


class CheckInTerms(models.Model):
    """One staff member's terms for check-in calls; with `has_own_hours`, weekly hours of their own too."""

    availability = models.OneToOneField(Availability, on_delete=models.CASCADE, related_name="check_in")
    is_offered = models.BooleanField("runners can book check-ins", default=False)
    length_min = models.PositiveSmallIntegerField(
        "length of a check-in, in minutes",
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    buffer_before_min = models.PositiveSmallIntegerField(
        "minutes kept free before a call", default=0, validators=[MaxValueValidator(120)]
    )
    buffer_after_min = models.PositiveSmallIntegerField(
        "minutes kept free after a call", default=10, validators=[MaxValueValidator(120)]
    )
    place = models.CharField("where", max_length=10, choices=CallPlace.choices, default=CallPlace.PHONE)
    video_link = models.CharField("your video link", max_length=300, blank=True)
    question = models.CharField(
        "what you ask beforehand", max_length=200, blank=True, help_text="The runner answers when they book."
    )
    has_own_hours = models.BooleanField(
        "check-ins have weekly hours of their own",
        default=False,
        db_default=False,
        help_text="If unchecked, check-ins use your regular call hours.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(length_min__gte=5, length_min__lte=120), name="check_in_length_is_possible"
            )
        ]

    def __str__(self) -> str:
        return f"check-ins {self.pk}"


class BusyCalendar(models.Model):
    """A clinician's own calendar, read for its busy times from a secret address, which is stored encrypted.

    `is_trusted` is false once it could not be read for a day: its times then block nothing.
    """

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="calendars")
    name = models.CharField(max_length=60)
    sealed_address = models.TextField(editable=False)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    entered_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField("last read", null=True, blank=True)
    expanded_at = models.DateTimeField(null=True, blank=True, help_text="When its events were last laid out.")
    is_trusted = models.BooleanField(default=False)
    problem = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"calendar {self.pk}"


class BusyTime(models.Model):
    """A time at which a clinician's own calendar has something, without what it is."""

    calendar = models.ForeignKey(BusyCalendar, on_delete=models.CASCADE, related_name="times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="busy_time_ends_after_it_starts"
            )
        ]
        indexes = [models.Index(fields=["calendar", "starts_at"], name="busy_times")]

    def __str__(self) -> str:
        return f"busy time {self.pk}"


class DeskFeed(models.Model):
    """The private calendar address of a person who manages all calls: it shows every colleague's."""

    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_feed")
    feed_key = models.UUIDField(unique=True, editable=False)
    made_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"feed {self.pk}"
