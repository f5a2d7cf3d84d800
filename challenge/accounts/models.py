"""Accounts, the access log, identity events, changes of address, and resets of second factors."""

from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from challenge.accounts.identity_kinds import EVENTS, IdentityKind


def clinic_time_zone() -> str:
    return settings.CLINIC_TIME_ZONE


@cache
def all_time_zones() -> frozenset[str]:
    """Return the names of all zones that this host knows, the obsolete ones too."""
    # Kept: asking again reads the whole folder of zones, 10 ms a time.
    return frozenset(available_timezones())


def validate_time_zone(value: str) -> None:
    if value not in all_time_zones():
        raise ValidationError(
            f"“{value}” is not a time zone. Choose one like America/Chicago.", code="time_zone"
        )


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        # Addresses are stored in lower case (a constraint), people type them in any case.
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an email address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The lower-case email is the user name; roles are groups."""

    email = models.EmailField("email address", max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=64, default=clinic_time_zone, validators=[validate_time_zone])
    uses_kilometers = models.BooleanField("distances in kilometers", default=False)
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=~Q(time_zone=""), name="user_has_time_zone"),
        ]
        indexes = [
            models.Index(
                fields=["joined_at"], name="user_never_signed_in", condition=Q(last_login__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def about(self) -> str:
        """Return the outbox's reference to this account: `mail` knows addresses, not people."""
        return f"account:{self.pk}"

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the first word of the name that is not a title such as "Dr.", else the local part of the address."""
        words = [word for word in self.name.split() if not word.endswith(".")]
        return words[0] if words else self.name or self.email.split("@")[0]


class AccessEntry(models.Model):
    """One look by staff at one runner's data. Append-only; no feature may depend on it.

    Erasing the runner keeps the row without them, so that the digest over the log stays true.
    """

    viewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="accesses_made")
    runner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="accesses_seen")
    what = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "access entries"
        indexes = [
            models.Index(fields=["runner", "-at"], name="access_by_runner"),
            # Rows are appended in the order of time, which is all that a BRIN index needs.
            BrinIndex(fields=["at"], name="access_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d %H:%M}"


class IdentityEvent(models.Model):
    """One event of who someone is: a sign-in, a refusal, a change of a way to sign in. Append-only.

    It outlives its account, as a bare number without device and network, so the foreign keys have no constraint. It
    holds no address in clear and no secret. `about` is the number of the event that a "this was not me" is about.
    """

    account = models.ForeignKey(
        User,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="identity_events",
    )
    actor = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=IdentityKind)
    what = models.CharField(max_length=40)
    means = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=60, blank=True)
    about = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="identity_by_account"),
            BrinIndex(fields=["at"], name="identity_by_time"),
        ]
        constraints = [
            # A link that is pressed twice, or in two windows, is one report.
            models.UniqueConstraint(
                fields=["about"], condition=Q(kind=IdentityKind.NOT_ME), name="identity_one_report_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def sentence(self) -> str:
        """Return what happened, for the person of the account."""
        return EVENTS[self.what].sentence


WAITING = Q(applied_at__isnull=True, canceled_at__isnull=True)


class AddressChange(models.Model):
    """A change of an account's address that staff asked for. Until it is applied, the account keeps the old address.

    Where health data exists, it waits until `effective_at` or a clinician's confirmation; elsewhere `effective_at`
    equals `asked_at`. A row from an address to the same one clears the objections before it.
    `enrollment.address_changes` has the rules.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    old_is_proven = models.BooleanField(
        help_text="The old address was confirmed, so it can still sign in until the change takes effect."
    )
    reason = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    objected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=WAITING,
                name="address_change_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["new_email"],
                condition=WAITING,
                name="address_change_one_per_address",
            ),
            models.CheckConstraint(
                condition=Q(old_email=Lower("old_email"), new_email=Lower("new_email")),
                name="address_change_is_lower_case",
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(canceled_at__isnull=True),
                name="address_change_applied_or_canceled",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__gte=F("asked_at")), name="address_change_not_before_it_is_asked"
            ),
            # Two persons: the new address opens health data, so the one that asked cannot also confirm.
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("asked_by")), name="address_change_confirmed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True)
                | Q(applied_at__gte=F("effective_at"))
                | Q(confirmed_by__isnull=False),
                name="address_change_waits_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_at"],
                name="address_change_waiting",
                condition=WAITING,
            ),
        ]

    def __str__(self) -> str:
        return f"address change {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Return whether it is neither applied nor canceled."""
        return self.applied_at is None and self.canceled_at is None

    @property
    def has_waiting_time(self) -> bool:
        """Return whether the runner gets time to object, instead of an immediate change."""
        return self.effective_at > self.asked_at
