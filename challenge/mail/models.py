"""The outbox: every email and push the program sends is a row first. It knows addresses, not people."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class MessageKind(models.TextChoices):
    """The kinds of email. The order of sending is `PRIORITY`, not the order here."""

    SECURITY = "security", "signing in"
    WELCOME = "welcome", "welcome"
    WEEKLY = "weekly", "weekly targets"
    BEFORE_START = "before_start", "the week before the start"
    EARLY_ACCESS = "early_access", "early access"
    INVITATION = "invitation", "invitation"
    SEAT = "seat", "seat"
    PHASE = "phase", "phase decision"
    STAFF_ALERT = "staff_alert", "alert to staff"
    DIGEST = "digest", "clinicians’ morning digest"
    REMINDER = "reminder", "reminder"
    SURVEY = "survey", "end survey"
    CALL = "call", "discovery call"
    MESSAGE = "message", "message from the clinic"
    PUSH = "push", "notification on a device"
    TEST = "test", "test to oneself"


GIVE_UP_AFTER = timedelta(days=2)
TOO_LATE = "too late"  # `last_error` of a message that expired before it was sent
NO_LONGER = "(no longer kept)"  # replaces the words of an old message
PRIORITY = {
    MessageKind.SECURITY: 0,
    MessageKind.STAFF_ALERT: 1,
    MessageKind.CALL: 2,
    MessageKind.SEAT: 2,
    MessageKind.WELCOME: 3,
}
ORDINARY_PRIORITY = 5


class MessageState(models.TextChoices):
    QUEUED = "queued", "waiting"
    CLAIMED = "claimed", "being sent"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    WITHDRAWN = "withdrawn", "withdrawn"


class PushAddress(models.Model):
    """A browser that takes pushes: its address at its push service and its keys, sealed. Deleting the row ends it.

    `owner` is a text such as `account:12`: `mail` has no foreign key to users.
    """

    owner = models.CharField(max_length=80, db_index=True)
    endpoint_sha256 = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    device = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    last_success_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "push addresses"

    def __str__(self) -> str:
        return f"push address {self.pk}"


class OutboxMessage(models.Model):
    """One email or push: fixed when written, claimed with a lease and a token, marked as sent only under that token."""

    kind = models.CharField(max_length=20, choices=MessageKind.choices)
    dedupe_key = models.CharField(max_length=200, unique=True)
    about = models.CharField(max_length=80, blank=True, help_text="What it is about, e.g. enrollment:12.")
    to_email = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    attachments = models.JSONField(default=list, blank=True)
    push_address = models.ForeignKey(
        PushAddress,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where a push goes.",
    )
    message_id = models.CharField(max_length=200, unique=True)
    priority = models.PositiveSmallIntegerField(default=ORDINARY_PRIORITY)

    created_at = models.DateTimeField()
    send_at = models.DateTimeField(help_text="Not sent before this; set later after a failure.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="It’s of no use after this.")
    give_up_at = models.DateTimeField(help_text="Until then, we try again after a definite failure.")
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    handing_over = models.BooleanField(
        default=False, help_text="True from handing it over until it is marked."
    )
    unsure = models.BooleanField(default=False, help_text="It may have arrived twice.")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_email=Lower("to_email")), name="outbox_address_is_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | ~Q(state=MessageState.SENT) & Q(sent_at__isnull=True),
                name="outbox_sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.CLAIMED, lease_token__isnull=False, lease_until__isnull=False)
                | ~Q(state=MessageState.CLAIMED) & Q(lease_token__isnull=True, lease_until__isnull=True),
                name="outbox_claim_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["priority", "send_at"], name="outbox_due", condition=Q(state="queued")),
            models.Index(fields=["send_at"], name="outbox_failed", condition=Q(state="failed")),
            models.Index(fields=["created_at"], name="outbox_words", condition=~Q(text=NO_LONGER)),
            models.Index(fields=["lease_until"], name="outbox_leases", condition=Q(state="claimed")),
            models.Index(fields=["about", "-created_at"], name="outbox_about"),
            models.Index(fields=["to_email"], name="outbox_to"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class AddressState(models.Model):
    """The state of one email address: unsubscribed from weekly emails, refused for good, or complained."""

    email = models.EmailField(max_length=254, unique=True)
    weekly_unsubscribed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="address_is_lower_case"),
        ]
        indexes = [
            models.Index(
                fields=["email"],
                name="address_in_trouble",
                condition=Q(refused_at__isnull=False) | Q(complained_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
