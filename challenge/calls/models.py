"""Booked calls, their callers and their history. The database prevents double booking."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Reverse

from challenge.accounts.models import validate_time_zone
from challenge.calls.schedule_models import CallKind
from challenge.protocol.vocabulary import Site


class BookingState(models.TextChoices):
    """The state of a call. All but canceled calls occupy their staff member's time."""

    BOOKED = "booked", "booked"
    HELD = "held", "took place"
    NO_SHOW = "no_show", "no-show"
    CANCELED = "canceled", "canceled"


class CanceledBy(models.TextChoices):
    """Which side canceled the call."""

    PROSPECT = "prospect", "the caller"
    CLINIC = "clinic", "the clinic"


class HeardFrom(models.TextChoices):
    """How the caller heard of the clinic."""

    FRIEND = "friend", "A friend or running partner"
    CLINIC = "clinic", "At the clinic"
    SEARCH = "search", "A web search"
    SOCIAL = "social", "Social media"
    RACE = "race", "A race or running club"
    OTHER = "other", "Somewhere else"


class PhoneNews(models.TextChoices):
    """What someone has to phone a caller without an email address about."""

    MOVED = "moved", "the call has moved"
    HANDED_OVER = "handed_over", "a colleague takes the call"
    CANCELED = "canceled", "the call is canceled"


class Booking(models.Model):
    """One call with one prospect. The UID never changes; `sequence` rises with every change of the event.

    `busy` is half-open and covers the call with its buffers: those of one staff member never overlap unless
    canceled.
    """

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calls")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    busy = DateTimeRangeField()
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)

    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    site = models.CharField("what hurts", max_length=20, choices=Site.choices(), blank=True)
    heard = models.CharField("heard of us", max_length=10, choices=HeardFrom.choices, blank=True)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    form_key = models.UUIDField(
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="The form that booked it, so that pressing twice books once.",
    )
    booked_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When it was booked or last moved.")
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was canceled or its outcome noted."
    )
    canceled_by = models.CharField(max_length=10, choices=CanceledBy.choices, blank=True)
    notes = models.TextField(blank=True)
    follow_up_on = models.DateField(null=True, blank=True)
    kind = models.CharField(
        max_length=10, choices=CallKind.choices, default=CallKind.DISCOVERY, db_default=CallKind.DISCOVERY
    )
    video_link = models.CharField(max_length=300, blank=True, default="", db_default="")
    question = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What the clinician asked beforehand.",
    )
    answer = models.TextField("answer to the clinician's question", blank=True, default="", db_default="")
    phone_news = models.CharField(
        "to be phoned",
        max_length=12,
        choices=PhoneNews.choices,
        blank=True,
        default="",
        db_default="",
        help_text="What a caller without email hasn’t heard yet; empty once someone has phoned.",
    )

    class Meta:
        verbose_name = "call"
        constraints = [
            # The last word on double booking; `staff_time.lock_staff` keeps it from deadlocking.
            ExclusionConstraint(
                name="call_staff_is_booked_once",
                expressions=[("staff", RangeOperators.EQUAL), ("busy", RangeOperators.OVERLAPS)],
                condition=~Q(state="canceled"),
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="call_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(busy__startswith__lte=F("starts_at"), busy__endswith__gte=F("ends_at")),
                name="call_lies_inside_its_busy_time",
            ),
            models.CheckConstraint(
                condition=Q(state="booked", ended_at__isnull=True)
                | ~Q(state="booked") & Q(ended_at__isnull=False),
                name="call_ended_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="canceled") & ~Q(canceled_by="") | ~Q(state="canceled") & Q(canceled_by=""),
                name="call_canceled_by_somebody",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="call_email_is_lower_case"),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="call_by_start"),
            models.Index(fields=["email"], name="call_by_email"),
            # For retention, which looks for past calls that still hold a person's data.
            models.Index(fields=["ends_at"], name="call_with_a_person", condition=~Q(email="")),
            models.Index(
                fields=["ends_at"], name="call_of_a_caller_unmailed", condition=Q(email="") & ~Q(name="")
            ),
            # For the day page: few rows among many calls.
            models.Index(fields=["ends_at"], name="call_without_outcome", condition=Q(state="booked")),
            models.Index(
                fields=["follow_up_on"], name="call_to_follow_up", condition=Q(follow_up_on__isnull=False)
            ),
            models.Index(fields=["starts_at"], name="call_to_be_phoned", condition=~Q(phone_news="")),
            # For the search: words of a name, the beginning of an address, the last digits of a number.
            GinIndex(SearchVector("name", config="simple"), name="call_by_name", fastupdate=False),
            models.Index(OpClass("email", "varchar_pattern_ops"), name="call_by_email_beginning"),
            models.Index(OpClass("phone", "varchar_pattern_ops"), name="call_by_phone"),
            models.Index(OpClass(Reverse("phone"), "text_pattern_ops"), name="call_by_last_digits"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def minutes(self) -> int:
        """Return the length of the call."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def about(self) -> str:
        """Return the key under which the outbox knows the call's messages."""
        return f"call:{self.pk}"


class CallEventKind(models.TextChoices):
    """What happened to a call."""

    BOOKED = "booked", "booked"
    MOVED = "moved", "moved"
    CANCELED = "canceled", "canceled"
    HELD = "held", "took place"
    NO_SHOW = "no_show", "did not come"
    SEAT_HELD = "seat_held", "seat held"
    LISTED = "listed", "put on the list"
    HANDED = "handed", "handed over"
    SQUEEZED = "squeezed", "booked outside the hours"
    CORRECTED = "corrected", "details corrected"
    RESENT = "resent", "link sent again"
    PHONED = "phoned", "caller phoned"
    FOLLOWED = "followed", "followed up"
    CONFIRMED = "confirmed", "confirmed by email"
    LET_GO = "let_go", "let go: not confirmed within an hour"


class CallEvent(models.Model):
    """An event in a call's history, append-only. `by` is empty where the prospect acted."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="events")
    happened = models.CharField(max_length=10, choices=CallEventKind.choices)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(help_text="The call's start after this.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["booking", "at"], name="call_events")]

    def __str__(self) -> str:
        return f"{self.get_happened_display()}, call {self.booking_id}"


class CheckInOffer(models.Model):
    """A clinician's offer of a check-in to one runner, mailed and shown until they book one or it is a month old."""

    enrollment = models.ForeignKey(
        "challenge.Enrollment", on_delete=models.CASCADE, related_name="check_in_offers"
    )
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    on = models.DateField(help_text="The clinician’s day, so that pressing twice makes one offer.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "staff", "on"], name="check_in_offered_once_a_day")
        ]

    def __str__(self) -> str:
        return f"check-in offer {self.pk}"


class UnconfirmedCall(models.Model):
    """No one has shown yet that the mailbox is theirs: at `until` the time goes back to others.

    The row goes when the call is confirmed or let go. `network` is a /24 or /48, as in the identity events.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="unconfirmed")
    network = models.CharField(max_length=45, blank=True)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["network", "until"], name="unconfirmed_by_network")]

    def __str__(self) -> str:
        return f"unconfirmed call {self.pk}"
